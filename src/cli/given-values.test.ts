import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { declaredInputs, givenInputs, givenJson, givenValue } from './given-values.ts';

describe('a value given as text', () => {
  test.each([
    ['3', 3],
    ['-2.5', -2.5],
    ['true', true],
    ['null', null],
    ['[1, "a"]', [1, 'a']],
    ['{"a": {"b": 1}}', { a: { b: 1 } }],
    ['"3"', '3'],
  ])('%s is JSON in its plain form', (text, value) => expect(givenValue(text)).toEqual(value));

  test.each([
    '1.10',
    '007',
    '1e5',
    '12345678901234567890',
    '+1',
    'hello',
    '',
    '{broken',
    '[x]',
    'True',
    '2026-11-22',
    'a=b',
    '-',
    '0x10',
  ])('%s stays text', (text) => expect(givenValue(text)).toBe(text));

  test('is text for an input of type string, whatever it looks like', () => {
    expect(givenValue('3', 'string')).toBe('3');
    expect(givenValue('{"a":1}', 'string')).toBe('{"a":1}');
  });
});

describe('inputs', () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'pointsman-inputs-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = (name: string, content: string) => {
    const place = path.join(directory, name);
    writeFileSync(place, content);
    return place;
  };

  test('are split at the first =, and the last one given wins', () => {
    expect(givenInputs({ pairs: ['q=a=b', 'n=1', 'n=2', 'empty='] })).toEqual({ q: 'a=b', n: 2, empty: '' });
  });

  test('given singly win over those of a file', () => {
    expect(givenInputs({ pairs: ['b=2'], file: file('inputs.yaml', 'a: 1\nb: 1\n') })).toEqual({ a: 1, b: 2 });
  });

  test('follow the types the document declares', () => {
    const declared = declaredInputs('inputs: { issue: { type: string }, n: { type: integer } }\nnodes: []');
    expect(givenInputs({ pairs: ['issue=42', 'n=42'], declared })).toEqual({ issue: '42', n: 42 });
  });

  test('of a document that cannot be read are declared by nobody: the server says what is wrong with it', () => {
    expect(declaredInputs('a: [')).toBe(undefined);
    expect(declaredInputs('')).toBe(undefined);
  });

  test('that are no pair, or a file that holds no map, are refused with how to write them', () => {
    expect(() => givenInputs({ pairs: ['=x'] })).toThrow('is not an input');
    expect(() => givenInputs({ pairs: ['x'] })).toThrow('is not an input');
    expect(() => givenInputs({ pairs: [], file: file('list.json', '[1]') })).toThrow('holds no map');
    expect(() => givenInputs({ pairs: [], file: path.join(directory, 'missing.json') })).toThrow('does not exist');
  });

  test('named __proto__ stay a value and change no prototype', () => {
    expect(Object.keys(givenInputs({ pairs: ['__proto__={"polluted":true}'] }))).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBe(undefined);
  });

  test('as JSON may come from a file', () => {
    expect(givenJson(`@${file('form.json', '{"ok": true}')}`, '--form')).toEqual({ ok: true });
    expect(() => givenJson('{', '--form')).toThrow('--form is not valid JSON');
  });
});
