import { expect, it } from 'vitest';
import { jsonChanges, matchingPaths, pathKey, pathWords } from './json-paths.ts';

it('writes a place as an expression reads it', () => {
  expect(pathWords('inputs', [])).toBe('inputs');
  expect(pathWords('nodes.build.output', ['files', 0, 'a name', 'x-y', 'ok_1'])).toBe(
    'nodes.build.output.files[0]["a name"]["x-y"].ok_1',
  );
  expect(pathWords('inputs', ['say "hi"'])).toBe(String.raw`inputs["say \"hi\""]`);
});
it('finds keys and values, whatever their case, with all they lie in', () => {
  const value = { Files: [{ name: 'a.ts' }, { name: 'b.ts' }], count: 2, ok: true, none: null };
  expect(matchingPaths(value, 'B.TS')).toEqual({
    keep: new Set([[], ['Files'], ['Files', 1], ['Files', 1, 'name']].map(pathKey)),
    count: 1,
  });
  expect(matchingPaths(value, 'name').count).toBe(2);
  expect(matchingPaths(value, 'true').keep.has(pathKey(['ok']))).toBe(true);
  expect(matchingPaths(value, 'null').count).toBe(1);
  expect(matchingPaths(value, 'object')).toEqual({ keep: new Set(), count: 0 });
  expect(matchingPaths('plain', 'lai').count).toBe(1);
});
it('tells where two values differ, by field and place', () => {
  expect(jsonChanges({ a: 1, b: [1, 2], c: { d: 'x' } }, { a: 1, b: [1, 3, 4], c: { d: 'y' }, e: null })).toEqual([
    { path: ['b', 1], a: 2, b: 3 },
    { path: ['b', 2], a: undefined, b: 4 },
    { path: ['c', 'd'], a: 'x', b: 'y' },
    { path: ['e'], a: undefined, b: null },
  ]);
  expect(jsonChanges({ a: [] }, { a: {} })).toEqual([{ path: ['a'], a: [], b: {} }]);
  expect(jsonChanges([1, { x: 1 }], [1, { x: 1 }])).toEqual([]);
  expect(jsonChanges({ toString: 1 }, {})).toEqual([{ path: ['toString'], a: 1, b: undefined }]);
});
