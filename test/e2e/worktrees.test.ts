/** Steps and tasks in worktrees against a whole server: what they report, and that a kill -9 is healed by a repetition. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Execution } from '../../src/contract/executions.ts';
import { gitRepository, type GitRepository } from '../support/git-repository.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { finishedTask, giveTask, runCommand, shellAgent, untilAgent } from '../support/shell-agents.ts';

const killAtGit = pathToFileURL(path.resolve(import.meta.dirname, '../support/kill-at-git.mjs')).href;

let home: string;
let database: TestDatabase;
let server: Pointsman;
let repository: GitRepository;
let agentId: string;

beforeAll(async () => {
  home = makeHome();
  database = await createTestDatabase();
  repository = gitRepository(path.join(home, 'repository'));
  server = await start();
  agentId = (await shellAgent(server, 'coder', { workspace: { path: repository.path } })).id;
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

describe('an agent step', () => {
  test('in a worktree of its own reports branch and diff, and its task is merged like any other', async () => {
    const step = { agent: 'coder', workspace: 'worktree' };
    const execution = await executed({
      name: 'Own worktree',
      workspace: { path: repository.path },
      nodes: [
        {
          id: 'write',
          type: 'agent',
          config: { ...step, prompt: 'echo ten > ten.txt; git add -A; git commit -qm ten; echo eleven > eleven.txt' },
        },
        { id: 'long', type: 'agent', config: { ...step, prompt: 'seq 1 20000 > long.txt' } },
        { id: 'shared', type: 'agent', config: { agent: 'coder', prompt: 'pwd' } },
      ],
      edges: [
        { from: 'write', to: 'long' },
        { from: 'long', to: 'shared' },
      ],
      outputs: { diff: 'nodes.write.output.diff', branch: 'nodes.write.output.branch' },
    });
    expect(execution, JSON.stringify(execution)).toMatchObject({ status: 'succeeded' });
    const [write, long, shared] = execution.steps;
    const output = write?.output as { text: string; usage: object; branch: string; diff: string };
    expect(execution.outputs).toEqual({ diff: output.diff, branch: output.branch });
    expect(output.branch).toMatch(new RegExp(`^pointsman/${execution.id}/write`));
    expect(output.diff.split('\n').filter((line) => /^[+-]/.test(line))).toEqual([
      '--- /dev/null',
      '+++ b/eleven.txt',
      '+eleven',
      '--- /dev/null',
      '+++ b/ten.txt',
      '+ten',
    ]);
    const cut = (long?.output as { diff: string } | undefined)?.diff ?? '';
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(48 * 1024);
    expect(cut).toContain(
      `[diff cut at 49152 bytes: 1 files, +20000 -0; all of it: GET /api/tasks/${long?.taskId}/diff]`,
    );
    expect(shared?.output).toEqual({ text: repository.path, exitCode: 0, usage: expect.anything() });

    expect((await server.request('GET', `/api/tasks/${long?.taskId}/diff`)).body).toMatchObject({
      truncated: false,
      stats: { files: 1, additions: 20_000, deletions: 0 },
    });
    const merged = await server.request('POST', `/api/tasks/${write?.taskId}/merge`);
    expect(merged.body).toMatchObject({ outcome: 'merged' });
    expect(readFileSync(path.join(repository.path, 'eleven.txt'), 'utf8')).toBe('eleven\n');
    for (const taskId of [write?.taskId, long?.taskId])
      expect((await server.request('POST', `/api/tasks/${taskId}/discard`)).status).toBe(200);
    expect(repository.git(['branch', '--list', `pointsman/${execution.id}/*`])).toBe('');
  });

  test('in the worktree of its execution reports what it changed itself, not what came before', async () => {
    const execution = await executed(
      {
        name: 'Worktree of the execution',
        workspace: { path: repository.path, isolation: 'worktree' },
        nodes: [
          { id: 'before', type: 'shell', config: { command: 'echo before > before.txt' } },
          { id: 'first', type: 'agent', config: { agent: 'coder', prompt: 'echo first > first.txt' } },
          {
            id: 'second',
            type: 'agent',
            config: { agent: 'coder', prompt: 'echo changed >> first.txt; false' },
            onError: 'continue',
          },
          { id: 'gate', type: 'approval', config: { title: 'Merge?' } },
        ],
        edges: [
          { from: 'before', to: 'first' },
          { from: 'first', to: 'second' },
          { from: 'second', to: 'gate' },
        ],
      },
      'waiting',
    );
    const of = (nodeId: string) => execution.steps.find((step) => step.nodeId === nodeId);
    const diffOf = (nodeId: string) => (of(nodeId)?.output as { diff: string } | undefined)?.diff ?? '';
    expect(diffOf('first')).toContain('+first\n');
    expect(diffOf('first')).not.toContain('before.txt');
    expect(of('second')).toMatchObject({ status: 'failed', output: { branch: `pointsman/${execution.id}/main` } });
    expect(diffOf('second')).toContain(' first\n+changed\n');

    const discard = () => server.request('POST', `/api/tasks/${of('first')?.taskId}/discard`);
    expect(await discard()).toMatchObject({ status: 409, body: { code: 'WORKTREE_IN_USE' } });
    // Looked at and merged while the approval waits.
    expect((await server.request('POST', `/api/tasks/${of('first')?.taskId}/merge`)).body).toMatchObject({
      outcome: 'merged',
    });
    expect(readFileSync(path.join(repository.path, 'first.txt'), 'utf8')).toBe('first\nchanged\n');
    await server.request('POST', `/api/executions/${execution.id}/cancel`);
    await untilExecution(execution.id, 'cancelled');
    expect((await discard()).status).toBe(200);
    expect((await server.request('GET', `/api/tasks/${of('second')?.taskId}`)).body.workspace.state).toBe('discarded');
  });
});

describe('kill -9', () => {
  test('while the worktree of a task is made: the task begins once, in a whole worktree', async () => {
    await restart({ at: 2 });
    const given = await giveTask(server, agentId, 'echo once >> once.txt; cat file.txt', {
      workspace: 'worktree',
    }).catch(
      () => null, // it died before it could answer
    );
    expect((await server.exited).signal).toBe('SIGKILL');
    await restart();
    const { body: tasks } = await server.request('GET', `/api/agents/${agentId}/tasks`);
    expect(given === null || given.id === tasks[0].id).toBe(true);
    const task = await finishedTask(server, tasks[0].id);
    expect(task).toMatchObject({ status: 'succeeded', result: { text: 'one' } });
    const { body } = await server.request('GET', `/api/tasks/${task.id}/diff`);
    expect(body.files).toMatchObject([{ path: 'once.txt', additions: 1 }]);
  });

  test.each(['merge', 'discard'] as const)('in the middle of a %s: a repetition ends it', async (action) => {
    const task = await runCommand(server, agentId, `echo ${action} > ${action}.txt`, { workspace: 'worktree' });
    await restart({ at: 2 });
    const ask = () => server.request('POST', `/api/tasks/${task.id}/${action}`);
    await expect(ask()).rejects.toThrow('fetch failed');
    expect((await server.exited).signal).toBe('SIGKILL');
    await restart();
    expect((await ask()).status).toBe(200);
    const { body: after } = await server.request('GET', `/api/tasks/${task.id}`);
    expect(after.workspace.state).toBe(action === 'merge' ? 'merged' : 'discarded');
    expect(repository.git(['status', '--porcelain'])).toBe('');
    expect(existsSync(path.join(repository.path, `${action}.txt`))).toBe(action === 'merge');
    expect(existsSync(after.workspace.path)).toBe(action === 'merge');
  });
});

async function start(kill?: { at: number }): Promise<Pointsman> {
  return startPointsman({
    home,
    preload: kill ? [killAtGit] : [],
    env: { POINTSMAN_DATABASE_URL: database.url, ...(kill ? { TEST_KILL_AT_GIT: String(kill.at) } : {}) },
  });
}

async function restart(kill?: { at: number }): Promise<void> {
  await server.kill('SIGTERM');
  server = await start(kill);
  await untilAgent(server, agentId, 'idle');
}

async function executed(workflow: object, until_: Execution['status'] = 'succeeded'): Promise<Execution> {
  const started = await server.request('POST', '/api/workflow/execute', { workflow });
  expect(started.status, JSON.stringify(started.body)).toBe(202);
  return untilExecution(started.body.id, until_);
}

async function untilExecution(id: string, status: Execution['status']): Promise<Execution> {
  let seen: Execution | undefined;
  return until(`the execution to be ${status}`, async () => {
    seen = (await server.request<Execution>('GET', `/api/executions/${id}`)).body;
    return seen.status === status ? seen : null;
  }).catch((error: unknown) => Promise.reject(new Error(`${String(error)}; it is ${JSON.stringify(seen)}`)));
}
