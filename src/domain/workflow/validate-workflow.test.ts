import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePlan } from './compile-plan.ts';
import { validateInputs } from './validate-inputs.ts';
import { validateWorkflow } from './validate-workflow.ts';

const shipAChange = `pointsman: 1
name: Ship a change
inputs:
  issue: { type: string, description: What to change }
workspace: { path: /srv/app, isolation: worktree, merge: sequential }
budget: { usd: 5, duration: PT2H }
nodes:
  - id: plan
    type: agent
    config: { agent: architect, prompt: "Plan: {{ inputs.issue }}", output: { type: object, required: [tasks] } }
  - { id: gate, type: approval, config: { title: "Accept the plan?", body: "{{ nodes.plan.output.text }}", expires: P1D, onExpire: reject } }
  - id: build
    type: map
    config: { over: nodes.plan.output.data.tasks, as: task, concurrency: 3, node: { type: agent, config: { agent: { capability: coding }, workspace: worktree, prompt: "Do {{ task.title }}" } } }
  - { id: test, type: shell, config: { command: [npm, test] }, timeout: PT10M, retry: { max: 2, backoff: PT5S } }
  - { id: done, type: transform, join: any, config: { value: "{'ok': nodes.test.status == 'succeeded'}" } }
edges:
  - { from: plan, to: gate }
  - { from: gate, to: build, when: "nodes.gate.output.decision == 'approve'" }
  - { from: gate, to: done, otherwise: true }
  - { from: build, to: test }
  - { from: test, to: build, on: error, max: 3 }
  - { from: test, to: done }
outputs: { ok: nodes.done.output.ok }
layout: { plan: [0, 0], gate: [240, 0] }
`;
const agents = [{ id: 'a1', name: 'architect', capabilities: ['coding'] }];

function codes(source: unknown, known: object = {}): string[] {
  return validateWorkflow(source, known).problems.map(({ code, path }) => `${code} ${path}`);
}
const node = (id: string, more: object = {}) => ({ id, type: 'condition', ...more });
const shell = (command: unknown, more: object = {}) => ({ id: 's', type: 'shell', config: { command, ...more } });

describe('a valid document', () => {
  test('is accepted as YAML and as JSON data, and compiles', () => {
    const result = validateWorkflow(shipAChange, { agents });
    expect(result).toMatchObject({ valid: true, problems: [] });
    expect(validateWorkflow(JSON.stringify(result.document, null, '\t'), { agents }).valid).toBe(true);
    const plan = compilePlan(result.document!);
    expect(plan.loops).toMatchObject([{ target: 'build', body: ['build', 'test'] }]);
    expect(plan.starts).toEqual(['plan']);
    expect(plan.name).toBe('Ship a change');
  });
});

