/**
 * The visits of one execution by the worker that holds it: each takes the mail that has come, lets `settle` decide, and
 * commits that together with its checkpoint.
 */
import type { ExecutionState } from '../../domain/settle/execution-state.ts';
import type { SettleEvent } from '../../domain/settle/settle-events.ts';
import { answersFirst, settle, waitsForOthers } from '../../domain/settle/settle.ts';
import type { Plan } from '../../domain/workflow/plan.ts';
import type { Letter } from '../../ports/store/executions.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Held } from '../held-execution.ts';
import type { HandedOutcome, Mailroom } from '../mailroom.ts';
import { commitSuperstep, type Decided } from './commit-superstep.ts';
import type { VisitCheckpoints } from './visit-checkpoints.ts';

/** How long a visit waits for mail before it lets the execution rest. */
const MAIL_WAIT_MS = 1_000;
const MAIL_BATCH = 500;

export interface Visited {
  state: ExecutionState;
  finished: boolean;
}

export interface Visits {
  /** Resolves when what it decided is committed; null when no mail came, or it shall stop. */
  next(state: ExecutionState): Promise<Visited | null>;
  /** Waits for a commit under way; what was not committed is posted by whoever handed it over. */
  close(): Promise<void>;
}

export function visitsOf(
  context: EngineContext & { mailroom: Mailroom },
  { held, plan, signal, checkpoints }: { held: Held; plan: Plan; signal: AbortSignal; checkpoints: VisitCheckpoints },
): Visits {
  const { store, mailroom, log } = context;
  const { id } = held.record;
  let { record, begin } = held;
  /** Outcomes that the visit under way has taken; nobody else knows them before its commit. */
  let handed: HandedOutcome[] = [];
  /** The letters that it has taken; null: those that it began with, whose numbers are known once they are stored. */
  let taken: number[] | null = null;
  let lookedAt = 0;
  let isFirst = true;
  /** Of the last visit: whoever is told to stop does not wait for the visit. */
  let committing: Promise<void> = Promise.resolve();

  async function commit(decided: Decided, finished: boolean): Promise<void> {
    const { state, steps } = decided;
    const committed = await commitSuperstep(context, {
      record,
      held: { ...held, begin },
      checkpoints: checkpoints.after(
        { state, finished },
        { status: state.status, changed: steps.map((step) => step.nodeId) },
      ),
      decided,
    });
    begin = null;
    record = committed.record;
    context.traces?.changed(record, steps);
    settleHanded(true);
    for (const told of committed.told) await wake(told);
  }

  /** Their mail is committed, so a wake-up that fails is only late. */
  async function wake(executionId: string): Promise<void> {
    await mailroom
      .wake(executionId)
      .catch((error: unknown) => log.warn({ error, executionId }, 'an execution could not be woken'));
  }

  function firstMail(): readonly unknown[] {
    lookedAt = context.clock.now().getTime();
    taken = null;
    return held.events;
  }

  async function nextMail(): Promise<unknown[]> {
    let letters = await look();
    if (letters.length === 0 && handed.length === 0) {
      await mailroom.wait(id, MAIL_WAIT_MS, signal);
      if (!signal.aborted) letters = await look();
    }
    taken = letters.map((letter) => letter.id);
    return letters.map(({ event }) => event);
  }

  /** What was handed over comes without a look at the store, unless mail may lie there that nobody told us of. */
  async function look(): Promise<Letter[]> {
    handed.push(...mailroom.takeHanded(id));
    const now = context.clock.now().getTime();
    const isDue = now - lookedAt >= MAIL_WAIT_MS || handed.length === 0;
    if (!mailroom.mayHaveMail(id) && !isDue) return [];
    lookedAt = now;
    return store.executions.mail(id, MAIL_BATCH);
  }

  function settleHanded(committed: boolean): void {
    for (const outcome of handed) outcome.settle(committed);
    handed = [];
  }

  return {
    async next(state) {
      if (signal.aborted) return null;
      const mail = isFirst && held.events.length > 0 ? firstMail() : await nextMail();
      isFirst = false;
      // Told to stop meanwhile, it is closed: a commit now would be nobody's.
      if (signal.aborted || (mail.length === 0 && handed.length === 0)) return null;
      const events = answersFirst([...mail, ...handed.map(({ event }) => event)] as SettleEvent[]);
      const settled = settle({ plan, state, events, now: context.clock.now().toISOString(), ids: context.ids });
      const finished = settled.effects.some((effect) => effect.type === 'finish');
      const endedEffects = handed.map(({ effectKey, event }) => ({ key: effectKey, event }));
      const decided = { ...settled, endedEffects, takenMail: taken, waitedBefore: waitsForOthers(state) };
      committing = commit(decided, finished);
      await committing;
      return { state: settled.state, finished };
    },

    async close() {
      try {
        await committing;
      } finally {
        settleHanded(false);
      }
    },
  };
}
