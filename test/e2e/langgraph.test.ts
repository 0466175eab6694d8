/** A registered graph as a step of a whole server: what it asks is answered by API, and a kill in the middle repeats nothing. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Execution } from '../../src/contract/executions.ts';
import type { InboxItem } from '../../src/contract/inbox.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FIXTURES = path.join(ROOT, 'src/adapters/graph-threads/testing');

let home: string;
let database: TestDatabase;
let server: Pointsman;

beforeAll(async () => {
  home = makeHome();
  database = await createTestDatabase();
  // As an administrator would: the modules beside the configuration, with their packages.
  mkdirSync(path.join(home, 'graphs'), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(home, 'graphs/node_modules'));
  copyFileSync(path.join(ROOT, 'examples/graphs/review.mjs'), path.join(home, 'graphs/review.mjs'));
  copyFileSync(path.join(FIXTURES, 'graphs.mjs'), path.join(home, 'graphs/graphs.mjs'));
  copyFileSync(path.join(FIXTURES, 'broken.mjs'), path.join(home, 'graphs/broken.mjs'));
  writeFileSync(
    path.join(home, 'pointsman.yaml'),
    [
      'graphs:',
      '  review: { module: graphs/review.mjs, description: Reads a change }',
      '  gated: ./graphs/graphs.mjs:gated',
      '  broken: ./graphs/broken.mjs',
    ].join('\n'),
  );
  await start();
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

async function start(): Promise<void> {
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
}

describe('a registered graph', () => {
  test('is listed, with whether it loads, by API, doctor and in what a document may name', async () => {
    const list = await until('the checked graphs', async () => {
      const { body } = await server.request('GET', '/api/graphs');
      return body.every(({ status }: { status: string }) => status !== 'unchecked') ? body : null;
    });
    expect(list).toEqual([
      { name: 'review', description: 'Reads a change', status: 'ready', nodes: ['look', 'decide'] },
      { name: 'gated', status: 'ready', nodes: ['first', 'second', 'ask'] },
      { name: 'broken', status: 'failed', problem: expect.stringContaining('there is no key') },
    ]);
    expect((await server.request('GET', '/api/doctor')).body).toContainEqual(
      expect.objectContaining({
        check: 'graphs',
        status: 'warning',
        detail: expect.stringContaining('there is no key'),
      }),
    );
    const named = (graph: string) =>
      server.request('POST', '/api/workflows/validate', { nodes: [{ id: 'n', type: 'langgraph', config: { graph } }] });
    expect((await named('broken')).body).toMatchObject({ valid: true });
    expect((await named('reviews')).body).toMatchObject({
      valid: false,
      problems: [{ path: '/nodes/0/config/graph', code: 'UNKNOWN_GRAPH', message: expect.stringContaining('review') }],
    });
    expect(await end(await run({ graph: 'broken' }))).toMatchObject({
      status: 'failed',
      error: { code: 'GRAPH_UNAVAILABLE' },
    });
  });

  test('asks a person, and its final state is the output', async () => {
    const { id } = await run({ graph: 'review', input: { change: '{{ inputs.change }}' } }, { change: 'a\n// TODO b' });
    const item = await question(id);
    expect(item).toMatchObject({
      title: '“n” asks: Accept it with 1 open ends?',
      payload: { value: { findings: ['// TODO b'] } },
    });
    await until('the waiting execution', async () => (await execution(id)).status === 'waiting');
    await answer(item, 'yes');
    expect(await end({ id })).toMatchObject({
      status: 'succeeded',
      outputs: { n: { change: 'a\n// TODO b', findings: ['// TODO b'], verdict: 'accepted' } },
    });
  });

  test('goes on where it was when the server is killed, while it works and while it asks', async () => {
    const [log, gate] = [path.join(home, 'log'), path.join(home, 'gate')];
    const { id } = await run({ graph: 'gated', input: { log, gate, n: 1 } });
    await until('the second node', async () => existsSync(log) && readFileSync(log, 'utf8').includes('second'));
    await server.kill();
    await start();
    await until('the second node once more', async () => readFileSync(log, 'utf8').split('second').length === 3);
    writeFileSync(gate, '');
    const item = await question(id);
    await server.kill();
    await start();
    await answer(item, { go: 'on' });
    expect(await end({ id })).toMatchObject({
      status: 'succeeded',
      outputs: { n: { n: 2, said: ['first', 'second'], what: { go: 'on' } } },
    });
    const ran = readFileSync(log, 'utf8').trim().split('\n');
    expect(ran.filter((name) => name === 'first')).toHaveLength(1);
    expect(ran.filter((name) => name === 'second')).toHaveLength(2);
    const { body } = await server.request<Execution>('GET', `/api/executions/${id}`);
    expect(body.steps).toMatchObject([{ nodeId: 'n', attempt: 1, status: 'succeeded' }]);
  });

  test('is shown by the compiled graph of its workflow, and needs the right to command', async () => {
    const document = {
      name: 'Reviewed',
      nodes: [
        { id: 'review', type: 'langgraph', config: { graph: 'review' } },
        { id: 'done', type: 'condition' },
      ],
      edges: [{ from: 'review', to: 'done' }],
    };
    const { body } = await server.request('POST', '/api/workflows', document);
    const graph = await server.request('GET', `/api/workflows/${body.id}/graph`);
    expect(graph.body.nodes).toMatchObject([{ id: 'review', type: 'langgraph' }, { id: 'done' }]);
    const { body: token } = await server.request('POST', '/api/tokens', { name: 'operator', role: 'operator' });
    const refused = await server.request('POST', '/api/workflows', document, {
      authorization: `Bearer ${token.token}`,
    });
    expect(refused).toMatchObject({ status: 403, body: { detail: expect.stringContaining('langgraph') } });
  });
});

async function run(config: object, inputs: Record<string, unknown> = {}): Promise<{ id: string }> {
  const workflow = {
    inputs: { change: { type: 'string', default: '' } },
    nodes: [{ id: 'n', type: 'langgraph', config }],
    outputs: { n: 'nodes.n.output' },
  };
  const { status, body } = await server.request('POST', '/api/workflow/execute', { workflow, inputs });
  expect(status, JSON.stringify(body)).toBe(202);
  return body;
}

async function execution(id: string): Promise<Execution> {
  return (await server.request<Execution>('GET', `/api/executions/${id}`)).body;
}

async function end({ id }: { id: string }): Promise<Execution> {
  return until('the end', async () => {
    const now = await execution(id);
    return now.finishedAt ? now : null;
  });
}

async function question(executionId: string): Promise<InboxItem> {
  return until('the question', async () => {
    const { body } = await server.request<InboxItem[]>('GET', '/api/inbox?state=open');
    return body.find((item) => item.executionId === executionId);
  });
}

async function answer({ id, hash }: InboxItem, given: unknown): Promise<void> {
  const { status, body } = await server.request('POST', `/api/inbox/${id}/resolve`, {
    decision: 'answer',
    hash,
    form: { answer: given },
  });
  expect(status, JSON.stringify(body)).toBe(200);
}
