import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { routes } from './routes.ts';

test('no route takes the name or the address of another', async () => {
  const folder = new URL('routes/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  const modules = await Promise.all(files.map((name) => import(new URL(name, folder).href) as Promise<object>));
  const names = modules.flatMap((module) =>
    Object.entries(module).flatMap(([name, of]) => (name.endsWith('Routes') ? Object.keys(of as object) : [])),
  );
  expect(names.toSorted()).toEqual(Object.keys(routes).toSorted());
  const addresses = Object.values(routes).map(({ method, path }) => `${method} ${path}`);
  expect(addresses.toSorted()).toEqual([...new Set(addresses)].toSorted());
});
