/** Forgets what nobody needs any more: events too old to replay, old measurements, mail that was taken. */
import type { EngineContext } from './engine-context.ts';

const EVERY_MS = 3_600_000;
/** Clients that were away longer start from a snapshot. */
const KEPT_MS = 24 * 3_600_000;

export function pruneHistory({ store, clock, log }: EngineContext): { close(): Promise<void> } {
  const stop = new AbortController();

  async function run(): Promise<void> {
    while ((await clock.sleep(EVERY_MS, stop.signal)) === 'elapsed') {
      const before = new Date(clock.now().getTime() - KEPT_MS).toISOString();
      try {
        await store.events.prune(before);
        await store.agents.pruneMetrics(before);
        await store.executions.pruneMail(before);
        await store.identity.pruneKeys(before);
      } catch (error) {
        log.warn({ error }, 'old events could not be removed; it will be tried again');
      }
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
