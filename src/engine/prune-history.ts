/** Forgets what nobody needs any more: events too old to replay, old measurements, mail that was taken, files of executions that are gone. */
import type { EngineContext } from './engine-context.ts';
import { forgetFiles } from './worktrees/execution-files.ts';

const EVERY_MS = 3_600_000;
/** Clients that were away longer start from a snapshot. */
const KEPT_MS = 24 * 3_600_000;

/** What is kept how many days, whatever is configured; null: for ever. */
export const KEPT_DAYS = { events: KEPT_MS / 86_400_000, measurements: KEPT_MS / 86_400_000, usage: null, audit: null };

export function pruneHistory(context: EngineContext): { close(): Promise<void> } {
  const { store, clock, log } = context;
  const stop = new AbortController();

  async function run(): Promise<void> {
    while ((await clock.sleep(EVERY_MS, stop.signal)) === 'elapsed') {
      const before = new Date(clock.now().getTime() - KEPT_MS).toISOString();
      try {
        await store.events.prune(before);
        await store.agents.pruneMetrics(before);
        await store.executions.pruneMail(before);
        await store.triggers.pruneDeliveries(clock.now().toISOString());
        await store.identity.pruneKeys(before);
        await store.identity.pruneEmbeds(before);
        await forgetFiles(context);
      } catch (error) {
        log.warn({ error }, 'what is old could not be removed; it will be tried again');
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
