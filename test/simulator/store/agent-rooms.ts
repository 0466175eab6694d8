/** Agents and their tasks in memory, as far as executions have to do with them. */
import { FINISHED_TASK } from '../../../src/contract/tasks.ts';
import type { AgentRecord, AgentStore, TaskRecord, TaskStore } from '../../../src/ports/store/agents.ts';
import { type Row, stored } from './memory-database.ts';
import type { Run } from './memory-store.ts';

export function agentRoom(run: Run): AgentStore {
  const refused = (what: string) => () => Promise.reject(new Error(`agents.${what} is not part of the memory store`));
  return {
    insert: (agent) =>
      run('agents.insert', (open) => {
        open.put('agents', agent.id, stored(agent) as unknown as Row);
        return 'inserted' as const;
      }),
    get: (id) => run('agents.get', (open) => (open.get('agents', id) as unknown as AgentRecord | undefined) ?? null),
    list: () => run('agents.list', (open) => open.all('agents') as unknown as AgentRecord[]),
    held: () =>
      run('agents.held', (open) => open.all('agents').filter((row) => row['held']) as unknown as AgentRecord[]),
    lock: refused('lock'),
    getByName: refused('getByName'),
    update: refused('update'),
    takeSeat: refused('takeSeat'),
    remove: refused('remove'),
    measured: refused('measured'),
    metrics: refused('metrics'),
    loads: refused('loads'),
    pruneMetrics: refused('pruneMetrics'),
  };
}

export function taskRoom(run: Run): TaskStore {
  const refused = (what: string) => () => Promise.reject(new Error(`tasks.${what} is not part of the memory store`));
  const open = (row: Row) => row['receipts'].finishedAt === null;
  return {
    insert: (task) =>
      run('tasks.insert', (tx) => {
        if (task.executionId && task.effectKey) tx.lock(`agent_tasks_effect ${task.executionId} ${task.effectKey}`);
        const exists = tx
          .all('agent_tasks')
          .some((row) => row['executionId'] === task.executionId && row['effectKey'] === task.effectKey);
        if (exists) return 'exists' as const;
        tx.put('agent_tasks', task.id, stored(task) as unknown as Row);
        return 'inserted' as const;
      }),
    get: (id) => run('tasks.get', (tx) => recordOf(tx.get('agent_tasks', id))),
    byEffect: (executionId, effectKey) =>
      run('tasks.byEffect', (tx) =>
        recordOf(
          tx.all('agent_tasks').find((row) => row['executionId'] === executionId && row['effectKey'] === effectKey),
        ),
      ),
    open: (agentId) =>
      run('tasks.open', (tx) =>
        records(tx.all('agent_tasks').filter((row) => open(row) && (!agentId || row['agentId'] === agentId))),
      ),
    nextQueued: (agentId) =>
      run('tasks.nextQueued', (tx) => {
        const [row] = records(
          tx.all('agent_tasks').filter((each) => {
            const execution = tx.get('executions', each['executionId'] ?? '');
            return (
              each['agentId'] === agentId &&
              open(each) &&
              each['status'] === 'queued' &&
              execution?.['status'] !== 'paused' &&
              !execution?.['budget']?.itemId
            );
          }),
        );
        return row ?? null;
      }),
    queuedWithTimeout: () =>
      run('tasks.queuedWithTimeout', (tx) =>
        records(
          tx
            .all('agent_tasks')
            .filter(
              (row) => open(row) && row['status'] === 'queued' && row['timeoutMs'] !== null && row['executionId'],
            ),
        ),
      ),
    update: (id, changes, from) =>
      run('tasks.update', (tx, now) => {
        const row = tx.get('agent_tasks', id);
        if (!row || !open(row) || (from && !from.includes(row['status']))) return null;
        const { receipts, ...rest } = changes;
        const next = { ...row, ...rest, receipts: { ...row['receipts'], ...receipts } };
        if (rest.status && FINISHED_TASK.includes(rest.status)) next.receipts.finishedAt ??= now;
        tx.put('agent_tasks', id, stored(next));
        return recordOf(tx.get('agent_tasks', id));
      }),
    usageByAgent: async () => [],
    list: refused('list'),
    addUsage: refused('addUsage'),
    inWorktree: refused('inWorktree'),
    changeWorktree: refused('changeWorktree'),
  };
}

function records(rows: Row[]): TaskRecord[] {
  return rows.toSorted((a, b) => (a['id'] < b['id'] ? -1 : 1)).map((row) => row as unknown as TaskRecord);
}

function recordOf(row: Row | undefined): TaskRecord | null {
  return row ? (row as unknown as TaskRecord) : null;
}
