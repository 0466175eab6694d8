import { expect, test } from 'vitest';
import { rateLimitPauseMs } from './rate-limit-pause.ts';

test('each refusal in a row doubles the pause, up to a quarter of an hour', () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 100].map((refusals) => rateLimitPauseMs(refusals) / 60_000);
  expect(minutes).toEqual([0.5, 1, 2, 4, 8, 15, 15, 15]);
});
