import { expect, test } from 'vitest';
import { codeBlocks } from './code-blocks.ts';

test('code between fences is kept as it is, with its indentation, and the words around it are text', () => {
  expect(codeBlocks('Look:\n\n```ts\n  const a = `x`;\n\n  b();\n```\nDone.')).toEqual([
    { code: false, text: 'Look:' },
    { code: true, text: '  const a = `x`;\n\n  b();' },
    { code: false, text: 'Done.' },
  ]);
});

test('a longer fence holds a shorter one, and one without an end goes to the end', () => {
  expect(codeBlocks('````\n```\ninner\n```\n````')).toEqual([{ code: true, text: '```\ninner\n```' }]);
  expect(codeBlocks('a\n~~~\nb\n```')).toEqual([
    { code: false, text: 'a' },
    { code: true, text: 'b\n```' },
  ]);
});

test('a text without fences is one block, and nothing is none', () => {
  expect(codeBlocks('<b>x</b>\n  `y`')).toEqual([{ code: false, text: '<b>x</b>\n  `y`' }]);
  expect(codeBlocks('\n')).toEqual([]);
});
