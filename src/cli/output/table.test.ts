import { describe, expect, test } from 'vitest';
import { displayWidth } from './display-width.ts';
import { type Column, tableLines } from './table.ts';

interface Row {
  name: string;
  count: number;
  why: string;
}

const columns: Column<Row>[] = [
  { title: 'NAME', value: (row) => row.name, shrinks: true },
  { title: 'COUNT', value: (row) => String(row.count), align: 'right' },
  { title: 'WHY', value: (row) => row.why, shrinks: true },
];

describe('a table', () => {
  test('aligns words left and numbers right, without box art or blanks at the ends of lines', () => {
    const lines = tableLines(columns, [
      { name: 'architect', count: 3, why: 'done' },
      { name: 'db', count: 1200, why: '' },
    ]);
    expect(lines).toEqual(['NAME       COUNT  WHY', 'architect      3  done', 'db          1200']);
  });

  test('aligns by the columns characters take, not by their number', () => {
    const lines = tableLines(columns, [
      { name: '数据库', count: 1, why: 'x' },
      { name: 'é🚀', count: 1, why: 'x' },
      { name: 'abcdef', count: 1, why: 'x' },
    ]);
    expect(new Set(lines.slice(1).map((line) => displayWidth(line))).size).toBe(1);
  });

  test('fits the terminal by cutting only columns that may be cut', () => {
    const lines = tableLines(columns, [{ name: 'a'.repeat(40), count: 123_456, why: 'b'.repeat(40) }], { width: 50 });
    expect(lines.map((line) => displayWidth(line)).every((width) => width <= 50)).toBe(true);
    expect(lines[1]).toMatch(/^a+… +123456  b+…$/);
  });

  test('is never cut without a width: what is piped stays whole', () => {
    expect(tableLines(columns, [{ name: 'a'.repeat(300), count: 1, why: '' }])[1]).toContain('a'.repeat(300));
  });

  test('paints after it has laid out, so that colours do not count as width', () => {
    const painted: Column<Row>[] = [
      { title: 'NAME', value: (row) => row.name, paint: (cell) => `<${cell}>` },
      { title: 'WHY', value: (row) => row.why },
    ];
    const lines = tableLines(painted, [
      { name: 'a', count: 1, why: 'x' },
      { name: 'abcd', count: 1, why: 'y' },
    ]);
    expect(lines.slice(1)).toEqual(['<a>     x', '<abcd>  y']);
  });

  test('shows control characters instead of obeying them, and keeps a row on one line', () => {
    const [, line] = tableLines(columns, [{ name: 'a\u001b]0;owned\u0007', count: 1, why: 'one\ntwo\u202e' }]);
    expect(line).toBe('a\\u001b]0;owned\\u0007      1  one ⏎ two\\u202e');
  });
});
