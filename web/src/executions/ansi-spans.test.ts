import { describe, expect, it } from 'vitest';
import { ansiSpans, plainText } from './ansi-spans.ts';

const ESC = '\u001b';

describe('ansi spans', () => {
  it('keeps the text and turns colours into styles', () => {
    expect(ansiSpans(`${ESC}[32;1m✓${ESC}[0m ok`)).toEqual([
      { text: '✓', color: 2, bold: true, dim: false, underline: false },
      { text: ' ok', color: null, bold: false, dim: false, underline: false },
    ]);
    expect(ansiSpans(`${ESC}[38;5;196mx${ESC}[38;2;1;2;3my${ESC}[97mz`).map((span) => span.color)).toEqual([
      'rgb(255 0 0)',
      'rgb(1 2 3)',
      15,
    ]);
  });
  it('drops cursor movement, titles, links, unfinished sequences and other controls', () => {
    expect(
      plainText(
        `a${ESC}[2K${ESC}[1;1Hb${ESC}]0;title\u0007c${ESC}]8;;https://x${ESC}\\d\u0007${ESC}(Be${ESC}Pq1${ESC}\\f${ESC}[3`,
      ),
    ).toBe('abcdef[3');
  });
  it('cannot be made to give anything but numbers as a colour', () => {
    for (const span of ansiSpans(`${ESC}[38;2;9999;-1;url(x)mz${ESC}[38;5mq`))
      expect(String(span.color)).toMatch(/^(null|\d+|rgb\([\d ]+\))$/);
  });
});
