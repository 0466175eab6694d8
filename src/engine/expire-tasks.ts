/**
 * Ends tasks of steps that waited for their agent as long as the step may take: the time of an attempt runs from its
 * start, also in the queue. A task that was delivered is watched by its agent.
 */
import type { TaskRecord } from '../ports/store/agents.ts';
import type { EffectContext } from './effects/effect-runner.ts';
import { finishTask } from './finish-task.ts';

/** Looks at least this often, so that a change of the clock is noticed. */
const MAX_SLEEP_MS = 5_000;

/** When a task's time is up: a step's counts from its hand-over, a person's only from the beginning of its turn. */
export function taskDue({ executionId, status, receipts, timeoutMs }: TaskRecord): number | null {
  if (timeoutMs === null || (!executionId && status === 'queued')) return null;
  const since = executionId ? receipts.acceptedAt : (receipts.turnStartedAt ?? receipts.acceptedAt);
  return Date.parse(since) + timeoutMs;
}

/** Has looked once when it resolves: what ran out while nobody was there is not delivered any more. */
export async function expireTasks(context: EffectContext): Promise<{ close(): Promise<void> }> {
  const { store, clock, bus, log } = context;
  const stop = new AbortController();
  let nudge = new AbortController();
  const unsubscribe = bus.subscribe((notice) => {
    if (notice.channel === 'tasks') nudge.abort();
  });

  /** Milliseconds until the next one is due. */
  async function expire(): Promise<number> {
    let sleepMs = MAX_SLEEP_MS;
    for (const task of await store.tasks.queuedWithTimeout()) {
      const due = taskDue(task);
      if (due === null) continue;
      const left = due - clock.now().getTime();
      if (left > 0) sleepMs = Math.min(sleepMs, left);
      else
        await finishTask(context, task, {
          status: 'timed_out',
          error: { code: 'TIMEOUT', message: 'Its agent was busy with other tasks until its time was up.' },
          from: ['queued'],
        });
    }
    return sleepMs;
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      nudge = new AbortController();
      const sleepMs = await expire().catch((error: unknown) => {
        log.warn({ error }, 'tasks that wait could not be read');
        return MAX_SLEEP_MS;
      });
      await clock.sleep(sleepMs, AbortSignal.any([stop.signal, nudge.signal]));
    }
  }

  await expire();
  const running = run();
  return {
    async close() {
      unsubscribe();
      stop.abort();
      await running;
    },
  };
}
