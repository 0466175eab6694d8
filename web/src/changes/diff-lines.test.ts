import { describe, expect, test } from 'vitest';
import type { DiffFile, DiffHunk } from '../../../src/contract/task-changes.ts';
import { firstLines, numbered, openFiles } from './diff-lines.ts';

const hunk = (lines: DiffHunk['lines']): DiffHunk => ({
  header: '',
  oldStart: 10,
  oldLines: 0,
  newStart: 20,
  newLines: 0,
  lines,
});
const file = (path: string, lines: number): DiffFile => ({
  path,
  status: 'modified',
  additions: lines,
  deletions: 0,
  binary: false,
  hunks: [hunk(Array.from({ length: lines }, () => ({ type: 'add', text: '' })))],
});

test('a line is numbered in the files it is in', () => {
  const lines = numbered(
    hunk([
      { type: 'context', text: 'a' },
      { type: 'delete', text: 'b' },
      { type: 'add', text: 'c' },
      { type: 'context', text: 'd' },
    ]),
  );
  expect(lines.map(({ oldNumber, newNumber }) => [oldNumber, newNumber])).toEqual([
    [10, 20],
    [11, null],
    [null, 21],
    [12, 22],
  ]);
});

describe('files that are open at first', () => {
  test('are as many from the top as are read without effort', () => {
    expect([...openFiles([file('a', 100), file('b', 300), file('c', 1), file('d', 1)])]).toEqual(['a', 'b']);
  });

  test('are one when that is long', () => {
    expect([...openFiles([file('a', 5_000), file('b', 1)])]).toEqual(['a']);
  });
});

test('the first lines of a file end in the middle of a hunk where they must', () => {
  const [first, second] = [file('a', 3).hunks, file('b', 4).hunks].flat() as [DiffHunk, DiffHunk];
  const lines = (limit: number) => firstLines([first, second], limit).map((each) => each.lines.length);
  expect([lines(2), lines(3), lines(5), lines(100)]).toEqual([[2], [3], [3, 2], [3, 4]]);
});
