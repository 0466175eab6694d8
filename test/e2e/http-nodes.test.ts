/** http and notify steps of a whole server against a real endpoint: what is sent, what is refused, and what a crash leaves. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Execution, Step } from '../../src/contract/executions.ts';
import type { InboxItem } from '../../src/contract/inbox.ts';
import { type HttpEndpoint, httpEndpoint, type SeenRequest } from '../support/http-endpoint.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const SECRET = 'sk-"very"-secret-value';

let home: string;
let database: TestDatabase;
let endpoint: HttpEndpoint;
let server: Pointsman;

beforeAll(async () => {
  home = makeHome();
  database = await createTestDatabase();
  endpoint = await httpEndpoint();
  await start();
  await server.request('PUT', '/api/secrets/API_KEY', { value: `${SECRET}\n` });
  await server.request('PUT', '/api/secrets/SIGNING', { value: 'signing-key' });
  await server.request('PUT', '/api/channels/deploys', {
    kind: 'webhook',
    url: `${endpoint.url}/hook`,
    secret: 'SIGNING',
  });
});

afterAll(async () => {
  await removeHome(home);
  await endpoint.close();
  await database.drop();
});

const answering =
  (status: number, body: unknown): HttpEndpoint['answer'] =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

beforeEach(() => {
  endpoint.seen.length = 0;
  endpoint.answer = answering(200, { ok: true });
});

describe('an http step', () => {
  test('sends what the document says, and its answer is there for what follows', async () => {
    endpoint.answer = answering(201, { id: 7 });
    const execution = await run({
      inputs: { what: { type: 'string', default: 'A "quoted" name' } },
      nodes: [
        {
          id: 'make',
          type: 'http',
          config: {
            method: 'POST',
            url: `${endpoint.url}/things?of={{ 1 + 1 }}`,
            headers: { 'X-What': 'a {{ inputs.what }}' },
            body: { name: '{{ inputs.what }}', n: '{{ 40 + 2 }}' },
          },
        },
        { id: 'take', type: 'transform', config: { value: 'nodes.make.output.body.id + 1' } },
      ],
      edges: [{ from: 'make', to: 'take' }],
      outputs: { next: 'nodes.take.output', status: 'nodes.make.output.status' },
    });
    expect(execution).toMatchObject({ status: 'succeeded', outputs: { next: 8, status: 201 } });
    expect(endpoint.seen).toMatchObject([
      {
        method: 'POST',
        url: '/things?of=2',
        headers: { 'x-what': 'a A "quoted" name', 'content-type': 'application/json' },
      },
    ]);
    expect(JSON.parse(endpoint.seen[0]?.body ?? '')).toEqual({ name: 'A "quoted" name', n: 42 });
  });

  test('that gets a status it does not expect fails with its answer, which an error edge can read', async () => {
    endpoint.answer = answering(503, { why: 'closed' });
    const execution = await run({
      nodes: [
        { id: 'ask', type: 'http', config: { url: endpoint.url }, retry: { max: 1 } },
        { id: 'note', type: 'transform', config: { value: "error.code + ' ' + error.output.body.why" } },
      ],
      edges: [{ from: 'ask', to: 'note', on: 'error' }],
      outputs: { note: 'nodes.note.output' },
    });
    expect(execution).toMatchObject({ status: 'succeeded', outputs: { note: 'HTTP_STATUS closed' } });
    expect(endpoint.seen).toHaveLength(2);
  });

  test('sends a secret, and its value is nowhere else', async () => {
    endpoint.answer = (request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'x-echo': request.headers.authorization ?? '' })
        .end(JSON.stringify(request.headers));
    const config = { url: endpoint.url, secret: 'API_KEY', headers: { 'X-Api-Key': 'secret:API_KEY' } };
    const execution = await run({ nodes: [{ id: 'ask', type: 'http', config }], outputs: { all: 'nodes.ask.output' } });
    expect(endpoint.seen[0]?.headers).toMatchObject({ authorization: `Bearer ${SECRET}`, 'x-api-key': SECRET });
    expect(execution).toMatchObject({
      status: 'succeeded',
      steps: [{ input: config, output: { headers: { 'x-echo': 'Bearer ***' }, body: { 'x-api-key': '***' } } }],
    });
    const client = new Client({ ...database.connection, password: '', ssl: false });
    await client.connect();
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      for (const { row } of rows) expect(row.includes('-secret-value'), `${name} holds the secret`).toBe(false);
    }
    await client.end();
    expect(readFileSync(path.join(home, 'server.log'), 'utf8')).not.toContain('-secret-value');
  });

  test('reaches neither what is private nor this server, also by a redirect', async () => {
    const code = async (url: string) =>
      (await run({ nodes: [{ id: 'a', type: 'http', config: { url } }] })).error?.code;
    expect(await code('http://169.254.169.254/latest/meta-data/')).toBe('HTTP_ADDRESS_BLOCKED');
    expect(await code('http://[::1]:1/')).toBe('HTTP_ADDRESS_BLOCKED');
    expect(await code(`${server.url}/api/agents`)).toBe('HTTP_ADDRESS_BLOCKED');
    endpoint.answer = (_, response) => response.writeHead(302, { location: `${server.url}/healthz` }).end();
    expect(await code(endpoint.url)).toBe('HTTP_ADDRESS_BLOCKED');
    expect(endpoint.seen).toHaveLength(1);
  });

  test.each([
    ['its timeout', { timeout: 'PT0.3S' }],
    ['a cancel', {}],
  ])('is broken off by %s', async (what, options) => {
    endpoint.answer = null;
    const id = await execute({
      nodes: [{ id: 'a', type: 'http', config: { method: 'POST', url: endpoint.url }, ...options }],
    });
    await until('the request', async () => endpoint.seen.length > 0);
    if (what === 'a cancel') await server.request('POST', `/api/executions/${id}/cancel`);
    await endpoint.seen[0]?.gone;
    expect(await ended(id)).toMatchObject(
      what === 'a cancel' ? { status: 'cancelled' } : { status: 'failed', error: { code: 'TIMEOUT' } },
    );
  });
});

describe('kill -9 in the middle of a request', () => {
  test('a GET is asked again, a POST is not: a person decides', async () => {
    endpoint.answer = null;
    const id = await execute({
      nodes: [
        { id: 'read', type: 'http', config: { url: `${endpoint.url}/read` } },
        { id: 'act', type: 'http', config: { method: 'POST', url: `${endpoint.url}/act`, body: 'x' } },
        { id: 'tell', type: 'notify', config: { channel: 'deploys', message: 'm' } },
        {
          id: 'again',
          type: 'http',
          config: { method: 'POST', url: `${endpoint.url}/again` },
          retry: { max: 1, on: ['unknown'] },
        },
      ],
    });
    await until('the requests', async () => endpoint.seen.length === 4);
    await server.kill();
    endpoint.answer = answering(200, { ok: true });
    await start();
    const stuck = await until('the steps', async () => {
      const execution = await get(id);
      return execution.status === 'waiting' && execution;
    });
    const statuses = (nodeId: string) =>
      stuck.steps.filter((step) => step.nodeId === nodeId).map(({ status }) => status);
    expect(statuses('read')).toEqual(['succeeded']);
    expect(statuses('act')).toEqual(['unknown']);
    expect(statuses('tell')).toEqual(['unknown']);
    expect(statuses('again')).toEqual(['unknown', 'succeeded']);
    const count = (url: string) => endpoint.seen.filter((request) => request.url === url).length;
    expect([count('/read'), count('/act'), count('/hook'), count('/again')]).toEqual([2, 1, 1, 2]);

    for (const [nodeId, decision] of [
      ['act', 'mark_succeeded'],
      ['tell', 'retry'],
    ] as const) {
      const { id: stepId } = stuck.steps.find((step: Step) => step.nodeId === nodeId) as Step;
      const { body: open } = await server.request<InboxItem[]>('GET', '/api/inbox?state=open');
      const item = open.find((one) => one.stepId === stepId);
      const answer = { decision, hash: item?.hash, ...(decision === 'retry' ? {} : { form: { status: 200 } }) };
      expect((await server.request('POST', `/api/inbox/${item?.id}/resolve`, answer)).status).toBe(200);
    }
    expect(await ended(id)).toMatchObject({ status: 'succeeded' });
    expect([count('/act'), count('/hook')]).toEqual([1, 2]);
    const ids = endpoint.seen.filter(({ url }) => url === '/hook').map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(1);
  });

  test('a server that is told to stop waits for the answer to what acts', async () => {
    endpoint.answer = null;
    const id = await execute({ nodes: [{ id: 'act', type: 'http', config: { method: 'POST', url: endpoint.url } }] });
    let reply = (): void => undefined;
    endpoint.answer = (_, response) => (reply = () => void response.end('done'));
    await until('the request', async () => endpoint.seen.length === 1);
    const stopping = server.kill('SIGTERM');
    reply();
    await stopping;
    await start();
    expect(await ended(id)).toMatchObject({ status: 'succeeded', steps: [{ attempt: 1, output: { body: 'done' } }] });
    expect(endpoint.seen).toHaveLength(1);
  });
});

describe('a notify step', () => {
  test('delivers a signed message, and its receipt is there for what follows', async () => {
    const execution = await run({
      nodes: [{ id: 'tell', type: 'notify', config: { channel: 'deploys', message: 'Ship {{ execution.name }}' } }],
      outputs: { receipt: 'nodes.tell.output' },
    });
    expect(execution).toMatchObject({
      status: 'succeeded',
      outputs: { receipt: { channel: 'deploys', kind: 'webhook', status: 200 } },
    });
    const { headers, body } = endpoint.seen[0] as SeenRequest;
    const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', 'signing-key').update(signed).digest('base64')}`,
    );
    expect(JSON.parse(body)).toMatchObject({
      message: 'Ship Untitled',
      execution: { id: execution.id, nodeId: 'tell' },
    });
  });

  test('to a channel that does not exist is refused before it runs, with the nearest name', async () => {
    const document = { nodes: [{ id: 'tell', type: 'notify', config: { channel: 'deplosy', message: 'm' } }] };
    expect((await server.request('POST', '/api/workflow/execute', { workflow: document })).body).toMatchObject({
      code: 'WORKFLOW_INVALID',
      problems: [{ code: 'UNKNOWN_CHANNEL', message: expect.stringContaining('Did you mean deploys?') }],
    });
  });
});

async function start(): Promise<void> {
  server = await startPointsman({
    home,
    env: { POINTSMAN_DATABASE_URL: database.url, POINTSMAN_HTTP_ALLOW: '127.0.0.1' },
  });
}

async function execute(workflow: object): Promise<string> {
  const answer = await server.request('POST', '/api/workflow/execute', { workflow });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  return answer.body.id;
}

async function get(id: string): Promise<Execution> {
  return (await server.request<Execution>('GET', `/api/executions/${id}`)).body;
}

async function ended(id: string): Promise<Execution> {
  return until('the end of the execution', async () => {
    const execution = await get(id);
    return execution.finishedAt ? execution : null;
  });
}

async function run(workflow: object): Promise<Execution> {
  return ended(await execute(workflow));
}
