import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/contract/executions.ts';
import type { CompiledGraph } from '../../../src/contract/workflows.ts';
import { edgeStates, nodeStates, progressOf } from './graph-state.ts';

const step = (nodeId: string, status: Step['status'], more: Partial<Step> = {}): Step => ({
  id: `${nodeId}-${Math.random()}`,
  nodeId,
  iteration: 1,
  attempt: 1,
  status,
  ...more,
});
const graph = (
  ...edges: [from: string, to: string, more?: Partial<CompiledGraph['edges'][number]>][]
): CompiledGraph => ({
  nodes: [],
  mermaid: '',
  edges: edges.map(([from, to, more], index) => ({
    index,
    from,
    to,
    on: 'success',
    otherwise: false,
    loop: false,
    ...more,
  })),
});

describe('node states', () => {
  it('shows the newest attempt of the newest iteration', () => {
    const states = nodeStates([
      step('a', 'succeeded'),
      step('a', 'failed', { iteration: 2 }),
      step('a', 'running', { iteration: 2, attempt: 2 }),
    ]);
    expect(states.get('a')).toEqual({ status: 'running', iteration: 2, attempt: 2, items: null });
  });
  it('counts the items of a map once each, retries included, against the length of its list', () => {
    const states = nodeStates([
      step('m', 'running', { input: { over: [1, 2, 3, 4] } }),
      step('m', 'succeeded', { item: { index: 0 } }),
      step('m', 'failed', { item: { index: 1 } }),
      step('m', 'running', { item: { index: 1 }, attempt: 2 }),
    ]);
    expect(states.get('m')).toMatchObject({ status: 'running', items: { done: 1, total: 4 } });
  });
});

describe('edge states', () => {
  it('lights what was taken, points at what runs, and fades what is dead', () => {
    const drawn = graph(['a', 'b'], ['b', 'c'], ['a', 'x', { on: 'error' }]);
    const states = edgeStates(
      drawn,
      nodeStates([step('a', 'succeeded'), step('b', 'succeeded'), step('c', 'running')]),
    );
    expect(Object.fromEntries(states)).toEqual({ 0: 'taken', 1: 'next', 2: 'dead' });
  });
  it('says nothing of a condition it cannot know, and knows it from the only way in', () => {
    const drawn = graph(['a', 'b', { when: 'x' }], ['a', 'c', { otherwise: true }], ['z', 'c']);
    const states = edgeStates(
      drawn,
      nodeStates([step('a', 'succeeded'), step('b', 'succeeded'), step('c', 'succeeded')]),
    );
    expect(states.get(0)).toBe('taken');
    expect(states.has(1)).toBe(false);
  });
  it('shows a loop edge as taken from the second iteration on', () => {
    const drawn = graph(['b', 'a', { loop: true, max: 3 }]);
    expect(edgeStates(drawn, nodeStates([step('a', 'succeeded'), step('b', 'failed')])).size).toBe(0);
    expect(edgeStates(drawn, nodeStates([step('a', 'running', { iteration: 2 }), step('b', 'failed')])).get(0)).toBe(
      'taken',
    );
  });
});

it('progress counts ended nodes of all that are drawn', () => {
  expect(progressOf(4, nodeStates([step('a', 'succeeded'), step('b', 'skipped'), step('c', 'running')]))).toEqual({
    done: 2,
    total: 4,
  });
});
