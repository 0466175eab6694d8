import { expect, test } from 'vitest';
import { canonicalYaml, compareVersions } from './compare-versions.ts';

const BEFORE = {
  name: 'Ship',
  nodes: [
    { id: 'a', type: 'shell', config: { command: ['make'] } },
    { id: 'b', type: 'shell', config: { command: ['test'] } },
    { id: 'c', type: 'condition' },
  ],
  edges: [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c', when: 'true' },
    { from: 'a', to: 'c' },
  ],
  layout: { a: [0, 0] },
};

test('nodes, edges and the rest are compared each in its way', () => {
  const after = {
    nodes: [
      { id: 'b', config: { command: ['test', '-v'] }, type: 'shell', timeout: 'PT1M' },
      BEFORE.nodes[0],
      { id: 'd', type: 'condition' },
    ],
    edges: [
      { to: 'b', from: 'a' },
      { from: 'b', to: 'c', when: 'false' },
      { from: 'c', to: 'd' },
    ],
    name: 'Ship it',
    layout: { a: [5, 0] },
  };
  const { from, to, text, nodes, edges, other } = compareVersions(
    { version: 1, document: BEFORE },
    { version: 4, document: after },
  );
  expect([from, to]).toEqual([1, 4]);
  expect(nodes).toEqual({
    added: ['d'],
    removed: ['c'],
    changed: [{ id: 'b', fields: ['/config/command/1', '/timeout'] }],
  });
  expect(edges).toEqual({
    added: [{ from: 'c', to: 'd' }],
    removed: [{ from: 'a', to: 'c' }],
    changed: [{ from: 'b', to: 'c', fields: ['/when'] }],
  });
  expect(other).toEqual(['/layout/a/0', '/name']);
  expect(text).toContain('--- version 1\n+++ version 4\n');
  expect(text).toContain('-name: Ship\n+name: Ship it\n');
});

test('the order of fields is no difference', () => {
  const turned = Object.fromEntries(Object.entries(BEFORE).toReversed());
  expect(canonicalYaml(turned)).toBe(canonicalYaml(BEFORE));
  expect(compareVersions({ version: 1, document: BEFORE }, { version: 2, document: turned })).toEqual({
    from: 1,
    to: 2,
    text: '',
    nodes: { added: [], removed: [], changed: [] },
    edges: { added: [], removed: [], changed: [] },
    other: [],
  });
});

test('a draft that is no workflow at all is compared as far as it goes', () => {
  const { nodes, edges, other } = compareVersions(
    { version: 1, document: { nodes: 'none', edges: [1, null] } },
    { version: 2, document: { nodes: [{ type: 'shell' }, { id: 'a' }], x: 1 } },
  );
  expect(nodes).toEqual({ added: ['a'], removed: [], changed: [] });
  expect(edges).toEqual({ added: [], removed: [], changed: [] });
  expect(other).toEqual(['/x']);
});
