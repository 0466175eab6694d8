/**
 * Looks at triggers when their moment comes or something happened that they listen to, and lets lines of executions
 * move. All that it goes by is stored, so one that starts finds what was missed.
 */
import { releaseLines } from '../concurrency/release-lines.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Mailroom } from '../mailroom.ts';
import { lookAtTriggers, type Looking } from './look-at-triggers.ts';
import { syncUnknown } from './sync-triggers.ts';

/** Looks at least this often, so that a change of the clock is noticed. */
const MAX_SLEEP_MS = 5_000;
/** Between two looks: much that happens at once is one look. */
const MIN_SLEEP_MS = 50;

export function fireTriggers(
  context: EngineContext & { mailroom: Mailroom },
  looking: Looking,
): { close(): Promise<void> } {
  const { store, clock, bus, log } = context;
  const stop = new AbortController();
  let nudge = new AbortController();
  let known = false;
  const unsubscribe = bus.subscribe(
    ({ channel, key }) => {
      if (channel === 'triggers' || (channel === 'events' && (key === 'executions' || key === 'agents'))) nudge.abort();
    },
    () => nudge.abort(),
  );

  async function run(): Promise<void> {
    while ((await clock.sleep(MIN_SLEEP_MS, stop.signal)) === 'elapsed') {
      nudge = new AbortController();
      const sleepMs = await look().catch((error: unknown) => {
        log.warn({ error }, 'triggers could not be looked at; it will be tried again');
        return MAX_SLEEP_MS;
      });
      if (sleepMs > 0) await clock.sleep(sleepMs, AbortSignal.any([stop.signal, nudge.signal]));
    }
  }

  /** How long nothing will be due. */
  async function look(): Promise<number> {
    if (!known) await syncUnknown(context);
    known = true;
    const deadline = await releaseLines(context);
    const looked = await lookAtTriggers(context, looking);
    if (looked === 'again') return 0;
    const moment = looked === 'failed' ? null : await store.triggers.nextMoment(looking.hostId);
    const next = [moment, deadline].flatMap((at) => (at === null ? [] : Date.parse(at) - clock.now().getTime()));
    return Math.min(MAX_SLEEP_MS, ...next);
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
