/** How the tests look for what is on a page. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const QUERY = /getByRole\(\s*'\w+',\s*\{[^}]*\bname: ['"`][^}]*\}/g;

/** Part of a name finds others too, once they are there: “execution” the link to “Executions”. A pattern says what it means. */
test('what has a role is looked for by its whole name, or by a pattern', () => {
  const files = globSync('{test,bench}/**/*.ts');
  const queries = files.flatMap((file) =>
    [
      ...readFileSync(file, 'utf8')
        .replaceAll(/\$\{[^}]*\}/g, '…')
        .matchAll(QUERY),
    ].map(([query]) => `${file}: ${query}`),
  );
  expect(queries.length).toBeGreaterThan(100);
  expect(queries.filter((query) => !query.includes('exact: '))).toEqual([]);
});
