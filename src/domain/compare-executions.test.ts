import { expect, test } from 'vitest';
import type { Execution, Step } from '../contract/executions.ts';
import { compareExecutions } from './compare-executions.ts';

let count = 0;
function step(nodeId: string, more: Partial<Step> = {}): Step {
  return { id: `s${++count}`, nodeId, iteration: 1, attempt: 1, status: 'succeeded', ...more };
}

function execution(id: string, steps: Step[], more: Partial<Execution> = {}): Execution {
  const usage = { inputTokens: 0, outputTokens: 0, cost: 0 };
  const at = '2026-01-01T00:00:00.000Z';
  return {
    id,
    workflowId: null,
    version: 1,
    name: 'x',
    status: 'succeeded',
    inputs: {},
    usage,
    createdBy: 'ada',
    createdAt: at,
    startedAt: at,
    steps,
    ...more,
  };
}

test('each node has its status, attempts, time and whether its output is the same', () => {
  const times = { startedAt: '2026-01-01T00:00:00.000Z', finishedAt: '2026-01-01T00:00:02.000Z' };
  const a = execution('a', [
    step('build', { status: 'failed', ...times }),
    step('build', { attempt: 2, output: { ok: true }, ...times }),
    step('map'),
    step('map', { item: { index: 0 } }),
    step('gone', { output: 1 }),
  ]);
  const b = execution(
    'b',
    [
      step('build', { output: { ok: true }, carriedFrom: 'x' }),
      step('map', { iteration: 2, output: [1] }),
      step('new'),
    ],
    { inputs: { n: 1 }, outputs: { sum: 2 }, finishedAt: '2026-01-01T00:01:00.000Z' },
  );
  expect(compareExecutions(a, b)).toEqual({
    a: { id: 'a', workflowId: null, version: 1, status: 'succeeded', durationMs: null },
    b: { id: 'b', workflowId: null, version: 1, status: 'succeeded', durationMs: 60_000 },
    inputs: ['/n'],
    outputs: [''],
    nodes: [
      {
        id: 'build',
        a: { status: 'succeeded', iterations: 1, attempts: 2, durationMs: 4_000, carried: false },
        b: { status: 'succeeded', iterations: 1, attempts: 1, durationMs: null, carried: true },
        output: 'equal',
      },
      {
        id: 'map',
        a: { status: 'succeeded', iterations: 1, attempts: 1, itemAttempts: 1, durationMs: null, carried: false },
        b: { status: 'succeeded', iterations: 2, attempts: 1, durationMs: null, carried: false },
        output: 'different',
      },
      { id: 'gone', a: expect.objectContaining({ status: 'succeeded' }), output: 'only_one' },
      { id: 'new', b: expect.objectContaining({ status: 'succeeded' }), output: 'only_one' },
    ],
  });
});

test('an execution does not differ from itself', () => {
  const one = execution('a', [step('x', { output: { deep: [1, { a: null }] } })], { outputs: { y: 1 } });
  const { inputs, outputs, nodes } = compareExecutions(one, one);
  expect([inputs, outputs, nodes.map(({ output }) => output)]).toEqual([[], [], ['equal']]);
});
