/** Lets the first of each line go once nothing else of its workflow is under way; what it goes by is only what is stored. */
import type { EngineContext } from '../engine-context.ts';
import type { Mailroom } from '../mailroom.ts';

export async function releaseLines({ store, clock, mailroom }: EngineContext & { mailroom: Mailroom }): Promise<void> {
  for (const { id, workflowId } of await store.executions.firstInLine()) {
    const released = await store.transaction(async (transaction) => {
      await transaction.workflows.lock(workflowId);
      const first = (await transaction.executions.firstInLine()).some((one) => one.id === id);
      if (!first || !(await transaction.executions.leaveLine(id))) return false;
      await transaction.executions.post(id, [{ type: 'execution_started', at: clock.now().toISOString() }]);
      return true;
    });
    if (released) await mailroom.wake(id);
  }
}