describe('R20: validation', () => {
  test.each([
    [
      'an unknown agent',
      'agent: architect',
      'agent: architct',
      'UNKNOWN_AGENT',
      '/nodes/0/config/agent',
      'architct',
      'Did you mean architect?',
    ],
    ['an unknown type', 'type: shell', 'type: shel', 'UNKNOWN_TYPE', '/nodes/3/type', 'shel,', 'Did you mean shell?'],
    ['an unknown field', 'usd: 5', 'usdd: 5', 'UNKNOWN_FIELD', '/budget/usdd', 'usdd', 'Did you mean usd?'],
    [
      'an unknown config field',
      'prompt: "Plan',
      'promt: "Plan',
      'UNKNOWN_FIELD',
      '/nodes/0/config/promt',
      'promt',
      'Did you mean prompt?',
    ],
    [
      'an edge to nowhere',
      'from: build, to: test',
      'from: build, to: tst',
      'UNKNOWN_NODE',
      '/edges/3/to',
      'tst',
      'Did you mean test?',
    ],
    [
      'a bad expression',
      "decision == 'approve'",
      "decision = 'approve'",
      'EXPRESSION_SYNTAX',
      '/edges/1/when',
      "= 'approve'",
      'column 28 of the expression',
    ],
    [
      'a template where an expression is meant',
      'over: nodes.plan.output.data.tasks',
      'over: "{{ nodes.plan.output }}"',
      'EXPRESSION_SYNTAX',
      '/nodes/2/config/over',
      '}}", as',
      'leave {{ }} out',
    ],
    [
      'an unknown name',
      'over: nodes.plan',
      'over: node.plan',
      'UNKNOWN_NAME',
      '/nodes/2/config/over',
      'node.plan',
      'Did you mean nodes?',
    ],
    [
      'an unknown node in a template',
      '{{ nodes.plan',
      '{{ nodes.pln',
      'UNKNOWN_NODE',
      '/nodes/1/config/body',
      'nodes.pln',
      'Did you mean plan?',
    ],
    [
      'an unknown input',
      '{{ inputs.issue',
      '{{ inputs.isue',
      'UNKNOWN_INPUT',
      '/nodes/0/config/prompt',
      'inputs.isue',
      'Did you mean issue?',
    ],
    [
      'an unreadable node',
      'Plan: {{ inputs.issue }}',
      'Plan: {{ nodes.done.status }}',
      'UNREADABLE_NAME',
      '/nodes/0/config/prompt',
      'nodes.done.status',
      'no path leads from done to plan',
    ],
    [
      'a type mismatch',
      'when: "nodes.gate.output.decision == \'approve\'"',
      'when: "1 + 1"',
      'EXPRESSION_TYPE',
      '/edges/1/when',
      '1 + 1',
      'true or false',
    ],
    ['a bad duration', 'PT10M', '10m', 'INVALID_VALUE', '/nodes/3/timeout', '10m', 'PT10M'],
    [
      'a cycle without max',
      'on: error, max: 3',
      'on: error',
      'CYCLE_WITHOUT_MAX',
      '/edges/4',
      '{ from: test, to: build',
      'max',
    ],
    [
      'max without a cycle',
      'to: done }\noutputs',
      'to: done, max: 2 }\noutputs',
      'MAX_WITHOUT_CYCLE',
      '/edges/5/max',
      '2 }\noutputs',
      'closes no cycle',
    ],
  ])('names %s with its place', (_, from, to, code, path, mark, words) => {
    expect(shipAChange).toContain(from);
    const source = shipAChange.replace(from, to);
    const { valid, problems } = validateWorkflow(source, { agents });
    const before = source.slice(0, source.indexOf(mark)).split('\n');
    const [line, column] = [before.length, (before.at(-1) ?? '').length + 1];
    expect(valid).toBe(false);
    const problem = problems.find((one) => one.code === code);
    expect(problem).toMatchObject({ path, line, column, severity: 'error' });
    expect(problem?.message).toContain(words);
  });

  test('places an expression inside a block of text on its own line', () => {
    const source =
      'nodes:\n  - id: a\n    type: agent\n    config:\n      agent: x\n      prompt: |\n        First line\n        then {{ inputs.gone }} here\n';
    expect(validateWorkflow(source).problems).toMatchObject([
      { code: 'UNKNOWN_INPUT', nodeId: 'a', line: 8, column: 17 },
    ]);
  });

  test('says where text is neither YAML nor JSON', () => {
    expect(validateWorkflow('nodes: [').problems).toMatchObject([{ code: 'SYNTAX_ERROR', line: 1 }]);
    expect(validateWorkflow('{"nodes": [}').problems[0]).toMatchObject({ code: 'SYNTAX_ERROR', line: 1 });
    expect(validateWorkflow('a: 1\n---\nb: 2').problems[0]).toMatchObject({ code: 'SYNTAX_ERROR', line: 2 });
  });

  test.each<[string, unknown, string]>([
    ['no nodes', { nodes: [] }, 'NO_NODES /nodes'],
    ['nodes missing', {}, 'NO_NODES /nodes'],
    ['a duplicate id', { nodes: [node('a'), node('a')] }, 'DUPLICATE_ID /nodes/1/id'],
    ['a duplicate field', 'name: a\nname: b\nnodes: [{id: a, type: condition}]', 'DUPLICATE_FIELD /name'],
    ['a reserved id', { nodes: [node('in')] }, 'INVALID_ID /nodes/0/id'],
    ['an id with a dash', { nodes: [node('a-b')] }, 'INVALID_ID /nodes/0/id'],
    ['an id that is too long', { nodes: [node('a'.repeat(65))] }, 'INVALID_ID /nodes/0/id'],
    [
      'an unknown field of an edge',
      { nodes: [node('a'), node('b')], edges: [{ from: 'a', to: 'b', wen: 'true' }] },
      'UNKNOWN_FIELD /edges/0/wen',
    ],
    ['an unknown root field', { nodes: [node('a')], node: 1 }, 'UNKNOWN_FIELD /node'],
    [
      'a missing config field',
      { nodes: [{ id: 'a', type: 'shell', config: {} }] },
      'MISSING_FIELD /nodes/0/config/command',
    ],
    ['a missing type', { nodes: [{ id: 'a' }] }, 'MISSING_FIELD /nodes/0/type'],
    [
      'a quorum above the edges',
      { nodes: [node('a'), node('b', { join: { quorum: 2 } })], edges: [{ from: 'a', to: 'b' }] },
      'QUORUM_TOO_LARGE /nodes/1/join/quorum',
    ],
    [
      'R7e: a timeout on an approval',
      { nodes: [{ id: 'a', type: 'approval', timeout: 'PT1M', config: { title: 'x' } }] },
      'TIMEOUT_NOT_ALLOWED /nodes/0/timeout',
    ],
    [
      'R7e: a timeout on a wait',
      { nodes: [{ id: 'a', type: 'wait', timeout: 'PT1M', config: { event: 'x' } }] },
      'TIMEOUT_NOT_ALLOWED /nodes/0/timeout',
    ],
    [
      'a wait for two things',
      { nodes: [{ id: 'a', type: 'wait', config: { event: 'x', duration: 'PT1M' } }] },
      'WAIT_FOR_ONE_THING /nodes/0/config',
    ],
    [
      'an edge with when and otherwise',
      { nodes: [node('a'), node('b')], edges: [{ from: 'a', to: 'b', when: 'true', otherwise: true }] },
      'WHEN_AND_OTHERWISE /edges/0/otherwise',
    ],
    [
      '18. a template in a shell text',
      { inputs: { x: {} }, nodes: [shell('echo {{ inputs.x }}')] },
      'TEMPLATE_IN_SHELL /nodes/0/config/command',
    ],
    [
      '18. a shell in a list, as a warning',
      { inputs: { x: {} }, nodes: [shell(['sh', '-c', 'echo {{ inputs.x }}'])] },
      'SHELL_IN_LIST /nodes/0/config/command/2',
    ],
    [
      '14. a template in an agent name',
      { nodes: [{ id: 'a', type: 'agent', config: { agent: '{{ 1 }}', prompt: 'x' } }] },
      'TEMPLATE_NOT_ALLOWED /nodes/0/config/agent',
    ],
    [
      '14. a template in a secret name',
      { nodes: [{ id: 'a', type: 'http', config: { url: 'http://x', secret: '{{ 1 }}' } }] },
      'TEMPLATE_NOT_ALLOWED /nodes/0/config/secret',
    ],
    [
      'a map named like a name of ours',
      { nodes: [{ id: 'a', type: 'map', config: { over: '[1]', as: 'nodes', workflow: 'w' } }] },
      'NAME_TAKEN /nodes/0/config/as',
    ],
    [
      'an inner map with the name of the outer',
      {
        nodes: [
          {
            id: 'a',
            type: 'map',
            config: { over: '[1]', as: 't', node: { type: 'map', config: { over: '[1]', as: 't', workflow: 'w' } } },
          },
        ],
      },
      'NAME_TAKEN /nodes/0/config/node/config/as',
    ],
    [
      '11. an id on an inner node',
      {
        nodes: [
          { id: 'a', type: 'map', config: { over: '[1]', node: { id: 'x', type: 'shell', config: { command: 'x' } } } },
        ],
      },
      'UNKNOWN_FIELD /nodes/0/config/node/id',
    ],
    [
      'a map over nothing',
      { nodes: [{ id: 'a', type: 'map', config: { over: '[1]' } }] },
      'MAP_OVER_ONE_THING /nodes/0/config',
    ],
    [
      'over that is no list',
      { nodes: [{ id: 'a', type: 'map', config: { over: '1 + 1', workflow: 'w' } }] },
      'EXPRESSION_TYPE /nodes/0/config/over',
    ],
    [
      '16. a sibling that is read',
      { nodes: [node('a'), { id: 'b', type: 'transform', config: { value: 'nodes.a.output' } }] },
      'UNREADABLE_NAME /nodes/1/config/value',
    ],
    [
      '16. nodes read as a whole',
      { nodes: [{ id: 'b', type: 'transform', config: { value: 'nodes' } }] },
      'UNREADABLE_NAME /nodes/0/config/value',
    ],
    ['an unknown input type', { inputs: { x: { type: 'text' } }, nodes: [node('a')] }, 'UNKNOWN_TYPE /inputs/x/type'],
    [
      'a default that does not fit',
      { inputs: { x: { type: 'integer', default: 'a' } }, nodes: [node('a')] },
      'TYPE_MISMATCH /inputs/x/default',
    ],
    [
      'a cron without five fields',
      { nodes: [node('a')], triggers: [{ cron: 'daily' }] },
      'INVALID_VALUE /triggers/0/cron',
    ],
    ['a broken output', { nodes: [node('a')], outputs: { x: '1 +' } }, 'EXPRESSION_SYNTAX /outputs/x'],
    [
      'an unknown workflow',
      { nodes: [{ id: 'a', type: 'workflow', config: { workflow: 'w' } }] },
      'UNKNOWN_WORKFLOW /nodes/0/config/workflow',
    ],
  ])('finds %s', (_, source, expected) => expect(codes(source, { workflows: [] })).toContain(expected));
});

