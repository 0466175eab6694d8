import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { McpAnswer } from '../../contract/mcp.ts';
import { runCli } from '../run-cli.ts';
import { type PretendServer, pretendServer, problem } from '../testing/pretend-server.ts';
import { recordedIo } from '../testing/recorded-io.ts';

const id = (last: number) => `0199a1b2-c3d4-7000-8000-${String(last).padStart(12, '0')}`;
const agent = { id: id(1), name: 'tester', status: 'idle' };

let server: PretendServer;
beforeEach(async () => {
  server = await pretendServer();
});
afterEach(async () => await server.close());

/** Everything that is answered to these lines, by the id of the request. */
async function talk(messages: (object | string)[], env = server.env): Promise<Map<unknown, McpAnswer>> {
  const lines = messages.map((one) => (typeof one === 'string' ? one : JSON.stringify({ jsonrpc: '2.0', ...one })));
  const io = recordedIo({ env, input: `${lines.join('\n')}\n` });
  expect(await runCli(['mcp'], io)).toBe(0);
  const answers = io
    .out()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as McpAnswer);
  return new Map(answers.map((answer) => [answer.id, answer]));
}

const call = (of: number, name: string, args: object = {}) => ({
  id: of,
  method: 'tools/call',
  params: { name, arguments: args },
});
const resultOf = (answer: McpAnswer | undefined) =>
  answer?.result as { isError?: boolean; structuredContent: Record<string, unknown>; content: { text: string }[] };

describe('pointsman mcp', () => {
  test('speaks line by line: agrees on a version, lists its tools, answers what it understands', async () => {
    const answers = await talk([
      { id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18' } },
      { method: 'notifications/initialized' },
      { id: 2, method: 'tools/list' },
      'not json',
    ]);
    expect(answers.size).toBe(3);
    expect(answers.get(1)).toMatchObject({ result: { protocolVersion: '2025-06-18' } });
    const listed = answers.get(2)?.result as { tools: { name: string }[] } | undefined;
    expect(listed?.tools.map((tool) => tool.name)).toEqual(
      expect.arrayContaining(['list_agents', 'send_task', 'run_workflow', 'answer_inbox_item']),
    );
    expect(answers.get(null)).toMatchObject({ error: { code: -32700 } });
  });

  test('sends a task to an agent by name and waits for its end', async () => {
    server.on('GET /api/agents', { body: [agent] });
    server.on(`POST /api/agents/${id(1)}/tasks`, { status: 202, body: { id: id(2), status: 'queued' } });
    let looks = 0;
    server.on(`GET /api/tasks/${id(2)}`, () => {
      looks += 1;
      return { body: { id: id(2), status: looks > 1 ? 'succeeded' : 'running', result: { text: 'done' } } };
    });
    const answers = await talk([call(1, 'send_task', { agent: 'tester', prompt: 'go' })]);
    expect(resultOf(answers.get(1)).structuredContent).toMatchObject({ status: 'succeeded', result: { text: 'done' } });
    expect(JSON.parse(server.requests.find((one) => one.method === 'POST')?.body ?? '')).toEqual({ prompt: 'go' });
  });

  test('does not wait longer than it is told', async () => {
    server.on('GET /api/agents', { body: [agent] });
    server.on(`POST /api/agents/${id(1)}/tasks`, { status: 202, body: { id: id(2), status: 'queued' } });
    server.on(`GET /api/tasks/${id(2)}`, { body: { id: id(2), status: 'running' } });
    const of = { agent: 'tester', prompt: 'go' };
    const answers = await talk([
      call(1, 'send_task', { ...of, waitSeconds: 0 }),
      call(2, 'send_task', { ...of, wait: false }),
    ]);
    expect(resultOf(answers.get(1)).structuredContent['status']).toBe('running');
    expect(resultOf(answers.get(2)).structuredContent['status']).toBe('queued');
  });

  test('does not answer a call that was cancelled', async () => {
    server.on('GET /api/agents', { body: [agent] });
    server.on(`POST /api/agents/${id(1)}/tasks`, { status: 202, body: { id: id(2), status: 'queued' } });
    server.on(`GET /api/tasks/${id(2)}`, { body: { id: id(2), status: 'running' } });
    const answers = await talk([
      call(1, 'send_task', { agent: 'tester', prompt: 'go' }),
      { method: 'notifications/cancelled', params: { requestId: 1 } },
      { id: 2, method: 'ping' },
    ]);
    expect([...answers.keys()]).toEqual([2]);
  });

  test('answers an inbox item for the hash that was shown', async () => {
    server.on(`GET /api/inbox/${id(9)}`, { body: { id: id(9), hash: 'new' } });
    server.on(
      `POST /api/inbox/${id(9)}/resolve`,
      problem(409, 'INBOX_ITEM_CHANGED', 'The item has changed since it was shown'),
    );
    const answers = await talk([call(1, 'answer_inbox_item', { id: id(9), decision: 'approve', hash: 'old' })]);
    expect(resultOf(answers.get(1))).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('INBOX_ITEM_CHANGED') }],
    });
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toEqual({ decision: 'approve', hash: 'old' });
  });

  test('says what is missing: a field by its path, an agent by its name, a server', async () => {
    server.on('GET /api/agents', { body: [agent] });
    const answers = await talk([call(1, 'get_agent'), call(2, 'get_agent', { agent: 'nobody' })]);
    expect(answers.get(1)).toMatchObject({
      error: { code: -32602, data: { problems: [{ path: '/arguments/agent' }] } },
    });
    expect(resultOf(answers.get(2)).content[0]?.text).toContain('There are: tester');
    const away = await talk([call(1, 'list_agents')], { POINTSMAN_URL: 'http://127.0.0.1:1', POINTSMAN_TOKEN: 'x' });
    expect(resultOf(away.get(1)).content[0]?.text).toContain('SERVER_UNREACHABLE');
  });
});
