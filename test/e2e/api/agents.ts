/** Agents, their seat and terminal, and tasks, as requests; what tasks do is in agents.test.ts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';
import { finishedTask, isRunning, shellAgent, untilAgent } from '../../support/shell-agents.ts';
import { ownSession } from '../../support/own-session.ts';
import { until } from '../../support/pointsman-process.ts';

export function agentsApi(api: () => DescribedApi, workspace: () => string): void {
  test('an agent is created, read, changed, listed and removed', async () => {
    const request = {
      name: 'Ada ☕',
      kind: 'shell',
      role: 'builder',
      workspace: { path: workspace() },
      capabilities: ['coding'],
      env: { SOME: 'value' },
      instructions: 'Be kind.',
    };
    const created = await api().request('POST', '/api/agents', request);
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`/api/agents/${created.body.id}`);
    expect(created.body).toMatchObject({
      name: 'Ada ☕',
      status: 'stopped',
      mode: 'tmux',
      workspace: { path: workspace(), isolation: 'shared' },
      cpu: 0,
      memory: 0,
      cost: 0,
      envNames: ['SOME'],
    });
    expect(created.body.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(JSON.stringify(created.body)).not.toContain('value');
    const address = `/api/agents/${created.body.id}`;
    expect((await api().request('GET', address)).body).toEqual(created.body);
    expect((await api().request('PATCH', address, { role: 'reviewer', capabilities: [] })).body).toMatchObject({
      role: 'reviewer',
      capabilities: [],
      name: 'Ada ☕',
    });
    expect((await api().request('GET', '/api/agents')).body.map(({ id }: { id: string }) => id)).toContain(
      created.body.id,
    );
    expect((await api().request('DELETE', address)).status).toBe(204);
    expect((await api().request('GET', address)).status).toBe(404);
    expect((await api().request('DELETE', address)).status).toBe(404);
  });

  test('a name is taken once, also by a change', async () => {
    const [first, second] = [await create('taken'), await create('free')];
    expect(
      await api().request('POST', '/api/agents', { name: 'taken', kind: 'shell', workspace: { path: workspace() } }),
    ).toMatchObject({ status: 409, body: { code: 'AGENT_NAME_TAKEN' } });
    expect(await api().request('PATCH', `/api/agents/${second}`, { name: 'taken' })).toMatchObject({
      status: 409,
      body: { code: 'AGENT_NAME_TAKEN' },
    });
    expect((await api().request('PATCH', `/api/agents/${first}`, { name: 'taken' })).status).toBe(200);
    for (const id of [first, second]) await api().request('DELETE', `/api/agents/${id}`);
  });

  test.each([
    ['no name', { name: '' }, '/name'],
    ['a name with a control character', { name: 'a\u0007b' }, '/name'],
    ['a kind that is none', { kind: 'robot' }, '/kind'],
    ['a relative path', { workspace: { path: 'here' } }, '/workspace/path'],
    ['a directory that does not exist', { workspace: { path: '/no/such/directory' } }, '/workspace/path'],
    ['a file for a directory', { workspace: { path: '/etc/passwd' } }, '/workspace/path'],
    ['NUL in the path', { workspace: { path: '/tmp\u0000/x' } }, '/workspace/path'],
    ['an isolation that is none', { workspace: { path: '/tmp', isolation: 'vm' } }, '/workspace/isolation'],
    ['an empty command', { command: [] }, '/command'],
    ['NUL in the command', { command: ['bash', '\u0000'] }, '/command/1'],
    ['a variable that cannot be one', { env: { 'A=B': 'x' } }, '/env/A=B'],
    ['a number for a text', { role: 7 }, '/role'],
  ])('an agent with %s is refused at the field', async (_what, change, at) => {
    const refused = await api().request('POST', '/api/agents', {
      name: 'refused',
      kind: 'shell',
      workspace: { path: workspace() },
      ...change,
    });
    expect(refused.status, JSON.stringify(refused.body)).toBe(422);
    expect(refused.body.problems.map((problem: { path: string }) => problem.path)).toContain(at);
    expect((await api().request('GET', '/api/agents')).body.map(({ name }: { name: string }) => name)).not.toContain(
      'refused',
    );
  });

  test('a running agent is seen, given tasks, interrupted, restarted and stopped', async () => {
    const { id } = await shellAgent(api().server, 'busy', { workspace: { path: workspace() } });
    const at = (rest: string) => `/api/agents/${id}/${rest}`;
    const accepted = await api().request('POST', at('tasks'), { prompt: 'echo done' });
    expect(accepted).toMatchObject({ status: 202, body: { agentId: id, prompt: 'echo done' } });
    expect(accepted.headers.get('location')).toBe(`/api/tasks/${accepted.body.id}`);
    await finishedTask(api().server, accepted.body.id);
    expect((await api().request('GET', `/api/tasks/${accepted.body.id}`)).body).toMatchObject({
      status: 'succeeded',
      result: { text: 'done' },
    });
    expect((await api().request('GET', at('tasks'))).body).toMatchObject([{ id: accepted.body.id }]);
    expect((await api().request('GET', at('transcript'))).body).toMatchObject([
      { role: 'user' },
      { role: 'assistant', text: 'done' },
    ]);
    expect((await api().request('GET', at('screen?format=text'))).body.screen).toContain('done');
    expect((await api().request('GET', at('screen?format=ansi'))).body).toMatchObject({
      format: 'ansi',
      cols: 120,
      rows: 40,
    });
    expect((await api().request('GET', at('explain'))).body.evidence.length).toBeGreaterThan(0);
    expect((await api().request('GET', at('metrics'))).body).toMatchObject({ agentId: id });
    const loads = await api().request('GET', '/api/agents/load');
    expect(loads.status).toBe(200);
    for (const { cpu } of loads.body) expect(cpu.length).toBeGreaterThan(0);

    const running = await api().request('POST', at('tasks'), { prompt: 'sleep 600' });
    await untilAgent(api().server, id, 'working');
    expect((await api().request('POST', `/api/tasks/${running.body.id}/cancel`)).status).toBe(202);
    await finishedTask(api().server, running.body.id);
    const other = await api().request('POST', at('tasks'), { prompt: 'sleep 600' });
    await untilAgent(api().server, id, 'working');
    expect((await api().request('POST', at('interrupt'))).status).toBe(202);
    expect(await finishedTask(api().server, other.body.id)).toMatchObject({ status: 'cancelled' });

    expect((await api().request('POST', at('restart'))).status).toBe(202);
    await untilAgent(api().server, id, 'idle');
    expect((await api().request('POST', at('stop'))).status).toBe(202);
    await untilAgent(api().server, id, 'stopped');
    expect((await api().request('POST', at('stop'))).status).toBe(409);
    expect((await api().request('POST', at('start'))).status).toBe(202);
    await untilAgent(api().server, id, 'idle');
    expect((await api().request('POST', at('start'))).status).toBe(409);
    await api().request('DELETE', `/api/agents/${id}`);
  });

  test('a session that somebody runs is listed, adopted, and goes on when its agent is removed', async () => {
    const own = ownSession({ home: path.join(workspace(), '../person'), cwd: workspace() });
    try {
      const listed = await api().request('GET', '/api/adoptable');
      expect(listed.status).toBe(200);
      const session = listed.body.find(({ pid }: { pid: number }) => pid === own.pid);
      expect(session).toMatchObject({ kind: 'claude', directory: workspace(), title: 'own work', terminal: null });
      const adopted = await api().request('POST', '/api/agents/adopt', { session: session.session });
      expect(adopted).toMatchObject({ status: 201, body: { name: 'own work', adopted: { terminal: null } } });
      const address = `/api/agents/${adopted.body.id}`;
      expect(adopted.headers.get('location')).toBe(address);
      await untilAgent(api().server, adopted.body.id, 'idle');
      own.tells({ status: 'busy' });
      await untilAgent(api().server, adopted.body.id, 'working');
      expect((await api().request('GET', `${address}/screen`)).body.screen).toContain('no terminal');
      expect(await api().request('POST', '/api/agents/adopt', { session: session.session })).toMatchObject({
        status: 409,
        body: { code: 'SESSION_NOT_ADOPTABLE' },
      });
      expect((await api().request('DELETE', address)).status).toBe(204);
      expect(isRunning(own.pid)).toBe(true);
      const again = await api().request('POST', '/api/agents/adopt', { session: String(own.pid), name: 'once more' });
      expect(again.status).toBe(201);
      await own.end();
      const ended = await untilAgent(api().server, again.body.id, 'stopped');
      expect(ended.statusReason).toContain('start it to go on');
      expect(ended.adopted).toBeUndefined();
      await api().request('DELETE', `/api/agents/${again.body.id}`);
    } finally {
      await own.end();
    }
  });

  test('an adopted session goes on when its directory brings settings that nobody has allowed', async () => {
    const brought = path.join(workspace(), '../brought');
    mkdirSync(path.join(brought, '.claude'), { recursive: true });
    writeFileSync(path.join(brought, '.claude/settings.json'), '{"hooks":{}}');
    const own = ownSession({ home: path.join(workspace(), '../person'), cwd: brought });
    try {
      const { body: agent } = await api().request('POST', '/api/agents/adopt', { session: String(own.pid) });
      expect(await api().request('POST', `/api/agents/${agent.id}/restart`)).toMatchObject({
        status: 409,
        body: { code: 'AGENT_START_FAILED', detail: expect.stringContaining('goes on where it is') },
      });
      expect(isRunning(own.pid)).toBe(true);
      expect((await api().request('POST', `/api/agents/${agent.id}/stop`)).status).toBe(202);
      await untilAgent(api().server, agent.id, 'stopped');
      expect(isRunning(own.pid)).toBe(false);
      await api().request('DELETE', `/api/agents/${agent.id}`);
    } finally {
      await own.end();
    }
  });

  test('typing needs the seat', async () => {
    const { id } = await shellAgent(api().server, 'typed to', { workspace: { path: workspace() } });
    const at = (rest: string) => `/api/agents/${id}/${rest}`;
    expect(await api().request('POST', at('input'), { text: 'x' })).toMatchObject({
      status: 409,
      body: { code: 'SEAT_REQUIRED' },
    });
    expect((await api().request('PUT', at('seat'))).body).toMatchObject({ agentId: id, by: 'local command line' });
    const { body: other } = await api().request('POST', '/api/tokens', { name: 'second person', role: 'operator' });
    expect(await api().as(other.token).request('PUT', at('seat'))).toMatchObject({
      status: 409,
      body: { code: 'SEAT_TAKEN' },
    });
    expect(await api().as(other.token).request('POST', at('input'), { text: 'x' })).toMatchObject({
      status: 409,
      body: { code: 'SEAT_REQUIRED' },
    });
    expect((await api().request('POST', at('input'), { text: 'echo "by $((1+1)) hands"' })).status).toBe(204);
    expect((await api().request('POST', at('input'), { keys: ['Enter'] })).status).toBe(204);
    await until('the echo', async () => (await api().request('GET', at('screen'))).body.screen.includes('by 2 hands'));
    expect(await api().request('POST', at('input'), { keys: ['NoSuchKey'] })).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/keys/0' }] },
    });
    expect((await api().request('POST', at('input'), { text: 'a', keys: ['Enter'] })).status).toBe(422);
    expect((await api().as(other.token).request('PUT', at('seat?force=true'))).body).toMatchObject({
      by: 'second person',
    });
    expect((await api().request('DELETE', at('seat'))).body).toMatchObject({ status: 409 });
    expect((await api().as(other.token).request('DELETE', at('seat'))).status).toBe(204);
    expect((await api().request('GET', `/api/agents/${id}`)).body.seat).toBeNull();
    await api().request('DELETE', `/api/agents/${id}`);
  });

  async function create(name: string): Promise<string> {
    return (await api().request('POST', '/api/agents', { name, kind: 'shell', workspace: { path: workspace() } })).body
      .id;
  }
}
