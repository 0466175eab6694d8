/**
 * What no commit can tell of: the database or the queue was away, an agent has been silent for long, the cause of an
 * incident is gone. Every server looks; what it finds is the same for all of them and is told once.
 */
import { isPointsmanError } from '../../contract/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import { agentFingerprint } from './agent-incidents.ts';
import { announce, BY_ITSELF, endAll, endTrouble, noteTrouble, walk } from './note-incident.ts';

const EVERY_MS = 5_000;
/** A CLI that thinks says nothing for a while; this long it does not. */
const SILENT_AFTER_MS = 300_000;
const QUEUE = 'system:queue';

/** `queue`: null when it is part of the database. */
export function keepIncidents(
  context: EngineContext,
  { pingQueue }: { pingQueue: (() => Promise<void>) | null },
): { close(): Promise<void> } {
  const stop = new AbortController();
  let databaseAway: { since: string; detail: string } | null = null;

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      const at = context.clock.now().toISOString();
      try {
        await context.store.ping();
        if (databaseAway) await tellOutage(context, databaseAway);
        databaseAway = null;
        if (pingQueue) await lookAtQueue(context, pingQueue);
        await lookAtRows(context);
      } catch (error) {
        const away = isPointsmanError(error) && error.code === 'DATABASE_UNAVAILABLE';
        if (away) databaseAway ??= { since: at, detail: error.message };
        else context.log.warn({ error }, 'the incidents could not be looked after; it will be tried again');
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

/** While it was away nothing could be written; now it is back both are told at once. */
export async function tellOutage(
  context: EngineContext,
  { since, detail }: { since: string; detail: string },
): Promise<void> {
  await context.store.transaction(async (transaction) => {
    const at = context.clock.now().toISOString();
    const seconds = Math.round((Date.parse(at) - Date.parse(since)) / 1000);
    const incident = await noteTrouble(context, transaction, {
      fingerprint: 'system:database',
      scope: 'system',
      title: 'The database was away',
      code: 'DATABASE_UNAVAILABLE',
      message: `${detail} It was away for about ${seconds} s, since ${since}.`,
      spent: false,
      since,
    });
    if (incident) await endTrouble(transaction, incident, { at, by: BY_ITSELF, reason: 'it answers again' });
  });
}

/** Without the queue executions go on: whoever looks after letters finds them every few seconds. */
export async function lookAtQueue(context: EngineContext, ping: () => Promise<void>): Promise<void> {
  const failure = await ping().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const [open] = await context.store.incidents.openOf({ fingerprint: QUEUE });
  if (failure === null && !open) return;
  await context.store.transaction(async (transaction) => {
    const at = context.clock.now().toISOString();
    if (failure === null)
      return endAll(transaction, open ? [open] : [], { at, by: BY_ITSELF, reason: 'it answers again' });
    const known = await transaction.incidents.newest(QUEUE);
    if (!known || known.closedAt !== undefined)
      await noteTrouble(context, transaction, {
        fingerprint: QUEUE,
        scope: 'system',
        title: 'Redis is away',
        code: 'QUEUE_UNAVAILABLE',
        message: `Redis does not answer: ${failure}`,
        spent: false,
      });
    else if (known.state === 'recovery' && Date.parse(at) - Date.parse(known.lastSeenAt) >= EVERY_MS) {
      const reason = 'it did not come back at once; executions are woken every few seconds meanwhile';
      const without = walk(known, ['failure', 'temporary'], { at, by: BY_ITSELF, reason });
      await transaction.incidents.put(without);
      announce(transaction, without);
    }
  });
}

export async function lookAtRows(context: EngineContext): Promise<void> {
  const now = context.clock.now();
  const before = new Date(now.getTime() - SILENT_AFTER_MS).toISOString();
  for (const { agentId, name, reason, since } of await context.store.incidents.silentAgents(before))
    await context.store.transaction((transaction) =>
      noteTrouble(context, transaction, {
        fingerprint: agentFingerprint(agentId, 'no_signal'),
        scope: 'agent',
        title: `Nothing is heard of ${name}`,
        agentId,
        code: 'no_signal',
        message: reason,
        spent: true,
        since,
      }),
    );
  for (const { id, reason } of await context.store.incidents.outlived())
    await context.store.transaction((transaction) =>
      endAll(transaction, [{ id }], { at: now.toISOString(), by: BY_ITSELF, reason }),
    );
}
