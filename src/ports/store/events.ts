/** Numbered facts by topic, kept for replay. */
import type { EventName } from '../../contract/live.ts';

export interface StoredEvent {
  topic: string;
  seq: number;
  at: string;
  event: string;
  data: unknown;
}

export interface NewEvent {
  topic: string;
  event: EventName;
  data: unknown;
}

export interface EventStore {
  /** Newest number of a topic; 0 when nothing ever happened. */
  seq(topic: string): Promise<number>;
  /** Events after a number in order; null when some of them are no longer kept. */
  after(topic: string, seq: number, limit: number): Promise<StoredEvent[] | null>;
  /** The newest `limit` events of a kind in a topic, oldest first, as far as they are still kept. */
  newest(topic: string, event: EventName, limit: number): Promise<StoredEvent[]>;
  prune(before: string): Promise<void>;
}
