/** Executions in memory: claims, supersteps, mail, effects, timers and logs. */
import { namesId } from '../../../src/contract/written-ids.ts';
import { PointsmanError } from '../../../src/contract/errors.ts';
import type { Step } from '../../../src/contract/executions.ts';
import type {
  EffectRecord,
  ExecutionQuery,
  ExecutionRecord,
  ExecutionStore,
  FirstVisit,
  Lease,
  Letter,
  Superstep,
} from '../../../src/ports/store/executions.ts';
import type { Notice } from '../../../src/ports/event-bus.ts';
import type { NewEvent } from '../../../src/ports/store/events.ts';
import { appendEvents } from './append-events.ts';
import { putCheckpoint } from './checkpoint-room.ts';
import { type Row, stored, type TableName, type Transaction } from './memory-database.ts';
import type { Run } from './memory-store.ts';

const BUDGET_TIMER = 'budget';
const ENDED_STEP = new Set(['succeeded', 'failed', 'skipped', 'cancelled']);

export function executionRoom(run: Run): ExecutionStore {
  const change = (what: string, id: string, changes: (row: Row) => Row | null) =>
    run(what, (open) => {
      const row = open.get('executions', id);
      const changed = row && changes(row);
      if (!changed) return null;
      open.put('executions', id, stored(changed));
      return open.get('executions', id) ?? null;
    });
  return {
    insert: (execution) =>
      run('executions.insert', (open) => {
        const lease = { leaseOwner: null, leaseEpoch: 0, leaseExpiresAt: null };
        open.put('executions', execution.id, stored({ ...execution, ...lease }));
      }),
    begin: ({ execution, events, claim, visit }, announced) =>
      run('executions.begin', (open, now) => {
        const held = execution.finishedAt === null ? claim : null;
        const expiresAt = held && new Date(Date.parse(now) + held.ttlMs).toISOString();
        const lease = { leaseOwner: held?.owner ?? null, leaseEpoch: claim ? 1 : 0, leaseExpiresAt: expiresAt };
        open.put('executions', execution.id, stored({ ...execution, ...lease }));
        const mail = events.map((event) => postLetter(open, { executionId: execution.id, event, at: now }));
        if (visit) {
          for (const { id } of mail) changeRow(open, 'mailbox', String(id), { taken: true });
          keepVisit(open, execution.id, visit, now);
        }
        appendEvents(open, announced.events, now);
        open.notices.push(...announced.notices);
        return mail;
      }),
    get: (id) => run('executions.get', (open) => recordOf(open.get('executions', id))),
    has: (id) => run('executions.has', (open) => open.get('executions', id) !== undefined),
    list: (filter, page) =>
      run('executions.list', (open) =>
        open
          .all('executions')
          .filter((row) => isMeant(row, filter, open.all('executions')))
          .filter((row) => !page.before || row['id'] < page.before)
          .toSorted((a, b) => (a['id'] < b['id'] ? 1 : -1))
          .slice(0, page.limit)
          .map((row) => recordOf(row) as ExecutionRecord),
      ),
    steps: (executionId) =>
      run('executions.steps', (open) =>
        open
          .all('steps')
          .filter((row) => row['executionId'] === executionId)
          .toSorted((a, b) => a['seq'] - b['seq'])
          .map(stepOf),
      ),
    step: (stepId) =>
      run('executions.step', (open) => {
        const row = open.get('steps', stepId);
        return row ? stepOf(row) : null;
      }),
    insertSteps: (executionId, steps) => run('executions.insertSteps', (open) => saveSteps(open, executionId, steps)),
    setStepTask: (stepId, taskId) =>
      run('executions.setStepTask', (open) => {
        const row = open.get('steps', stepId);
        if (row) open.put('steps', stepId, { ...row, taskId });
      }),
    countOpen: (workflowId) =>
      run(
        'executions.countOpen',
        (open) =>
          open.all('executions').filter((row) => row['workflowId'] === workflowId && row['finishedAt'] === null).length,
      ),
    openOf: (workflowId, forChildOf) =>
      run('executions.openOf', (open) => {
        const waiting = waitingFor(open, forChildOf);
        return openRows(open)
          .filter((row) => row['workflowId'] === workflowId && !waiting.has(row['id']))
          .map((row) => ({ id: row['id'] as string, inLine: row['inLine'] as boolean }));
      }),
    leavingLine: (now) =>
      run('executions.leavingLine', (open) => {
        const rows = openRows(open);
        const line = rows.flatMap((row, place) => {
          if (!row['inLine']) return [];
          const { id, workflowId, parent, createdAt } = row as ExecutionRecord;
          const effect = parent && open.get('effects', `${parent.executionId} ${parent.effectKey}`);
          const timeoutMs = effect?.['payload'].timeoutMs as number | undefined;
          const deadline = timeoutMs === undefined ? null : new Date(Date.parse(createdAt) + timeoutMs).toISOString();
          const waiting = waitingFor(open, parent?.executionId ?? null);
          const waits = rows.some(
            (other, at) =>
              other['workflowId'] === workflowId && (!other['inLine'] || at < place) && !waiting.has(other['id']),
          );
          const leaves = !waits || (deadline !== null && deadline <= now);
          return [{ leaves, one: { id, workflowId: workflowId ?? '', deadline } }];
        });
        const later = line.flatMap(({ leaves, one }) => (leaves ? [] : (one.deadline ?? [])));
        return {
          leaving: line.flatMap(({ leaves, one }) => (leaves ? [one] : [])),
          nextDeadline: later.toSorted()[0] ?? null,
        };
      }),
    leaveLine: async (id) =>
      (await change('executions.leaveLine', id, (row) => (row['inLine'] ? { ...row, inLine: false } : null))) !== null,
    addUsage: async (id, used) =>
      recordOf(
        await change('executions.addUsage', id, (row) => ({
          ...row,
          usage: {
            inputTokens: row['usage'].inputTokens + used.inputTokens,
            outputTokens: row['usage'].outputTokens + used.outputTokens,
            cost: row['usage'].cost + used.cost,
          },
        })),
      ),
    lock: (id) =>
      run('executions.lock', (open) => {
        open.lock(`executions ${id}`);
        return recordOf(open.get('executions', id));
      }),
    setBudget: async (id, budget) => {
      await change('executions.setBudget', id, (row) => ({ ...row, budget }));
    },
    openChildren: (id) =>
      run('executions.openChildren', (open) =>
        open
          .all('executions')
          .filter((row) => row['parent']?.executionId === id && row['finishedAt'] === null)
          .map((row) => ({ id: row['id'] as string, effectKey: row['parent'].effectKey as string })),
      ),
    descendants: (id) => run('executions.descendants', (open) => below(open, id)),
    checkpoints: () => Promise.reject(new Error('nobody lists checkpoints here')),
    ...leaseMethods(run),
    ...mailMethods(run),
    ...effectMethods(run),
    ...logMethods(run),
    commit: (superstep, announced = { events: [], notices: [] }) => commitSuperstep(run, superstep, announced),
  };
}

