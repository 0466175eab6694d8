import { expect, test } from 'vitest';
import { compareVersions } from '../../../src/domain/workflow/compare-versions.ts';
import { comparedGraph } from './compared-graph.ts';

test('what was removed is drawn beside what is there, each with what became of it', () => {
  const from = {
    nodes: [
      { id: 'a', type: 'wait', config: { duration: 'PT1S' } },
      { id: 'b', type: 'condition' },
      { id: 'c', type: 'condition' },
    ],
    edges: [
      { from: 'a', to: 'b' },
      { from: 'a', to: 'c' },
    ],
  };
  const to = {
    nodes: [
      { id: 'a', type: 'wait', config: { duration: 'PT2S' } },
      { id: 'c', type: 'condition' },
      { id: 'd', type: 'condition' },
    ],
    edges: [
      { from: 'a', to: 'c', on: 'any' },
      { from: 'c', to: 'd' },
    ],
  };
  const difference = compareVersions({ version: 1, document: from }, { version: 2, document: to });
  const { graph, marks } = comparedGraph(from, to, difference);
  expect(graph.nodes.map(({ id }) => id)).toEqual(['a', 'c', 'd', 'b']);
  expect(Object.fromEntries(marks.nodes)).toEqual({ a: 'changed', b: 'removed', d: 'added' });
  expect(graph.edges.map((edge) => [edge.from, edge.to, marks.edges.get(edge.index)])).toEqual([
    ['a', 'c', 'changed'],
    ['c', 'd', 'added'],
    ['a', 'b', 'removed'],
  ]);
});
