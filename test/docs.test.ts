/** The documents keep up with the code. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ERRORS } from '../src/contract/errors.ts';
import { SETTINGS, variable } from '../src/server/config.ts';

const read = (file: string) => readFileSync(path.resolve(import.meta.dirname, '..', file), 'utf8');

test('every error code is documented, and no other', () => {
  const documented = [...read('docs/errors.md').matchAll(/`([A-Z][A-Z0-9_]{3,})`/g)].map((match) => match[1]);
  expect(
    [...new Set(documented)].filter((code) => code && !Object.hasOwn(ERRORS, code) && !code.startsWith('POINTSMAN_')),
  ).toEqual([]);
  expect(Object.keys(ERRORS).filter((code) => !documented.includes(code))).toEqual([]);
});

test('every setting is documented', () => {
  const page = read('docs/configuration.md');
  expect(Object.keys(SETTINGS).filter((name) => !page.includes(variable(name)))).toEqual([]);
});
