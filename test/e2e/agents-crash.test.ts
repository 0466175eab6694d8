/** What crashes, and what goes on: the server, an agent's tmux server, an agent's program. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Execution } from '../../src/contract/executions.ts';
import type { InboxItem } from '../../src/contract/inbox.ts';
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

beforeAll(async () => {
  home = makeHome();
  workspace = path.join(home, 'workspace');
  mkdirSync(workspace);
  database = await createTestDatabase();
  server = await start();
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

describe('kill -9 of the server', () => {
  test('leaves a running task running; the next server tells its result, from the same process', async () => {
    const { id } = await shellAgent(server, 'survivor', { workspace: { path: workspace } });
    const { gate, ran } = gateOf('survivor');
    const task = await giveTask(server, id, `echo ran >> ${ran}; read x < ${gate}; echo "got $x"`);
    const queued = await giveTask(server, id, 'echo second');
    await untilTask(server, task.id, ({ status }) => status === 'running');
    const before = processesOf(home, id);
    await server.kill('SIGKILL');
    server = await start();
    expect((await server.request('GET', `/api/agents/${id}`)).body).toMatchObject({
      status: 'working',
      currentTask: task.id,
    });
    writeFileSync(gate, 'it\n');
    expect(await finishedTask(server, task.id)).toMatchObject({
      status: 'succeeded',
      result: { text: 'got it', exitCode: 0 },
    });
    expect(await finishedTask(server, queued.id)).toMatchObject({ status: 'succeeded', result: { text: 'second' } });
    expect(processesOf(home, id)).toEqual(before);
    expect(readFileSync(ran, 'utf8')).toBe('ran\n');
  });

  test('does not lose the result of a task that ended while nobody was there', async () => {
    const { id } = await shellAgent(server, 'finisher', { workspace: { path: workspace } });
    const { gate } = gateOf('finisher');
    const task = await giveTask(server, id, `read x < ${gate}; echo "alone with $x"; (exit 4)`);
    await untilTask(server, task.id, ({ status }) => status === 'running');
    const pane = processesOf(home, id).pane;
    await server.kill('SIGKILL');
    writeFileSync(gate, 'nobody\n');
    server = await start();
    expect(await finishedTask(server, task.id)).toMatchObject({
      status: 'failed',
      result: { text: 'alone with nobody', exitCode: 4 },
    });
    expect(processesOf(home, id).pane).toBe(pane);
  });

  test('does not forget that a task was to be cancelled', async () => {
    const { id } = await shellAgent(server, 'reminded', { workspace: { path: workspace } });
    const task = await giveTask(server, id, `sh -c 'trap "" INT; while :; do sleep 1; done'`);
    await untilTask(server, task.id, ({ status }) => status === 'running');
    await server.request('POST', `/api/tasks/${task.id}/cancel`);
    await server.kill('SIGKILL');
    server = await start();
    expect(await finishedTask(server, task.id)).toMatchObject({ status: 'cancelled' });
    expect(await runCommand(server, id, 'echo free')).toMatchObject({ result: { text: 'free' } });
  });
});

describe('kill -9 of an agent’s tmux server', () => {
  test('is a crash with its reason within 2 s, is repaired by itself, and touches no other agent', async () => {
    const { id } = await shellAgent(server, 'victim', { workspace: { path: workspace } });
    const other = await shellAgent(server, 'bystander', { workspace: { path: workspace } });
    const otherBefore = processesOf(home, other.id);
    const otherTask = await giveTask(server, other.id, `read x < ${gateOf('bystander').gate}; echo "$x"`);
    process.kill(processesOf(home, id).tmux, 'SIGKILL');
    const crashed = await untilAgent(server, id, 'crashed', 2_000);
    expect(crashed.statusReason).toMatch(/tmux/);
    expect(crashed.statusSource).toBe('process');
    await untilAgent(server, id, 'idle');
    expect(await runCommand(server, id, 'echo back')).toMatchObject({ result: { text: 'back' } });
    expect(processesOf(home, other.id)).toEqual(otherBefore);
    writeFileSync(gateOf('bystander').gate, 'undisturbed\n');
    expect(await finishedTask(server, otherTask.id)).toMatchObject({ result: { text: 'undisturbed' } });
  });

  test.each(['mark_succeeded', 'retry', 'fail'] as const)(
    'makes a running step unknown and asks a person, who may %s it',
    async (decision) => {
      const name = `asked ${decision}`;
      const { id } = await shellAgent(server, name, { workspace: { path: workspace } });
      const { gate, ran } = gateOf(`asked-${decision}`);
      const workflow = {
        name,
        nodes: [
          {
            id: 'work',
            type: 'agent',
            config: { agent: name, prompt: `echo ran >> ${ran}; read x < ${gate}; echo "read $x"` },
          },
        ],
        outputs: { text: 'nodes.work.output.text' },
      };
      const { body: execution } = await server.request<Execution>('POST', '/api/workflow/execute', { workflow });
      await until('the command to begin', async () => readFileSync(ran, 'utf8') === 'ran\n');
      await until('the step to run', async () => (await stepsOf(execution.id))[0]?.status === 'running');
      const { tmux, pane } = processesOf(home, id);
      process.kill(tmux, 'SIGKILL');
      const item = await openFailure(execution.id);
      expect(item).toMatchObject({
        title: expect.stringContaining('work'),
        choices: ['retry', 'fail', 'mark_succeeded'],
      });
      expect((await server.request('GET', `/api/executions/${execution.id}`)).body).toMatchObject({
        status: 'waiting',
        steps: [{ nodeId: 'work', attempt: 1, status: 'unknown' }],
      });
      await untilAgent(server, id, 'idle');
      const form = decision === 'mark_succeeded' ? { form: { text: 'I looked, it is done' } } : {};
      expect(
        (await server.request('POST', `/api/inbox/${item.id}/resolve`, { decision, hash: item.hash, ...form })).status,
      ).toBe(200);
      if (decision === 'retry') {
        await until('the second attempt', async () => readFileSync(ran, 'utf8') === 'ran\nran\n');
        // The orphan of the first attempt may take a line too; it is gone with its terminal.
        await until('the first attempt to be gone', async () => !isRunning(pane));
        writeFileSync(gate, 'again\n');
      }
      const ended = await until('the end', async () => {
        const { body } = await server.request<Execution>('GET', `/api/executions/${execution.id}`);
        return body.finishedAt ? body : null;
      });
      if (decision === 'mark_succeeded')
        expect(ended).toMatchObject({ status: 'succeeded', outputs: { text: 'I looked, it is done' } });
      if (decision === 'retry')
        expect(ended).toMatchObject({
          status: 'succeeded',
          outputs: { text: 'read again' },
          steps: [
            { attempt: 1, status: 'unknown' },
            { attempt: 2, status: 'succeeded' },
          ],
        });
      if (decision === 'fail') expect(ended).toMatchObject({ status: 'failed', error: { nodeId: 'work' } });
      expect(readFileSync(ran, 'utf8')).toBe(decision === 'retry' ? 'ran\nran\n' : 'ran\n');
      expect(
        (await server.request('POST', `/api/inbox/${item.id}/resolve`, { decision, hash: item.hash, ...form })).body,
      ).toMatchObject({ status: 409, code: 'INBOX_ITEM_CLOSED' });
    },
  );
});

describe('the end of an agent’s program', () => {
  test(
    'is a crash that names its exit status; the agent is started again three times, then a person is asked',
    { timeout: 90_000 },
    async () => {
      const { id } = await shellAgent(server, 'leaver', { workspace: { path: workspace } });
      const task = await giveTask(server, id, 'echo bye; exit 3');
      expect(await finishedTask(server, task.id)).toMatchObject({
        status: 'failed',
        error: { code: 'AGENT_EXITED' },
        result: { text: expect.stringMatching(/^bye/), exitCode: 3 },
      });
      expect((await untilAgent(server, id, 'crashed')).statusReason).toContain('exit status 3');
      for (const round of [1, 2]) {
        await untilAgent(server, id, 'idle');
        process.kill(processesOf(home, id).pane, 'SIGKILL');
        expect((await untilAgent(server, id, 'crashed')).statusReason, `round ${round}`).toContain('signal 9');
      }
      await untilAgent(server, id, 'idle', 40_000);
      process.kill(processesOf(home, id).pane, 'SIGKILL');
      const item = await until('the question', async () => (await failures()).find((one) => one.agentId === id));
      expect(item).toMatchObject({
        type: 'failure',
        title: expect.stringContaining('leaver'),
        choices: ['restart', 'dismiss'],
      });
      expect((await untilAgent(server, id, 'crashed')).statusReason).toContain('left alone');
      expect((await server.request('POST', `/api/agents/${id}/tasks`, { prompt: 'true' })).status).toBe(409);
      expect(
        (await server.request('POST', `/api/inbox/${item.id}/resolve`, { decision: 'restart', hash: item.hash }))
          .status,
      ).toBe(200);
      await untilAgent(server, id, 'idle');
      expect(await runCommand(server, id, 'echo back')).toMatchObject({ result: { text: 'back' } });
    },
  );
});

function start(): Promise<Pointsman> {
  return startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
}

/** A command that waits at `gate` goes on when something is written there. */
function gateOf(name: string): { gate: string; ran: string } {
  const files = { gate: path.join(workspace, `${name}.gate`), ran: path.join(workspace, `${name}.ran`) };
  if (!existsSync(files.ran)) {
    execFileSync('mkfifo', [files.gate]);
    writeFileSync(files.ran, '');
  }
  return files;
}

async function stepsOf(executionId: string): Promise<Execution['steps']> {
  return (await server.request<Execution>('GET', `/api/executions/${executionId}`)).body.steps;
}

async function failures(): Promise<InboxItem[]> {
  return (await server.request<InboxItem[]>('GET', '/api/inbox?state=open&type=failure')).body;
}

function openFailure(executionId: string): Promise<InboxItem> {
  return until('the question', async () => (await failures()).find((item) => item.executionId === executionId));
}
