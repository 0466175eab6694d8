/** Retries many executions, one after the other; what cannot be retried is told and stops none of the others. */
import { isPointsmanError, PointsmanError } from '../contract/errors.ts';
import type { RetriedExecution } from '../contract/executions.ts';
import type { ExecutionRecord } from '../ports/store/executions.ts';
import type { Actor, EngineContext } from './engine-context.ts';
import type { Mailroom } from './mailroom.ts';
import { retryExecution } from './retry-execution.ts';

export interface RetryExecutions {
  ids: readonly string[];
  by: Actor;
  /** Throws when this person may not run it again. */
  allow: (execution: ExecutionRecord) => void;
}

export async function retryExecutions(
  context: EngineContext & { mailroom: Mailroom },
  { ids, by, allow }: RetryExecutions,
): Promise<RetriedExecution[]> {
  const answers: RetriedExecution[] = [];
  for (const executionId of ids) answers.push(await retried(executionId));
  return answers;

  async function retried(executionId: string): Promise<RetriedExecution> {
    try {
      const execution = await context.store.executions.get(executionId);
      if (!execution) throw new PointsmanError('EXECUTION_NOT_FOUND');
      allow(execution);
      const { id } = await retryExecution(context, { execution, by });
      return { outcome: 'retried', executionId, retry: id };
    } catch (error) {
      if (!isPointsmanError(error)) throw error;
      return { outcome: 'refused', executionId, code: error.code, message: error.message };
    }
  }
}
