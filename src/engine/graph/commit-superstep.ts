/** Writes one visit's outcome: state, steps, intents, inbox, timers, mail and announcements in a single transaction. */
import { PointsmanError } from '../../contract/errors.ts';
import type { Step } from '../../contract/executions.ts';
import type { InboxItem } from '../../contract/inbox.ts';
import type { Effect } from '../../domain/settle/effects.ts';
import type { ExecutionState } from '../../domain/settle/execution-state.ts';
import { waitsForOthers } from '../../domain/settle/settle.ts';
import type { NewCheckpoint } from '../../ports/checkpoints.ts';
import type { Notice } from '../../ports/event-bus.ts';
import type { NewEvent } from '../../ports/store/events.ts';
import {
  type EffectRecord,
  type ExecutionRecord,
  executionView,
  type Superstep,
} from '../../ports/store/executions.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { EngineContext } from '../engine-context.ts';
import { followExecution } from '../budgets/execution-budget.ts';
import { tellChildren } from '../children/tell-children.ts';
import { tellParent } from '../children/tell-parent.ts';
import { concernsIncidents, followOutcome } from '../incidents/execution-incidents.ts';
import { inboxView } from '../inbox-view.ts';
import type { Held, Stored } from '../held-execution.ts';
import type { Mailroom } from '../mailroom.ts';
import { payloadHash } from '../payload-hash.ts';

export interface Decided {
  state: ExecutionState;
  effects: Effect[];
  steps: Step[];
  /** Null: what it began with, whose numbers are known once it is stored. */
  takenMail: number[] | null;
  /** Effects whose outcomes were handed to the visit. */
  endedEffects: Superstep['endedEffects'];
  /** Whether it waited only for people or timers before. */
  waitedBefore: boolean;
}

interface Options {
  record: ExecutionRecord;
  held: Pick<Held, 'stored' | 'begin'>;
  /** The first visit has two: the beginning, and what became of it. */
  checkpoints: readonly NewCheckpoint[];
  decided: Decided;
}

export interface Committed {
  /** The execution's row as it is now. */
  record: ExecutionRecord;
  /** Executions above and below it that were told of it: whoever calls wakes them. */
  told: string[];
}

export async function commitSuperstep(
  context: EngineContext & { mailroom: Mailroom },
  { record, held, checkpoints, decided }: Options,
): Promise<Committed> {
  const now = context.clock.now().toISOString();
  const { effects, steps } = decided;
  const after = advanced(record, decided, now);
  const visit = visitOf({ record: after, decided, checkpoints });
  const announced = {
    events: eventsOf({ before: record, after, steps }),
    notices: noticesOf(context, record.id, effects),
  };
  const isOwn = !concernsOthers({ before: record, after, effects });
  const committed = isOwn && held.begin ? await begin(held.begin) : await commit(await held.stored());
  context.mailroom.intend(intentsOf(record.id, visit));
  context.mailroom.committed(committed.record);
  context.meter?.visited({ before: record, after: committed.record, steps });
  return committed;

  async function begin(store: NonNullable<Held['begin']>): Promise<Committed> {
    await store({ after, visit, announced });
    return { record: after, told: [] };
  }

  async function commit({ lease, mail }: Stored): Promise<Committed> {
    const superstep = { ...visit, lease, takenMail: decided.takenMail ?? mail.map(({ id }) => id) };
    if (isOwn)
      return { record: { ...after, ...(await context.store.executions.commit(superstep, announced)) }, told: [] };
    return context.store.transaction(async (transaction) => {
      const written = { ...after, ...(await transaction.executions.commit(superstep)) };
      for (const effect of effects) await applyToInbox(context, transaction, { record, effect, steps, now });
      await followExecution(transaction, { before: record, after: written });
      if (concernsIncidents(written, effects))
        await followOutcome(context, transaction, { execution: written, effects, steps });
      transaction.publish(...eventsOf({ before: record, after: written, steps }));
      transaction.notify(...announced.notices);
      const told = await tellFamily(transaction, { before: record, after: written, decided, now });
      return { record: written, told };
    });
  }
}

/** A superstep without what only a stored execution has. */
type Visit = Omit<Superstep, 'lease' | 'takenMail'>;

