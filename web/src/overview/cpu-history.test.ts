import { expect, it } from 'vitest';
import { CpuHistory, HISTORY_SLOTS } from './cpu-history.ts';

it('goes on from what was measured before anybody looked', () => {
  const history = new CpuHistory();
  history.add([{ id: 'a', cpu: 1 }], 0);
  history.begin([{ agentId: 'a', cpu: [3, 4, 5] }], 5_000);
  expect(history.slot).toBe(5_000);
  history.add([{ id: 'a', cpu: 6 }], 10_000);
  history.add([{ id: 'b', cpu: 7 }], 10_100);
  expect(history.of('a')).toEqual([3, 4, 5, 6]);
  expect(history.of('b')).toEqual([7]);
  history.begin([{ agentId: 'a', cpu: Array.from({ length: 100 }, (_, index) => index) }], 20_000);
  expect(history.of('a')).toHaveLength(HISTORY_SLOTS);
  expect(history.of('a').at(-1)).toBe(99);
});

it('keeps the peak of every second, and only the last points', () => {
  const history = new CpuHistory();
  history.add([{ id: 'a', cpu: 10 }], 0);
  history.add([{ id: 'a', cpu: 70 }], 400);
  history.add([{ id: 'a', cpu: 20 }], 900);
  history.add(
    [
      { id: 'a', cpu: 5 },
      { id: 'b', cpu: 1 },
    ],
    1_000,
  );
  expect(history.of('a')).toEqual([70, 5]);
  expect(history.of('b')).toEqual([1]);
  expect(history.of('nobody')).toEqual([]);
  for (let second = 2; second < 200; second += 1) history.add([{ id: 'a', cpu: second }], second * 1_000);
  expect(history.of('a')).toHaveLength(HISTORY_SLOTS);
  expect(history.of('a').at(-1)).toBe(199);
});
