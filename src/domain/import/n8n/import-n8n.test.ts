import { describe, expect, test } from 'vitest';
import { imported } from '../testing/imported.ts';

const BASE = 'n8n-nodes-base.';
const CHAIN = '@n8n/n8n-nodes-langchain.';

interface Given {
  name: string;
  type: string;
  parameters?: object;
  [more: string]: unknown;
}

function n8n(nodes: Given[], flow: [string, string, number?][], more: object = {}) {
  const connections: Record<string, { main: { node: string; type: string; index: number }[][] }> = {};
  for (const [from, to, output = 0] of flow) {
    const { main } = (connections[from] ??= { main: [] });
    while (main.length <= output) main.push([]);
    main[output]?.push({ node: to, type: 'main', index: 0 });
  }
  return {
    name: 'Sample',
    nodes: nodes.map((node, index) => ({
      id: `id-${index}`,
      typeVersion: 1,
      position: [index * 200, 40],
      parameters: {},
      ...node,
    })),
    connections,
    ...more,
  };
}

const MANUAL = { name: 'Start', type: `${BASE}manualTrigger` };

describe('a workflow of n8n', () => {
  test('keeps names, places and the flow; what starts it by hand is no node', () => {
    const { document, format, errors, report } = imported(
      n8n(
        [MANUAL, { name: 'Nothing at all', type: `${BASE}noOp` }, { name: 'Last', type: `${BASE}noOp` }],
        [
          ['Start', 'Nothing at all'],
          ['Nothing at all', 'Last'],
        ],
      ),
    );
    expect(format).toBe('n8n');
    expect(document).toMatchObject({
      name: 'Sample',
      nodes: [
        { id: 'nothing_at_all', type: 'condition', name: 'Nothing at all' },
        { id: 'last', type: 'condition' },
      ],
      edges: [{ from: 'nothing_at_all', to: 'last' }],
      layout: { nothing_at_all: [200, 40], last: [400, 40] },
    });
    expect(errors).toEqual([]);
    expect(report.mapped.map(({ sourceName, as }) => [sourceName, as])).toEqual([
      ['Start', 'execution by hand'],
      ['Nothing at all', 'condition'],
      ['Last', 'condition'],
    ]);
    expect(report.unmapped).toEqual([]);
  });

  test.each([
    [{ rule: { interval: [{ field: 'cronExpression', expression: '0 6 * * 1-5' }] } }, ['0 6 * * 1-5']],
    [{ rule: { interval: [{ field: 'cronExpression', expression: '0 30 6 * * *' }] } }, ['30 6 * * *']],
    [{ rule: { interval: [{ field: 'minutes', minutesInterval: 15 }] } }, ['*/15 * * * *']],
    [{ rule: { interval: [{ field: 'hours', hoursInterval: 6, triggerAtMinute: 5 }] } }, ['5 */6 * * *']],
    [
      { rule: { interval: [{ triggerAtHour: 7 }, { triggerAtHour: 19, triggerAtMinute: 30 }] } },
      ['0 7 * * *', '30 19 * * *'],
    ],
    [{ rule: { interval: [{ field: 'weeks', triggerAtDay: [1, 4], triggerAtHour: 9 }] } }, ['0 9 * * 1,4']],
    [{ rule: { interval: [{ field: 'months', triggerAtDayOfMonth: 3, triggerAtHour: 8 }] } }, ['0 8 3 * *']],
  ])('a schedule is a cron trigger in the time zone of the workflow: %j', (parameters, crons) => {
    const { document, errors } = imported(
      n8n(
        [
          { name: 'When', type: `${BASE}scheduleTrigger`, parameters },
          { name: 'Do', type: `${BASE}noOp` },
        ],
        [['When', 'Do']],
        { settings: { timezone: 'Europe/Berlin' } },
      ),
    );
    expect(document.triggers).toEqual(crons.map((cron) => ({ cron, timezone: 'Europe/Berlin' })));
    expect(errors).toEqual([]);
  });

  test('a time that cron cannot say, and a trigger of another service, are listed and start nothing', () => {
    const { document, report } = imported(
      n8n(
        [
          {
            name: 'Odd',
            type: `${BASE}scheduleTrigger`,
            parameters: { rule: { interval: [{ field: 'minutes', minutesInterval: 7 }] } },
          },
          { name: 'Mail', type: `${BASE}gmailTrigger` },
          { name: 'Do', type: `${BASE}noOp` },
        ],
        [
          ['Odd', 'Do'],
          ['Mail', 'Do'],
        ],
      ),
    );
    expect(document.triggers).toBeUndefined();
    expect(document.nodes).toHaveLength(1);
    expect(report.unmapped).toMatchObject([
      { sourceName: 'Odd', why: expect.stringContaining('trigger'), path: '/nodes/0' },
      { sourceName: 'Mail', sourceType: 'n8n-nodes-base.gmailTrigger', path: '/nodes/1' },
    ]);
  });

  test('a webhook is a trigger, and what it was sent an input', () => {
    const { document, node, errors } = imported(
      n8n(
        [
          { name: 'Hook', type: `${BASE}webhook`, parameters: { path: 'orders', httpMethod: 'POST' } },
          {
            name: 'Call',
            type: `${BASE}httpRequest`,
            parameters: { method: 'POST', url: '=https://api.example.com/orders/{{ $json.body.id }}' },
          },
        ],
        [['Hook', 'Call']],
      ),
    );
    expect(document.triggers).toEqual([{ webhook: 'orders' }]);
    expect(document.inputs).toMatchObject({ body: { default: {} } });
    expect(node('call')?.config).toEqual({
      method: 'POST',
      url: 'https://api.example.com/orders/{{ inputs.body.id }}',
    });
    expect(errors).toEqual([]);
  });

  test('a request keeps method, query, headers and body; its credential does not come along', () => {
    const { node, report, errors } = imported(
      n8n(
        [
          MANUAL,
          {
            name: 'List',
            type: `${BASE}httpRequest`,
            typeVersion: 4.2,
            credentials: { httpHeaderAuth: { id: '7', name: 'Key' } },
            parameters: {
              url: 'https://api.example.com/list',
              authentication: 'genericCredentialType',
              sendQuery: true,
              queryParameters: { parameters: [{ name: 'page size', value: '10&20' }] },
              sendHeaders: true,
              headerParameters: { parameters: [{ name: 'X-Team', value: 'core' }] },
              options: { timeout: 1500 },
            },
            retryOnFail: true,
            maxTries: 4,
            waitBetweenTries: 2000,
            onError: 'continueRegularOutput',
          },
          {
            name: 'Post',
            type: `${BASE}httpRequest`,
            parameters: {
              method: 'POST',
              url: 'https://api.example.com/new',
              sendBody: true,
              specifyBody: 'json',
              jsonBody: '{"title": "{{ not ours }}", "n": 3}',
            },
          },
          {
            name: 'Pass on',
            type: `${BASE}httpRequest`,
            parameters: {
              method: 'PUT',
              url: 'https://api.example.com/put',
              sendBody: true,
              bodyParameters: { parameters: [{ name: 'first', value: '={{ $json.items[0].name }}' }] },
            },
          },
        ],
        [
          ['Start', 'List'],
          ['List', 'Post'],
          ['Post', 'Pass on'],
        ],
      ),
    );
    expect(node('list')).toMatchObject({
      type: 'http',
      timeout: 'PT2S',
      onError: 'continue',
      retry: { max: 3, backoff: 'PT2S' },
      config: { method: 'GET', url: 'https://api.example.com/list?page%20size=10%2620', headers: { 'X-Team': 'core' } },
    });
    expect(node('post')?.config).toMatchObject({ body: { title: "{{ '{{' }} not ours }}", n: 3 } });
    expect(node('pass_on')?.config).toMatchObject({ body: { first: '{{ nodes.post.output.body.items[0].name }}' } });
    expect(report.unmapped.map(({ path }) => path)).toEqual([
      '/nodes/1/parameters/authentication',
      '/nodes/1/credentials',
    ]);
    expect(errors).toEqual([]);
  });

  test.each([
    ['a URL that JavaScript makes', { url: '={{ $json.base.trim() }}/x' }],
    [
      'a header that JavaScript makes',
      { url: 'https://x.example', headerParameters: { parameters: [{ name: 'A', value: '={{ $now }}' }] } },
    ],
    ['the environment of n8n', { url: '={{ $env.API }}/x' }],
    ['a form', { url: 'https://x.example', sendBody: true, contentType: 'multipart-form-data' }],
    [
      'what is filled into a query',
      { url: 'https://x.example', queryParameters: { parameters: [{ name: 'q', value: '={{ $json.q }}' }] } },
    ],
  ])('a request with %s is not sent differently: it becomes a question to a person', (_what, parameters) => {
    const { node, report, errors } = imported(
      n8n([MANUAL, { name: 'Call', type: `${BASE}httpRequest`, parameters }], [['Start', 'Call']]),
    );
    expect(node('call')).toMatchObject({ type: 'approval', config: { title: 'Replace: Call' } });
    expect(report.unmapped).toMatchObject([{ sourceName: 'Call', nodeId: 'call' }]);
    expect(report.mapped.map(({ sourceName }) => sourceName)).toEqual(['Start']);
    expect(errors).toEqual([]);
  });

  test('what is read after a placeholder is not known, so that nothing is read from an approval', () => {
    const { node } = imported(
      n8n(
        [
          MANUAL,
          { name: 'Code', type: `${BASE}code`, parameters: { jsCode: 'return items' } },
          { name: 'Call', type: `${BASE}httpRequest`, parameters: { url: '={{ $json.url }}' } },
        ],
        [
          ['Start', 'Code'],
          ['Code', 'Call'],
        ],
      ),
    );
    expect(node('code')).toMatchObject({ type: 'approval', config: { body: expect.stringContaining('return items') } });
    expect(node('call')).toMatchObject({ type: 'approval' });
  });

  test('a command is run by the shell as before, unless something is filled in', () => {
    const { node, errors } = imported(
      n8n(
        [
          MANUAL,
          { name: 'Plain', type: `${BASE}executeCommand`, parameters: { command: 'ls | wc -l' } },
          { name: 'Braces', type: `${BASE}executeCommand`, parameters: { command: "docker ps --format '{{.Names}}'" } },
          { name: 'Filled', type: `${BASE}executeCommand`, parameters: { command: '=rm {{ $json.stdout }}' } },
        ],
        [
          ['Start', 'Plain'],
          ['Plain', 'Braces'],
          ['Plain', 'Filled'],
        ],
      ),
    );
    expect(node('plain')).toMatchObject({ type: 'shell', config: { command: 'ls | wc -l' } });
    expect(node('braces')?.config).toEqual({ command: ['sh', '-c', "docker ps --format '{{ '{{' }}.Names}}'"] });
    expect(node('filled')?.type).toBe('approval');
    expect(errors).toEqual([]);
  });

  test('an If is a condition with one edge for each answer, through nodes that hand on what they got', () => {
    const condition = (left: string, type: string, operation: string, right: unknown = '') => ({
      leftValue: left,
      rightValue: right,
      operator: { type, operation },
    });
    const { document, errors } = imported(
      n8n(
        [
          MANUAL,
          { name: 'Run', type: `${BASE}executeCommand`, parameters: { command: 'make' } },
          { name: 'Pass', type: `${BASE}noOp` },
          {
            name: 'Good?',
            type: `${BASE}if`,
            typeVersion: 2.2,
            parameters: {
              conditions: {
                options: { caseSensitive: true },
                combinator: 'or',
                conditions: [
                  condition('={{ $json.exitCode }}', 'number', 'equals', 0),
                  condition("={{ $('Run').item.json.stdout }}", 'string', 'contains', 'skipped "all"'),
                ],
              },
            },
          },
          { name: 'Yes', type: `${BASE}noOp` },
          { name: 'No', type: `${BASE}noOp` },
        ],
        [
          ['Start', 'Run'],
          ['Run', 'Pass'],
          ['Pass', 'Good?'],
          ['Good?', 'Yes', 0],
          ['Good?', 'No', 1],
        ],
      ),
    );
    const when = '(nodes.run.output.exitCode == 0) || (nodes.run.output.stdout.contains("skipped \\"all\\""))';
    expect(document.edges).toEqual([
      { from: 'run', to: 'pass' },
      { from: 'pass', to: 'good' },
      { from: 'good', to: 'yes', when },
      { from: 'good', to: 'no', when: `!(${when})` },
    ]);
    expect(errors).toEqual([]);
  });

  test('the older form of an If and of a Switch is read too; of a Switch the first rule that holds counts', () => {
    const { document, errors } = imported(
      n8n(
        [
          MANUAL,
          { name: 'Run', type: `${BASE}executeCommand`, parameters: { command: 'make' } },
          {
            name: 'Old if',
            type: `${BASE}if`,
            parameters: { conditions: { string: [{ value1: '={{$json.stdout}}', operation: 'isNotEmpty' }] } },
          },
          {
            name: 'Old switch',
            type: `${BASE}switch`,
            parameters: {
              dataType: 'number',
              value1: '={{$node["Run"].json["exitCode"]}}',
              rules: {
                rules: [
                  { operation: 'equal', value2: 0 },
                  { operation: 'larger', value2: 1, output: 1 },
                ],
              },
            },
          },
          { name: 'A', type: `${BASE}noOp` },
          { name: 'B', type: `${BASE}noOp` },
          { name: 'C', type: `${BASE}noOp` },
        ],
        [
          ['Start', 'Run'],
          ['Run', 'Old if'],
          ['Old if', 'Old switch'],
          ['Old switch', 'A', 0],
          ['Old switch', 'B', 1],
          ['Old switch', 'C', 2],
        ],
      ),
    );
    const code = 'nodes.run.output["exitCode"]';
    expect(document.edges?.slice(1)).toEqual([
      { from: 'old_if', to: 'old_switch', when: 'size(nodes.run.output.stdout) > 0' },
      { from: 'old_switch', to: 'a', when: `${code} == 0` },
      { from: 'old_switch', to: 'b', when: `!(${code} == 0) && (${code} > 1)` },
      { from: 'old_switch', to: 'c', otherwise: true },
    ]);
    expect(errors).toEqual([]);
  });

  test('where the condition is JavaScript a person decides, and the drawing keeps its ways', () => {
    const { document, node, report, errors } = imported(
      n8n(
        [
          MANUAL,
          {
            name: 'Weekend?',
            type: `${BASE}if`,
            typeVersion: 2,
            parameters: {
              conditions: {
                combinator: 'and',
                conditions: [
                  { leftValue: '={{ $now.weekday > 5 }}', operator: { type: 'boolean', operation: 'true' } },
                ],
              },
            },
          },
          { name: 'Rest', type: `${BASE}noOp` },
          { name: 'Work', type: `${BASE}noOp` },
        ],
        [
          ['Start', 'Weekend?'],
          ['Weekend?', 'Rest', 0],
          ['Weekend?', 'Work', 1],
        ],
      ),
    );
    expect(node('weekend')).toMatchObject({
      type: 'approval',
      config: { title: 'Decide: Weekend?', form: { properties: { next: { enum: ['true', 'false'] } } } },
    });
    expect(document.edges?.map(({ to, when }) => [to, when])).toEqual([
      ['rest', 'has(nodes.weekend.output.form) && nodes.weekend.output.form.next == "true"'],
      ['work', 'has(nodes.weekend.output.form) && nodes.weekend.output.form.next == "false"'],
    ]);
    expect(report.unmapped[0]?.why).toContain('$now.weekday > 5');
    expect(errors).toEqual([]);
  });

  test('fields are computed; an expression that computes stays as words and is listed', () => {
    const { node, report, errors } = imported(
      n8n(
        [
          MANUAL,
          { name: 'Run', type: `${BASE}executeCommand`, parameters: { command: 'make' } },
          {
            name: 'Edit Fields',
            type: `${BASE}set`,
            typeVersion: 3.4,
            parameters: {
              assignments: {
                assignments: [
                  { name: 'text', value: '=Code {{ $json.exitCode }}: {{ $json.stdout }}', type: 'string' },
                  { name: 'count', value: '42', type: 'number' },
                  { name: 'flag', value: true, type: 'boolean' },
                  { name: 'plain', value: 'secret:NAME {{ x }}', type: 'string' },
                  { name: 'later', value: '={{ $now.plus(1) }}', type: 'string' },
                ],
              },
            },
          },
          {
            name: 'Use',
            type: `${BASE}executeWorkflow`,
            parameters: {
              workflowId: { __rl: true, value: 'a1', mode: 'list', cachedResultName: 'Other' },
              workflowInputs: { value: { n: '={{ $json.count }}' } },
            },
          },
        ],
        [
          ['Start', 'Run'],
          ['Run', 'Edit Fields'],
          ['Edit Fields', 'Use'],
        ],
      ),
    );
    expect(node('edit_fields')?.config).toEqual({
      value: {
        text: '"Code " + string(nodes.run.output.exitCode) + ": " + string(nodes.run.output.stdout)',
        count: '42',
        flag: 'true',
        plain: '"secret:NAME {{ x }}"',
        later: '"{{ $now.plus(1) }}"',
      },
    });
    expect(node('use')?.config).toEqual({ workflow: 'Other', inputs: { n: '{{ nodes.edit_fields.output.count }}' } });
    expect(report.unmapped).toMatchObject([
      { path: '/nodes/2/parameters/assignments/assignments/4', why: expect.stringContaining('$now.plus(1)') },
    ]);
    expect(errors).toEqual([]);
  });

  test.each([
    [{ amount: 5, unit: 'minutes' }, 1, { duration: 'PT5M' }],
    [{}, 1.1, { duration: 'PT5S' }],
    [{ amount: '=2', unit: 'days' }, 1.1, { duration: 'P2D' }],
    [{ resume: 'specificTime', dateTime: '2027-01-01T08:00:00Z' }, 1, { until: '"2027-01-01T08:00:00Z"' }],
    [{ resume: 'webhook' }, 1, { event: 'hold' }],
  ])('a Wait is a wait: %j', (parameters, typeVersion, config) => {
    const { node, errors } = imported(
      n8n([MANUAL, { name: 'Hold', type: `${BASE}wait`, typeVersion, parameters }], [['Start', 'Hold']]),
    );
    expect(node('hold')).toMatchObject({ type: 'wait', config });
    expect(errors).toEqual([]);
  });

  test('branches meet in a Merge, an error goes its own way, and a node that is switched off lets pass', () => {
    const { document, node, errors } = imported(
      n8n(
        [
          MANUAL,
          { name: 'A', type: `${BASE}executeCommand`, parameters: { command: 'a' }, onError: 'continueErrorOutput' },
          { name: 'B', type: `${BASE}executeCommand`, parameters: { command: 'b' }, disabled: true },
          { name: 'Both', type: `${BASE}merge`, parameters: { mode: 'append' } },
          { name: 'Report', type: `${BASE}noOp` },
        ],
        [
          ['Start', 'A'],
          ['Start', 'B'],
          ['A', 'Both', 0],
          ['A', 'Report', 1],
          ['B', 'Both'],
        ],
      ),
    );
    expect(node('b')?.type).toBe('condition');
    expect(node('both')).toMatchObject({ type: 'condition', join: 'all' });
    expect(document.edges).toEqual([
      { from: 'a', to: 'both' },
      { from: 'a', to: 'report', on: 'error' },
      { from: 'b', to: 'both' },
    ]);
    expect(errors).toEqual([]);
  });

  test('an AI agent is an agent by capability; its model, memory and tools are listed', () => {
    const workflow = n8n(
      [
        { name: 'Chat', type: `${CHAIN}chatTrigger` },
        { name: 'Helper', type: `${CHAIN}agent`, parameters: { options: { systemMessage: 'Be kind.' } } },
        { name: 'Model', type: `${CHAIN}lmChatOpenAi` },
        { name: 'Ask', type: `${CHAIN}chainLlm`, parameters: { text: '=Sum up: {{ $json.output }} on {{ $today }}' } },
      ],
      [
        ['Chat', 'Helper'],
        ['Helper', 'Ask'],
      ],
    );
    const connections = {
      ...workflow.connections,
      Model: { ai_languageModel: [[{ node: 'Helper', type: 'ai_languageModel', index: 0 }]] },
    };
    const { document, node, report, errors } = imported({ ...workflow, connections });
    expect(document.nodes.map(({ id }) => id)).toEqual(['helper', 'ask']);
    expect(node('helper')).toMatchObject({
      type: 'agent',
      config: { agent: { capability: 'general' }, prompt: 'Be kind.\n\n{{ inputs.chatInput }}' },
    });
    expect(node('ask')?.config).toMatchObject({
      prompt: "Sum up: {{ nodes.helper.output.text }} on {{ '{{' }} $today }}",
    });
    expect(report.unmapped.map(({ sourceName, path }) => [sourceName, path])).toEqual([
      ['Model', '/nodes/2'],
      ['Ask', '/nodes/3/parameters/text'],
    ]);
    expect(errors).toEqual([]);
  });

  test('a loop over items with one node in it is a map', () => {
    const { document, node, report, errors } = imported(
      n8n(
        [
          MANUAL,
          { name: 'List', type: `${BASE}httpRequest`, parameters: { url: 'https://api.example.com/list' } },
          { name: 'Loop', type: `${BASE}splitInBatches`, typeVersion: 3 },
          { name: 'One', type: `${BASE}httpRequest`, parameters: { url: '=https://api.example.com/{{ $json.id }}' } },
          { name: 'Done', type: `${BASE}noOp` },
        ],
        [
          ['Start', 'List'],
          ['List', 'Loop'],
          ['Loop', 'Done', 0],
          ['Loop', 'One', 1],
          ['One', 'Loop'],
        ],
      ),
    );
    expect(node('loop_node')).toMatchObject({
      type: 'map',
      config: {
        over: 'nodes.list.output.body',
        as: 'item',
        node: { type: 'http', config: { url: 'https://api.example.com/{{ item.id }}' } },
      },
    });
    expect(node('one')).toBeUndefined();
    expect(document.edges).toEqual([
      { from: 'list', to: 'loop_node' },
      { from: 'loop_node', to: 'done' },
    ]);
    expect(report.mapped).toContainEqual(expect.objectContaining({ sourceName: 'One', nodeId: 'loop_node' }));
    expect(errors).toEqual([]);
  });

  test('a longer loop keeps its shape: a place that a person stands in for, and a way back with a limit', () => {
    const { document, node, report, errors } = imported(
      n8n(
        [
          MANUAL,
          { name: 'List', type: `${BASE}httpRequest`, parameters: { url: 'https://api.example.com/list' } },
          { name: 'Loop', type: `${BASE}splitInBatches`, typeVersion: 3 },
          { name: 'One', type: `${BASE}noOp` },
          { name: 'Two', type: `${BASE}noOp` },
        ],
        [
          ['Start', 'List'],
          ['List', 'Loop'],
          ['Loop', 'One', 1],
          ['One', 'Two'],
          ['Two', 'Loop'],
        ],
      ),
    );
    expect(node('loop_node')?.type).toBe('approval');
    expect(document.edges).toContainEqual({ from: 'two', to: 'loop_node', max: 10 });
    expect(report.notes).toContainEqual(expect.stringContaining('at most 10 times'));
    expect(errors).toEqual([]);
  });

  test('a node of somebody else’s package is not taken for one of n8n’s', () => {
    const { node } = imported(
      n8n(
        [MANUAL, { name: 'Run', type: 'n8n-nodes-evil.executeCommand', parameters: { command: 'x' } }],
        [['Start', 'Run']],
      ),
    );
    expect(node('run')?.type).toBe('approval');
  });
});