/** Whether more rows than those of the execution itself may change: then its commit is one of several statements. */
function concernsOthers({
  before,
  after,
  effects,
}: {
  before: ExecutionRecord;
  after: ExecutionRecord;
  effects: readonly Effect[];
}): boolean {
  if (before.budget !== null || before.parent !== null || before.pausedAt !== after.pausedAt) return true;
  return effects.some(({ type }) => CONCERN_OTHERS.has(type)) || concernsIncidents(after, effects);
}

const CONCERN_OTHERS: ReadonlySet<Effect['type']> = new Set([
  'open_approval',
  'open_failure',
  'withdraw_item',
  'cancel_attempt',
]);

function intentsOf(executionId: string, { newEffects, cancelEffects }: Visit): EffectRecord[] {
  return newEffects.map((effect) => ({
    executionId,
    ...effect,
    status: 'intended',
    cancel: cancelEffects.find(({ key }) => key === effect.key)?.reason ?? null,
    hostId: null,
    startedAt: null,
    progress: null,
  }));
}

/** What others may have to hear: new intents only where nobody here carries them out. */
function noticesOf({ mailroom }: { mailroom: Mailroom }, key: string, effects: readonly Effect[]): Notice[] {
  const concernsRunner = ({ type }: Effect): boolean =>
    type === 'cancel_attempt' || (!mailroom.hasRunner && (type === 'start_attempt' || type === 'merge_item'));
  return [
    ...(effects.some(concernsRunner) ? [{ channel: 'effects' as const, key }] : []),
    ...(effects.some(({ type }) => type === 'set_timer') ? [{ channel: 'timers' as const, key }] : []),
  ];
}

async function tellFamily(
  transaction: StoreTransaction,
  { before, after, decided, now }: { before: ExecutionRecord; after: ExecutionRecord; decided: Decided; now: string },
): Promise<string[]> {
  const { effects, state, waitedBefore } = decided;
  const cancelled = effects.flatMap((effect) => (effect.type === 'cancel_attempt' ? [effect.key] : []));
  const waits = waitsForOthers(state);
  return [
    ...(await tellParent(transaction, { execution: after, waits: waits === waitedBefore ? null : waits, at: now })),
    ...(await tellChildren(transaction, { before, after, cancelled, at: now })),
  ];
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

function visitOf({ record, decided, checkpoints }: Pick<Options, 'record' | 'decided' | 'checkpoints'>): Visit {
  const { effects } = decided;
  return {
    execution: {
      status: record.status,
      ...(record.startedAt ? { startedAt: record.startedAt } : {}),
      pausedAt: record.pausedAt,
      pausedMs: record.pausedMs,
      ...(record.finishedAt
        ? { finishedAt: record.finishedAt, outputs: record.outputs, ...(record.error ? { error: record.error } : {}) }
        : {}),
    },
    steps: decided.steps,
    endedEffects: decided.endedEffects,
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
    ...timersOf(effects),
    checkpoints,
  };
}

/** A timer may be set and cleared in one visit: its last word counts. */
function timersOf(effects: readonly Effect[]): Pick<Superstep, 'setTimers' | 'clearTimers'> {
  const last = new Map<string, string | null>();
  for (const effect of effects) {
    if (effect.type === 'set_timer') last.set(effect.timerId, effect.at);
    else if (effect.type === 'clear_timer') last.set(effect.timerId, null);
  }
  const timers = [...last];
  return {
    setTimers: timers.flatMap(([timerId, at]) => (at === null ? [] : [{ timerId, at }])),
    clearTimers: timers.flatMap(([timerId, at]) => (at === null ? [timerId] : [])),
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

function eventsOf({
  before,
  after,
  steps,
}: {
  before: ExecutionRecord;
  after: ExecutionRecord;
  steps: readonly Step[];
}): NewEvent[] {
  const topic = `execution:${after.id}`;
  const changed = steps.map((step): NewEvent => ({ topic, event: 'step.changed', data: step }));
  if (before.status === after.status && before.startedAt === after.startedAt) return changed;
  const data = executionView(after, []);
  return [
    ...changed,
    { topic, event: 'execution.changed', data },
    { topic: 'executions', event: 'execution.changed', data },
  ];
}
