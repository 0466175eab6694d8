import { expect, test } from 'vitest';
import { flowOf } from './document-flow.ts';

const DOCUMENT = {
  name: 'Ship',
  inputs: { branch: { type: 'string', default: 'main' } },
  budget: { usd: 5 },
  concurrency: 'queue',
  nodes: [
    {
      id: 'ask',
      type: 'approval',
      config: { title: 'Ship?', body: 'Now', roles: ['admin'], expires: 'P1D', onExpire: 'approve' },
    },
    { id: 'text', type: 'transform', config: { value: "'x'" } },
    { id: 'ship', type: 'shell', join: 'any', retry: { max: 2 }, config: { command: ['ship'] } },
    { id: 'night', type: 'wait', config: { until: 'inputs.start' } },
    {
      id: 'each',
      type: 'map',
      config: { over: '[1, 2]', concurrency: 1, node: { type: 'approval', config: { title: 'This one?' } } },
    },
  ],
  edges: [
    { from: 'ask', to: 'ship', when: "nodes.ask.output.decision == 'approve'" },
    { from: 'ask', to: 'night', otherwise: true },
    { from: 'ship', to: 'text', on: 'error' },
    { from: 'ship', to: 'each', on: 'any' },
    { from: 'each', to: 'ship', max: 3 },
  ],
  outputs: { log: 'nodes.ship.output.stdout' },
};

test('approvals, order, values and limits are told in words', () => {
  expect(flowOf(DOCUMENT)).toEqual([
    { kind: 'input', value: 'It is given “branch”', detail: { type: 'string', default: 'main' } },
    {
      kind: 'approval',
      nodeId: 'ask',
      value: 'Asks a person “Ship?”: only admin may answer; without an answer it is approved, after P1D',
      detail: { body: 'Now' },
    },
    { kind: 'value', nodeId: 'text', value: 'Computes', detail: { value: "'x'" } },
    {
      kind: 'limit',
      nodeId: 'ship',
      value: 'Its limits, and what it waits for',
      detail: { join: 'any', retry: { max: 2 } },
    },
    { kind: 'wait', nodeId: 'night', value: 'Waits: until inputs.start' },
    { kind: 'map', nodeId: 'each', value: 'Does it for each of [1, 2]', detail: { concurrency: 1 } },
    { kind: 'approval', nodeId: 'each', value: 'Asks a person “This one?”: whoever may answer' },
    { kind: 'edge', nodeId: 'ask', value: 'Starts at once' },
    {
      kind: 'edge',
      nodeId: 'ship',
      value: "After ask has succeeded, if nodes.ask.output.decision == 'approve'",
    },
    { kind: 'edge', nodeId: 'night', value: 'After ask has succeeded, if nothing else was taken' },
    { kind: 'edge', nodeId: 'text', value: 'After ship has failed' },
    { kind: 'edge', nodeId: 'each', value: 'After ship has ended, well or not' },
    { kind: 'edge', nodeId: 'ship', value: 'After each has succeeded, again, at most 3 times' },
    { kind: 'value', value: 'It gives “log”: nodes.ship.output.stdout' },
    { kind: 'limit', value: 'It is paused and asks when this is used up', detail: { usd: 5 } },
    { kind: 'limit', value: 'While another one of it is under way: queue' },
  ]);
});

test('names, words about it and places change nothing, unless something reads the name', () => {
  const [ask, ...rest] = DOCUMENT.nodes;
  const moved = { ...ask, name: 'Asks', description: 'a person', position: [1, 2] };
  const other = { name: 'Other', description: 'x', metadata: { a: 1 }, layout: { ask: [0, 0] } };
  expect(flowOf({ ...DOCUMENT, ...other, nodes: [moved, ...rest] })).toEqual(flowOf(DOCUMENT));
  const reads = { ...DOCUMENT, outputs: { name: 'execution.name' } };
  expect(flowOf({ ...reads, name: 'Other' })).not.toEqual(flowOf(reads));
});

test('a draft of any shape is read as far as it goes', () => {
  for (const document of [{}, { nodes: 'x', edges: 3 }, { nodes: [null, 3, { type: 'approval' }], edges: [null] }])
    expect(Array.isArray(flowOf(document))).toBe(true);
});
