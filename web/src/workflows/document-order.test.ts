import { expect, test } from 'vitest';
import { inReadingOrder } from './document-order.ts';
import { yamlText } from './yaml-text.ts';

test('a document is written in the order it is read, and says the same', () => {
  const document = {
    layout: { a: [0, 0] },
    edges: [{ to: 'b', from: 'a', when: 'true' }],
    nodes: [{ config: { z: 1, a: 2 }, type: 'wait', id: 'a', retry: { max: 1 } }, 'nonsense'],
    other: 1,
    name: 'X',
  };
  expect(inReadingOrder(document)).toEqual(document);
  expect(yamlText(inReadingOrder(document)).split('\n').slice(0, 3)).toEqual([
    'name: X',
    'nodes:',
    '  - { id: a, type: wait, config: { z: 1, a: 2 }, retry: { max: 1 } }',
  ]);
  expect(Object.keys(inReadingOrder(document))).toEqual(['name', 'nodes', 'edges', 'other', 'layout']);
});
