import { expect, test } from 'vitest';
import { stepReason } from './step-reason.ts';

test('a word of the engine is said as a sentence, and what a program gave is shown as it is', () => {
  expect(stepReason('upstream_failed')).toBe('Something before it failed, so it did not run.');
  expect(stepReason('no end of my_script.sh was seen')).toBe('no end of my_script.sh was seen');
});
