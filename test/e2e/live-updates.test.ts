/** /ws/updates of a whole server: a snapshot, then every event once and in order, for each topic and any client. */
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Frame, type LiveSocket, openSocket } from '../support/live-socket.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { shellAgent, runCommand } from '../support/shell-agents.ts';

const NIL = '00000000-0000-7000-8000-000000000000';

let home: string;
let database: TestDatabase;
let server: Pointsman;
const open: LiveSocket[] = [];

beforeAll(async () => {
  home = makeHome();
  database = await createTestDatabase();
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
});

afterEach(() => open.splice(0).forEach((socket) => socket.close()));

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

describe('a topic', () => {
  test('begins with a snapshot; its events follow without a gap', async () => {
    const socket = await connect();
    await put('first', 0);
    socket.send({ type: 'subscribe', topic: 'state:numbers' });
    const snapshot = await socket.next({ type: 'snapshot' });
    expect(snapshot).toMatchObject({ topic: 'state:numbers', data: [{ key: 'first', value: 0, version: 1 }] });
    for (let number = 1; number <= 30; number += 1) await put('counted', number);
    const last = await socket.next((frame) => frame['data']?.value === 30);
    const events = eventsOf(socket);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => snapshot['seq'] + 1 + index));
    expect(events.map(({ data }) => data.value)).toEqual(Array.from({ length: 30 }, (_unused, index) => index + 1));
    expect(last).toMatchObject({
      event: 'state.changed',
      topic: 'state:numbers',
      at: expect.stringMatching(/Z$/),
      data: { key: 'counted', version: 30 },
    });
    await server.request('DELETE', '/api/state/numbers/first');
    expect(await socket.next({ event: 'state.deleted' })).toMatchObject({
      data: { key: 'first' },
      seq: last['seq'] + 1,
    });
  });

  test('taken up from a number replays what came after it, and sends no snapshot', async () => {
    const before = await connect();
    before.send({ type: 'subscribe', topic: 'state:replayed' });
    const { seq } = await before.next({ type: 'snapshot' });
    for (const value of [1, 2, 3, 4, 5]) await server.request('PUT', '/api/state/replayed/key', { value });
    await before.next((frame) => frame['data']?.value === 5);
    before.close();
    const after = await connect();
    after.send({ type: 'subscribe', topic: 'state:replayed', since: seq + 2 });
    await after.next((frame) => frame['data']?.value === 5);
    await server.request('PUT', '/api/state/replayed/key', { value: 6 });
    await after.next((frame) => frame['data']?.value === 6);
    expect(after.frames.map(({ type }) => type)).toEqual(['event', 'event', 'event', 'event']);
    expect(eventsOf(after).map((event) => event['seq'])).toEqual([seq + 3, seq + 4, seq + 5, seq + 6]);
  });

  test('taken up from a number that is not kept any more, or never was, begins anew', async () => {
    for (const value of [1, 2, 3]) await server.request('PUT', '/api/state/forgotten/key', { value });
    const client = new Client({ ...database.connection, password: '', ssl: false });
    await client.connect();
    const { rows } = await client.query(
      "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'seq' AND table_name LIKE '%event%'",
    );
    for (const { table_name: table } of rows as { table_name: string }[])
      await client.query(`DELETE FROM ${table} WHERE topic = 'state:forgotten' AND seq <= 2`);
    await client.end();
    for (const since of [0, 1, 999_999]) {
      const socket = await connect();
      socket.send({ type: 'subscribe', topic: 'state:forgotten', since });
      expect(await socket.next(() => true), `since ${since}`).toMatchObject({
        type: 'snapshot',
        seq: 3,
        data: [{ key: 'key', value: 3 }],
      });
    }
  });

  test('does not mix with another on the same socket, and ends when asked', async () => {
    const socket = await connect();
    for (const topic of ['state:left', 'state:right']) socket.send({ type: 'subscribe', topic });
    await socket.next({ type: 'snapshot', topic: 'state:left' });
    await socket.next({ type: 'snapshot', topic: 'state:right' });
    for (let number = 1; number <= 5; number += 1)
      for (const side of ['left', 'right']) await server.request('PUT', `/api/state/${side}/key`, { value: number });
    for (const topic of ['state:left', 'state:right'])
      await socket.next((frame) => frame['topic'] === topic && frame['data']?.value === 5);
    for (const topic of ['state:left', 'state:right'])
      expect(
        eventsOf(socket)
          .filter((event) => event['topic'] === topic)
          .map((event) => event['seq']),
      ).toEqual([1, 2, 3, 4, 5]);
    socket.send({ type: 'unsubscribe', topic: 'state:left' });
    await socket.next({ type: 'unsubscribed', topic: 'state:left' });
    for (const side of ['left', 'right']) await server.request('PUT', `/api/state/${side}/key`, { value: 6 });
    await socket.next((frame) => frame['topic'] === 'state:right' && frame['data']?.value === 6);
    expect(eventsOf(socket).filter((event) => event['topic'] === 'state:left')).toHaveLength(5);
  });

  test('subscribed twice is not told twice', async () => {
    const socket = await connect();
    socket.send({ type: 'subscribe', topic: 'state:twice' });
    socket.send({ type: 'subscribe', topic: 'state:twice' });
    await socket.next({ type: 'snapshot' });
    await socket.next({ type: 'snapshot' });
    for (const value of [1, 2]) await server.request('PUT', '/api/state/twice/key', { value });
    await socket.next((frame) => frame['data']?.value === 2);
    expect(eventsOf(socket).map((event) => event['seq'])).toEqual([1, 2]);
  });

  test('shows the same as the REST of its things: agents, workflows, executions, inbox', async () => {
    const agent = await shellAgent(server, 'watched', { workspace: { path: home } });
    const { body: execution } = await server.request('POST', '/api/workflow/execute', {
      workflow: { nodes: [{ id: 'gate', type: 'approval', config: { title: 'Seen?' } }] },
    });
    const openItems = async () =>
      (await server.request('GET', '/api/inbox?state=open')).body as { id: string; hash: string }[];
    const item = await until('the question', async () => (await openItems())[0]);
    const { body: workflow } = await server.request('POST', '/api/workflows', {
      nodes: [{ id: 'a', type: 'condition', config: {} }],
    });
    const socket = await connect();
    const topics = [
      'agents',
      `agent:${agent.id}`,
      'workflows',
      'executions',
      `execution:${execution.id}`,
      'inbox',
      'system',
    ];
    for (const topic of topics) socket.send({ type: 'subscribe', topic });
    const data = new Map<string, any>();
    for (const topic of topics) data.set(topic, (await socket.next({ type: 'snapshot', topic }))['data']);
    expect(data.get('agents')).toMatchObject([{ id: agent.id, name: 'watched' }]);
    expect(data.get(`agent:${agent.id}`)).toMatchObject({ agent: { id: agent.id }, tasks: [] });
    expect(data.get('workflows')).toMatchObject([{ id: workflow.id }]);
    expect(data.get('executions')).toMatchObject([{ id: execution.id, steps: [] }]);
    expect(data.get(`execution:${execution.id}`)).toMatchObject({ id: execution.id });
    expect(data.get('system')).toMatchObject({ version: expect.any(String) });

    await runCommand(server, agent.id, 'echo seen');
    expect(
      await socket.next((frame) => frame['event'] === 'task.changed' && frame['data'].status === 'succeeded'),
    ).toMatchObject({ topic: `agent:${agent.id}`, data: { result: { text: 'seen' } } });
    expect(data.get('inbox')).toMatchObject([{ id: item.id }]);
    await server.request('POST', `/api/inbox/${item.id}/resolve`, { decision: 'approve', hash: item.hash });
    expect(await socket.next({ event: 'inbox.closed' })).toMatchObject({ data: { id: item.id, state: 'resolved' } });
    expect(
      await socket.next((frame) => frame['event'] === 'step.changed' && frame['data'].status === 'succeeded'),
    ).toMatchObject({ data: { nodeId: 'gate' } });
    await socket.next(
      (frame) =>
        frame['topic'] === 'executions' &&
        frame['event'] === 'execution.changed' &&
        frame['data'].status === 'succeeded',
    );
    await server.request('DELETE', `/api/agents/${agent.id}`);
    expect(
      await socket.next((frame) => frame['event'] === 'agent.deleted' && frame['topic'] === 'agents'),
    ).toMatchObject({ data: { id: agent.id } });
    await server.request('DELETE', `/api/workflows/${workflow.id}`);
    await socket.next({ event: 'workflow.deleted' });
    for (const topic of topics) {
      const numbers = eventsOf(socket)
        .filter((event) => event['topic'] === topic)
        .map((event) => event['seq'] as number);
      expect(numbers, topic).toEqual(numbers.map((_number, index) => (numbers[0] ?? 0) + index));
    }
  });

  test('of nothing is empty, and a viewer may watch', async () => {
    const { body } = await server.request('POST', '/api/tokens', { name: 'watcher', role: 'viewer' });
    const socket = await openSocket(server, '/ws/updates', { authorization: `Bearer ${body.token}` });
    open.push(socket);
    socket.send({ type: 'subscribe', topic: `execution:${NIL}` });
    expect(await socket.next({ type: 'snapshot' })).toMatchObject({ data: null, seq: 0 });
  });
});