/** Oldest first. */
function openRows(open: Transaction): Row[] {
  return open
    .all('executions')
    .filter((row) => row['finishedAt'] === null)
    .toSorted((a, b) => (a['createdAt'] + a['id'] < b['createdAt'] + b['id'] ? -1 : 1));
}

/** Those that cannot end before it: itself, what has started it, and who stands in line behind any of them but those above. */
function waitingFor(open: Transaction, id: string | null): Set<string> {
  const rows = openRows(open);
  const byId = new Map(rows.map((row) => [row['id'] as string, row]));
  const isAbove = (above: string, row: Row | undefined): boolean => {
    const parent = row?.['parent']?.executionId as string | undefined;
    return parent !== undefined && (parent === above || isAbove(above, byId.get(parent)));
  };
  const found = new Set<string>();
  const look = (one: string): void => {
    const row = byId.get(one);
    if (!row || found.has(one)) return;
    found.add(one);
    if (row['parent']) look(row['parent'].executionId);
    const place = rows.indexOf(row);
    for (const [at, other] of rows.entries())
      if (
        other['inLine'] &&
        other['workflowId'] === row['workflowId'] &&
        (!row['inLine'] || place < at) &&
        !isAbove(one, other)
      )
        look(other['id']);
  };
  if (id !== null) look(id);
  return found;
}

function below(open: Transaction, id: string): string[] {
  const children = open
    .all('executions')
    .flatMap((row) => (row['parent']?.executionId === id ? [row['id'] as string] : []));
  return children.flatMap((child) => [child, ...below(open, child)]);
}

type Methods<K extends keyof ExecutionStore> = Pick<ExecutionStore, K>;

