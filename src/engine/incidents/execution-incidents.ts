/** Steps and executions that need somebody: read off what a visit decided, in its commit. A success costs nothing here. */
import type { Step, StepError } from '../../contract/executions.ts';
import type { Effect } from '../../domain/settle/effects.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { EngineContext } from '../engine-context.ts';
import { BY_ITSELF, endAll, type NewTrouble, noteTrouble } from './note-incident.ts';

/** What a person decided is no trouble. */
const DECIDED: ReadonlySet<string> = new Set(['APPROVAL_REJECTED', 'CANCELLED']);

/** Whether a visit says something about incidents; if not, nothing is read or written for them. */
export function concernsIncidents(execution: ExecutionRecord, effects: readonly Effect[]): boolean {
  return effects.some(
    (effect) =>
      effect.type === 'open_failure' ||
      (effect.type === 'finish' && (effect.status === 'failed' || goesOnFrom(execution, effect) !== null)),
  );
}

export async function followOutcome(
  context: Pick<EngineContext, 'ids' | 'clock'>,
  transaction: StoreTransaction,
  { execution, effects, steps }: { execution: ExecutionRecord; effects: readonly Effect[]; steps: readonly Step[] },
): Promise<void> {
  const troubles = effects.flatMap((effect) => troubleOf(execution, effect, steps));
  // In one order, so that two visits never wait for each other.
  for (const trouble of troubles.toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)))
    await noteTrouble(context, transaction, trouble);
  for (const effect of effects) {
    const before = effect.type === 'finish' ? goesOnFrom(execution, effect) : null;
    if (before !== null)
      await endAll(transaction, await transaction.incidents.openOf({ executionId: before }), {
        at: context.clock.now().toISOString(),
        by: BY_ITSELF,
        reason: `execution ${execution.id}, which goes on from it, succeeded`,
      });
  }
}

function troubleOf(execution: ExecutionRecord, effect: Effect, steps: readonly Step[]): NewTrouble[] {
  if (effect.type === 'open_failure') {
    const nodeId = steps.find(({ id }) => id === effect.stepId)?.nodeId ?? effect.error.nodeId;
    return [trouble(execution, { ...effect.error, ...(nodeId === undefined ? {} : { nodeId }) }, effect.stepId)];
  }
  if (effect.type !== 'finish' || effect.status !== 'failed' || !effect.error) return [];
  // A child's failure is its parent's: that handles it or fails with it.
  if (execution.parent !== null || DECIDED.has(effect.error.code)) return [];
  return [trouble(execution, effect.error)];
}

function trouble(
  { id, name, workflowId }: ExecutionRecord,
  { code, message, nodeId }: StepError,
  stepId?: string,
): NewTrouble {
  const workflow = workflowId ?? `inline:${name}`;
  const about = {
    executionId: id,
    ...(workflowId === null ? {} : { workflowId }),
    ...(stepId === undefined ? {} : { stepId }),
    code,
    message: `${code}: ${message}`,
    spent: true, // what the node may be tried again was tried
  };
  if (nodeId === undefined)
    return { ...about, fingerprint: `execution:${workflow}:${code}`, scope: 'execution', title: `“${name}” failed` };
  return {
    ...about,
    nodeId,
    fingerprint: `step:${workflow}:${nodeId}:${code}`,
    scope: 'step',
    title:
      code === 'OUTCOME_UNKNOWN'
        ? `What became of “${nodeId}” of “${name}” is not known`
        : `“${nodeId}” of “${name}” failed`,
  };
}

/** The execution whose incidents this success ends; those of the same workflow are found by the keeper. */
function goesOnFrom({ origin }: ExecutionRecord, effect: Extract<Effect, { type: 'finish' }>): string | null {
  return effect.status === 'succeeded' && origin ? origin.executionId : null;
}
