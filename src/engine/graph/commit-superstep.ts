/** Writes one visit's outcome: state, steps, intents, inbox, timers, mail and announcements in a single transaction. */
import { PointsmanError } from '../../contract/errors.ts';
import type { Step } from '../../contract/executions.ts';
import type { InboxItem } from '../../contract/inbox.ts';
import type { Effect } from '../../domain/settle/effects.ts';
import type { ExecutionState } from '../../domain/settle/execution-state.ts';
import type { NewCheckpoint } from '../../ports/checkpoints.ts';
import { type ExecutionRecord, executionView, type Lease, type Superstep } from '../../ports/store/executions.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { EngineContext } from '../engine-context.ts';
import { followExecution } from '../budgets/execution-budget.ts';
import { inboxView } from '../inbox-view.ts';
import { payloadHash } from '../payload-hash.ts';

export interface Decided {
  state: ExecutionState;
  effects: Effect[];
  steps: Step[];
  takenMail: number[];
}

interface Options {
  record: ExecutionRecord;
  lease: Lease;
  checkpoint: NewCheckpoint;
  /** Null for the first checkpoint, which only holds the beginning. */
  decided: Decided | null;
}

/** Returns the execution's row as it is now. */
export async function commitSuperstep(
  context: EngineContext,
  { record, lease, checkpoint, decided }: Options,
): Promise<ExecutionRecord> {
  const now = context.clock.now().toISOString();
  const effects = decided?.effects ?? [];
  const next = decided ? advanced(record, decided, now) : record;
  return context.store.transaction(async (transaction) => {
    const beside = await transaction.executions.commit(superstep({ record: next, lease, decided }));
    const after = { ...next, ...beside };
    await transaction.checkpoints.put(checkpoint);
    for (const effect of effects)
      await applyToInbox(context, transaction, { record, effect, steps: decided?.steps ?? [], now });
    await followExecution(transaction, { before: record, after });
    announce(transaction, { before: record, after, steps: decided?.steps ?? [] });
    if (effects.some(concernsRunner)) transaction.notify({ channel: 'effects', key: record.id });
    if (effects.some((effect) => effect.type === 'set_timer'))
      transaction.notify({ channel: 'timers', key: record.id });
    return after;
  });
}

function advanced(record: ExecutionRecord, { state, effects }: Decided, now: string): ExecutionRecord {
  const finish = effects.find((effect) => effect.type === 'finish');
  return {
    ...record,
    status: finish?.status ?? state.status,
    startedAt: record.startedAt ?? now,
    ...pauseClock(record, state.status === 'paused' && !finish, now),
    ...(finish ? { finishedAt: now, outputs: finish.outputs ?? null, error: finish.error ?? null } : {}),
  };
}

function pauseClock(
  { pausedAt, pausedMs }: ExecutionRecord,
  isPaused: boolean,
  now: string,
): Pick<ExecutionRecord, 'pausedAt' | 'pausedMs'> {
  if (isPaused) return { pausedAt: pausedAt ?? now, pausedMs };
  return { pausedAt: null, pausedMs: pausedMs + (pausedAt === null ? 0 : Date.parse(now) - Date.parse(pausedAt)) };
}

function superstep({
  record,
  lease,
  decided,
}: {
  record: ExecutionRecord;
  lease: Lease;
  decided: Decided | null;
}): Superstep {
  const effects = decided?.effects ?? [];
  return {
    lease,
    execution: {
      status: record.status,
      ...(record.startedAt ? { startedAt: record.startedAt } : {}),
      pausedAt: record.pausedAt,
      pausedMs: record.pausedMs,
      ...(record.finishedAt
        ? { finishedAt: record.finishedAt, outputs: record.outputs, ...(record.error ? { error: record.error } : {}) }
        : {}),
    },
    steps: decided?.steps ?? [],
    takenMail: decided?.takenMail ?? [],
    newEffects: effects.flatMap((effect): Superstep['newEffects'] => {
      if (effect.type === 'start_attempt')
        return [
          {
            key: effect.key,
            kind: effect.kind,
            payload: { step: effect.step, config: effect.config, timeoutMs: effect.timeoutMs },
          },
        ];
      if (effect.type === 'merge_item')
        return [{ key: `merge:${effect.key}`, kind: 'merge', payload: { key: effect.key } }];
      return [];
    }),
    cancelEffects: effects.flatMap((effect) =>
      effect.type === 'cancel_attempt' ? [{ key: effect.key, reason: effect.reason }] : [],
    ),
    setTimers: effects.flatMap((effect) =>
      effect.type === 'set_timer' ? [{ timerId: effect.timerId, at: effect.at }] : [],
    ),
    clearTimers: effects.flatMap((effect) => (effect.type === 'clear_timer' ? [effect.timerId] : [])),
  };
}

