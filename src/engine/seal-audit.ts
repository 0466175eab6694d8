/** Seals the audit once a minute, so that nobody rewrites it unseen. */
import type { EngineContext } from './engine-context.ts';

const EVERY_MS = 60_000;

export function sealAudit({ store, clock, log }: EngineContext): { close(): Promise<void> } {
  const stop = new AbortController();

  async function seal(): Promise<void> {
    try {
      await store.auditSeals.seal();
    } catch (error) {
      log.warn({ error }, 'the audit could not be sealed; it will be tried again');
    }
  }

  async function run(): Promise<void> {
    while ((await clock.sleep(EVERY_MS, stop.signal)) === 'elapsed') await seal();
    await seal();
  }

  const running = run();
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}
