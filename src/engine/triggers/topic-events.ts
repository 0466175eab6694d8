/** Triggers that listen to a topic of events: numbered without gaps and stored with what they tell, so none is missed. */
import type { EventStore, StoredEvent } from '../../ports/store/events.ts';
import type { Found, TriggerEvent } from './trigger-kinds.ts';

const AT_ONCE = 500;

export interface TopicCursor {
  /** The last event it has looked at. */
  seq: number;
}

/** `hear` says what an event means, in order; it may note things in the cursor, whose number is kept here. */
export async function nextInTopic<C extends TopicCursor>(
  events: EventStore,
  { topic, cursor }: { topic: string; cursor: C },
  hear: (event: StoredEvent, cursor: C) => Promise<TriggerEvent | null>,
): Promise<Found> {
  const told = await events.after(topic, cursor.seq, AT_ONCE);
  if (!told) {
    const message = 'What happened since it was last looked at is no longer kept; it goes on from now.';
    const now = { ...cursor, seq: await events.seq(topic) };
    return { nextAt: null, cursor: now, error: { code: 'TRIGGER_EVENTS_MISSED', message } };
  }
  const noted = { ...cursor };
  for (const one of told) {
    noted.seq = one.seq;
    const event = await hear(one, noted);
    if (event) return { nextAt: null, cursor: noted, event };
  }
  return { nextAt: null, cursor: noted };
}
