/** The EventBus on LISTEN/NOTIFY: one listening connection, opened again when it breaks. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { EventBus, Notice } from '../../ports/event-bus.ts';
import { NOTICE_CHANNEL } from './notices.ts';

const RECONNECT_MS = 500;
const CONNECT_TIMEOUT_MS = 10_000;
/** A connection that died silently is noticed after a minute or so, not after the system's two hours. */
const KEEP_ALIVE_MS = 10_000;

export async function createPostgresEventBus(options: {
  pool: pg.Pool;
  connection: pg.ClientConfig;
}): Promise<EventBus> {
  const listeners = new Set<{ heard: (notice: Notice) => void; lost: (() => void) | undefined }>();
  const stop = new AbortController();
  let client: pg.Client | null = null;
  let reconnecting: Promise<void> = Promise.resolve();

  async function listen(): Promise<void> {
    const next = new pg.Client({
      ...options.connection,
      application_name: 'pointsman-listen',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    });
    next.on('notification', ({ payload }) => {
      const notice = parseNotice(payload ?? '');
      if (notice) for (const listener of listeners) listener.heard(notice);
    });
    next.on('error', () => broke(next));
    next.on('end', () => broke(next));
    try {
      await next.connect();
      await next.query(`LISTEN ${NOTICE_CHANNEL}`);
    } catch (error) {
      next.end().catch(() => undefined);
      throw error;
    }
    client = next;
  }

  /** Heard of one break once: whatever else that connection says, it is not ours any more. */
  function broke(broken: pg.Client): void {
    if (client !== broken) return;
    client = null;
    broken.end().catch(() => undefined);
    if (!stop.signal.aborted) reconnecting = reconnect();
  }

  async function reconnect(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await delay(RECONNECT_MS, undefined, { signal: stop.signal });
        await listen();
      } catch {
        continue;
      }
      for (const listener of listeners) listener.lost?.();
      return;
    }
  }

  await listen();
  return {
    async publish(notice) {
      await options.pool.query('SELECT pg_notify($1, $2)', [NOTICE_CHANNEL, `${notice.channel} ${notice.key}`]);
    },
    subscribe(heard, lost) {
      const listener = { heard, lost };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      stop.abort();
      listeners.clear();
      // An attempt under way may still bring a connection.
      await reconnecting;
      await client?.end();
    },
  };
}

function parseNotice(payload: string): Notice | null {
  const space = payload.indexOf(' ');
  return space > 0 ? { channel: payload.slice(0, space) as Notice['channel'], key: payload.slice(space + 1) } : null;
}
