import { expect, it } from 'vitest';
import { LogBuffer } from './log-buffer.ts';

const lines = (...seqs: number[]) => seqs.map((seq) => ({ seq, at: '', stream: 'stdout' as const, text: String(seq) }));

it('puts live lines and pages in order, each once', () => {
  const buffer = new LogBuffer();
  buffer.add(lines(7, 8));
  buffer.add(lines(1, 2, 3));
  buffer.add(lines(3, 4, 5, 6, 7, 9));
  expect(buffer.lines.map((line) => line.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(buffer.last).toBe(9);
});
it('says whether a line was new', () => {
  const buffer = new LogBuffer();
  expect(buffer.add(lines(1))).toBe(true);
  expect(buffer.add(lines(1))).toBe(false);
});
