/**
 * Finds what was missed: executions with mail that nobody advances. Runs at the start and every few seconds, and does
 * not go through the queue: the queue may still hold the job of a worker that died, and would wait for it.
 */
import type { EngineContext } from './engine-context.ts';

const EVERY_MS = 3_000;

export function reconcile(
  context: EngineContext,
  act: { advance: (executionId: string) => void; sweepEffects: () => void },
): { close(): Promise<void> } {
  const stop = new AbortController();

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        for (const executionId of await context.store.executions.stranded(200)) act.advance(executionId);
        act.sweepEffects();
      } catch (error) {
        context.log.warn({ error }, 'reconcile could not read the store; it will try again');
      }
      await context.clock.sleep(EVERY_MS, stop.signal);
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
