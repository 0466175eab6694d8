import { describe, expect, it } from 'vitest';
import { advance, type LiveEvent, type Reducer, type Snapshot } from './frames.ts';

const list: Reducer<number[]> = {
  fromSnapshot: (data) => data as number[],
  apply: (data, _, payload) => [...data, payload as number],
};
const event = (seq: number, data: unknown): LiveEvent => ({ type: 'event', topic: 't', seq, at: '', event: 'e', data });
const snapshot = (seq: number, data: unknown): Snapshot => ({ type: 'snapshot', topic: 't', seq, data });

describe('a topic', () => {
  it('starts from a snapshot and takes the next number', () => {
    const first = advance(null, snapshot(7, [1]), list);
    expect(first).toEqual({ outcome: 'advanced', state: { seq: 7, data: [1] } });
    expect(advance({ seq: 7, data: [1] }, event(8, 2), list)).toEqual({
      outcome: 'advanced',
      state: { seq: 8, data: [1, 2] },
    });
  });
  it('ignores what it has seen', () => {
    expect(advance({ seq: 8, data: [1] }, event(8, 2), list).outcome).toBe('ignored');
    expect(advance({ seq: 8, data: [1] }, event(3, 2), list).outcome).toBe('ignored');
  });
  it('notices a gap, and an event before any snapshot', () => {
    expect(advance({ seq: 8, data: [1] }, event(10, 2), list).outcome).toBe('gap');
    expect(advance(null, event(1, 2), list).outcome).toBe('gap');
  });
  it('is replaced by a later snapshot, also one with a smaller number after the server began anew', () => {
    expect(advance({ seq: 90, data: [1] }, snapshot(2, [5]), list)).toEqual({
      outcome: 'advanced',
      state: { seq: 2, data: [5] },
    });
  });
});
