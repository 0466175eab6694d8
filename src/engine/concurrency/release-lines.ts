/**
 * Lets out of each line who waits for nothing any more, and ends children whose time is up there. What it goes by is only
 * what is stored.
 */
import { DEADLINE } from '../../domain/settle/keys.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Mailroom } from '../mailroom.ts';
import { beginning } from './admit-execution.ts';

/** Returns when to look again at the latest, because then the time of a child is up. */
export async function releaseLines({
  store,
  clock,
  mailroom,
}: EngineContext & { mailroom: Mailroom }): Promise<string | null> {
  const at = clock.now().toISOString();
  const line = await store.executions.leavingLine(at);
  for (const { id, workflowId } of line.leaving) {
    const released = await store.transaction(async ({ workflows, executions }) => {
      await workflows.lock(workflowId);
      const leaving = (await executions.leavingLine(at)).leaving.find((one) => one.id === id);
      if (!leaving || !(await executions.leaveLine(id))) return false;
      const { deadline } = leaving;
      // It ends before anything starts: both letters are taken by one visit.
      const isOver = deadline !== null && deadline <= at;
      await executions.post(id, [
        beginning(at, deadline),
        ...(isOver ? [{ type: 'timer_fired', timerId: DEADLINE, at }] : []),
      ]);
      return true;
    });
    if (released) await mailroom.wake(id);
  }
  return line.nextDeadline;
}
