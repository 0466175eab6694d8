import { expect, it } from 'vitest';
import { sparklinePoints } from './sparkline.ts';

const BOX = { width: 40, height: 10, slots: 5, least: 50 };

it('draws the newest at the right, and no line from one point', () => {
  expect(sparklinePoints([], BOX)).toBe('');
  expect(sparklinePoints([7], BOX)).toBe('');
  expect(sparklinePoints([0, 50], BOX)).toBe('30,10 40,0');
  expect(sparklinePoints([9, 9, 0, 25, 50, 0, 50], BOX)).toBe('0,10 10,5 20,0 30,10 40,0');
});

it('grows its scale with the values, but not below the least', () => {
  expect(sparklinePoints([0, 5], BOX)).toBe('30,10 40,9');
  expect(sparklinePoints([100, 200], BOX)).toBe('30,5 40,0');
});
