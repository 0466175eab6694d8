import { expect, test } from 'vitest';
import { printable, printableJson, withoutTerminalCodes } from './printable-text.ts';

test('text from elsewhere keeps its lines and tabs and shows every other control character', () => {
  expect(printable('a\tb\r\nc\u0007\u009b31m\u200b')).toBe('a\tb\nc\\u0007\\u009b31m\\u200b');
});

test('a carriage return cannot write over what stands before it', () => {
  expect(printable('rm -rf /\rls')).toBe('rm -rf /\\u000dls');
});

test('JSON escapes the controls that JSON leaves raw', () => {
  expect(printableJson({ a: '\u009b\u001b' })).toBe('{\n  "a": "\\u009b\\u001b"\n}');
  expect(JSON.parse(printableJson('\u0085'))).toBe('\u0085');
});

test('output of programs loses its colours, and of a progress bar the last state stays', () => {
  expect(withoutTerminalCodes('\u001b[31mred\u001b[0m\r\n10 %\r50 %\r100 %\n')).toBe('red\n100 %\n');
});