/** As in src/adapters/postgres/store/executions.ts. */
const LONGEST_LEASE_MS = 120_000;

function leaseMethods(run: Run): Methods<'claim' | 'renew' | 'release' | 'expireLeases' | 'stranded' | 'open'> {
  const until = (now: string, ttlMs: number) => new Date(Date.parse(now) + ttlMs).toISOString();
  // Or given by a clock that has been set back since.
  const isFree = (row: Row, now: string) =>
    row['leaseExpiresAt'] === null ||
    row['leaseExpiresAt'] < now ||
    row['leaseExpiresAt'] > until(now, LONGEST_LEASE_MS);
  const isHeld = (row: Row | undefined, { owner, epoch }: Lease): row is Row =>
    row !== undefined && row['leaseEpoch'] === epoch && row['leaseOwner'] === owner;
  return {
    claim: (executionId, owner, ttlMs) =>
      run('executions.claim', (open, now) => {
        const row = open.get('executions', executionId);
        if (!row || row['finishedAt'] !== null || row['inLine'] || !isFree(row, now)) return null;
        const epoch = (row['leaseEpoch'] as number) + 1;
        const lease = { leaseOwner: owner, leaseEpoch: epoch, leaseExpiresAt: until(now, ttlMs) };
        open.put('executions', executionId, { ...row, ...lease });
        return { executionId, owner, epoch };
      }),
    renew: (lease, ttlMs) =>
      run('executions.renew', (open, now) => {
        const row = open.get('executions', lease.executionId);
        if (!isHeld(row, lease)) return false;
        open.put('executions', lease.executionId, { ...row, leaseExpiresAt: until(now, ttlMs) });
        return true;
      }),
    release: (lease) =>
      run('executions.release', (open) => {
        const row = open.get('executions', lease.executionId);
        if (isHeld(row, lease))
          open.put('executions', lease.executionId, { ...row, leaseExpiresAt: null, leaseOwner: null });
      }),
    expireLeases: (ownerPrefix) =>
      run('executions.expireLeases', (open) => {
        const held = open.all('executions').filter((row) => row['leaseOwner']?.startsWith(ownerPrefix));
        for (const row of held) open.put('executions', row['id'], { ...row, leaseExpiresAt: null, leaseOwner: null });
        return held.length;
      }),
    stranded: (limit) =>
      run('executions.stranded', (open, now) => {
        const waiting = new Set(
          open.all('mailbox').flatMap((row) => (row['taken'] ? [] : [row['executionId'] as string])),
        );
        return open
          .all('executions')
          .filter((row) => row['finishedAt'] === null && !row['inLine'] && isFree(row, now) && waiting.has(row['id']))
          .toSorted((a, b) => (a['createdAt'] < b['createdAt'] ? -1 : 1))
          .slice(0, limit)
          .map((row) => row['id'] as string);
      }),
    open: () =>
      run('executions.open', (open) =>
        open.all('executions').flatMap((row) => (row['finishedAt'] === null ? [row['id'] as string] : [])),
      ),
  };
}

function mailMethods(
  run: Run,
): Methods<'post' | 'mail' | 'pruneMail' | 'fireTimers' | 'nextTimer' | 'setBudgetTimer' | 'budgetsDue'> {
  return {
    post: (executionId, events) =>
      run('executions.post', (open, at) =>
        events.forEach((event) => void postLetter(open, { executionId, event, at })),
      ),
    mail: (executionId, limit) =>
      run('executions.mail', (open) =>
        open
          .all('mailbox')
          .filter((row) => row['executionId'] === executionId && !row['taken'])
          .toSorted((a, b) => a['id'] - b['id'])
          .slice(0, limit)
          .map((row) => ({ id: row['id'] as number, event: row['event'] as unknown, at: row['at'] as string })),
      ),
    pruneMail: (before) =>
      run('executions.pruneMail', (open) => {
        for (const row of open.all('mailbox'))
          if (row['taken'] && row['at'] < before) open.delete('mailbox', String(row['id']));
      }),
    fireTimers: (now) =>
      run('executions.fireTimers', (open, at) => {
        const due = open.all('timers').filter((row) => row['fireAt'] <= now && row['timerId'] !== BUDGET_TIMER);
        for (const { executionId, timerId } of due as unknown as { executionId: string; timerId: string }[]) {
          open.delete('timers', `${executionId} ${timerId}`);
          postLetter(open, { executionId, event: { type: 'timer_fired', timerId, at: now }, at });
        }
        return [...new Set(due.map((row) => row['executionId'] as string))];
      }),
    nextTimer: () =>
      run('executions.nextTimer', (open) => {
        const times = open.all('timers').map((row) => row['fireAt'] as string);
        return times.toSorted()[0] ?? null;
      }),
    setBudgetTimer: (executionId, fireAt) =>
      run('executions.setBudgetTimer', (open) => {
        const key = `${executionId} ${BUDGET_TIMER}`;
        if (fireAt !== null) open.put('timers', key, { executionId, timerId: BUDGET_TIMER, fireAt });
        else if (open.get('timers', key)) open.delete('timers', key);
      }),
    budgetsDue: (now) =>
      run('executions.budgetsDue', (open) =>
        open
          .all('timers')
          .filter((row) => row['timerId'] === BUDGET_TIMER && row['fireAt'] <= now)
          .map((row) => row['executionId'] as string),
      ),
  };
}

