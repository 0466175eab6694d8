import { describe, expect, test } from 'vitest';
import { structuredAnswer } from './structured-answer.ts';

const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } };

describe('a structured answer', () => {
  test('is the whole text, or a fenced block at its end', () => {
    for (const text of ['{"n": 1}', '\n{"n":1}\n', 'Here it is:\n```json\n{"n": 1}\n```\n', '```\n{"n":1}\n```'])
      expect(structuredAnswer(schema, { text }), text).toEqual({ fits: true, data: { n: 1 } });
    const two = 'first\n```json\n{"n": 1}\n```\nbetter\n```json\n{"n": 2}\n```';
    expect(structuredAnswer(schema, { text: two })).toEqual({ fits: true, data: { n: 2 } });
  });

  test('is not a block in the middle of other words, and not words', () => {
    for (const text of ['```json\n{"n":1}\n```\nbut I am not sure', 'one', ''])
      expect(structuredAnswer(schema, { text })).toMatchObject({ fits: false, problems: [{ code: 'NOT_JSON' }] });
  });

  test('is the data given apart from the text, also as a string of JSON', () => {
    expect(structuredAnswer(schema, { text: 'done', data: { n: 3 } })).toEqual({ fits: true, data: { n: 3 } });
    expect(structuredAnswer(schema, { text: 'done', data: '{"n":3}' })).toEqual({ fits: true, data: { n: 3 } });
    expect(structuredAnswer({ type: 'string' }, { text: 'done', data: '{"n":3}' })).toMatchObject({ data: '{"n":3}' });
  });

  test('that does not fit says where', () => {
    expect(structuredAnswer(schema, { text: '', data: { n: 'x' } })).toMatchObject({
      fits: false,
      problems: [{ path: '/n' }],
    });
  });

  test('of a long text with many fences is found in time that grows with the text', () => {
    const text = '```json\n'.repeat(50_000);
    const started = performance.now();
    structuredAnswer(schema, { text });
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
