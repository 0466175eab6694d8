/** Watches every commit: what may never be taken back is not, and what was decided can be decided again from the mail alone. */
import type { ExecutionState } from '../../src/domain/settle/execution-state.ts';
import type { SettleEvent } from '../../src/domain/settle/settle-events.ts';
import { initialState, settle } from '../../src/domain/settle/settle.ts';
import { compilePlan } from '../../src/domain/workflow/compile-plan.ts';
import type { WorkflowDocument } from '../../src/contract/workflow-document.ts';
import type { Change } from '../../src/ports/checkpoints.ts';
import { applyChange } from './store/checkpoint-room.ts';
import type { MemoryDatabase, Row, TableName, Transaction } from './store/memory-database.ts';

const ENDED = new Set(['succeeded', 'failed', 'skipped', 'cancelled']);
const FORWARD = ['intended', 'started', 'done'];

export class History {
  readonly breaches: string[] = [];
  readonly #before = new Map<string, Row>();
  /** The newest checkpoint of each execution, and the letters that each visit took. */
  readonly #heads = new Map<string, { checkpointId: string; values: unknown }>();
  readonly #visits = new Map<string, SettleEvent[][]>();

  constructor(database: MemoryDatabase) {
    database.onCommit = (transaction) => this.#committed(transaction);
  }

  #committed(transaction: Transaction): void {
    const newest = new Map(transaction.writes.map((write) => [`${write.table} ${write.key}`, write] as const));
    const taken: Row[] = [];
    let visited: string | null = null;
    for (const [name, { table, row }] of newest) {
      const before = this.#before.get(name);
      if (row) this.#before.set(name, row);
      else this.#before.delete(name);
      if (!row) continue;
      this.#compare(table, before, row);
      if (table === 'mailbox' && row['taken'] && !before?.['taken']) taken.push(row);
      if (table === 'checkpoints' && row['namespace'] === '') visited = this.#follow(row);
    }
    if (visited !== null && taken.length > 0) {
      const events = taken.toSorted((a, b) => a['id'] - b['id']).map((row) => row['event'] as SettleEvent);
      const rank = ({ type }: SettleEvent) => (type === 'timer_fired' ? 1 : 0);
      this.#visits.set(visited, [...(this.#visits.get(visited) ?? []), events.toSorted((a, b) => rank(a) - rank(b))]);
    } else if (taken.length > 0) this.breaches.push(`I10 letters were taken without a checkpoint`);
  }

  #compare(table: TableName, before: Row | undefined, row: Row): void {
    if (!before) return;
    const say = (what: string) => this.breaches.push(what);
    if (table === 'executions') {
      if (row['leaseEpoch'] < before['leaseEpoch']) say(`I6 the epoch of ${row['id']} went back`);
      if (before['finishedAt'] && before['status'] !== row['status'])
        say(`I9 execution ${row['id']} was ${before['status']} and is ${row['status']}`);
    }
    if (table === 'steps' && ENDED.has(before['status']) && JSON.stringify(before) !== JSON.stringify(row))
      say(`I9 step ${row['id']} changed after its end`);
    if (table === 'effects' && FORWARD.indexOf(row['status']) < FORWARD.indexOf(before['status']))
      say(`I9 effect ${row['key']} went from ${before['status']} to ${row['status']}`);
    if (table === 'mailbox' && before['taken'] && !row['taken']) say(`I9 letter ${row['id']} was put back`);
    if (table === 'inbox_items' && before['state'] !== 'open' && row['state'] !== before['state'])
      say(`I7 item ${row['id']} was ${before['state']} and is ${row['state']}`);
    if (table === 'agent_tasks' && before['receipts'].finishedAt && before['status'] !== row['status'])
      say(`I9 task ${row['id']} was ${before['status']} and is ${row['status']}`);
    if (table === 'audit') say(`I5 line ${row['seq']} of the audit was written again`);
  }

  /** One line of checkpoints, each on the one before: whoever writes beside it would have been fenced. */
  #follow(row: Row): string {
    const { threadId, checkpointId, parentId } = row as Record<string, string>;
    const head = this.#heads.get(threadId ?? '');
    // An execution that never committed a visit may begin anew.
    const begins = parentId === null && (this.#visits.get(threadId ?? '')?.length ?? 0) === 0;
    if (!begins && (head?.checkpointId ?? null) !== parentId)
      this.breaches.push(`I10 checkpoint ${checkpointId} of ${threadId} does not follow the newest one`);
    const values = applyChange(row['complete'] ? {} : head?.values, row['changes'] as Change);
    this.#heads.set(threadId ?? '', { checkpointId: checkpointId ?? '', values });
    return threadId ?? '';
  }

  /** I10: the state that went through every crash is the one that the letters make without any. */
  replayed(record: Row): string[] {
    const plan = compilePlan(record['document'] as WorkflowDocument);
    const { id, workflowId, version, name, inputs } = record as Record<string, any>;
    let state = initialState({ plan, execution: { id, workflowId, version, name }, inputs });
    let ids = 0;
    for (const events of this.#visits.get(id) ?? [])
      ({ state } = settle({ plan, state, events, now: NOW, ids: { next: () => `id${++ids}` } }));
    const found = (this.#heads.get(id)?.values as { state?: ExecutionState } | undefined)?.state;
    const [wanted, is] = [comparable(state), comparable(found)];
    return wanted === is ? [] : [`I10 the state of ${id} is not what its letters make:\n    ${is}\n    ${wanted}`];
  }
}

const NOW = '2026-01-01T00:00:00.000Z';

/** Without what a replay names differently: moments and the ids of steps. */
function comparable(state: unknown): string {
  return JSON.stringify(sorted(state ?? null))
    .replaceAll(/"\d{4}-\d{2}-\d{2}T[\d:.]+Z"/g, '"T"')
    .replaceAll(/"(?:00000000-0000-7000-8000-[0-9a-f]{12}|id\d+)"/g, '"ID"');
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