function effectMethods(run: Run): Methods<'effect' | 'openEffects' | 'startEffect' | 'setProgress' | 'finishEffect'> {
  const update = (what: string, id: string, fits: (row: Row) => boolean, changes: (now: string) => Row) =>
    run(what, (open, now) => {
      const row = open.get('effects', id);
      if (!row || !fits(row)) return false;
      open.put('effects', id, { ...row, ...changes(now) });
      return true;
    });
  return {
    effect: (executionId, key) =>
      run('executions.effect', (open) => {
        const row = open.get('effects', `${executionId} ${key}`);
        return row ? effectOf(row) : null;
      }),
    openEffects: (filter) =>
      run('executions.openEffects', (open) =>
        open
          .all('effects')
          .filter((row) => row['status'] !== 'done')
          .filter((row) => !filter?.executionId || row['executionId'] === filter.executionId)
          .filter((row) => !filter?.kind || row['kind'] === filter.kind)
          .toSorted((a, b) => (a['createdAt'] + a['key'] < b['createdAt'] + b['key'] ? -1 : 1))
          .map(effectOf),
      ),
    startEffect: (executionId, key, hostId) =>
      update(
        'executions.startEffect',
        `${executionId} ${key}`,
        (row) => row['status'] === 'intended',
        (startedAt) => ({ status: 'started', hostId, startedAt }),
      ),
    setProgress: async (executionId, key, progress) => {
      await update(
        'executions.setProgress',
        `${executionId} ${key}`,
        () => true,
        () => ({ progress }),
      );
    },
    finishEffect: (executionId, key) =>
      update(
        'executions.finishEffect',
        `${executionId} ${key}`,
        (row) => row['status'] !== 'done',
        (finishedAt) => ({ status: 'done', finishedAt }),
      ),
  };
}

function logMethods(run: Run): Methods<'appendLogs' | 'logs' | 'logOutline'> {
  return {
    appendLogs: (executionId, lines) =>
      run('executions.appendLogs', (open) =>
        lines.map((line) => {
          const seq = open.database.draw();
          open.put('execution_logs', String(seq), { ...stored(line), executionId, seq });
          return { ...line, seq };
        }),
      ),
    logs: () => Promise.reject(new Error('nobody reads logs here')),
    logOutline: () => Promise.reject(new Error('nobody reads logs here')),
  };
}

/** One statement, as there. */
async function commitSuperstep(
  run: Run,
  superstep: Superstep,
  { events, notices }: { events: readonly NewEvent[]; notices: readonly Notice[] },
): Promise<Pick<ExecutionRecord, 'usage' | 'budget'>> {
  const { lease, execution } = superstep;
  const { executionId } = lease;
  const fenced = await run('executions.commit', (open, now) => {
    const row = open.get('executions', executionId);
    if (row?.['leaseEpoch'] !== lease.epoch) return null;
    const released = execution.finishedAt === undefined ? {} : { leaseOwner: null, leaseExpiresAt: null };
    open.put('executions', executionId, { ...row, ...stored(execution), ...released });
    keepVisit(open, executionId, superstep, now);
    for (const id of superstep.takenMail) changeRow(open, 'mailbox', String(id), { taken: true });
    for (const { key, event } of superstep.endedEffects) {
      changeRow(open, 'effects', `${executionId} ${key}`, { status: 'done', finishedAt: now });
      const id = open.database.draw();
      open.put('mailbox', String(id), { id, executionId, event: stored(event), at: now, taken: true });
    }
    for (const { key, reason } of superstep.cancelEffects)
      changeRow(open, 'effects', `${executionId} ${key}`, { cancel: reason });
    for (const timerId of superstep.clearTimers)
      if (open.get('timers', `${executionId} ${timerId}`)) open.delete('timers', `${executionId} ${timerId}`);
    appendEvents(open, events, now);
    open.notices.push(...notices);
    return row;
  });
  if (!fenced)
    throw new PointsmanError('LEASE_LOST', {
      detail: `Execution ${executionId} is held under a newer epoch than ${lease.epoch}.`,
    });
  return { usage: fenced['usage'], budget: fenced['budget'] ?? null };
}