describe('R8: loops', () => {
  const graph = (edges: [string, string, number?][]) => ({
    nodes: [...new Set(edges.flatMap(([from, to]) => [from, to]))].toSorted().map((id) => node(id)),
    edges: edges.map(([from, to, max]) => ({ from, to, ...(max ? { max } : {}) })),
  });
  test.each<[string, [string, string, number?][], string[]]>([
    [
      'a loop',
      [
        ['a', 'b'],
        ['b', 'a', 2],
      ],
      [],
    ],
    [
      'a self loop',
      [
        ['a', 'b'],
        ['a', 'a', 2],
      ],
      [],
    ],
    [
      'nested loops with one target',
      [
        ['a', 'b'],
        ['b', 'c'],
        ['b', 'a', 1],
        ['c', 'a', 1],
      ],
      [],
    ],
    [
      'a helper that goes back, inside an outer loop',
      [
        ['a', 'b'],
        ['b', 'f'],
        ['f', 'b', 2],
        ['b', 'c'],
        ['c', 'a', 1],
      ],
      [],
    ],
    [
      'crossing loops',
      [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'd'],
        ['c', 'a', 1],
        ['d', 'b', 1],
      ],
      ['LOOPS_OVERLAP'],
    ],
    [
      'an entry beside the target',
      [
        ['s', 'a'],
        ['a', 'b'],
        ['b', 'a', 1],
        ['s', 'b'],
      ],
      ['LOOP_ENTERED_BESIDE_TARGET'],
    ],
    [
      'a start inside',
      [
        ['a', 'c'],
        ['b', 'c'],
        ['c', 'a', 1],
        ['c', 'b', 1],
      ],
      ['LOOP'],
    ],
    [
      'a cycle without max',
      [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'b'],
      ],
      ['CYCLE_WITHOUT_MAX'],
    ],
    ['max without a cycle', [['a', 'b', 1]], ['MAX_WITHOUT_CYCLE']],
    [
      'max on both edges of a cycle',
      [
        ['a', 'b', 1],
        ['b', 'a', 1],
      ],
      ['MAX_WITHOUT_CYCLE'],
    ],
  ])('%s', (_, edges, expected) => {
    const found = validateWorkflow(graph(edges)).problems.map(({ code }) => code);
    if (expected.length === 0) expect(found).toEqual([]);
    else
      for (const code of expected)
        expect(
          found.some((one) => one.startsWith(code)),
          found.join(),
        ).toBe(true);
  });
});

