import { expect, it } from 'vitest';
import { lastLines } from './last-lines.ts';

const ESC = '\u001b';
const RED = `${ESC}[31m`;
const PLAIN = `${ESC}[m`;
const CLEAR = `${ESC}[!p${ESC}[?2026l${ESC}(B${ESC})0\u000f${PLAIN}${ESC}[H${ESC}[2J`;
const painted = (...rows: string[]) =>
  `${CLEAR}${rows.map((row, index) => (row ? `${ESC}[${index + 1};1H${row}` : '')).join('')}`;

it('reads a repaint: rows at their places, and nothing of what a terminal would do', () => {
  const modes = `${PLAIN}\u000f${ESC}[?1l${ESC}[?25h${ESC}[3;4H`;
  expect(lastLines(painted('one  ', '', `${RED}two`, '   ') + modes, 5)).toBe(`one\n\n${RED}two`);
  expect(lastLines('', 5)).toBe('');
  expect(lastLines(painted('', '') + modes, 5)).toBe('');
});

it('keeps the last lines, and the colour they are in', () => {
  expect(lastLines(painted('1', '2', '3'), 2)).toBe('2\n3');
  expect(lastLines(painted(`${RED}1`, '2', '3'), 2)).toBe(`${RED}2\n3`);
  expect(lastLines(painted(`${RED}1${PLAIN}`, '2', '3'), 2)).toBe('2\n3');
});

it('shows the screen in front where there are two, and frames as they are drawn', () => {
  const front = `${ESC}[?1049h${ESC}[H${ESC}[2J${ESC}[1;1H\u000elqk\u000f editor`;
  expect(lastLines(painted('shell') + front, 5)).toBe('┌─┐ editor');
});
