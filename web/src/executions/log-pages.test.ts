import { describe, expect, it } from 'vitest';
import type { ExecutionLogLine } from '../../../src/contract/executions.ts';
import { LogPages } from './log-pages.ts';

const lines = (...seqs: number[]): ExecutionLogLine[] =>
  seqs.map((seq) => ({ seq, at: '', stream: 'stdout', text: String(seq) }));
const range = (from: number, count: number) => Array.from({ length: count }, (_unused, index) => from + index * 2);

/** 2 500 lines, numbered 10, 12, 14 … */
function long(): LogPages {
  const pages = new LogPages();
  pages.reset({ lines: 2_500, every: 1_000, marks: [10, 2_010, 4_010], last: 5_008 });
  return pages;
}

describe('the pages of a log', () => {
  it('are known before they are here, and asked for by what lies between two marks', () => {
    const pages = long();
    expect(pages.total).toBe(2_500);
    expect(pages.lineAt(1_500)).toBeUndefined();
    expect(pages.missing(990, 1_010)).toEqual([10, 2_010]);
    expect(pages.bounds(2_010)).toEqual({ after: 2_009, before: 4_010 });
    expect(pages.bounds(4_010)).toEqual({ after: 4_009 });
    pages.put(2_010, lines(...range(2_010, 1_000)));
    expect(pages.lineAt(1_500)?.seq).toBe(3_010);
    expect(pages.missing(990, 1_010)).toEqual([10]);
  });
  it('find a line by its number, and one that is gone by the one after it', () => {
    const pages = long();
    expect(pages.indexOf(3_010)).toBeNull();
    expect(pages.pageOf(3_010)).toBe(2_010);
    pages.put(2_010, lines(...range(2_010, 1_000)));
    expect(pages.indexOf(3_010)).toBe(1_500);
    expect(pages.indexOf(3_009)).toBe(1_500);
    expect(pages.pageOf(1)).toBe(10);
  });
  it('take live lines in order and once, also one that was overtaken by another', () => {
    const pages = new LogPages();
    expect(pages.add(lines(7, 8))).toBe(true);
    expect(pages.add(lines(5))).toBe(true);
    expect(pages.add(lines(7, 9))).toBe(true);
    expect(pages.add(lines(8))).toBe(false);
    expect([0, 1, 2, 3].map((index) => pages.lineAt(index)?.seq)).toEqual([5, 7, 8, 9]);
    expect(pages.last).toBe(9);
  });
  it('begin a new page when the newest is full', () => {
    const pages = new LogPages();
    pages.add(lines(...range(1, 1_000)));
    pages.add(lines(5_000, 5_001));
    expect(pages.total).toBe(1_002);
    expect(pages.bounds(1)).toEqual({ after: 0, before: 5_000 });
    expect(pages.lineAt(1_001)?.seq).toBe(5_001);
  });
  it('count what the server counts: a line that came meanwhile is read with its page', () => {
    const pages = long();
    pages.put(2_010, lines(...range(2_010, 1_000), 4_009));
    expect(pages.total).toBe(2_501);
    expect(pages.add(lines(11))).toBe(false);
    expect(pages.total).toBe(2_501);
  });
  it('keep full pages over a new outline, and let the least used go', () => {
    const pages = new LogPages();
    const marks = range(1, 100).map((mark) => mark * 1_000);
    pages.reset({ lines: 100_000, every: 1_000, marks, last: 1e9 });
    for (const mark of marks) pages.put(mark, lines(...range(mark, 1_000)));
    expect(pages.missing(0, 100_000)).toEqual(marks.slice(0, 40));
    pages.reset({ lines: 100_500, every: 1_000, marks: [...marks, 1e8], last: 1e9 });
    expect(pages.missing(0, 100_500)).toEqual([...marks.slice(0, 40), 1e8]);
  });
});
