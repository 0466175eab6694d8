import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UpdatesClientFrame, UpdatesServerFrame } from '../../../src/contract/live.ts';
import type { Reducer } from './frames.ts';
import { type Link, LiveStore } from './live-store.ts';

const list: Reducer<number[]> = {
  fromSnapshot: (data) => data as number[],
  apply: (data, _, payload) => [...data, payload as number],
};
const event = (seq: number, data: unknown): UpdatesServerFrame => ({
  type: 'event',
  topic: 'agents',
  seq,
  at: '',
  event: 'e',
  data,
});
const snapshot = (seq: number, data: unknown): UpdatesServerFrame => ({ type: 'snapshot', topic: 'agents', seq, data });

describe('the live store', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells readers once for many events, at most every 50 ms', () => {
    const { store, link } = opened();
    const changed = vi.fn<() => void>();
    store.read('agents', list, changed);
    link.onFrame(snapshot(1, []));
    for (let seq = 2; seq <= 101; seq += 1) link.onFrame(event(seq, seq));
    expect(changed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(50);
    expect(changed).toHaveBeenCalledTimes(1);
    expect(store.view<number[]>('agents').data).toHaveLength(100);
  });

  it('shows the first change after a rest with the next frame, and the following ones in their turn', () => {
    const { store, link } = opened();
    const changed = vi.fn<() => void>();
    vi.advanceTimersByTime(1_000);
    store.read('agents', list, changed);
    link.onFrame(snapshot(1, []));
    vi.advanceTimersByTime(16);
    expect(changed).toHaveBeenCalledTimes(1);
    for (let seq = 2; seq <= 41; seq += 1) {
      link.onFrame(event(seq, seq));
      vi.advanceTimersByTime(25);
    }
    vi.advanceTimersByTime(100);
    expect(store.view<number[]>('agents').data).toHaveLength(40);
    // A second of events.
    expect(changed.mock.calls.length).toBeLessThanOrEqual(21);
  });

  it('asks for a snapshot after a gap and shows the last good value meanwhile', () => {
    const { store, link, sent } = opened();
    store.read('agents', list, () => {});
    link.onFrame(snapshot(1, [1]));
    vi.advanceTimersByTime(50);
    link.onFrame(event(5, 9));
    expect(sent.at(-1)).toEqual({ type: 'subscribe', topic: 'agents' });
    vi.advanceTimersByTime(50);
    expect(store.view<number[]>('agents').data).toEqual([1]);
    link.onFrame(snapshot(5, [1, 9]));
    vi.advanceTimersByTime(50);
    expect(store.view<number[]>('agents').data).toEqual([1, 9]);
  });

  it('goes on from its number after a reconnect', () => {
    const { store, link, sent } = opened();
    store.read('agents', list, () => {});
    link.onFrame(snapshot(4, []));
    link.onOpen();
    expect(sent.at(-1)).toEqual({ type: 'subscribe', topic: 'agents', since: 4 });
  });

  it('subscribes once for many readers and leaves a while after the last one', () => {
    const { store, sent } = opened();
    const leave = [store.read('agents', list, () => {}), store.read('agents', list, () => {})];
    for (const each of leave) each();
    vi.advanceTimersByTime(9_000);
    store.read('agents', list, () => {})();
    vi.advanceTimersByTime(9_000);
    expect(sent).toEqual([{ type: 'subscribe', topic: 'agents' }]);
    vi.advanceTimersByTime(2_000);
    expect(sent.at(-1)).toEqual({ type: 'unsubscribe', topic: 'agents' });
  });

  it('says why a topic cannot be read', () => {
    const { store, link } = opened();
    store.read('agents', list, () => {});
    link.onFrame({ type: 'error', topic: 'agents', code: 'FORBIDDEN', detail: 'You may not.' });
    vi.advanceTimersByTime(50);
    expect(store.view('agents')).toEqual({ data: undefined, error: 'You may not.' });
  });

  it('hands every event to listeners, uncoalesced', () => {
    const { store, link } = opened();
    const heard: string[] = [];
    store.listen('agents', list, (each) => heard.push(each.type));
    link.onFrame(snapshot(1, []));
    link.onFrame(event(2, 2));
    link.onFrame(event(3, 3));
    expect(heard).toEqual(['snapshot', 'event', 'event']);
  });
});

function opened(): { store: LiveStore; link: Link; sent: UpdatesClientFrame[] } {
  const sent: UpdatesClientFrame[] = [];
  const link: Link = { onOpen: () => {}, onFrame: () => {}, send: (frame) => sent.push(frame) };
  return { store: new LiveStore(link, (run) => void setTimeout(run, 16)), link, sent };
}
