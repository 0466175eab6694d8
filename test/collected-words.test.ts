/** Whatever the web app shows can be translated: it stands in a call that `npm run words` finds. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
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

test('words are found wherever an element shows them, and values and names are not taken for words', () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'pointsman-words-'));
  try {
    writeFileSync(
      path.join(directory, 'page.tsx'),
      `export const Page = ({ ended, how, tip }) => (
        <section id="shown-here" className={ended ? 'calm' : 'busy'} aria-label={ended ? 'over now' : tip}>
          written <code>as it is</code> {t('translated')} API_KEY
          {ended ? 'done' : t('going on')} {how && \`by hand, \${how === 'late' ? 'too late' : ''}\`}
          {{ late: 'after its time', early: t('before its time') }[how]}
        </section>
      );`,
    );
    const { bare, words } = collectWords(directory);
    expect(bare.map(({ text }) => text.trim()).toSorted()).toEqual([
      'after its time',
      'by hand,',
      'done',
      'over now',
      'too late',
      'written',
    ]);
    expect(words).toEqual(['before its time', 'going on', 'translated']);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
