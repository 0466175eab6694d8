/** Tasks of shell agents in a whole server: delivered once and unchanged, proved by receipts, ended as asked. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import type { Receipts } from '../../src/contract/tasks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import {
  finishedTask,
  giveTask,
  isRunning,
  processesOf,
  runCommand,
  shellAgent,
  untilAgent,
  untilTask,
} from '../support/shell-agents.ts';

let home: string;
let database: TestDatabase;
let server: Pointsman;
let workspace: string;
let agent: Agent;

beforeAll(async () => {
  home = makeHome();
  workspace = path.join(home, 'workspace');
  mkdirSync(workspace);
  database = await createTestDatabase();
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  agent = await shellAgent(server, 'worker', { workspace: { path: workspace } });
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

describe('a task of a shell agent', () => {
  test('succeeds with what the command printed and its exit status', async () => {
    const task = await runCommand(server, agent.id, 'echo one; pwd');
    expect(task).toMatchObject({
      status: 'succeeded',
      agentId: agent.id,
      prompt: 'echo one; pwd',
      result: { text: `one\n${workspace}`, exitCode: 0 },
    });
    expect(task).not.toHaveProperty('error');
  });

  test('carries every receipt, in the order of things', async () => {
    const { receipts, createdAt } = await runCommand(server, agent.id, 'true');
    const order: (keyof Receipts)[] = ['acceptedAt', 'typedAt', 'submittedAt', 'turnStartedAt', 'finishedAt'];
    const times = order.map((name) => receipts[name]);
    expect(Object.keys(receipts).toSorted()).toEqual(order.toSorted());
    expect(
      times.every((time) => time !== null && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time)),
      JSON.stringify(receipts),
    ).toBe(true);
    expect(times, JSON.stringify(receipts)).toEqual(times.toSorted());
    expect(receipts.acceptedAt).toBe(createdAt);
  });

  test('that fails keeps its result beside its error', async () => {
    const task = await runCommand(server, agent.id, 'echo before; (exit 7)');
    expect(task).toMatchObject({
      status: 'failed',
      result: { text: 'before', exitCode: 7 },
      error: { code: 'COMMAND_FAILED' },
    });
    expect((await runCommand(server, agent.id, 'nosuchcommandhere')).result?.exitCode).toBe(127);
  });

  test('that is not a complete command line fails loudly, and the next one runs', async () => {
    expect(await runCommand(server, agent.id, `echo 'open`)).toMatchObject({
      status: 'failed',
      error: { code: 'COMMAND_FAILED' },
    });
    expect(await runCommand(server, agent.id, 'echo next')).toMatchObject({
      status: 'succeeded',
      result: { text: 'next' },
    });
  });

  test.each([
    ['emoji and joined emoji', '👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 é 𝒳 \u{10FFFF}'],
    ['right-to-left text and its marks', 'שלום עולם \u202eabc\u202c مرحبا \u200f\u2066x\u2069'],
    [
      'what means something to a shell or to tmux',
      '; \\; #(touch PWNED) #{pane_title} $(touch PWNED) `touch PWNED` !! ! ~ % -x C-c Enter & | < > * ? [a] {b} "',
    ],
    ['a tab', 'a\tb'],
    ['60 KB', `${'0123456789abcdé'.repeat(3_800)};`],
  ])('reaches the agent byte for byte: %s', async (_what, text) => {
    const prompt = `printf %s '${text}' | sha256sum`;
    const task = await runCommand(server, agent.id, prompt);
    expect(task, JSON.stringify(task.error)).toMatchObject({ status: 'succeeded', prompt });
    expect(task.result?.text).toBe(`${createHash('sha256').update(text).digest('hex')}  -`);
    expect(existsSync(path.join(workspace, 'PWNED'))).toBe(false);
  });

  test.each([
    ['more than one line', 'echo a\necho b', 'SHELL_PROMPT_MULTILINE'],
    ['more than one line in DOS form', 'echo a\r\necho b', 'SHELL_PROMPT_MULTILINE'],
    ['an escape', 'echo \u001b[201~', undefined],
    ['a bell', 'echo \u0007', undefined],
    ['a lone carriage return', 'echo a\rb', undefined],
    ['NUL', 'echo \u0000', undefined],
    ['a C1 control', 'echo \u009b31m', undefined],
    ['DEL', 'echo \u007f', undefined],
    ['half a character', 'echo \ud800', undefined],
    ['more than 64 KB', `echo ${'x'.repeat(65_536)}`, undefined],
    ['nothing', '', undefined],
  ])('with %s is refused before it is accepted', async (_what, prompt, code) => {
    const before = (await server.request('GET', `/api/agents/${agent.id}/tasks?limit=1`)).body[0]?.id;
    const refused = await server.request('POST', `/api/agents/${agent.id}/tasks`, { prompt });
    expect(refused.status, JSON.stringify(refused.body)).toBe(422);
    expect(refused.body.problems[0]).toMatchObject({ path: '/prompt', severity: 'error' });
    if (code) expect(refused.body.code).toBe(code);
    expect((await server.request('GET', `/api/agents/${agent.id}/tasks?limit=1`)).body[0]?.id).toBe(before);
  });

  test('with an output schema has its data, or fails when it does not fit', async () => {
    const outputSchema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } };
    expect(await runCommand(server, agent.id, `echo '{"n":3}'`, { outputSchema })).toMatchObject({
      status: 'succeeded',
      result: { data: { n: 3 } },
    });
    expect(await runCommand(server, agent.id, `echo '{"n":"x"}'`, { outputSchema })).toMatchObject({
      status: 'failed',
      error: { code: 'OUTPUT_INVALID' },
      result: { text: '{"n":"x"}' },
    });
    expect(await runCommand(server, agent.id, 'echo no JSON', { outputSchema })).toMatchObject({
      status: 'failed',
      error: { code: 'OUTPUT_INVALID' },
    });
  });

  test('runs after those before it, in their order', async () => {
    const file = path.join(workspace, 'order');
    const tasks = [];
    for (let number = 1; number <= 6; number += 1)
      tasks.push(await giveTask(server, agent.id, `echo ${number} >> ${file}`));
    for (const task of tasks) expect(await finishedTask(server, task.id)).toMatchObject({ status: 'succeeded' });
    expect(readFileSync(file, 'utf8')).toBe('1\n2\n3\n4\n5\n6\n');
  });

  test('that waits can be cancelled and never begins', async () => {
    const first = await giveTask(server, agent.id, 'sleep 600');
    const waiting = await giveTask(server, agent.id, `touch ${path.join(workspace, 'never')}`);
    await untilTask(server, first.id, (task) => task.status === 'running');
    expect((await server.request('POST', `/api/tasks/${waiting.id}/cancel`)).body).toMatchObject({
      status: 'cancelled',
      receipts: { typedAt: null },
    });
    expect((await server.request('POST', `/api/tasks/${waiting.id}/cancel`)).body).toMatchObject({
      status: 409,
      code: 'TASK_FINISHED',
    });
    await server.request('POST', `/api/tasks/${first.id}/cancel`);
    expect(await finishedTask(server, first.id)).toMatchObject({ status: 'cancelled' });
    expect(await runCommand(server, agent.id, 'echo free')).toMatchObject({ result: { text: 'free' } });
    expect(existsSync(path.join(workspace, 'never'))).toBe(false);
  });

  test('that is interrupted is cancelled, keeps what it printed, and the agent is free', async () => {
    const pidFile = path.join(workspace, 'interrupted.pid');
    const task = await giveTask(server, agent.id, `echo so far; sh -c 'echo $$ > ${pidFile}; exec sleep 600'`);
    const pid = await untilPid(pidFile);
    expect(await untilAgent(server, agent.id, 'working')).toMatchObject({ currentTask: task.id });
    expect((await server.request('POST', `/api/agents/${agent.id}/interrupt`)).status).toBe(202);
    expect(await finishedTask(server, task.id)).toMatchObject({
      status: 'cancelled',
      result: { text: expect.stringContaining('so far') },
    });
    expect(isRunning(pid)).toBe(false);
    expect(await untilAgent(server, agent.id, 'idle')).not.toHaveProperty('currentTask');
    expect((await server.request('POST', `/api/agents/${agent.id}/interrupt`)).body).toMatchObject({
      status: 409,
      code: 'AGENT_IDLE',
    });
  });

  test('that takes too long is timed out and leaves no process, also when it ignores the interruption', async () => {
    const pidFile = path.join(workspace, 'stubborn.pid');
    const task = await giveTask(
      server,
      agent.id,
      `sh -c 'trap "" INT TERM; echo $$ > ${pidFile}; while :; do sleep 1; done'`,
      { timeout: 'PT1S' },
    );
    const pid = await untilPid(pidFile);
    expect(await finishedTask(server, task.id)).toMatchObject({ status: 'timed_out', error: { code: 'TIMEOUT' } });
    expect(isRunning(pid)).toBe(false);
    expect(await runCommand(server, agent.id, 'echo free')).toMatchObject({ status: 'succeeded' });
  });

  test('of a step is timed out also while it waits for the busy agent, and is never delivered', async () => {
    const go = path.join(workspace, 'busy.go');
    const ran = path.join(workspace, 'late.ran');
    const busy = await giveTask(server, agent.id, `while ! test -e ${go}; do sleep 0.1; done`);
    await untilTask(server, busy.id, (task) => task.status === 'running');
    const { body: execution } = await server.request('POST', '/api/workflow/execute', {
      workflow: {
        nodes: [{ id: 'late', type: 'agent', timeout: 'PT0.5S', config: { agent: 'worker', prompt: `touch ${ran}` } }],
      },
    });
    const ended = await until('the end of the execution', async () => {
      const { body } = await server.request('GET', `/api/executions/${execution.id}`);
      return body.finishedAt ? body : null;
    });
    expect(ended).toMatchObject({
      status: 'failed',
      error: { code: 'TIMEOUT', nodeId: 'late' },
      steps: [{ status: 'failed' }],
    });
    const late = await untilTask(server, ended.steps[0].taskId, (task) => task.status === 'timed_out');
    expect(late.receipts).toMatchObject({ typedAt: null, turnStartedAt: null });
    writeFileSync(go, '');
    expect(await finishedTask(server, busy.id)).toMatchObject({ status: 'succeeded' });
    expect(await runCommand(server, agent.id, 'echo free')).toMatchObject({ status: 'succeeded' });
    expect(existsSync(ran)).toBe(false);
  });

  test('sees the agent’s environment and nothing of the server’s', async () => {
    const created = await shellAgent(server, 'with env', { workspace: { path: workspace }, env: { GIVEN: 'to it' } });
    const { result } = await runCommand(server, created.id, 'env');
    expect(result?.text).toContain('GIVEN=to it');
    expect(result?.text).not.toContain('POINTSMAN_DATABASE_URL');
    expect(result?.text).not.toContain(server.token);
    expect((await server.request('GET', `/api/agents/${created.id}`)).body).toMatchObject({ envNames: ['GIVEN'] });
    expect((await server.request('DELETE', `/api/agents/${created.id}`)).status).toBe(204);
  });
});

describe('the life of an agent', () => {
  test('stops with its process tree, starts again, restarts, and refuses what does not fit', async () => {
    const { id } = await shellAgent(server, 'mortal', { workspace: { path: workspace } });
    const task = await giveTask(server, id, 'sleep 600');
    const queued = await giveTask(server, id, 'echo later');
    await untilTask(server, task.id, ({ status }) => status === 'running');
    const { pane } = processesOf(home, id);
    expect((await server.request('POST', `/api/agents/${id}/start`)).body).toMatchObject({
      status: 409,
      code: 'AGENT_ALREADY_RUNNING',
    });
    expect((await server.request('POST', `/api/agents/${id}/stop`)).status).toBe(202);
    await untilAgent(server, id, 'stopped');
    expect(isRunning(pane)).toBe(false);
    expect(await finishedTask(server, task.id)).toMatchObject({ status: 'cancelled' });
    expect(await finishedTask(server, queued.id)).toMatchObject({
      status: 'failed',
      error: { code: 'AGENT_NOT_RUNNING' },
    });
    for (const [method, address, body] of [
      ['POST', 'stop'],
      ['POST', 'interrupt'],
      ['POST', 'tasks', { prompt: 'true' }],
      ['GET', 'screen'],
    ] as const) {
      expect((await server.request(method, `/api/agents/${id}/${address}`, body)).body, address).toMatchObject({
        status: 409,
        code: 'AGENT_NOT_RUNNING',
      });
    }
    await server.request('POST', `/api/agents/${id}/start`);
    await untilAgent(server, id, 'idle');
    const again = processesOf(home, id).pane;
    const cutOff = await giveTask(server, id, 'sleep 600');
    const waiting = await giveTask(server, id, 'echo still there');
    await untilTask(server, cutOff.id, ({ status }) => status === 'running');
    expect((await server.request('POST', `/api/agents/${id}/restart`)).status).toBe(202);
    expect(await finishedTask(server, cutOff.id)).toMatchObject({ status: 'cancelled' });
    // Unlike a stop, a restart fails nothing that waits.
    expect(await finishedTask(server, waiting.id)).toMatchObject({ result: { text: 'still there' } });
    expect(processesOf(home, id).pane).not.toBe(again);
    expect(await runCommand(server, id, 'echo alive')).toMatchObject({ result: { text: 'alive' } });
    expect((await server.request('DELETE', `/api/agents/${id}`)).status).toBe(204);
    expect((await server.request('GET', `/api/agents/${id}`)).body).toMatchObject({
      status: 404,
      code: 'AGENT_NOT_FOUND',
    });
  });

  test('shows its screen, transcript, metrics and the evidence behind its status', async () => {
    await runCommand(server, agent.id, 'echo "on the screen"');
    const screen = (await server.request('GET', `/api/agents/${agent.id}/screen`)).body;
    expect(screen).toMatchObject({ format: 'text', screen: expect.stringContaining('on the screen') });
    const transcript = (await server.request('GET', `/api/agents/${agent.id}/transcript`)).body;
    expect(transcript.slice(-2)).toMatchObject([
      { role: 'user', text: 'echo "on the screen"' },
      { role: 'assistant', text: 'on the screen' },
    ]);
    const explained = (await server.request('GET', `/api/agents/${agent.id}/explain`)).body;
    expect(explained).toMatchObject({ agentId: agent.id, status: 'idle' });
    expect(explained.evidence.filter((item: { used: boolean }) => item.used)).toHaveLength(1);
    const metrics = await until('a measurement', async () => {
      const { body } = await server.request('GET', `/api/agents/${agent.id}/metrics`);
      return body.points.at(-1)?.memory > 0 ? body : null;
    });
    expect(metrics.agentId).toBe(agent.id);
    expect((await server.request('GET', `/api/agents/${agent.id}`)).body.memory).toBeGreaterThan(1_000_000);
  });

  test('that cannot be launched says why instead of running', async () => {
    const { body: created } = await server.request('POST', '/api/agents', {
      name: 'no program',
      kind: 'shell',
      command: ['/nonexistent/shell'],
      workspace: { path: workspace },
      autostart: true,
    });
    const seen = await untilAgent(server, created.id, 'crashed');
    expect(seen.statusReason).toMatch(/nonexistent|exit status|could not be started/);
    await server.request('DELETE', `/api/agents/${created.id}`);
  });
});

function untilPid(file: string): Promise<number> {
  return until('the command to begin', async () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : null));
}
