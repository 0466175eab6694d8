import { expect, test } from 'vitest';
import type { PinnedOutcomes } from '../../contract/pinned-outcomes.ts';
import { WorkflowDocument } from '../../contract/workflow-document.ts';
import { pinProblems } from './pin-problems.ts';

const document = WorkflowDocument.parse({
  nodes: [
    {
      id: 'plan',
      type: 'agent',
      config: { agent: 'a', prompt: 'p', output: { type: 'object', required: ['tasks'] } },
    },
    { id: 'gate', type: 'approval', config: { title: 'Go?' } },
    { id: 'each', type: 'map', config: { over: '[1]', node: { type: 'transform', config: { value: '1' } } } },
  ],
});

test('what fits has no problems', () => {
  const pinned: PinnedOutcomes = {
    plan: [{ error: { code: 'AGENT_EXITED' } }, { output: { text: 'x', data: { tasks: [] } } }],
    gate: { output: { decision: 'approve' } },
    each: { output: [1] },
  };
  expect(pinProblems(document, pinned)).toEqual([]);
});

test.each<[string, PinnedOutcomes, string]>([
  ['a node that is not there', { paln: { output: 1 } }, '/pinned/paln UNKNOWN_NODE'],
  [
    'data that the schema of an agent refuses',
    { plan: [{ output: { data: {} } }] },
    '/pinned/plan/0/output/data SCHEMA_MISMATCH',
  ],
  ['an approval without a decision', { gate: { output: {} } }, '/pinned/gate/output/decision INVALID_VALUE'],
  ['a map that gives no list', { each: { output: {} } }, '/pinned/each/output INVALID_VALUE'],
])('%s is named with its place', (_what, pinned, found) => {
  expect(pinProblems(document, pinned).map(({ path, code }) => `${path} ${code}`)).toEqual([found]);
});

test('a misspelled node comes with the nearest one', () => {
  expect(pinProblems(document, { paln: { output: 1 } })[0]?.message).toContain('plan');
});
