/** What a trigger noticed becomes an execution: the trigger goes on and the execution is there, or neither. */
import { ERRORS, isPointsmanError, PointsmanError } from '../../contract/errors.ts';
import type { TriggerOutcome } from '../../contract/triggers.ts';
import { ExpressionError } from '../../domain/expression/expression.ts';
import { compileTriggerInputs } from '../../domain/triggers/trigger-inputs.ts';
import { validateInputs } from '../../domain/workflow/validate-inputs.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { TriggerNote, TriggerRecord } from '../../ports/store/triggers.ts';
import { admitExecution } from '../concurrency/admit-execution.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Mailroom } from '../mailroom.ts';
import { newExecution } from '../new-execution.ts';
import { savedVersion } from '../saved-version.ts';
import type { TriggerEvent } from './trigger-kinds.ts';

/** Executions that start each other by triggers; a circle ends here. */
export const MOST_CHAINED = 16;

export type Fired =
  | { outcome: 'started' | 'queued'; executionId: string }
  | { outcome: 'skipped' }
  | { outcome: 'failed'; error: PointsmanError }
  /** Somebody else has noticed the same. */
  | { outcome: 'taken' };

/**
 * `claim` writes, in the same transaction, that this event is dealt with; false when it was already. Failures that
 * somebody must correct are an outcome; those of the world are thrown, and leave the event for the next look.
 */
export async function fireTrigger(
  context: EngineContext & { mailroom: Mailroom },
  { trigger, event }: { trigger: TriggerRecord; event: TriggerEvent },
  claim: (transaction: StoreTransaction, fired: { note: TriggerNote; executionId: string | null }) => Promise<boolean>,
): Promise<Fired> {
  const lastFiredAt = context.clock.now().toISOString();
  const prepared = await prepare(context, trigger, event);
  if (prepared instanceof PointsmanError) return failed(prepared);
  let wake: string[] = [];
  const fired = await context.store
    .transaction(async (transaction): Promise<Fired> => {
      const admission = await admitExecution(transaction, prepared);
      if (admission.outcome === 'line_full') throw new PointsmanError('LINE_FULL');
      const executionId = admission.outcome === 'skipped' ? null : prepared.id;
      const note = noteOf(admission.outcome, executionId ?? trigger.lastExecutionId);
      // Last, and all that was written before is undone: who comes second must not hold the workflow of the first.
      if (!(await claim(transaction, { note, executionId }))) throw new EventTaken();
      if (admission.outcome === 'skipped') return { outcome: 'skipped' };
      wake = admission.wake;
      return { outcome: admission.outcome, executionId: prepared.id };
    })
    .catch((error: unknown): Fired => {
      if (error instanceof EventTaken) return { outcome: 'taken' };
      if (isPointsmanError(error, 'LINE_FULL')) return { outcome: 'failed', error };
      throw error;
    });
  for (const id of wake) await context.mailroom.wake(id);
  return fired.outcome === 'failed' ? failed(fired.error) : fired;

  function noteOf(lastOutcome: TriggerOutcome, lastExecutionId: string | null): TriggerNote {
    return { lastFiredAt, lastOutcome, lastExecutionId, lastError: null };
  }

  async function failed(error: PointsmanError): Promise<Fired> {
    const note: TriggerNote = {
      ...noteOf('failed', trigger.lastExecutionId),
      lastError: { code: error.code, message: error.message },
    };
    const claimed = await context.store.transaction((transaction) => claim(transaction, { note, executionId: null }));
    return claimed ? { outcome: 'failed', error } : { outcome: 'taken' };
  }
}

class EventTaken extends Error {}

/** The execution to start, or why this event starts none. */
async function prepare(
  context: EngineContext,
  { id, kind, workflowId, config }: TriggerRecord,
  { data, chain }: TriggerEvent,
): Promise<ExecutionRecord | PointsmanError> {
  if (chain > MOST_CHAINED)
    return new PointsmanError('TRIGGER_CHAIN_TOO_LONG', {
      detail: `${MOST_CHAINED} executions in a row were each started by a trigger because of the one before.`,
    });
  try {
    const { version, document } = await savedVersion(context, { workflowId });
    const checked = validateInputs(document, compileTriggerInputs(config.inputs).fill(data));
    if (checked.outcome === 'invalid')
      throw new PointsmanError('TRIGGER_INPUTS_FAILED', {
        detail: checked.problems.map((problem) => `${problem.path}: ${problem.message}`).join(' '),
        problems: checked.problems.map((problem) => ({ ...problem, path: `/inputs${problem.path}` })),
      });
    return newExecution(context, {
      workflowId,
      version,
      document,
      inputs: checked.inputs,
      createdBy: `trigger ${id}`,
      trigger: { id, kind },
      chain,
    });
  } catch (error) {
    if (error instanceof ExpressionError) return new PointsmanError('TRIGGER_INPUTS_FAILED', { detail: error.message });
    // What the world does is tried again by the next look; what somebody wrote is not.
    if (!isPointsmanError(error) || ERRORS[error.code].kind !== 'user') throw error;
    return error;
  }
}
