/**
 * A step of type `workflow`: starts an execution of another workflow, in the very commit that marks the intent as begun.
 * From then on the two tell each other what happens (`children`), each in the commit of it, so nobody watches here.
 */
import { ERRORS, isPointsmanError } from '../../contract/errors.ts';
import type { StepError } from '../../contract/executions.ts';
import { validateInputs } from '../../domain/workflow/validate-inputs.ts';
import type { EffectRecord, ExecutionRecord } from '../../ports/store/executions.ts';
import { pausedWithParent } from '../children/tell-children.ts';
import { type Admission, admitExecution } from '../concurrency/admit-execution.ts';
import { newExecution } from '../new-execution.ts';
import { type NamedVersion, namedVersion } from '../saved-version.ts';
import { type EffectContext, type EffectKindRunner, finishEffect } from './effect-runner.ts';

interface WorkflowPayload {
  step: { id: string };
  config: { workflow: string; version?: number; inputs?: Record<string, unknown> };
  timeoutMs?: number;
}

/** Executions below each other; a workflow that starts itself for ever ends here. */
export const MOST_LEVELS = 16;

type Prepared = { outcome: 'ready'; child: ExecutionRecord } | { outcome: 'failed'; error: StepError };

export function workflowEffect(context: EffectContext): EffectKindRunner {
  const { store, clock, mailroom } = context;

  return async (effect, { cancel }) => {
    if (effect.status !== 'intended') return;
    if (cancel.aborted || effect.cancel !== null) return cancelled(effect);
    const payload = effect.payload as unknown as WorkflowPayload; // written by commitSuperstep from settle's effect
    const prepared = await prepare(effect, payload);
    if (prepared.outcome === 'failed') return failed(effect, prepared.error);
    const admission = await start(effect, payload, prepared.child);
    if (admission?.outcome === 'skipped') return failed(effect, errorOf('EXECUTION_SKIPPED'));
    if (admission?.outcome === 'line_full') return failed(effect, errorOf('LINE_FULL'));
    if (admission) {
      for (const id of admission.wake) await mailroom.wake(id);
      return;
    }
    const now = await store.executions.effect(effect.executionId, effect.key);
    if (now?.status === 'intended' && now.cancel !== null) await cancelled(effect);
  };

  async function prepare(effect: EffectRecord, { step, config }: WorkflowPayload): Promise<Prepared> {
    const above = await store.executions.get(effect.executionId);
    if (!above) throw new Error(`the execution ${effect.executionId} of an open effect is gone`);
    if (above.depth >= MOST_LEVELS)
      return refused('WORKFLOW_TOO_DEEP', `There are ${MOST_LEVELS} executions above this step already.`);
    const found = await find(config);
    if ('outcome' in found) return found;
    const checked = validateInputs(found.document, config.inputs);
    if (checked.outcome === 'invalid') {
      const [first] = checked.problems;
      const message = checked.problems.map((problem) => `${problem.path}: ${problem.message}`).join(' ');
      return refused('INVALID_INPUT', message, `/config/inputs${first?.path ?? ''}`);
    }
    const child = newExecution(context, {
      ...found,
      inputs: checked.inputs,
      createdBy: above.createdBy,
      parent: { executionId: above.id, stepId: step.id, effectKey: effect.key },
      depth: above.depth + 1,
      chain: above.chain,
    });
    return { outcome: 'ready', child };
  }

  async function find(
    config: WorkflowPayload['config'],
  ): Promise<NamedVersion | Extract<Prepared, { outcome: 'failed' }>> {
    try {
      return await namedVersion(context, config);
    } catch (error) {
      // What the world does is tried again by the next sweep; what somebody wrote is not.
      if (!isPointsmanError(error) || ERRORS[error.code].kind !== 'user') throw error;
      return refused(error.code, error.message);
    }
  }

  /** By the rule of the child's workflow; null when the intent is not open any more. */
  async function start(
    { executionId, key }: EffectRecord,
    { timeoutMs }: WorkflowPayload,
    child: ExecutionRecord,
  ): Promise<Admission | null> {
    const at = child.createdAt;
    const deadline =
      timeoutMs === undefined ? {} : { deadline: new Date(clock.now().getTime() + timeoutMs).toISOString() };
    const started = { type: 'attempt_started', key, at, childExecutionId: child.id };
    let admission: Admission | null = null;
    await mailroom.post(executionId, [started], async (transaction) => {
      // Whoever decides to pause or to cancel holds this row: by then the child is there to be told, or is not started.
      const parent = await transaction.executions.lock(executionId);
      const intent = await transaction.executions.effect(executionId, key);
      if (!parent || intent?.status !== 'intended' || intent.cancel !== null) return false;
      const held = parent.pausedAt === null ? [] : [pausedWithParent(at)];
      admission = await admitExecution(transaction, child, { held, ...deadline });
      if (admission.outcome === 'skipped' || admission.outcome === 'line_full') return false;
      return transaction.executions.startEffect(executionId, key, context.hostId);
    });
    return admission;
  }

  async function cancelled(effect: EffectRecord): Promise<void> {
    const at = clock.now().toISOString();
    await finishEffect(context, effect, { type: 'attempt_cancelled', key: effect.key, at });
  }

  async function failed(effect: EffectRecord, error: StepError): Promise<void> {
    const at = clock.now().toISOString();
    await finishEffect(context, effect, { type: 'attempt_failed', key: effect.key, at, error });
  }
}

function refused(code: string, message: string, path?: string): Extract<Prepared, { outcome: 'failed' }> {
  return { outcome: 'failed', error: { code, message, ...(path === undefined ? {} : { path }) } };
}

function errorOf(code: 'EXECUTION_SKIPPED' | 'LINE_FULL'): StepError {
  return { code, message: ERRORS[code].title };
}
