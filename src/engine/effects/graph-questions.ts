/**
 * Interrupts of a registered graph as questions in the inbox. A question has the same id whenever it is asked, so that
 * after a restart it is the same item, open or answered.
 */
import { createHash } from 'node:crypto';
import type { GraphInterrupt } from '../../ports/registered-graphs.ts';
import type { EffectRecord } from '../../ports/store/executions.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import { inboxView } from '../inbox-view.ts';
import { payloadHash } from '../payload-hash.ts';
import type { EffectContext } from './effect-runner.ts';

export interface AskingStep {
  effect: EffectRecord;
  stepId: string;
  nodeId: string;
  graph: string;
}

export type Answers =
  | { outcome: 'answered'; answers: Record<string, unknown> }
  | { outcome: 'denied'; by: string | null; note?: string }
  | { outcome: 'aborted' };

const TITLE_CHARACTERS = 80;

/** Opens what is not asked yet, withdraws what is not asked any more, and says that the step waits. */
export async function askQuestions(
  context: EffectContext,
  step: AskingStep,
  interrupts: readonly GraphInterrupt[],
): Promise<void> {
  const { effect } = step;
  const at = context.clock.now().toISOString();
  const execution = await context.store.executions.get(effect.executionId);
  const items = interrupts.map((interrupt) => itemOf(step, interrupt, { workflow: execution?.name ?? '', at }));
  const ids = new Set(items.map(({ id }) => id));
  const waiting = { type: 'attempt_waiting', key: effect.key, at, waiting: true, reason: 'Asks a person' };
  await context.mailroom.post(effect.executionId, [waiting], async (transaction) => {
    for (const item of await transaction.inbox.openOf({ executionId: effect.executionId, type: 'question' })) {
      if (!belongsTo(item, effect) || ids.has(item.id)) continue;
      const closed = await transaction.inbox.close(item.id, { state: 'withdrawn' });
      if (closed) transaction.publish({ topic: 'inbox', event: 'inbox.closed', data: inboxView(closed) });
    }
    for (const item of items) {
      if ((await transaction.inbox.open(item)) === 'opened')
        transaction.publish({ topic: 'inbox', event: 'inbox.opened', data: inboxView(item) });
    }
    return true;
  });
}

/** Once every question has its answer, or one of them never will, and the execution is not paused. */
export async function untilAnswered(
  context: EffectContext,
  step: AskingStep,
  { interrupts, signal }: { interrupts: readonly GraphInterrupt[]; signal: AbortSignal },
): Promise<Answers> {
  const { executionId } = step.effect;
  let news = Promise.withResolvers<void>();
  const wake = () => news.resolve();
  const unsubscribe = context.bus.subscribe((notice) => {
    if (notice.channel === 'events' && (notice.key === 'inbox' || notice.key === `execution:${executionId}`)) wake();
  }, wake);
  signal.addEventListener('abort', wake);
  try {
    while (!signal.aborted) {
      news = Promise.withResolvers<void>();
      const items = await Promise.all(interrupts.map(({ id }) => context.store.inbox.get(questionId(step, id))));
      const denied = items.find((item) => item?.state !== 'open' && item?.resolution?.decision !== 'answer');
      if (denied !== undefined) return deniedBy(denied);
      const paused = (await context.store.executions.get(executionId))?.pausedAt != null;
      if (!paused && items.every((item) => item?.state === 'resolved'))
        return {
          outcome: 'answered',
          answers: Object.fromEntries(
            interrupts.map((interrupt, index) => [interrupt.id, answerIn(items[index]?.form, interrupt)]),
          ),
        };
      await news.promise;
    }
    return { outcome: 'aborted' };
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', wake);
  }
}

/** The attempt has ended: nobody waits for an answer any more. */
export async function withdrawQuestions(context: EffectContext, effect: EffectRecord): Promise<void> {
  await context.store.transaction(async (transaction) => {
    for (const item of await transaction.inbox.openOf({ executionId: effect.executionId, type: 'question' })) {
      if (!belongsTo(item, effect)) continue;
      const closed = await transaction.inbox.close(item.id, { state: 'withdrawn' });
      if (closed) transaction.publish({ topic: 'inbox', event: 'inbox.closed', data: inboxView(closed) });
    }
  });
}

function itemOf(
  step: AskingStep,
  interrupt: GraphInterrupt,
  { workflow, at }: { workflow: string; at: string },
): InboxRecord {
  const { nodeId, graph, effect } = step;
  const question = questionIn(interrupt.value);
  const payload = {
    workflow,
    nodeId,
    graph,
    ...(question === null ? {} : { question }),
    ...(question === interrupt.value ? {} : { value: interrupt.value }),
    form: formOf(interrupt),
  };
  return {
    id: questionId(step, interrupt.id),
    type: 'question',
    state: 'open',
    title: `“${nodeId}” asks${question === null ? '' : `: ${shortened(question)}`}`,
    payload,
    hash: payloadHash(payload),
    executionId: effect.executionId,
    stepId: step.stepId,
    choices: ['answer', 'deny'],
    createdAt: at,
    // Of its own for each question, because an attempt may ask several at once.
    effectKey: `${effect.key}#${interrupt.id}`,
    roles: null,
    form: null,
    requestId: null,
  };
}

function belongsTo(item: InboxRecord, effect: EffectRecord): boolean {
  return item.effectKey?.startsWith(`${effect.key}#`) ?? false;
}

/** In the order of the inbox, which is by time, it stands where its step began. */
function questionId({ stepId, effect }: AskingStep, interruptId: string): string {
  const digest = createHash('sha256').update(`${effect.executionId} ${effect.key} ${interruptId}`).digest('hex');
  const time = stepId.slice(0, 13);
  return `${time}-7${digest.slice(0, 3)}-8${digest.slice(3, 6)}-${digest.slice(6, 18)}`;
}

/** A text, or what people usually call it within a map. */
function questionIn(value: unknown): string | null {
  if (typeof value === 'string') return value;
  const { question, message, title } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  return [question, message, title].find((text): text is string => typeof text === 'string' && text !== '') ?? null;
}

/** A graph that says nothing about the answer gets any JSON. */
function formOf({ schema }: GraphInterrupt): Record<string, unknown> {
  if (schema !== undefined && isForm(schema)) return schema;
  return { type: 'object', required: ['answer'], properties: { answer: { ...schema, title: 'Your answer' } } };
}

function answerIn(form: unknown, { schema }: GraphInterrupt): unknown {
  if (schema !== undefined && isForm(schema)) return form ?? {};
  return (form as { answer?: unknown } | null)?.answer ?? null;
}

function isForm({ type, properties }: Record<string, unknown>): boolean {
  return type === 'object' && typeof properties === 'object';
}

function deniedBy(item: InboxRecord | null): Answers {
  const { by = null, note } = item?.resolution ?? {};
  return { outcome: 'denied', by, ...(note === undefined ? {} : { note }) };
}

function shortened(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length > TITLE_CHARACTERS || line !== text ? `${line.slice(0, TITLE_CHARACTERS)}…` : line;
}
