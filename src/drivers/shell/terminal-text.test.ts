import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepHeadAndTail, terminalText } from './terminal-text.ts';

describe('the text of what a command printed', () => {
  it.each([
    ['plain lines', 'a\r\nb\r\n', 'a\nb'],
    ['colours and links', '\u001b[1;31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u001b\\', 'red link'],
    ['a progress bar', '  0%\r 50%\r100%\r\n', '100%'],
    ['a shorter overwrite', 'abcdef\rXY', 'XYcdef'],
    ['an erased line', 'downloading…\r\u001b[Kdone', 'done'],
    ['erase before the cursor', 'abc\u001b[1Kd', '   d'],
    ['backspaces', 'abd\b \bc', 'abc'],
    ['several bars at once', 'a 1\r\nb 1\r\n\u001b[2A\u001b[2Ka 2\r\n\u001b[2Kb 2\r\n', 'a 2\nb 2'],
    ['lines erased below', 'a\r\nb\r\nc\u001b[2A\r\u001b[Jx', 'x'],
    ['a full-screen program', 'before\r\n\u001b[?1049h\u001b[Hscreen\u001b[2J\u001b[?1049lafter', 'before\nafter'],
    ['tabs', 'a\tb', 'a\tb'],
    ['NUL, bell and C1', 'a\0b\u0007c\u009bd', 'abcd'],
    ['a device control string', 'a\u001bP1$r0m\u001b\\b', 'ab'],
    ['an escape sequence that never ends', 'a\u001b[12', 'a'],
    ['an unfinished OSC', 'a\u001b]0;title', 'a'],
    ['letters of more than one unit', '🎉é\r🎈', '🎈é'],
    ['a far column', 'a\u001b[999999999Gb', `a${' '.repeat(4094)}b`],
  ])('%s', (_, printed, text) => {
    expect(terminalText(printed)).toBe(text);
  });

  it('holds no control characters but line ends and tabs, whatever was printed', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\u001b[',
        '\u001b]',
        '\u001bP',
        '\u001b\\',
        '\u0007',
        '\u001b[?1049h',
        '\u001b[?1049l',
        '\r',
        '\n',
        '\b',
        '\u001b[3A',
        '\u001b[K',
        '\u001b[J',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(terminalText(pieces.join(''))).not.toMatch(/[^\P{Cc}\n\t]/u);
      }),
    );
  });

  it('takes hostile megabytes in linear time', () => {
    for (const hostile of [
      '\u001bP',
      '\u001b]',
      '\u001b[',
      '\u001b[1;',
      '\r\u001b[9999C',
      '\u001b[9999A\n',
      '\u001b',
    ]) {
      const started = performance.now();
      terminalText(hostile.repeat(100_000));
      expect(performance.now() - started).toBeLessThan(5000);
    }
  });
});

describe('a text that is too long', () => {
  it('keeps whole characters of head and tail within the limit, and counts what is missing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 100, maxLength: 400 }),
        fc.integer({ min: 70, max: 300 }),
        (raw, limit) => {
          const text = raw.toWellFormed();
          const kept = keepHeadAndTail(text, limit);
          expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(Math.max(limit, 0));
          const [head = '', gap = '', tail = ''] =
            kept === text ? [text, '0', ''] : kept.split(/\n\[… (\d+) bytes left out …\]\n/);
          expect(text.startsWith(head)).toBe(true);
          expect(text.endsWith(tail)).toBe(true);
          expect(Buffer.byteLength(head) + Number(gap) + Buffer.byteLength(tail)).toBe(Buffer.byteLength(text));
        },
      ),
    );
  });
});
