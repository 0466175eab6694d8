import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textDifference } from './text-difference.ts';

const NAMES = { from: 'a', to: 'b' };

test('the same text has no difference', () => {
  expect(textDifference('one\ntwo\n', 'one\ntwo\n', NAMES)).toBe('');
});

test('a changed line is shown with three lines around it', () => {
  const before = Array.from({ length: 9 }, (_, index) => `line ${index + 1}`);
  const after = before.with(4, 'other');
  expect(textDifference(before.join('\n'), after.join('\n'), NAMES)).toBe(
    [
      '--- a',
      '+++ b',
      '@@ -2,7 +2,7 @@',
      ' line 2',
      ' line 3',
      ' line 4',
      '-line 5',
      '+other',
      ' line 6',
      ' line 7',
      ' line 8',
      '',
    ].join('\n'),
  );
});

test('changes that are far apart are shown apart, and an empty side is named by the line before', () => {
  expect(textDifference('', 'new\n', NAMES)).toBe('--- a\n+++ b\n@@ -0,0 +1 @@\n+new\n');
  const before = Array.from({ length: 20 }, (_, index) => `${index}`);
  const text = textDifference(before.join('\n'), before.with(1, 'x').with(18, 'y').join('\n'), NAMES);
  expect(text.match(/^@@.*@@$/gm)).toEqual(['@@ -1,5 +1,5 @@', '@@ -16,5 +16,5 @@']);
});

test('texts that have nothing in common are replaced, however long they are', () => {
  const lines = (word: string) => Array.from({ length: 20_000 }, (_, index) => `${word} ${index}`);
  const diff = textDifference(lines('a').join('\n'), lines('b').join('\n'), NAMES);
  expect(applied(lines('a'), diff)).toEqual(lines('b'));
});

test('applied to the text before it gives the text after', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 25 });
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const diff = textDifference(before.join('\n'), after.join('\n'), NAMES);
      expect(applied(before, diff)).toEqual(after);
    }),
  );
});

function applied(before: string[], diff: string): string[] {
  const result: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2, -1)) {
    const header = /^@@ -(\d+)(?:,(\d+))? /.exec(line);
    if (header) {
      const start = Number(header[1]) - (header[2] === '0' ? 0 : 1);
      result.push(...before.slice(at, start));
      at = start;
    } else if (line.startsWith('+')) {
      result.push(line.slice(1));
    } else {
      expect(before[at]).toBe(line.slice(1));
      if (line.startsWith(' ')) result.push(line.slice(1));
      at++;
    }
  }
  return [...result, ...before.slice(at)];
}
