import { describe, expect, it } from 'vitest';
import type { Execution, ExecutionDifference, Step } from '../../../src/contract/executions.ts';
import type { CompiledGraph } from '../../../src/contract/workflows.ts';
import { compareExecutions } from '../../../src/domain/compare-executions.ts';
import { comparedExecutionGraph, compareNodes, differenceWords } from './execution-comparison.ts';

const step = (nodeId: string, ms: number, more: Partial<Step> = {}): Step => ({
  id: `${nodeId}-${more.attempt ?? 1}`,
  nodeId,
  iteration: 1,
  attempt: 1,
  status: 'succeeded',
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: new Date(Date.parse('2026-01-01T00:00:00.000Z') + ms).toISOString(),
  ...more,
});
const execution = (steps: Step[], more: Partial<Execution> = {}): Execution => ({
  id: '1',
  workflowId: null,
  version: 1,
  name: 'Release',
  status: 'succeeded',
  inputs: {},
  usage: { inputTokens: 0, outputTokens: 0, cost: 0 },
  createdBy: 'ada',
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:00.000Z',
  steps,
  ...more,
});
const graph = (ids: string[], ...edges: [from: string, to: string][]): CompiledGraph => ({
  nodes: ids.map((id) => ({ id, type: 'shell', label: id, join: 'all', loops: [], position: [0, 0] })),
  edges: edges.map(([from, to], index) => ({ index, from, to, on: 'success', otherwise: false, loop: false })),
  mermaid: '',
});
const compared = (a: Execution, b: Execution) => {
  const difference: ExecutionDifference = compareExecutions(a, b);
  return { difference, nodes: compareNodes(difference, a, b) };
};

describe('two executions side by side', () => {
  const a = execution([
    step('build', 1_000, { output: { files: 3 } }),
    step('test', 5_000, { status: 'failed', input: { shard: 1 } }),
    step('old', 10),
  ]);
  const b = execution(
    [
      step('build', 3_000, { output: { files: 3 } }),
      step('test', 5_000, { status: 'failed', input: { shard: 1 } }),
      step('test', 4_000, { attempt: 2, input: { shard: 2 } }),
      step('new', 10),
    ],
    { inputs: { who: 'ada' }, version: 2 },
  );
  const { difference, nodes } = compared(a, b);

  it('differ where status, attempts, input or output do, not where only the time does', () => {
    expect(nodes.map(({ id, differs }) => [id, differs])).toEqual([
      ['build', false],
      ['test', true],
      ['old', true],
      ['new', true],
    ]);
    expect(nodes[0]?.longerMs).toBe(2_000);
    expect(nodes[1]).toMatchObject({ longerMs: 4_000, inputs: [{ path: ['shard'], a: 1, b: 2 }] });
    expect(nodes[2]).toMatchObject({ longerMs: null, inputs: [], outputs: [] });
  });
  it('are told in one sentence', () => {
    expect(differenceWords(difference, nodes)).toBe(
      'What differs: 3 of 4 nodes, inputs in 1 place, the version of the workflow.',
    );
    const same = compared(a, a);
    expect(differenceWords(same.difference, same.nodes)).toBe('Nothing differs but the time.');
  });
  it('are one graph: that of the second, with what only the first has', () => {
    const drawn = comparedExecutionGraph(
      graph(['build', 'test', 'old'], ['build', 'test'], ['test', 'old']),
      graph(['build', 'test', 'new'], ['build', 'test'], ['test', 'new']),
      nodes,
    );
    expect(drawn.graph.nodes.map(({ id }) => id)).toEqual(['build', 'test', 'new', 'old']);
    expect(drawn.graph.nodes.every((node) => node.position === undefined)).toBe(true);
    expect(drawn.graph.edges.map(({ index, from, to }) => [index, from, to])).toEqual([
      [0, 'build', 'test'],
      [1, 'test', 'new'],
      [2, 'test', 'old'],
    ]);
    expect([...drawn.marks.nodes]).toEqual([
      ['test', 'changed'],
      ['old', 'removed'],
      ['new', 'added'],
    ]);
    expect([...drawn.marks.edges]).toEqual([[2, 'removed']]);
  });
  it('does not compare the time of what did not run there', () => {
    const kept = execution([step('build', 1_000, { carriedFrom: 'x', output: { files: 3 } })]);
    expect(compared(a, kept).nodes[0]).toMatchObject({ longerMs: null, differs: false });
  });
});
