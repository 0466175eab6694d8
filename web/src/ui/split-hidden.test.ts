import { expect, it } from 'vitest';
import { splitHidden } from './split-hidden.ts';

it('leaves ordinary text, tabs, newlines and emoji as they are', () => {
  expect(splitHidden('a\tb\nç 漢 🎉')).toEqual([{ text: 'a\tb\nç 漢 🎉', hidden: false }]);
});
it('names escapes, direction overrides and zero-width characters', () => {
  expect(
    splitHidden('rm\u202e x\u001b[2K\u200b')
      .filter((part) => part.hidden)
      .map((part) => part.text),
  ).toEqual(['U+202E', 'U+001B', 'U+200B']);
});
