/** What other processes are told when a transaction commits. */
import type { Notice } from '../../ports/event-bus.ts';
import type { NewEvent } from '../../ports/store/events.ts';

/** PostgreSQL's channel for every notice; payloads are `channel key`. */
export const NOTICE_CHANNEL = 'pointsman';

/** Each once: PostgreSQL delivers at the commit. */
export function noticePayloads(events: readonly NewEvent[], notices: readonly Notice[]): string[] {
  return [
    ...new Set([
      ...events.map(({ topic }) => `events ${topic}`),
      ...notices.map(({ channel, key }) => `${channel} ${key}`),
    ]),
  ];
}
