/** What an execution tells the one that has started it, in the commit in which it happens: that it waits, and its end. */
import { FINISHED_EXECUTION } from '../../contract/executions.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';

/** Returns who was told. `waits`: whether only people or timers are outstanding; null when nothing changed in that. */
export async function tellParent(
  transaction: StoreTransaction,
  { execution, waits, at }: { execution: ExecutionRecord; waits: boolean | null; at: string },
): Promise<string[]> {
  const { parent, status } = execution;
  if (!parent) return [];
  const { executionId, effectKey: key } = parent;
  if (FINISHED_EXECUTION.includes(status)) {
    if (!(await transaction.executions.finishEffect(executionId, key))) return [];
    await transaction.executions.post(executionId, [outcomeOf(execution, key, at)]);
  } else {
    if (waits === null) return [];
    const why = waits ? { reason: 'child_execution' } : {};
    await transaction.executions.post(executionId, [{ type: 'attempt_waiting', key, at, waiting: waits, ...why }]);
  }
  transaction.notify({ channel: 'mailbox', key: executionId });
  return [executionId];
}

function outcomeOf({ id, status, outputs, error }: ExecutionRecord, key: string, at: string): object {
  if (status === 'succeeded') return { type: 'attempt_succeeded', key, at, output: outputs ?? {} };
  // A cancelled one has an error only when its time was up.
  if (!error) return { type: 'attempt_cancelled', key, at };
  const { code, message, executionId = id } = error;
  return { type: 'attempt_failed', key, at, error: { code, message, executionId } };
}
