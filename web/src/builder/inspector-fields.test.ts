import { describe, expect, test } from 'vitest';
import { nodeTypes, workflowDocumentJsonSchema } from '../../../src/contract/workflow-document.ts';
import { completionsAt, type Known } from './completion.ts';
import { documentFields } from './fields.ts';
import { knownAt } from './known-names.ts';
import { freshId, idProblem } from './names.ts';
import { newNode, NODE_KINDS } from './node-kinds.ts';
import { countByNode, edgesWithErrors, keyForProblem, problemsAt, problemsBeside } from './problem-places.ts';

const fields = documentFields(workflowDocumentJsonSchema());

describe('fields from the published schema', () => {
  test('every kind of node of the language can be put in and filled in', () => {
    expect(NODE_KINDS.map(({ type }) => type).toSorted()).toEqual([...nodeTypes].toSorted());
    for (const type of nodeTypes) {
      const known = new Set((fields.config.get(type) ?? []).map(({ name }) => name));
      const config = newNode(type, 'x')['config'] ?? {};
      expect(
        Object.keys(config).filter((name) => !known.has(name)),
        type,
      ).toEqual([]);
      expect(
        fields.options.get(type)?.map(({ name }) => name),
        type,
      ).toContain('retry');
    }
  });

  test('each field has the kind a person can work with', () => {
    const kinds = (list: readonly { name: string; kind: string }[] | undefined) =>
      Object.fromEntries((list ?? []).map(({ name, kind }) => [name, kind]));
    expect(kinds(fields.config.get('agent'))).toEqual({
      agent: 'agent',
      prompt: 'template',
      output: 'json',
      workspace: 'choice',
      session: 'choice',
    });
    expect(kinds(fields.config.get('map'))).toMatchObject({ over: 'expression', node: 'inner', concurrency: 'number' });
    expect(kinds(fields.edge)).toEqual({ when: 'expression', otherwise: 'boolean', on: 'choice', max: 'number' });
    expect(fields.options.get('approval')?.map(({ name }) => name)).not.toContain('timeout');
    const retry = fields.options.get('shell')?.find(({ name }) => name === 'retry');
    expect(kinds(retry?.fields)).toEqual({ max: 'number', backoff: 'text', factor: 'number', on: 'list' });
  });
});

const KNOWN: Known = {
  inputs: [{ name: 'issue', type: 'string' }],
  nodes: [
    { id: 'plan', type: 'agent' },
    { id: 'test', type: 'shell' },
  ],
  variables: ['task', 'index'],
  outputs: new Map([['plan', { text: 'x', data: { tasks: [{ title: 't' }] } }]]),
};
const offered = (text: string, kind: 'expression' | 'template' = 'expression', caret = text.length) =>
  completionsAt(text, caret, kind, KNOWN)?.options.map((option) => option.text) ?? null;

describe('completion', () => {
  test('names, inputs, nodes and what nodes gave, by the data of the last execution first', () => {
    expect(offered('in')).toEqual(['index', 'inputs', 'int(']);
    expect(offered('inputs.')).toEqual(['issue']);
    expect(offered('size(nodes.')).toEqual(['plan', 'test']);
    expect(offered('nodes.test.')).toEqual(['output', 'status', 'error']);
    expect(offered('nodes.test.output.s')).toEqual(['stdout', 'stderr']);
    expect(offered('nodes.plan.output.')?.slice(0, 2)).toEqual(['text', 'data']);
    expect(offered('nodes.plan.output.data.')).toEqual(['tasks']);
    expect(offered('nodes.plan.output.data.tasks[0].')).toEqual(['title']);
    expect(offered('nodes.plan.output.data.tasks.')).toContain('map(');
  });

  test('the word that is being written is replaced, wherever it stands', () => {
    expect(completionsAt('a + nodes.te == 1', 12, 'expression', KNOWN)).toMatchObject({ from: 10 });
  });

  test('nothing is offered in plain text, in quotes, or for a word that is complete', () => {
    expect(offered('Say inp', 'template')).toBeNull();
    expect(offered('Say {{ inp', 'template')).toEqual(['inputs']);
    expect(offered('Say {{ inputs.issue }} inp', 'template')).toBeNull();
    expect(offered("it's {{ inp", 'template')).toEqual(['inputs']);
    expect(offered('x == "inp')).toBeNull();
    expect(offered('inputs.issue')).toBeNull();
  });

  test('only what can have run is known at a node, and items of the maps there', () => {
    const document = {
      inputs: { issue: { type: 'string' } },
      nodes: [
        { id: 'a', type: 'shell' },
        { id: 'b', type: 'map', config: { over: 'inputs.list', as: 'file', node: { type: 'agent' } } },
        { id: 'c', type: 'wait' },
      ],
      edges: [
        { from: 'a', to: 'b' },
        { from: 'b', to: 'c' },
      ],
    };
    const at = (nodeId: string | null, edgeIndex: number | null = null) =>
      knownAt(document, { nodeId, edgeIndex }, null);
    expect(at('b')).toMatchObject({
      items: [{ as: 'file', over: 'inputs.list' }],
      known: { nodes: [{ id: 'a', type: 'shell' }], variables: ['file', 'index'], inputs: [{ name: 'issue' }] },
    });
    expect(at(null, 1).known.nodes.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(at(null).known.nodes.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });
});

describe('ids', () => {
  test('a fresh one is free, fits, and counts on', () => {
    expect(freshId('agent', new Set())).toBe('agent');
    expect(freshId('agent', new Set(['agent', 'agent2']))).toBe('agent3');
    expect(freshId('agent2', new Set(['agent2']))).toBe('agent3');
    expect(freshId('in', new Set())).toBe('node');
  });

  test('one that does not work says why', () => {
    const taken = new Set(['plan']);
    expect(idProblem('plan', taken)).toContain('already');
    expect(idProblem('true', taken)).toContain('expression language');
    expect(idProblem('1st', taken)).toContain('starts with a letter');
    expect(idProblem('', taken)).toContain('needs');
    expect(idProblem('first', taken)).toBeNull();
  });
});

test('a problem belongs to its node, its field, its edge, or to the thing as a whole', () => {
  const at = (path: string, more: object = {}) => ({
    path,
    code: 'X',
    message: path,
    severity: 'error' as const,
    ...more,
  });
  const problems = [
    at('/nodes/0/config/prompt', { nodeId: 'a' }),
    at('/nodes/0', { nodeId: 'a', severity: 'warning' }),
    at('/edges/1/when'),
    at('/nodes/10/config/prompt', { nodeId: 'k' }),
  ];
  expect(countByNode(problems).get('a')).toEqual({ errors: 1, warnings: 1 });
  expect([...edgesWithErrors(problems)]).toEqual([1]);
  expect(problemsAt(problems, '/nodes/1')).toEqual([]);
  expect(problemsBeside(problems, '/nodes/0', ['/nodes/0/config/prompt'])).toEqual([problems[1]]);
  expect(problems.map(keyForProblem)).toEqual(['node:a', 'node:a', 'edge:1', 'node:k']);
});
