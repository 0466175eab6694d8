/** `pointsman mcp` as an assistant uses it: the built program on pipes, against a whole server, with the caller's rights. */
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  makeHome,
  type Pointsman,
  removeHome,
  spawnPointsman,
  startPointsman,
  until,
} from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { shellAgent } from '../support/shell-agents.ts';

describe('an assistant', () => {
  let home: string;
  let database: TestDatabase;
  let server: Pointsman;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    home = makeHome();
    database = await createTestDatabase();
    server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
    await shellAgent(server, 'worker', { workspace: { path: home } });
  });

  afterAll(async () => {
    for (const close of closing) await close();
    await removeHome(home);
    await database.drop();
  });

  /** One conversation; each call resolves with its result. */
  function assistant(env: Record<string, string> = {}) {
    const child = spawnPointsman({ home, env }, ['mcp']);
    child.stdin?.on('error', () => undefined);
    const waiting = new Map<number, (answer: any) => void>();
    if (!child.stdout) throw new Error('it has no output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as { id: number };
      waiting.get(answer.id)?.(answer);
    });
    const exited = new Promise((resolve) => child.on('exit', resolve));
    closing.push(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    let last = 0;
    return {
      exited,
      end: () => child.stdin?.end(),
      ask: (method: string, params: object = {}): Promise<any> =>
        new Promise((resolve) => {
          const id = ++last;
          waiting.set(id, resolve);
          child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
        }),
      async call(name: string, args: object = {}) {
        const { result } = await this.ask('tools/call', { name, arguments: args });
        return result;
      },
    };
  }

  test('sees the team, has a task done, runs a workflow and answers what waits for a person', async () => {
    const one = assistant();
    await one.ask('initialize', { protocolVersion: '2025-06-18' });
    const [worker] = (await one.call('list_agents')).structuredContent.items;
    expect(worker).toMatchObject({ name: 'worker', kind: 'shell', statusReason: expect.any(String) });
    const whole = (await one.call('get_agent', { agent: 'worker' })).structuredContent;
    expect(whole).toMatchObject({ id: worker.id, workspace: { path: expect.any(String) } });
    expect(worker).not.toHaveProperty('workspace');
    const task = await one.call('send_task', { agent: 'worker', prompt: 'echo hello' });
    expect(task.structuredContent).toMatchObject({ status: 'succeeded', result: { text: 'hello' } });

    const saved = await server.request('POST', '/api/workflows', {
      pointsman: 1,
      name: 'Ask first',
      nodes: [{ id: 'gate', type: 'approval', config: { title: 'Ship it?' } }],
    });
    expect(saved.status, JSON.stringify(saved.body)).toBe(201);
    expect((await one.call('list_workflows')).structuredContent.items).toMatchObject([{ name: 'Ask first' }]);
    const started = (await one.call('run_workflow', { workflow: 'Ask first', wait: true })).structuredContent;
    expect(started.status).toBe('waiting');
    const [item] = (await one.call('list_inbox')).structuredContent.items;
    expect(item).toMatchObject({ type: 'approval', title: 'Ship it?' });
    const wrong = await one.call('answer_inbox_item', { id: item.id, decision: 'approve', hash: 'other' });
    expect(wrong).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('INBOX_ITEM_CHANGED') }] });
    const right = await one.call('answer_inbox_item', { id: item.id, decision: 'approve', hash: item.hash });
    expect(right.structuredContent).toMatchObject({ state: 'resolved' });

    const again = (await one.call('run_workflow', { workflow: 'Ask first', wait: true })).structuredContent;
    const ended = await one.call('control_execution', { execution: again.id, action: 'cancel' });
    expect(ended.structuredContent).toMatchObject({ id: again.id });
    await until('its end', async () => {
      const listed = await one.call('list_executions', { status: 'cancelled', search: 'Ask' });
      return listed.structuredContent.items.length === 1;
    });
    const [listed] = (await one.call('list_executions', { status: 'cancelled,succeeded', limit: 1 })).structuredContent
      .items;
    expect(listed).toMatchObject({ id: again.id, name: 'Ask first', status: 'cancelled' });
    expect(listed).not.toHaveProperty('steps');
    expect(await one.call('control_execution', { execution: again.id, action: 'resume' })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('EXECUTION_FINISHED') }],
    });
    one.end();
    expect(await one.exited).toBe(0);
  });

  test('may do no more than its token', async () => {
    const created = await server.request('POST', '/api/tokens', { name: 'assistant', role: 'viewer' });
    const viewer = assistant({ POINTSMAN_URL: server.url, POINTSMAN_TOKEN: created.body.token });
    expect((await viewer.call('list_agents')).structuredContent.items).toHaveLength(1);
    const refused = await viewer.call('send_task', { agent: 'worker', prompt: 'echo no' });
    expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('FORBIDDEN') }] });
  });
});
