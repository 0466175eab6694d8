/** Whatever the web app shows can be translated: it stands in a call that `npm run words` finds. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { collectWords } from '../scripts/lib/collect-words.mjs';

const said = collectWords(path.join(import.meta.dirname, '../web/src'));

test('all words that elements and their names are made of are collected', () => {
  expect(said.bare).toEqual([]);
  expect(said.hidden).toEqual([]);
  expect(said.words).toContain('Nobody holds the seat');
  expect(said.plurals).toContain('entry|entries');
});
