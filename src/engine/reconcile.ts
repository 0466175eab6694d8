/**
 * Finds what was missed: executions with mail that nobody advances. Runs at the start and every few seconds, and does
 * not go through the queue: the queue may still hold the job of a worker that died, and would wait for it.
 */
import type { EngineContext } from './engine-context.ts';

const EVERY_MS = 3_000;
/** After a crash the wake-ups go to jobs of the dead worker for as long as the queue keeps their lock. */
const SOON_EVERY_MS = 250;
const SOON_FOR_MS = 30_000;

export function reconcile(
  context: EngineContext,
  act: { advance: (executionId: string) => void; sweepEffects: () => void },
): { close(): Promise<void> } {
  const stop = new AbortController();

  const soonUntil = context.clock.now().getTime() + SOON_FOR_MS;

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        for (const executionId of await context.store.executions.stranded(200)) act.advance(executionId);
        act.sweepEffects();
      } catch (error) {
        context.log.warn({ error }, 'reconcile could not read the store; it will try again');
      }
      const soon = context.clock.now().getTime() < soonUntil;
      await context.clock.sleep(soon ? SOON_EVERY_MS : EVERY_MS, stop.signal);
    }
  }

  const running = run();
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}
