import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { WorkflowCases, workflowCasesJsonSchema } from '../../contract/workflow-cases.ts';
import { validateAgainstSchema } from '../output-schema.ts';

const SCHEMA = workflowCasesJsonSchema();
const one = { name: 'a' };
const pinned = { node: { output: { text: 'x' } }, loop: [{ error: { code: 'X' } }, { output: null }] };

test.each([
  ['the example', parse(readFileSync('examples/ship-a-change.test.yaml', 'utf8'))],
  ['one case', { cases: [one] }],
  ['what is pinned', { inputs: { a: 1 }, pinned, cases: [{ ...one, pinned, expect: { visits: { node: 2 } } }] }],
])('the published schema takes what is read: %s', (_, cases: unknown) => {
  expect(WorkflowCases.safeParse(cases).success).toBe(true);
  expect(validateAgainstSchema(SCHEMA, cases)).toEqual([]);
});

test.each([
  ['no case', { cases: [] }],
  ['nothing', {}],
  ['a field that is not known', { cases: [one], case: [] }],
  ['a case without a name', { cases: [{ expect: {} }] }],
  ['a status that is not known', { cases: [{ ...one, expect: { status: 'cancelled' } }] }],
  ['a visit of half a time', { cases: [{ ...one, expect: { visits: { node: 0.5 } } }] }],
  ['a pin that is neither', { cases: [one], pinned: { node: { text: 'x' } } }],
])('it refuses what is refused: %s', (_, cases) => {
  expect(WorkflowCases.safeParse(cases).success).toBe(false);
  expect(validateAgainstSchema(SCHEMA, cases)).not.toEqual([]);
});
