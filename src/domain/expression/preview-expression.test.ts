import { describe, expect, test } from 'vitest';
import type { Execution, Step } from '../../contract/executions.ts';
import { previewExpression } from './preview-expression.ts';

const step = (nodeId: string, more: Partial<Step> = {}): Step => ({
  id: nodeId,
  nodeId,
  iteration: 1,
  attempt: 1,
  status: 'succeeded',
  ...more,
});
const EXECUTION: Execution = {
  id: '01900000-0000-7000-8000-000000000000',
  workflowId: null,
  version: 0,
  name: 'X',
  status: 'succeeded',
  inputs: { who: 'Ada' },
  usage: {} as Execution['usage'], // nothing here reads it
  createdBy: 'ada',
  createdAt: '2026-01-01T00:00:00Z',
  startedAt: null,
  steps: [
    step('plan', {
      output: {
        tasks: [
          { title: 'one', files: ['a.ts'] },
          { title: 'two', files: [] },
        ],
      },
    }),
    step('test', { iteration: 1, output: { exitCode: 1 } }),
    step('test', { iteration: 2, output: { exitCode: 0 } }),
    step('each', { item: { index: 0 }, output: 'of an item' }),
    step('bad', { status: 'failed', error: { code: 'X', message: 'broke' } }),
  ],
};
const gives = (text: string, more: object = {}) => previewExpression({ text, kind: 'expression', ...more }, EXECUTION);

describe('what an expression would give', () => {
  test('on the data of an execution, with the newest visit of each node', () => {
    expect(gives('nodes.test.output.exitCode + 1')).toEqual({ outcome: 'value', type: 'dyn', json: '1', cut: false });
    expect(gives("inputs.who + '!'")).toMatchObject({ json: '"Ada!"' });
    expect(gives('nodes.bad.status == "failed" && nodes.bad.error.code == "X"')).toMatchObject({
      type: 'bool',
      json: 'true',
    });
  });

  test('a template keeps its type when it is one expression, and is text otherwise', () => {
    expect(gives('{{ nodes.test.output.exitCode }}', { kind: 'template' })).toMatchObject({ json: '0' });
    expect(gives('Hello {{ inputs.who }}', { kind: 'template' })).toMatchObject({
      type: 'string',
      json: '"Hello Ada"',
    });
  });

  test('the items of the maps around it stand for their first ones, an inner list for one of the outer item', () => {
    const items = [
      { as: 'task', over: 'nodes.plan.output.tasks' },
      { as: 'file', over: 'task.files' },
    ];
    expect(gives("task.title + ' ' + file + ' ' + string(index)", { items })).toMatchObject({ json: '"one a.ts 0"' });
    expect(gives('task', { items: [{ as: 'task', over: '(' }] })).toMatchObject({ json: 'null' });
  });

  test('without an execution only its type is told', () => {
    expect(previewExpression({ text: '1 == 1', kind: 'expression' }, null)).toEqual({
      outcome: 'checked',
      type: 'bool',
    });
  });

  test('what does not work says why', () => {
    expect(gives('1 +')).toMatchObject({ outcome: 'invalid', column: expect.any(Number) });
    expect(gives('a {{ 1 + }}', { kind: 'template' })).toMatchObject({ outcome: 'invalid' });
    expect(gives('nodes.later.output.x')).toMatchObject({
      outcome: 'failed',
      message: 'later did not run in that execution.',
    });
    expect(gives('nodes.each.output')).toMatchObject({ outcome: 'failed' });
    expect(gives('{{ 1 }}'.repeat(21), { kind: 'template' })).toMatchObject({
      outcome: 'invalid',
      message: expect.stringContaining('20'),
    });
  });

  test('a long value is cut, and a name that could reach a prototype reaches nothing', () => {
    const long = gives(
      '[1, 2, 3, 4, 5, 6, 7, 8, 9].map(a, [1, 2, 3, 4, 5, 6, 7, 8, 9].map(b, "0123456789".split("").map(c, c)))',
    );
    expect(long).toMatchObject({ outcome: 'value', cut: true });
    expect(long.outcome === 'value' && long.json.length).toBe(4_000);
    expect(gives('nodes.__proto__').outcome).not.toBe('value');
  });
});
