/** Turns due timers into mail: retry back-offs, waits and expiries; watches budgets. Sleeps until the next one is due. */
import { watchBudgets } from './budgets/watch-budgets.ts';
import type { EffectContext } from './effects/effect-runner.ts';

/** Looks at least this often, so that a change of the clock is noticed. */
const MAX_SLEEP_MS = 5_000;

export function fireTimers(context: EffectContext): { close(): Promise<void> } {
  const { store, clock, bus, mailroom, log } = context;
  const stop = new AbortController();
  let nudge = new AbortController();
  const unsubscribe = bus.subscribe((notice) => {
    if (notice.channel === 'timers') nudge.abort();
  });

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      nudge = new AbortController();
      let sleepMs = MAX_SLEEP_MS;
      try {
        for (const executionId of await store.executions.fireTimers(clock.now().toISOString()))
          await mailroom.wake(executionId);
        await watchBudgets(context);
        const next = await store.executions.nextTimer();
        if (next) sleepMs = Math.max(0, Math.min(MAX_SLEEP_MS, Date.parse(next) - clock.now().getTime()));
      } catch (error) {
        log.warn({ error }, 'timers could not be read');
      }
      await clock.sleep(sleepMs, AbortSignal.any([stop.signal, nudge.signal]));
    }
  }

  const running = run();
  return {
    async close() {
      unsubscribe();
      stop.abort();
      await running;
    },
  };
}