async function applyToInbox(
  context: EngineContext,
  transaction: StoreTransaction,
  { record, effect, steps, now }: { record: ExecutionRecord; effect: Effect; steps: Step[]; now: string },
): Promise<void> {
  if (effect.type === 'open_approval') {
    const { title, body, form, onExpire, expiresAt, roles } = effect;
    await open({
      type: 'approval',
      title,
      payload: { workflow: record.name, nodeId: nodeOf(effect.stepId), title, body, form, onExpire },
      choices: ['approve', 'reject'],
      expiresAt,
      roles,
    });
  } else if (effect.type === 'open_failure') {
    const nodeId = nodeOf(effect.stepId) ?? effect.error.nodeId;
    await open({
      type: 'failure',
      title: `What became of “${nodeId}”?`,
      payload: { workflow: record.name, nodeId, error: effect.error },
      choices: ['retry', 'fail', 'mark_succeeded'],
    });
  } else if (effect.type === 'withdraw_item') {
    for (const item of await transaction.inbox.openOf({ executionId: record.id, effectKey: effect.key })) {
      const closed = await transaction.inbox.close(item.id, {
        state: effect.reason === 'expired' ? 'expired' : 'withdrawn',
      });
      if (closed) transaction.publish({ topic: 'inbox', event: 'inbox.closed', data: inboxView(closed) });
    }
    if (effect.reason === 'expired') await refuseIfAnswered(transaction, record.id, effect.key);
  }

  function nodeOf(stepId: string): string | undefined {
    return steps.find((step) => step.id === stepId)?.nodeId;
  }

  async function open(
    item: Pick<InboxItem, 'type' | 'title' | 'choices'> & {
      payload: Record<string, unknown>;
      expiresAt?: string | undefined;
      roles?: string[] | undefined;
    },
  ): Promise<void> {
    if (effect.type !== 'open_approval' && effect.type !== 'open_failure') return;
    const payload = JSON.parse(JSON.stringify(item.payload)) as Record<string, unknown>; // what is stored: without the undefined
    const row: InboxRecord = {
      id: context.ids.next(),
      type: item.type,
      state: 'open',
      title: item.title,
      payload,
      hash: payloadHash(payload),
      executionId: record.id,
      stepId: effect.stepId,
      choices: item.choices,
      createdAt: now,
      ...(item.expiresAt ? { expiresAt: item.expiresAt } : {}),
      effectKey: effect.key,
      roles: item.roles ?? null,
      form: null,
      requestId: null,
    };
    if ((await transaction.inbox.open(row)) === 'opened')
      transaction.publish({ topic: 'inbox', event: 'inbox.opened', data: inboxView(row) });
  }
}

/** Somebody answered while this visit was deciding that nobody did: decide again, with the answer. */
async function refuseIfAnswered(transaction: StoreTransaction, executionId: string, effectKey: string): Promise<void> {
  const answered = (await transaction.executions.mail(executionId, 100)).some((letter) => {
    const event = letter.event as { type: string; key?: string };
    return event.type === 'approval_answered' && event.key === effectKey;
  });
  if (answered)
    throw new PointsmanError('LEASE_LOST', { detail: 'An approval was answered at the moment of its expiry.' });
}

function announce(
  transaction: StoreTransaction,
  { before, after, steps }: { before: ExecutionRecord; after: ExecutionRecord; steps: Step[] },
): void {
  const topic = `execution:${after.id}`;
  for (const step of steps) transaction.publish({ topic, event: 'step.changed', data: step });
  if (before.status === after.status && before.startedAt === after.startedAt) return;
  const view = executionView(after, []);
  transaction.publish(
    { topic, event: 'execution.changed', data: view },
    { topic: 'executions', event: 'execution.changed', data: view },
  );
}

function concernsRunner(effect: Effect): boolean {
  return effect.type === 'start_attempt' || effect.type === 'cancel_attempt' || effect.type === 'merge_item';
}
