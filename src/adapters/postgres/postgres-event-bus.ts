/** The EventBus on LISTEN/NOTIFY: one listening connection, opened again when it breaks. */
import pg from 'pg';
import type { EventBus, Notice } from '../../ports/event-bus.ts';
import { NOTICE_CHANNEL } from './postgres-store.ts';

const RECONNECT_MS = 500;

export async function createPostgresEventBus(options: { pool: pg.Pool; connection: pg.ClientConfig }): Promise<EventBus> {
  const listeners = new Set<{ heard: (notice: Notice) => void; lost: (() => void) | undefined }>();
  let client: pg.Client | null = null;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  async function listen(): Promise<void> {
    const next = new pg.Client({ ...options.connection, application_name: 'pointsman-listen', keepAlive: true });
    next.on('notification', ({ payload }) => {
      const notice = parseNotice(payload ?? '');
      if (notice) for (const listener of listeners) listener.heard(notice);
    });
    next.on('error', () => again(next));
    next.on('end', () => again(next));
    await next.connect();
    await next.query(`LISTEN ${NOTICE_CHANNEL}`);
    client = next;
  }

  function again(broken: pg.Client): void {
    if (closed || retry || (client !== null && client !== broken)) return;
    client = null;
    retry = setTimeout(() => {
      retry = undefined;
      listen().then(
        () => listeners.forEach((listener) => listener.lost?.()),
        () => again(broken),
      );
    }, RECONNECT_MS);
  }

  await listen();
  return {
    async publish(notice) {
      await options.pool.query('SELECT pg_notify($1, $2)', [NOTICE_CHANNEL, `${notice.channel} ${notice.key}`]);
    },
    subscribe(heard, lost) {
      const listener = { heard, lost };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      listeners.clear();
      await client?.end();
    },
  };
}

function parseNotice(payload: string): Notice | null {
  const space = payload.indexOf(' ');
  return space > 0 ? { channel: payload.slice(0, space) as Notice['channel'], key: payload.slice(space + 1) } : null;
}