describe('a client', () => {
  test('that sends nonsense is told so, and its socket stays usable', async () => {
    const socket = await connect();
    const nonsense = [
      '',
      '{',
      '7',
      'null',
      '[]',
      '{}',
      '{"type":"hello"}',
      '{"type":"subscribe"}',
      '{"type":"subscribe","topic":"everything"}',
      '{"type":"subscribe","topic":"agent:x"}',
      '{"type":"subscribe","topic":"agents","since":-1}',
      '{"type":"subscribe","topic":"agents","since":"1"}',
      '{"type":"subscribe","topic":"agents","scopes":["admin"]}',
      '{"type":"subscribe","topic":"state:../x"}',
      Buffer.from([0, 1, 2]),
    ];
    for (const frame of nonsense) {
      socket.send(frame);
      expect(await socket.next({ type: 'error' }), String(frame)).toMatchObject({
        code: 'INVALID_REQUEST',
        detail: expect.any(String),
      });
    }
    socket.send({ type: 'subscribe', topic: 'system' });
    await socket.next({ type: 'snapshot', topic: 'system' });
    socket.send({ type: 'unsubscribe', topic: 'inbox' });
    await socket.next({ type: 'unsubscribed', topic: 'inbox' });
  });

  test('that sends a frame of more than a mebibyte is cut off, and nobody else', async () => {
    const [large, other] = [await connect(), await connect()];
    large.socket.on('error', () => undefined);
    large.send('x'.repeat(2 * 1_048_576));
    expect((await large.closed).code).not.toBe(1000);
    other.send({ type: 'subscribe', topic: 'system' });
    await other.next({ type: 'snapshot' });
  });

  test(
    'that does not read gets a snapshot later instead of a backlog, and costs the server little',
    { timeout: 120_000 },
    async () => {
      const [slow, quick] = [await connect(), await connect()];
      for (const socket of [slow, quick]) {
        socket.send({ type: 'subscribe', topic: 'state:flood' });
        await socket.next({ type: 'snapshot' });
      }
      slow.socket.pause();
      const before = memoryOf(server.pid);
      const value = 'x'.repeat(400_000);
      // Far more than a socket and its buffers hold.
      for (let number = 1; number <= 80; number += 1)
        await server.request('PUT', '/api/state/flood/key', { value: `${number} ${value}` });
      await quick.next((frame) => frame['seq'] === 80, 30_000);
      const grown = memoryOf(server.pid) - before;
      const missing = 80 - slow.frames.length;
      slow.socket.resume();
      const fresh = await slow.next((frame) => frame['type'] === 'snapshot' && frame['seq'] === 80, 30_000);
      expect(fresh['data'][0].value).toMatch(/^80 /);
      expect(missing).toBeGreaterThan(40);
      expect(eventsOf(slow).length).toBeLessThan(60);
      expect(grown).toBeLessThan(250 * 1_048_576);
      await server.request('PUT', '/api/state/flood/key', { value: 'after' });
      expect(await slow.next((frame) => frame['seq'] === 81)).toMatchObject({
        type: 'event',
        data: { value: 'after' },
      });
    },
  );
});

async function connect(): Promise<LiveSocket> {
  const socket = await openSocket(server, '/ws/updates');
  open.push(socket);
  return socket;
}

function put(key: string, value: number) {
  return server.request('PUT', `/api/state/numbers/${key}`, { value });
}

function eventsOf(socket: LiveSocket): Frame[] {
  return socket.frames.filter(({ type }) => type === 'event');
}

/** Bytes resident. */
function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
