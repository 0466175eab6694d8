import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApiClient } from './api-client.ts';
import { type PretendServer, pretendServer, problem, TOKEN } from './testing/pretend-server.ts';

let server: PretendServer;
beforeAll(async () => {
  server = await pretendServer();
});
afterAll(async () => await server.close());

const client = () => createApiClient({ url: server.url, token: TOKEN });
const id = '0199a1b2-c3d4-7000-8000-000000000001';

test('a creation carries its body, its type and a fresh idempotency key', async () => {
  server.on(`POST /api/agents/${id}/tasks`, { status: 202, body: { id } });
  await client().call('createTask', { params: { id }, body: { prompt: 'ls' } });
  await client().call('createTask', { params: { id }, body: { prompt: 'ls' } });
  const [first, second] = server.requests.slice(-2);
  expect(JSON.parse(first?.body ?? '')).toEqual({ prompt: 'ls' });
  expect(first?.headers['content-type']).toBe('application/json');
  expect(first?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
  expect(second?.headers['idempotency-key']).not.toBe(first?.headers['idempotency-key']);
});

test('a request without a body says nothing of a content type', async () => {
  server.on(`POST /api/agents/${id}/start`, { status: 202, body: { id } });
  await client().call('startAgent', { params: { id } });
  expect(server.requests.at(-1)?.headers['content-type']).toBe(undefined);
});

test('a document goes out as it was written, named YAML or JSON for what it is', async () => {
  server.on('POST /api/workflows/validate', { body: { valid: true, problems: [] } });
  await client().call('validateWorkflow', { text: 'nodes: []' });
  await client().call('validateWorkflow', { text: '{"nodes": []}' });
  expect(server.requests.slice(-2).map((request) => [request.headers['content-type'], request.body])).toEqual([
    ['application/yaml', 'nodes: []'],
    ['application/json', '{"nodes": []}'],
  ]);
});

test('names in a path are encoded, and a version goes into If-Match', async () => {
  server.on('PUT /api/state/a.b/k%2F1', { body: { value: 1, version: 4, updatedAt: '' } });
  await client().call('putState', { params: { namespace: 'a.b', key: 'k/1' }, body: { value: 1 }, ifMatch: 3 });
  expect(server.requests.at(-1)?.headers['if-match']).toBe('"3"');
});

test('a list follows the cursors until the limit, and says when there is more', async () => {
  server.on('GET /api/agents', ({ query }) => {
    const from = Number(query.get('cursor') ?? 0);
    const limit = Number(query.get('limit'));
    const body = Array.from({ length: Math.min(limit, 450 - from) }, (_, index) => ({ id: String(from + index) }));
    // The address in the link is another host's on purpose: only its cursor may count.
    const link: Record<string, string> =
      from + limit < 450
        ? { link: `<https://elsewhere.example/api/agents?limit=${limit}&cursor=${from + limit}>; rel="next"` }
        : {};
    return { body, headers: link };
  });
  const all = await client().list('listAgents', {});
  expect([all.items.length, all.more]).toEqual([450, false]);
  const some = await client().list('listAgents', {}, 250);
  expect([some.items.length, some.more, some.items.at(-1)?.id]).toEqual([250, true, '249']);
});

test('a problem document becomes the same error, with its problems', async () => {
  const problems = [{ path: '/name', code: 'TOO_SHORT', message: 'Too short', severity: 'error' }];
  server.on('POST /api/agents', problem(422, 'INVALID_REQUEST', 'The name is too short', { problems }));
  await expect(
    client().call('createAgent', { body: { name: 'x', kind: 'shell', workspace: { path: '/' } } }),
  ).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: 'The name is too short', problems });
});

test('a code that we do not know yet keeps its words', async () => {
  server.on('GET /api/me', problem(403, 'FROM_THE_FUTURE', 'Not on Sundays'));
  await expect(client().call('getMe')).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'Not on Sundays' });
});

test('a wrong token, nobody there, and somebody else there are three different errors', async () => {
  await expect(createApiClient({ url: server.url, token: 'other' }).call('getMe')).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  });
  await expect(createApiClient({ url: 'http://127.0.0.1:9', token: TOKEN }).call('getMe')).rejects.toMatchObject({
    code: 'SERVER_UNREACHABLE',
  });
  server.on('GET /api/me', { text: '<html>hello</html>' });
  await expect(client().call('getMe')).rejects.toMatchObject({
    code: 'SERVER_UNREACHABLE',
    message: expect.stringContaining('not Pointsman') as string,
  });
});

test('a redirect is not followed with the token', async () => {
  server.on('GET /api/me', { status: 302, headers: { location: 'http://elsewhere.example/' } });
  await expect(client().call('getMe')).rejects.toMatchObject({ name: 'PointsmanError' });
});

test('a dropped connection is tried again with the same key, but a plain change never is', async () => {
  let calls = 0;
  server.on(`POST /api/agents/${id}/tasks`, () => (++calls === 1 ? { drop: true } : { status: 202, body: { id } }));
  await client().call('createTask', { params: { id }, body: { prompt: 'ls' } });
  const keys = server.requests.slice(-2).map((request) => request.headers['idempotency-key']);
  expect([calls, keys[0] === keys[1]]).toEqual([2, true]);
  server.on(`POST /api/agents/${id}/stop`, { drop: true });
  const before = server.requests.length;
  await expect(client().call('stopAgent', { params: { id } })).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  expect(server.requests.length - before).toBe(1);
});
