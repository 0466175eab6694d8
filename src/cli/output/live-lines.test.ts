import { expect, test } from 'vitest';
import { recordedIo } from '../testing/recorded-io.ts';
import { createLiveLines } from './live-lines.ts';

const UP = (lines: number) => `\u001b[${lines}A\u001b[J`;

test('what is drawn is erased before something else is, and what is said stays above it', () => {
  const io = recordedIo({ tty: true });
  const live = createLiveLines(io.stderr);
  live.draw(['a', 'b']);
  live.say('done');
  live.draw(['c']);
  live.draw([]);
  live.say('end');
  expect(io.err()).toBe(`a\nb\n${UP(2)}done\na\nb\n${UP(2)}c\n${UP(1)}end\n`);
});

test('nothing is written when nothing changed', () => {
  const io = recordedIo({ tty: true });
  const live = createLiveLines(io.stderr);
  live.draw(['a']);
  live.draw(['a']);
  expect(io.err()).toBe('a\n');
});

test('a drawn line never wraps, and many lines are counted instead', () => {
  const io = recordedIo({ tty: true });
  const live = createLiveLines(io.stderr);
  live.draw(['x'.repeat(200), ...Array.from({ length: 11 }, (_, index) => `line ${index}`)]);
  const lines = io.err().trimEnd().split('\n');
  expect(lines).toHaveLength(9);
  expect(lines[0]?.length).toBe(79);
  expect(lines.at(-1)).toBe('… and 4 more');
});
