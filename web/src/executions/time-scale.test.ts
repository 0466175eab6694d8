import { expect, it } from 'vitest';
import { share, ticks, tickWords } from './time-scale.ts';

it('names round distances, about as many as there is room for', () => {
  expect(ticks({ from: 0, to: 12_300 }, 6)).toEqual([0, 5_000, 10_000]);
  expect(ticks({ from: 1_000, to: 1_000 + 3_600_000 }, 6)).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => n * 600_000));
  expect(ticks({ from: 0, to: 0 }, 6)).toEqual([0, 1]);
  expect(ticks({ from: 0, to: 30 * 86_400_000 }, 6)).toHaveLength(7);
});
it('says them in few signs', () => {
  expect([0, 250, 1_500, 12_000, 200_000, 3_900_000].map(tickWords)).toEqual([
    '0',
    '250 ms',
    '1.5 s',
    '12 s',
    '3:20',
    '1:05:00',
  ]);
});
it('places a moment as a share of the whole', () => {
  expect(share({ from: 100, to: 300 }, 150)).toBe(0.25);
});
