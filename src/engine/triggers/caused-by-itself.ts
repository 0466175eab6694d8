/** What a workflow changes may be what its own trigger watches: then the chain goes on. */
import type { TriggerRecord } from '../../ports/store/triggers.ts';
import type { EngineContext } from '../engine-context.ts';

/** The length of the chain that a change belongs to, which came at `since` or a little before. */
export async function chainOfChange(
  { store }: Pick<EngineContext, 'store'>,
  { lastExecutionId }: Pick<TriggerRecord, 'lastExecutionId'>,
  since: string,
): Promise<number> {
  const before = lastExecutionId === null ? null : await store.executions.get(lastExecutionId);
  if (!before) return 0;
  const underWay = before.finishedAt === null || before.finishedAt >= since;
  return underWay ? before.chain + 1 : 0;
}
