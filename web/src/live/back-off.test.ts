import { expect, it } from 'vitest';
import { backOffMs } from './back-off.ts';

it('doubles up to eight seconds and never returns everybody at once', () => {
  expect([1, 2, 3, 6, 50].map((attempt) => backOffMs(attempt, 1))).toEqual([250, 500, 1000, 8000, 8000]);
  expect(backOffMs(6, 0)).toBe(4800);
});
