/** One topic's numbered state and how a frame moves it; pure, knows nothing of sockets or screens. */
import type { UpdatesServerFrame } from '../../../src/contract/live.ts';

export type Snapshot = Extract<UpdatesServerFrame, { type: 'snapshot' }>;
export type LiveEvent = Extract<UpdatesServerFrame, { type: 'event' }>;
export type Reducer<T> = { fromSnapshot: (data: unknown) => T; apply: (data: T, event: string, payload: unknown) => T };

export interface TopicState<T> {
  seq: number;
  data: T;
}

export type Advance<T> =
  | { outcome: 'advanced'; state: TopicState<T> }
  /** Seen before, or not for us: nothing changes. */
  | { outcome: 'ignored' }
  /** Numbers are missing: only a snapshot helps. */
  | { outcome: 'gap' };

export function advance<T>(state: TopicState<T> | null, frame: Snapshot | LiveEvent, reducer: Reducer<T>): Advance<T> {
  if (frame.type === 'snapshot') {
    return { outcome: 'advanced', state: { seq: frame.seq, data: reducer.fromSnapshot(frame.data) } };
  }
  if (state === null) return { outcome: 'gap' };
  if (frame.seq <= state.seq) return { outcome: 'ignored' };
  if (frame.seq > state.seq + 1) return { outcome: 'gap' };
  return { outcome: 'advanced', state: { seq: frame.seq, data: reducer.apply(state.data, frame.event, frame.data) } };
}