describe('hostile documents', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...['b', 'c', 'd', 'e', 'f', 'g'].map((name, index) => `${name}: &${name} [${`*${'abcdef'[index]},`.repeat(9)}]`),
  ].join('\n');
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['deep brackets', '['.repeat(100_000)],
    ['deep dashes', '- '.repeat(50_000)],
    ['an alias bomb', bomb],
    ['__proto__', '{"__proto__": {"x": 1}, "nodes": [{"id": "a", "type": "condition"}]}'],
    ['a proxy that throws', new Proxy({}, { ownKeys: () => { throw new Error('no'); } })], // prettier-ignore
    ['a huge text', `x: ${'a'.repeat(3_000_000)}`],
    ['a function', { nodes: () => 1 }],
  ])('%s is refused', (_, source) => expect(validateWorkflow(source).valid).toBe(false));

  test('a document that holds itself is refused', () => {
    const self: Record<string, unknown> = { nodes: [] };
    self['metadata'] = self;
    expect(codes(self).join()).toContain('DOCUMENT_TOO_DEEP');
  });

  test('ten thousand nodes are checked, in a chain and in a ring', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `n${index}`);
    const chain = validateWorkflow({
      nodes: ids.map((id) => node(id)),
      edges: ids.slice(1).map((id, index) => ({ from: `n${index}`, to: id })),
    });
    expect(chain.valid).toBe(true);
    const ring = validateWorkflow({
      nodes: ids.map((id) => node(id)),
      edges: ids.map((id, index) => ({ from: id, to: `n${(index + 1) % 10_000}` })),
    });
    expect(ring.problems[0]?.code).toBe('CYCLE_WITHOUT_MAX');
  });

  test('no text and no data makes it throw, and what it calls valid compiles', () => {
    const word = fc.constantFrom(
      'nodes',
      'edges',
      'id',
      'type',
      'config',
      'map',
      'shell',
      'over',
      'join',
      'max',
      '{{',
      '}}',
      'inputs',
      'a',
      '__proto__',
    );
    const anything = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        word,
        fc.integer(),
        fc.constant(null),
        fc.boolean(),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(word, tie('value'), { maxKeys: 5 }),
      ),
    })).value;
    const check = (source: unknown) => {
      const { valid, document } = validateWorkflow(source);
      if (valid) compilePlan(document!);
    };
    fc.assert(fc.property(anything, check), { numRuns: 300 });
    fc.assert(fc.property(fc.string({ maxLength: 200 }), check), { numRuns: 300 });
    fc.assert(
      fc.property(
        fc.nat(shipAChange.length - 1),
        fc.constantFrom('{', '}', '"', ':', '\n', '-', '&a', '*a', '\t', ' '),
        (at, insert) => check(shipAChange.slice(0, at) + insert + shipAChange.slice(at)),
      ),
      { numRuns: 300 },
    );
  });
});

describe('inputs', () => {
  const document = {
    inputs: {
      issue: { type: 'string' },
      n: { type: 'integer', default: 3 },
      files: { type: 'array', items: { type: 'string' }, default: [] },
    },
  };
  test('get their defaults', () => {
    expect(validateInputs(document, { issue: 'x' })).toEqual({
      outcome: 'valid',
      inputs: { issue: 'x', n: 3, files: [] },
    });
  });
  test('are refused when missing, unknown or of the wrong type', () => {
    const result = validateInputs(document, { isue: 'x', n: 1.5, files: [1] });
    if (result.outcome === 'valid') throw new Error('should be refused');
    expect(result.problems.map(({ code, path }) => `${code} ${path}`)).toEqual(
      expect.arrayContaining([
        'UNKNOWN_INPUT /isue',
        'MISSING_INPUT /issue',
        'INVALID_INPUT /n',
        'INVALID_INPUT /files/0',
      ]),
    );
  });
});
