/** The JSON-RPC of our MCP servers, message by message. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PointsmanError } from './errors.ts';
import { answerMcp, MCP_VERSIONS, type McpServer } from './mcp.ts';

const tools = {
  add: { description: 'adds', input: z.strictObject({ a: z.number(), b: z.number() }), readOnly: true },
  fail: { description: 'fails', input: z.strictObject({ how: z.enum(['known', 'unknown']) }) },
} as const;

const failures: unknown[] = [];
const calls: (string | null)[] = [];
const server: McpServer<typeof tools> = {
  name: 'test',
  version: '1.2.3',
  tools,
  async call(name, args, { callId }) {
    calls.push(callId);
    if (name === 'fail')
      throw (args as { how: string }).how === 'known' ? new PointsmanError('STATE_NOT_FOUND') : new Error('secret');
    const { a, b } = args as { a: number; b: number };
    return { outcome: 'done', text: String(a + b), data: { sum: a + b } };
  },
  onError: (error) => failures.push(error),
};

const ask = (method: string, params?: unknown, id: unknown = 1) =>
  answerMcp(server as unknown as McpServer, { jsonrpc: '2.0', id, method, params });
const raw = (message: unknown) => answerMcp(server as unknown as McpServer, message);

describe('an MCP server', () => {
  test('agrees on the version that is asked for when it knows it, else offers its newest', async () => {
    for (const version of MCP_VERSIONS)
      expect(await ask('initialize', { protocolVersion: version })).toMatchObject({
        id: 1,
        result: {
          protocolVersion: version,
          capabilities: { tools: {} },
          serverInfo: { name: 'test', version: '1.2.3' },
        },
      });
    expect(await ask('initialize', { protocolVersion: '2999-01-01' })).toMatchObject({
      result: { protocolVersion: MCP_VERSIONS[0] },
    });
    expect(await ask('initialize', {})).toMatchObject({
      error: { code: -32602, data: { problems: [{ path: '/protocolVersion' }] } },
    });
  });

  test('lists its tools with JSON Schemas of their inputs', async () => {
    const answer = await ask('tools/list');
    expect(answer).toMatchObject({
      result: {
        tools: [
          {
            name: 'add',
            description: 'adds',
            annotations: { readOnlyHint: true },
            inputSchema: { type: 'object', required: ['a', 'b'], additionalProperties: false },
          },
          { name: 'fail' },
        ],
      },
    });
  });

  test('calls a tool, with the client’s own id of the call', async () => {
    const params = {
      name: 'add',
      arguments: { a: 1, b: 2 },
      _meta: { 'claudecode/toolUseId': 'toolu_1', progressToken: 7 },
    };
    expect(await ask('tools/call', params, 'x')).toEqual({
      jsonrpc: '2.0',
      id: 'x',
      result: { content: [{ type: 'text', text: '3' }], structuredContent: { sum: 3 } },
    });
    expect(calls.at(-1)).toBe('toolu_1');
    await ask('tools/call', { name: 'add', arguments: { a: 1, b: 2 } });
    expect(calls.at(-1)).toBe(null);
  });

  test('refuses input that does not fit, with the path of every field', async () => {
    const answer = await ask('tools/call', { name: 'add', arguments: { a: 'x', c: 1 } });
    expect(answer?.error).toMatchObject({
      code: -32602,
      data: {
        problems: [{ path: '/arguments/a' }, { path: '/arguments/b' }, { path: '/arguments/c', code: 'UNKNOWN_FIELD' }],
      },
    });
    expect(answer?.error?.message).toContain('/arguments/a');
    expect(await ask('tools/call', { name: 'constructor', arguments: {} })).toMatchObject({
      error: { code: -32602, data: { problems: [{ path: '/name', code: 'UNKNOWN_TOOL' }] } },
    });
    expect(await ask('tools/call', { arguments: [] })).toMatchObject({
      error: { code: -32602, data: { problems: [{ path: '/name' }, { path: '/arguments' }] } },
    });
  });

  test('tells the model what was refused on purpose, and nobody what went wrong inside', async () => {
    expect(await ask('tools/call', { name: 'fail', arguments: { how: 'known' } })).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining('STATE_NOT_FOUND') }] },
    });
    const inside = await ask('tools/call', { name: 'fail', arguments: { how: 'unknown' } });
    expect(inside).toMatchObject({ error: { code: -32603 } });
    expect(JSON.stringify(inside)).not.toContain('secret');
    expect(failures).toHaveLength(1);
  });

  test('does not know other methods, so that a client of a newer protocol falls back', async () => {
    expect(await ask('server/discover')).toMatchObject({ id: 1, error: { code: -32601 } });
    expect(await ask('resources/list')).toMatchObject({ error: { code: -32601 } });
    expect(await ask('ping')).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
  });

  test('does not answer notifications and answers', async () => {
    expect(await raw({ jsonrpc: '2.0', method: 'notifications/initialized' })).toBe(null);
    expect(await raw({ jsonrpc: '2.0', id: 4, result: {} })).toBe(null);
    expect(await raw({ jsonrpc: '2.0', id: 4, error: { code: 1, message: '' } })).toBe(null);
  });

  test('refuses batches and what is no message', async () => {
    const batch = await raw([{ jsonrpc: '2.0', id: 1, method: 'ping' }]);
    expect(batch).toMatchObject({ id: null, error: { code: -32600, message: expect.stringContaining('Batches') } });
    for (const message of [null, 1, 'x', {}, { id: 1, method: 'ping' }, { jsonrpc: '2.0', id: {}, method: 'ping' }])
      expect(await raw(message), JSON.stringify(message)).toMatchObject({ error: { code: -32600 } });
    expect(await raw({ jsonrpc: '1.0', id: 9, method: 'ping' })).toMatchObject({ id: 9, error: { code: -32600 } });
    expect(await raw({ jsonrpc: '2.0', id: 9, method: 'ping', params: [] })).toMatchObject({
      error: { code: -32600, message: expect.stringContaining('/params') },
    });
  });
});
