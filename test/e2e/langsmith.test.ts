/** Traces as LangSmith gets them, against an endpoint on loopback: what runs are called, what lies below what, what is never sent. */
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Execution } from '../../src/contract/executions.ts';
import { type HttpEndpoint, httpEndpoint } from '../support/http-endpoint.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const KEY = 'lsv2_a-key-that-nobody-sees';
const SECRET = 'a-secret-value-of-a-step';

let home: string;
let database: TestDatabase;
let langsmith: HttpEndpoint;
let server: Pointsman | null = null;

beforeAll(async () => {
  home = makeHome();
  database = await createTestDatabase();
  mkdirSync(path.join(home, 'graphs'), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(home, 'graphs/node_modules'));
  copyFileSync(path.join(ROOT, 'examples/graphs/review.mjs'), path.join(home, 'graphs/review.mjs'));
  writeFileSync(path.join(home, 'pointsman.yaml'), 'graphs: { review: ./graphs/review.mjs }\n');
});
afterAll(async () => {
  await removeHome(home);
  await database.drop();
});
beforeEach(async () => {
  langsmith = await httpEndpoint();
});
afterEach(async () => {
  await server?.kill();
  await langsmith.close();
});

/** Each run as it is after all that was sent of it. */
function runs(): Record<string, any>[] {
  const merged = new Map<string, Record<string, any>>();
  for (const { url, headers, body } of langsmith.seen) {
    if (!url.endsWith('/runs/multipart')) continue;
    const boundary = /boundary=(.+)$/.exec(String(headers['content-type']))?.[1] ?? expect.fail('it has a boundary');
    for (const part of body.split(`--${boundary}`)) {
      const [, id = '', field] = /name="(?:post|patch)\.([0-9a-f-]{36})(?:\.(\w+))?"/.exec(part) ?? [];
      if (id === '') continue;
      const value = JSON.parse(part.slice(part.indexOf('\r\n\r\n')).trim());
      const run = merged.get(id) ?? {};
      merged.set(id, field === undefined ? { ...run, ...value } : { ...run, [field]: value });
    }
  }
  return [...merged.values()];
}

const count = (names: readonly string[], name: string) => names.filter((one) => one === name).length;

const WORKFLOW = {
  name: 'Ship it',
  nodes: [
    {
      id: 'fetch',
      name: 'Fetch the change',
      type: 'http',
      config: { url: '', secret: 'API_KEY' },
      onError: 'continue',
    },
    { id: 'review', name: 'Review it', type: 'langgraph', config: { graph: 'review', input: { change: 'nothing' } } },
    { id: 'each', type: 'map', config: { over: '[1, 2]', node: { type: 'transform', config: { value: 'item * 2' } } } },
    { id: 'bad', type: 'shell', config: { command: ['false'] } },
  ],
  edges: [
    { from: 'fetch', to: 'review' },
    { from: 'review', to: 'each' },
    { from: 'each', to: 'bad' },
  ],
};

test('an execution is one trace: drawn nodes by their names, and below a graph its own nodes', async () => {
  await start({ LANGSMITH_API_KEY: KEY, LANGSMITH_TRACING: 'true', LANGSMITH_PROJECT: 'agents' });
  const echo = await httpEndpoint();
  echo.answer = ({ headers }, response) => response.end(`you sent ${headers.authorization}`);
  const [fetch, ...others] = WORKFLOW.nodes;
  const nodes = [{ ...fetch, config: { ...fetch?.config, url: echo.url } }, ...others];
  const execution = await run({ ...WORKFLOW, nodes });
  await echo.close();
  expect(execution.status).toBe('failed');
  const named = (name: string) => runs().find((one) => one['name'] === name);
  // They come in batches, a graph's own ones by themselves.
  const wanted = [
    'Ship it',
    'Fetch the change',
    'Review it',
    'review',
    'look',
    'decide',
    'each',
    'each',
    'each',
    'bad',
  ];
  await until('the ended runs', async () => {
    const ended = runs().flatMap((one) => (one['end_time'] ? [String(one['name'])] : []));
    return wanted.every((name) => count(ended, name) >= count(wanted, name)) && ended.length === runs().length;
  });

  const root = named('Ship it');
  expect(root).toMatchObject({
    id: execution.id,
    session_name: 'agents',
    error: expect.stringContaining('NON_ZERO_EXIT'),
  });
  const below = (parent: Record<string, any> | undefined) =>
    runs()
      .filter((one) => one['parent_run_id'] === parent?.['id'])
      .map((one) => one['name'])
      .toSorted();
  expect(below(root)).toEqual(['Fetch the change', 'Review it', 'bad', 'each', 'each', 'each']);
  expect(below(named('Review it'))).toEqual(['review']);
  expect(below(named('review'))).toEqual(expect.arrayContaining(['decide', 'look']));
  expect(named('Review it')).toMatchObject({ outputs: { verdict: 'accepted' }, inputs: { graph: 'review' } });
  expect(named('bad')).toMatchObject({ outputs: { exitCode: 1 }, error: expect.stringContaining('NON_ZERO_EXIT') });
  for (const one of runs()) {
    expect(one['trace_id'], one['name']).toBe(execution.id);
    expect(one['dotted_order'].split('.')[0], one['name']).toBe(root?.['dotted_order']);
    expect(one['dotted_order'], one['name']).toMatch(/^\d{8}T\d{12}Z[0-9a-f-]{36}(\.|$)/);
  }
  // Nothing shows the graph that hosts executions.
  expect(named('advance')).toBe(undefined);

  expect(named('Fetch the change')?.['outputs'].body).toBe('you sent Bearer ***');
  for (const { body, headers } of langsmith.seen) {
    expect(body).not.toContain(SECRET);
    expect(body).not.toContain(KEY);
    expect(headers['x-api-key']).toBe(KEY);
  }
});

