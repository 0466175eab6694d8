import { expect, it } from 'vitest';
import { fuzzyScore } from './fuzzy.ts';

it('prefers the start of a text, then the start of a word, then anywhere, then scattered letters', () => {
  const scores = ['release', 'the release', 'prerelease', 'r-e-l-e-a-s-e-d thing'].map(
    (text) => fuzzyScore('release', text) ?? -1,
  );
  expect(scores.toSorted((a, b) => b - a)).toEqual(scores);
});
it('does not find letters that are missing or out of order', () => {
  expect(fuzzyScore('xyz', 'overview')).toBeNull();
  expect(fuzzyScore('wo', 'ow')).toBeNull();
});
