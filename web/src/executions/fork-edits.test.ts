import { expect, test } from 'vitest';
import type { Execution } from '../../../src/contract/executions.ts';
import { readFields } from '../inbox/schema-fields.ts';
import { forkEdits, forkFields } from './fork-edits.ts';

const execution: Execution = {
  id: 'e',
  workflowId: null,
  version: 0,
  name: 'x',
  status: 'succeeded',
  inputs: { who: 'ada', count: 2 },
  usage: { inputTokens: 0, outputTokens: 0, cost: 0 },
  createdBy: 'ada',
  createdAt: '2026-01-01T00:00:00Z',
  startedAt: null,
  steps: [
    { id: '1', nodeId: 'look', iteration: 1, attempt: 1, status: 'succeeded', output: { bad: false } },
    { id: '2', nodeId: 'no', iteration: 1, attempt: 1, status: 'skipped' },
  ],
};

test('only what was changed is sent', () => {
  const read = (typed: Record<string, string>) =>
    forkEdits(execution, readFields(forkFields(execution, typed), typed).values);
  expect(read({})).toEqual({});
  expect(read({ 'input.who': 'bob' })).toEqual({ edits: { inputs: { who: 'bob' } } });
  expect(read({ node: '0', 'output.look': '{"bad": true}', 'input.count': '3' })).toEqual({
    edits: { inputs: { count: 3 }, nodes: { look: { output: { bad: true } } } },
  });
});

test('the output of the chosen node stands in its field; nodes that did not run are not offered', () => {
  expect(forkFields(execution, {}).map(({ name }) => name)).toEqual(['input.who', 'input.count', 'node']);
  const fields = forkFields(execution, { node: '0' });
  expect(fields.find(({ name }) => name === 'node')?.choices).toEqual(['look']);
  expect(fields.at(-1)).toMatchObject({ name: 'output.look', initial: '{\n  "bad": false\n}' });
});
