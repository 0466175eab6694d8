/** The documents keep up with the code. */
import { globSync, readFileSync } from 'node:fs';
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

test('every rule of workflows has a test that names it, and no test names another', () => {
  const rules = [...read('docs/workflows.md').matchAll(/<a id="(R\d+[a-z]?)"><\/a>/g)].map((match) => match[1]);
  expect(rules.filter((rule, index) => rules.indexOf(rule) !== index)).toEqual([]);
  // The language has twenty numbered rules; those of going back and of several at once follow.
  const numbers = new Set(rules.map((rule) => Number(/\d+/.exec(rule ?? '')?.[0])));
  expect([...numbers]).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
  const named = globSync('{src,test}/**/*.{test,conformance}.ts')
    .concat(globSync('test/e2e/api/*.ts'))
    .flatMap((file) => [...read(file).matchAll(/['"`](R\d+[a-z]?(?:, R\d+[a-z]?)*): /g)])
    .flatMap((match) => match[1]?.split(', ') ?? []);
  expect(named.filter((rule) => !rules.includes(rule))).toEqual([]);
  expect(rules.filter((rule) => !named.includes(rule ?? ''))).toEqual([]);
});
