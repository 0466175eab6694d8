/** /ws/terminals of a whole server: the screen and its bytes to everybody, keystrokes from one. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import { type LiveSocket, openSocket } from '../support/live-socket.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { processesOf, runCommand, shellAgent, untilAgent } from '../support/shell-agents.ts';

let home: string;
let database: TestDatabase;
let server: Pointsman;
let agent: Agent;
let others = 0;
const open: LiveSocket[] = [];

beforeAll(async () => {
  home = makeHome();
  database = await createTestDatabase();
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  agent = await shellAgent(server, 'shown', { workspace: { path: home } });
});

afterEach(async () => {
  open.splice(0).forEach((socket) => socket.close());
  await until(
    'the seat to be free',
    async () => (await server.request('GET', `/api/agents/${agent.id}`)).body.seat === null,
  );
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

describe('a terminal', () => {
  test('is repainted first, then shows what is printed', async () => {
    await runCommand(server, agent.id, 'echo "here before"');
    const socket = await watch();
    await seen(socket, 'here before');
    expect(socket.bytes[0]?.toString()).toContain('here before');
    expect(socket.frames.map(({ type }) => type)).toEqual(['seat', 'resize', 'repaint']);
    expect(socket.frames).toMatchObject([{ by: null, yours: false, observers: 1 }, { cols: 120, rows: 40 }, {}]);
    await runCommand(server, agent.id, 'echo "$((20+22)) printed live"');
    await seen(socket, '42 printed live');
    expect(socket.screen().split('42 printed live')).toHaveLength(2);
  });

  test('shows every byte to every viewer, also to one that came in between', async () => {
    const first = await watch();
    await seen(first, '\u001b');
    const printing = runCommand(server, agent.id, 'for i in $(seq 1 300); do echo "line $i."; sleep 0.002; done');
    await seen(first, 'line 50.');
    const second = await watch();
    await printing;
    for (const socket of [first, second]) await seen(socket, 'line 300.');
    const numbers = [...first.screen().matchAll(/line (\d+)\./g)].map(([, number]) => Number(number));
    const live = numbers.slice(numbers.indexOf(1));
    expect(live).toEqual(Array.from({ length: 300 }, (_unused, index) => index + 1));
    const late = [...second.screen().matchAll(/line (\d+)\./g)].map(([, number]) => Number(number));
    expect(late).toEqual(Array.from({ length: late.length }, (_unused, index) => 301 - late.length + index));
  });

  test('of an agent that does not exist is closed; one that does not run says so', async () => {
    const nothing = await watch('00000000-0000-7000-8000-000000000000');
    await nothing.next({ type: 'error', code: 'AGENT_NOT_FOUND' });
    expect((await nothing.closed).code).toBe(4404);
    const { body } = await server.request('POST', '/api/agents', {
      name: 'asleep',
      kind: 'shell',
      workspace: { path: home },
    });
    await (await watch(body.id)).next({ type: 'ended' });
  });

  test('ends when its agent is stopped, and is repainted when it starts again', async () => {
    const mortal = await shellAgent(server, 'mortal', { workspace: { path: home } });
    const socket = await watch(mortal.id);
    await socket.next({ type: 'repaint' });
    await server.request('POST', `/api/agents/${mortal.id}/stop`);
    expect(await socket.next({ type: 'ended' })).toMatchObject({ reason: expect.any(String) });
    await server.request('POST', `/api/agents/${mortal.id}/start`);
    await socket.next({ type: 'repaint' });
    await untilAgent(server, mortal.id, 'idle');
    await runCommand(server, mortal.id, 'echo "born again"');
    await seen(socket, 'born again');
    process.kill(processesOf(home, mortal.id).tmux, 'SIGKILL');
    await socket.next({ type: 'ended' });
    await socket.next({ type: 'repaint' });
  });
});

describe('the seat', () => {
  test('is needed to type; the echo comes back', async () => {
    const socket = await watch();
    await socket.next({ type: 'repaint' });
    socket.send(Buffer.from('echo no\r'));
    await socket.next({ type: 'error', code: 'SEAT_REQUIRED' });
    socket.send({ type: 'resize', cols: 100, rows: 30 });
    await socket.next({ type: 'error', code: 'SEAT_REQUIRED' });
    await takeSeat(socket);
    socket.send(Buffer.from('echo "typed $((6*7))"\r'));
    await seen(socket, 'typed 42');
    expect(socket.screen()).not.toContain('echo no');
    socket.send({ type: 'seat', action: 'give' });
    await socket.next({ type: 'seat', yours: false, by: null });
    socket.send(Buffer.from('x'));
    await socket.next({ type: 'error', code: 'SEAT_REQUIRED' });
  });

  test('lets its holder change the size, and everybody sees it', async () => {
    const [holder, watcher] = [await watch(), await watch(agent.id, await another('operator'))];
    await takeSeat(holder);
    holder.send({ type: 'resize', cols: 100, rows: 30 });
    for (const socket of [holder, watcher]) await socket.next({ type: 'resize', cols: 100, rows: 30 });
    expect(await runCommand(server, agent.id, 'stty size')).toMatchObject({ result: { text: '30 100' } });
    for (const size of [
      { cols: 1, rows: 30 },
      { cols: 100, rows: 100_000 },
      { cols: '100', rows: 30 },
    ]) {
      holder.send({ type: 'resize', ...size });
      await holder.next({ type: 'error', code: 'INVALID_REQUEST' });
    }
  });

  test('is taken by one; another takes it only by force, and both see who has it', async () => {
    const [first, second] = [await watch(), await watch(agent.id, await another('operator'))];
    await takeSeat(first);
    const told = await second.next((frame) => frame.type === 'seat' && frame['by'] !== null);
    expect(told).toMatchObject({ yours: false });
    second.send({ type: 'seat', action: 'take' });
    await second.next({ type: 'error', code: 'SEAT_TAKEN' });
    second.send(Buffer.from('x'));
    await second.next({ type: 'error', code: 'SEAT_REQUIRED' });
    expect((await server.request('PUT', `/api/agents/${agent.id}/seat`)).status).toBe(200);
    second.send({ type: 'seat', action: 'take', force: true });
    await second.next({ type: 'seat', yours: true });
    await first.next((frame) => frame.type === 'seat' && !frame['yours'] && frame['by'] !== null);
    first.send(Buffer.from('x'));
    await first.next({ type: 'error', code: 'SEAT_REQUIRED' });
  });

  test('is given up with the last window of its holder', async () => {
    const [one, two] = [await watch(), await watch()];
    await takeSeat(one);
    one.close();
    await one.closed;
    expect((await server.request('GET', `/api/agents/${agent.id}`)).body.seat).toMatchObject({
      by: 'local command line',
    });
    two.close();
    await until(
      'the seat to be free',
      async () => (await server.request('GET', `/api/agents/${agent.id}`)).body.seat === null,
    );
  });

  test('is not for a viewer, who still sees', async () => {
    const socket = await watch(agent.id, await another('viewer'));
    await socket.next({ type: 'repaint' });
    for (const frame of [
      Buffer.from('echo no\r'),
      { type: 'seat', action: 'take' },
      { type: 'seat', action: 'take', force: true },
      { type: 'resize', cols: 100, rows: 30 },
    ]) {
      socket.send(frame);
      await socket.next({ type: 'error', code: 'FORBIDDEN' });
    }
    await runCommand(server, agent.id, 'echo "for the viewer"');
    await seen(socket, 'for the viewer');
  });

  test('that was lost by demotion closes the socket before another key is typed', async () => {
    const { body: user } = await server.request('POST', '/api/users', { name: 'Demoted', role: 'operator' });
    const { body: token } = await server.request('POST', '/api/tokens', { name: 'to be revoked', role: 'operator' });
    expect(user.role).toBe('operator');
    const socket = await watch(agent.id, token.token);
    await takeSeat(socket);
    await server.request('DELETE', `/api/tokens/${token.id}`);
    socket.send(Buffer.from('echo after revocation\r'));
    expect((await socket.closed).code).toBe(4401);
    expect((await server.request('GET', `/api/agents/${agent.id}/screen`)).body.screen).not.toContain(
      'after revocation',
    );
  });

  test('nonsense is answered, and the socket stays usable', async () => {
    const socket = await watch();
    for (const frame of [
      '',
      '{',
      '7',
      '{"type":"seat"}',
      '{"type":"seat","action":"steal"}',
      '{"type":"input","text":"x"}',
      '{"type":"resize","cols":100,"rows":30,"more":1}',
    ]) {
      socket.send(frame);
      await socket.next({ type: 'error', code: 'INVALID_REQUEST' });
    }
    await takeSeat(socket);
  });
});

async function watch(agentId = agent.id, token = server.token): Promise<LiveSocket> {
  const socket = await openSocket(server, `/ws/terminals/${agentId}`, { authorization: `Bearer ${token}` });
  open.push(socket);
  return socket;
}

async function another(role: string): Promise<string> {
  others += 1;
  return (await server.request('POST', '/api/tokens', { name: `${role} ${others}`, role })).body.token;
}

async function takeSeat(socket: LiveSocket): Promise<void> {
  socket.send({ type: 'seat', action: 'take' });
  await socket.next({ type: 'seat', yours: true });
}

function seen(socket: LiveSocket, text: string): Promise<boolean> {
  return until(`“${text}” on the screen`, async () => socket.screen().includes(text)).catch((error: unknown) =>
    Promise.reject(new Error(`${String(error)}: ${JSON.stringify(socket.screen().slice(-2000))}`)),
  );
}
