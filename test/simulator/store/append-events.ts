import type { NewEvent } from '../../../src/ports/store/events.ts';
import { stored, type Transaction } from './memory-database.ts';

/** Numbered without a gap because the topics' rows are locked until the commit, in one order for all. */
export function appendEvents(open: Transaction, added: readonly NewEvent[], at: string): void {
  for (const topic of [...new Set(added.map((event) => event.topic))].toSorted()) {
    let seq = (open.get('topics', topic)?.['seq'] as number | undefined) ?? 0;
    for (const event of added.filter((one) => one.topic === topic)) {
      seq += 1;
      open.put('events', `${topic} ${seq}`, { topic, seq, at, event: event.event, data: stored(event.data) });
    }
    open.put('topics', topic, { topic, seq });
    open.notices.push({ channel: 'events', key: topic });
  }
}