function keepVisit(
  open: Transaction,
  executionId: string,
  { steps, newEffects, setTimers, checkpoints }: FirstVisit,
  now: string,
): void {
  saveSteps(open, executionId, steps);
  for (const effect of newEffects) {
    const id = `${executionId} ${effect.key}`;
    const begun = { status: 'intended', cancel: null, hostId: null, startedAt: null, progress: null };
    if (!open.get('effects', id))
      open.put('effects', id, { executionId, ...stored(effect), ...begun, createdAt: now, finishedAt: null });
  }
  for (const { timerId, at } of setTimers)
    open.put('timers', `${executionId} ${timerId}`, { executionId, timerId, fireAt: at });
  for (const checkpoint of checkpoints) putCheckpoint(open, checkpoint, now);
}

function postLetter(
  open: Transaction,
  { executionId, event, at }: { executionId: string; event: object; at: string },
): Letter {
  const id = open.database.draw();
  const row = { id, executionId, event: stored(event), at, taken: false };
  open.put('mailbox', String(id), row);
  return { id, event: row.event, at };
}

function changeRow(open: Transaction, table: TableName, key: string, changes: Row): void {
  const row = open.get(table, key);
  if (row) open.put(table, key, { ...row, ...changes });
}

function saveSteps(open: Transaction, executionId: string, changed: readonly Step[]): void {
  for (const given of changed) {
    const step = stored(given);
    const before = open.get('steps', step.id);
    if (!before) {
      open.put('steps', step.id, { ...step, executionId, seq: open.database.draw() });
      continue;
    }
    if (ENDED_STEP.has(before['status'])) continue;
    const { reason: _, output: __, error: ___, startedAt: ____, finishedAt: _____, ...kept } = before;
    const { status, reason, output, error, startedAt, finishedAt } = step;
    const input = step.input ?? before['input'];
    open.put('steps', step.id, stored({ ...kept, input, status, reason, output, error, startedAt, finishedAt }));
  }
}

function recordOf(row: Row | null | undefined): ExecutionRecord | null {
  if (!row) return null;
  const { leaseOwner: _, leaseEpoch: __, leaseExpiresAt: ___, ...record } = row;
  return record as unknown as ExecutionRecord;
}

function stepOf(row: Row): Step {
  const { executionId: _, seq: __, ...step } = row;
  return Object.fromEntries(
    Object.entries(step).filter(([, value]) => value !== null && value !== undefined),
  ) as unknown as Step;
}

function effectOf(row: Row): EffectRecord {
  const { createdAt: _, finishedAt: __, ...effect } = row;
  return effect as unknown as EffectRecord;
}

function isMeant(row: Row, filter: ExecutionQuery, all: readonly Row[]): boolean {
  const { workflowId, statuses, parent, search, startedAfter, startedBefore, notRetried } = filter;
  const name = String(row['name']).toLowerCase();
  return (
    (workflowId === undefined || row['workflowId'] === workflowId) &&
    (statuses === undefined || statuses.includes(row['status'])) &&
    (parent === undefined || (row['parent']?.executionId ?? null) === parent) &&
    (search === undefined || name.includes(search.toLowerCase()) || namesId(search, String(row['id']))) &&
    (startedAfter === undefined || row['startedAt'] > startedAfter) &&
    (startedBefore === undefined || (row['startedAt'] !== null && row['startedAt'] < startedBefore)) &&
    (!notRetried || !all.some(({ origin }) => origin?.kind === 'retry' && origin.executionId === row['id']))
  );
}
