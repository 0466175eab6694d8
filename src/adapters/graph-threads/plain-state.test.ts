import { describe, expect, test } from 'vitest';
import { plainState } from './plain-state.ts';

describe('a final state', () => {
  test('is given as the JSON it is, with dates and messages as what they say', () => {
    const message = { content: 'hello', getType: () => 'human', id: '1', lc_kwargs: {}, tool_calls: [] };
    expect(plainState({ at: new Date(0), list: [undefined, { a: null }], none: undefined, message })).toEqual({
      outcome: 'plain',
      value: {
        at: '1970-01-01T00:00:00.000Z',
        list: [null, { a: null }],
        none: undefined,
        message: { type: 'human', content: 'hello', id: '1' },
      },
    });
  });

  const loop: Record<string, unknown> = {};
  loop['again'] = [loop];
  let deep: unknown = 1;
  for (let level = 0; level < 300; level++) deep = [deep];
  test.each([
    ['a map', { a: { b: [new Map()] } }, 'a.b[0] is a Map'],
    ['a function', { run: () => 1 }, 'run is a function'],
    ['a large whole number', { n: 1n }, 'n is a bigint'],
    ['what is no number', { n: Number.NaN }, 'n is NaN'],
    ['itself', loop, 'again[0] is within itself'],
    ['very many levels', deep, 'deeper than 200 levels'],
    ['an error', new Error('x'), 'it is a Error'],
    ['more than a mebibyte', { text: 'x'.repeat(1024 * 1024) }, 'at most 1048576'],
  ])('that holds %s is refused, and says where', (_, state, reason) => {
    expect(plainState(state)).toEqual({ outcome: 'refused', reason: expect.stringContaining(reason) });
  });

  test('may hold the same thing twice', () => {
    const same = { a: 1 };
    expect(plainState([same, same])).toEqual({ outcome: 'plain', value: [same, same] });
  });
});