test('a trace that was begun goes on after a kill', async () => {
  const env = { LANGSMITH_API_KEY: KEY, LANGSMITH_TRACING: 'true' };
  const first = await start(env);
  const { id } = await execute({
    name: 'Waits',
    nodes: [
      { id: 'ask', type: 'approval', config: { title: 'Go on?' } },
      { id: 'done', type: 'condition' },
    ],
    edges: [{ from: 'ask', to: 'done' }],
  });
  await until('the begun runs', async () => runs().some((one) => one['name'] === 'ask'));
  await first.kill();
  const second = await start(env);
  const { body } = await second.request('GET', '/api/inbox?state=open');
  const [item] = body.filter((one: { executionId?: string }) => one.executionId === id);
  await second.request('POST', `/api/inbox/${item.id}/resolve`, { decision: 'approve', hash: item.hash });
  const ended = await until('the ended runs', async () => {
    const all = runs();
    return all.length === 3 && all.every((one) => one['end_time']) ? all : null;
  });
  expect(ended.map((one) => one['name']).toSorted()).toEqual(['Waits', 'ask', 'done']);
});

test.each([
  ['the key', { LANGSMITH_TRACING: 'true' }],
  ['the switch', { LANGSMITH_API_KEY: KEY }],
])('without %s nothing is sent, by nobody', async (_, env) => {
  await start(env);
  const execution = await run({ ...WORKFLOW, nodes: WORKFLOW.nodes.slice(1), edges: WORKFLOW.edges.slice(1) });
  expect(execution.steps?.find(({ nodeId }) => nodeId === 'review')?.status).toBe('succeeded');
  // What waits to be sent is sent before it ends.
  await server?.kill('SIGTERM');
  expect(langsmith.seen).toEqual([]);
});

async function start(env: Record<string, string>): Promise<Pointsman> {
  langsmith.answer = ({ url }, response) =>
    response
      .writeHead(url === '/info' ? 200 : 202, { 'content-type': 'application/json' })
      .end(
        JSON.stringify(url === '/info' ? { version: '1', batch_ingest_config: { use_multipart_endpoint: true } } : {}),
      );
  server = await startPointsman({
    home,
    env: {
      POINTSMAN_DATABASE_URL: database.url,
      POINTSMAN_HTTP_ALLOW: '127.0.0.1',
      LANGSMITH_ENDPOINT: langsmith.url,
      ...env,
    },
  });
  await server.request('PUT', '/api/secrets/API_KEY', { value: SECRET });
  return server;
}

async function execute(workflow: object): Promise<{ id: string }> {
  const { status, body } = await server!.request('POST', '/api/workflow/execute', { workflow });
  expect(status, JSON.stringify(body)).toBe(202);
  return body;
}

async function run(workflow: object): Promise<Execution> {
  const { id } = await execute(workflow);
  return until('the end', async () => {
    const { body } = await server!.request<Execution>('GET', `/api/executions/${id}`);
    return body.finishedAt ? body : null;
  });
}
