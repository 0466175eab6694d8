/**
 * Tells browsers of what opens in the inbox. The rows are the truth: what is open, wanted and not told of yet is due, so
 * nothing is lost over a restart. A push is marked before it is sent and never sent again unless it certainly did not
 * arrive, so none comes twice; only a crash within the request can lose one.
 */
import { pushNote } from '../../domain/push-words.ts';
import type { DuePush } from '../../ports/store/push.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PushOutcome, PushSender } from './push-sender.ts';
import { addressOf } from './subscriptions.ts';

/** Looks at least this often, so that a lost notice costs no more. */
const MAX_SLEEP_MS = 30_000;
/** Requests under way at once; a slow service holds up only these. */
const AT_ONCE = 20;
const ANSWER_WITHIN_MS = 15_000;
/** How long a stopping server waits for answers, which nobody could ask for again. */
const STOP_GRACE_MS = 5_000;
/** A service keeps it so long for a phone that is off; an item that expires is kept no longer than that. */
const TTL_MAX_SECONDS = 24 * 60 * 60;
const FIRST_AGAIN_MS = 2_000;
const AGAIN_MAX_MS = 15 * 60_000;
/** With the pauses above, about two hours. */
const TRIES_MAX = 16;

export function deliverPushes(
  context: Pick<EngineContext, 'store' | 'bus' | 'clock' | 'log' | 'secrets'>,
  sender: PushSender,
): { close(): Promise<void> } {
  const { store, bus, clock, log, secrets } = context;
  const stop = new AbortController();
  const giveUp = new AbortController();
  const underWay = new Set<Promise<void>>();
  let nudge = new AbortController();
  const unsubscribe = bus.subscribe(
    (notice) => {
      if (notice.channel === 'events' && notice.key.startsWith('inbox')) nudge.abort();
    },
    () => nudge.abort(),
  );

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      nudge = new AbortController();
      let sleepMs = MAX_SLEEP_MS;
      try {
        const room = AT_ONCE - underWay.size;
        const now = clock.now().toISOString(); // one for both questions: nothing becomes due between them
        const due = room > 0 ? await store.push.claim(now, room) : [];
        for (const push of due) start(push);
        if (due.length > 0 && due.length === room) continue;
        const next = await store.push.nextAgain(now);
        if (next) sleepMs = Math.max(0, Math.min(MAX_SLEEP_MS, Date.parse(next) - clock.now().getTime()));
      } catch (error) {
        log.warn({ error }, 'what browsers are to be told could not be read');
      }
      if (underWay.size >= AT_ONCE) await Promise.race(underWay);
      else await clock.sleep(sleepMs, AbortSignal.any([stop.signal, nudge.signal]));
    }
  }

  function start(push: DuePush): void {
    const work: Promise<void> = deliver(push)
      .catch((error: unknown) => log.warn({ error, item: push.itemId }, 'what became of a push could not be stored'))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  }

  async function deliver(push: DuePush): Promise<void> {
    const signal = AbortSignal.any([giveUp.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    const outcome = await attempt(push, signal);
    const now = clock.now();
    const at = now.toISOString();
    if (outcome.outcome === 'gone') await store.push.remove(push.subscriptionId);
    else if (outcome.outcome !== 'later') await store.push.settle(push, { outcome: outcome.outcome, at });
    else if (push.tries >= TRIES_MAX) await store.push.settle(push, { outcome: 'refused', at });
    else {
      const waitMs = Math.max(pauseMs(push.tries), (outcome.afterSeconds ?? 0) * 1000);
      await store.push.settle(push, { outcome: 'again', at: new Date(now.getTime() + waitMs).toISOString() });
      nudge.abort(); // somebody has to wake up for it
    }
    if (outcome.outcome !== 'sent' && outcome.outcome !== 'gone')
      log.warn({ item: push.itemId, subscription: push.subscriptionId, reason: outcome.reason }, 'a push was not sent');
  }

  async function attempt(push: DuePush, signal: AbortSignal): Promise<PushOutcome> {
    try {
      const address = addressOf(push, secrets);
      const note = pushNote({ id: push.itemId, type: push.type, from: push.from }, push.waiting);
      const topic = push.itemId.replaceAll('-', '');
      return await sender.send(address, { note, ttlSeconds: ttlSeconds(push, clock.now()), topic }, signal);
    } catch (error) {
      // Before anything was sent: keys that cannot be read with this master key, for one.
      return { outcome: 'refused', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  const running = run();
  return {
    async close() {
      unsubscribe();
      stop.abort();
      await running;
      const grace = setTimeout(() => giveUp.abort(), STOP_GRACE_MS);
      await Promise.all(underWay);
      clearTimeout(grace);
    },
  };
}

export function pauseMs(tries: number): number {
  return Math.min(AGAIN_MAX_MS, FIRST_AGAIN_MS * 2 ** (tries - 1));
}

function ttlSeconds({ expiresAt }: DuePush, now: Date): number {
  if (expiresAt === null) return TTL_MAX_SECONDS;
  return Math.max(1, Math.min(TTL_MAX_SECONDS, Math.floor((Date.parse(expiresAt) - now.getTime()) / 1000)));
}
