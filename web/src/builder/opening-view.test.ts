import { expect, test } from 'vitest';
import { openingNodes } from './opening-view.ts';

const box = { width: 600, height: 700 };
const row = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ id: `${at}`, position: { x: at * 290, y: 0 } }));

test('a graph that can be read whole is shown whole', () => {
  expect(openingNodes(row(3), box)).toBeNull();
  expect(openingNodes([], box)).toBeNull();
});

test('a wide one is begun where it begins, also when its author drew it elsewhere', () => {
  const ids = (shift: number) =>
    openingNodes(
      row(7).map(({ id, position }) => ({ id, position: { x: position.x + shift, y: 0 } })),
      box,
    )?.map(({ id }) => id);
  expect(ids(0)).toEqual(['0', '1', '2']);
  expect(ids(-5_000)).toEqual(['0', '1', '2']);
});

test('one of which nobody could read more than a part is shown whole, for its shape', () => {
  expect(openingNodes(row(500), box)).toBeNull();
});
