import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Shelf, shelfEntries, shelfGet, shelfWith } from './shelf.ts';

test('a shelf is a map: what was put in last is found, what was removed is not', () => {
  const changes = fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.option(fc.nat(), { nil: undefined })));
  fc.assert(
    fc.property(fc.array(changes), (rounds) => {
      let shelf: Shelf<number> = {};
      const map = new Map<string, number>();
      for (const round of rounds) {
        shelf = shelfWith(shelf, new Map(round));
        for (const [key, value] of new Map(round)) {
          if (value === undefined) map.delete(key);
          else map.set(key, value);
        }
      }
      expect(new Map(shelfEntries(shelf))).toEqual(map);
      for (const [key, value] of map) expect(shelfGet(shelf, key)).toBe(value);
      expect(shelfGet(shelf, 'not there')).toBeUndefined();
    }),
  );
});

test('the shelf before a change stays as it was, and untouched drawers are shared', () => {
  const before = shelfWith<number>({}, new Map(Array.from({ length: 200 }, (_, index) => [`k${index}`, index])));
  const copy = structuredClone(before);
  const after = shelfWith(before, new Map([['k7', 70]]));
  expect(before).toEqual(copy);
  const shared = Object.keys(before).filter((cabinet) => before[cabinet] === after[cabinet]);
  expect(shared).toHaveLength(Object.keys(before).length - 1);
  expect(shelfWith(before, new Map())).toBe(before);
});
