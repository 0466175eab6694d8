/**
 * Notices that may come a moment after the commit they tell of, many in one statement. Within a commit each would make it
 * wait for every other that announces something, and would wake the listeners of every process. A process that dies
 * before it told leaves them unheard, so this is only for what the next commit of the same thing tells again.
 */
import type pg from 'pg';
import { NOTICE_CHANNEL } from './notices.ts';

/** Shorter than live clients gather events for. */
const WITHIN_MS = 15;

export interface LateNotices {
  tell(payloads: readonly string[]): void;
}

/** Nothing needs to be closed: what is not told when the pool ends is told by nobody. */
export function createLateNotices(pool: pg.Pool): LateNotices {
  let waiting = new Set<string>();
  let timer: NodeJS.Timeout | null = null;

  async function send(): Promise<void> {
    timer = null;
    const payloads = [...waiting];
    waiting = new Set();
    // Whoever listened to a database that is away looks at everything once it is back.
    await pool.query({ name: 'late-notices', text: TELL, values: [JSON.stringify(payloads)] }).catch(() => undefined);
  }

  return {
    tell(payloads) {
      for (const payload of payloads) waiting.add(payload);
      if (waiting.size > 0) timer ??= setTimeout(() => void send(), WITHIN_MS).unref();
    },
  };
}

/** It writes nothing that a disk would have to keep. */
const TELL = `
  SELECT count(pg_notify('${NOTICE_CHANNEL}', payload)), set_config('synchronous_commit', 'off', true)
  FROM jsonb_array_elements_text($1::jsonb) AS payload`;
