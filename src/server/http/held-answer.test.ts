import { expect, test } from 'vitest';
import { readHeldName, readHeldRequest } from './held-answer.ts';

const name = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('what a lost stream is asked for again by is read strictly', () => {
  expect(readHeldName(name([7, 2, 'ask_human:x']))).toEqual({
    request: { id: 7, progressToken: 2 },
    name: 'ask_human:x',
  });
  for (const other of [undefined, '', '%%', '1-2', name([7]), name([{}, null, 'x']), name({ id: 7 })])
    expect(readHeldName(other), String(other)).toBe(null);
});

test('a request is held under its id, with the token for its progress when it has one', () => {
  expect(readHeldRequest({ id: 'a', params: { _meta: { progressToken: 'p' } } })).toEqual({
    id: 'a',
    progressToken: 'p',
  });
  expect(readHeldRequest({ id: 1, params: {} })).toEqual({ id: 1, progressToken: null });
  expect(readHeldRequest({ params: {} })).toBe(null);
});
