/** Steps and tasks in worktrees against a whole server: what they report, and that a kill -9 is healed by a repetition. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint, Execution } from '../../src/contract/executions.ts';
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

describe('a fork', () => {
  const changes = (more: object = {}) => ({
    name: 'Files over time',
    workspace: { path: repository.path, isolation: 'worktree' },
    nodes: [
      { id: 'write', type: 'shell', config: { command: 'echo one > notes.txt' } },
      { id: 'change', type: 'agent', config: { agent: 'coder', prompt: 'echo two > notes.txt; echo more > more.txt' } },
      { id: 'look', type: 'shell', config: { command: 'cat notes.txt; ls' } },
    ],
    edges: [
      { from: 'write', to: 'change' },
      { from: 'change', to: 'look' },
    ],
    ...more,
  });
  const looked = ({ steps }: Execution) =>
    (steps.find((step) => step.nodeId === 'look' && !step.carriedFrom)?.output as { stdout: string } | undefined)
      ?.stdout;
  const fork = (id: string, body: object) => server.request('POST', `/api/executions/${id}/fork`, body);

  test('R23: begins with the files of its checkpoint, and the original keeps its own', async () => {
    const original = await executed(changes());
    expect(looked(original)).toBe(listing('two', 'more.txt', 'notes.txt'));
    const place = worktreeOf(original);
    const before = [repository.git(['status', '--porcelain'], place), repository.git(['rev-parse', 'HEAD'], place)];

    // As if the change had not been made: the step that looks sees what the one before it wrote.
    const after = await checkpointAfter(original, 'write');
    const forked = await fork(original.id, {
      checkpoint: after.id,
      edits: { nodes: { change: { output: { text: 'nothing' } } } },
    });
    expect(forked.status, JSON.stringify(forked.body)).toBe(202);
    const commit = forked.body.origin.files;
    expect(repository.git(['show', `${commit}:notes.txt`])).toBe('one');
    const ended = await untilExecution(forked.body.id, 'succeeded');
    expect(looked(ended)).toBe(listing('one', 'notes.txt'));

    expect(readFileSync(path.join(place, 'notes.txt'), 'utf8')).toBe('two\n');
    expect(existsSync(path.join(place, 'more.txt'))).toBe(true);
    expect([repository.git(['status', '--porcelain'], place), repository.git(['rev-parse', 'HEAD'], place)]).toEqual(
      before,
    );

    // From the very first checkpoint nothing of it is there, and it makes everything again.
    const all = await checkpointsOf(original.id);
    expect(all.map(({ files }) => files)).toEqual(all.map(() => 'kept'));
    const anew = await fork(original.id, { checkpoint: all.at(-1)?.id });
    expect(looked(await untilExecution(anew.body.id, 'succeeded'))).toBe(looked(original));

    // A fork can be forked; the files it began with are those of its own first checkpoint.
    const again = await fork(ended.id, { checkpoint: (await checkpointsOf(ended.id)).at(-1)?.id });
    expect(again.body.origin.files).toBe(commit);

    const newest = await fork(original.id, { checkpoint: after.id, files: 'newest' });
    expect(newest.body.origin).not.toHaveProperty('files');
    expect(looked(await untilExecution(newest.body.id, 'succeeded'))).toBe(looked(original));
  });

  test('R23: says in words that files of its checkpoint are gone', async () => {
    // What the next step begins with is committed on the branch: within the same second that would be the very commit
    // that was kept, and the branch would hold it.
    // Nor may another execution have written the same files in that second.
    const { nodes, ...rest } = changes();
    const write = { id: 'write', type: 'shell', config: { command: 'echo soon gone > notes.txt' } };
    const pause = { id: 'pause', type: 'wait', config: { duration: 'PT1.5S' } };
    const edges = ['write', 'pause', 'change', 'look'].map((to, index, all) => ({ from: all[index - 1], to })).slice(1);
    const alone = { ...rest, nodes: [write, ...nodes.slice(1), pause], edges };
    const original = await executed(alone);
    const after = await checkpointAfter(original, 'write');
    for (const ref of ['first', 'newest'])
      repository.git(['update-ref', '-d', `refs/pointsman/executions/${original.id}/${ref}`]);
    repository.git(['reflog', 'expire', '--expire=now', '--all']);
    repository.git(['gc', '--quiet', '--prune=now']);
    expect(await fork(original.id, { checkpoint: after.id })).toMatchObject({
      status: 409,
      body: { code: 'FILES_NOT_KEPT', detail: expect.stringContaining('has no commit') },
    });
    expect((await fork(original.id, { checkpoint: after.id, files: 'newest' })).status).toBe(202);
  });

  test('of an execution without a worktree of its own has no files to turn back', async () => {
    const original = await executed({
      name: 'Shared',
      workspace: { path: repository.path },
      nodes: [{ id: 'look', type: 'shell', config: { command: 'ls' } }],
    });
    const [newest] = await checkpointsOf(original.id);
    expect(newest).not.toHaveProperty('files');
    expect((await fork(original.id, { checkpoint: newest?.id })).body.origin).not.toHaveProperty('files');
  });

  test('after a kill -9 between the files of a step and its outcome: nothing is lost, nothing is left over', async () => {
    // The commands that change something: list, note the cut, add, index, tree, commit, first, link, newest.
    await restart({ at: 9 });
    const started = await server.request('POST', '/api/workflow/execute', { workflow: changes() }).catch(() => null);
    expect((await server.exited).signal).toBe('SIGKILL');
    const id: string = started?.body.id;
    const refs = () => repository.git(['for-each-ref', '--format=%(refname)', `refs/pointsman/executions/${id}`]);
    await restart();
    const original = await untilExecution(id, 'succeeded');
    expect(original.steps.map(({ nodeId, attempt }) => [nodeId, attempt])).toEqual([
      ['write', 1],
      ['change', 1],
      ['look', 1],
    ]);
    expect(refs().split('\n')).toHaveLength(2);
    const after = await checkpointAfter(original, 'write');
    const forked = await fork(id, { checkpoint: after.id, edits: { nodes: { change: { output: { text: '' } } } } });
    expect(looked(await untilExecution(forked.body.id, 'succeeded'))).toBe(listing('one', 'notes.txt'));
  });

  /** What the step that looks says; other tests have merged files into the repository. */
  function listing(notes: string, ...added: string[]): string {
    const files = [...repository.git(['ls-files']).split('\n'), ...added].toSorted();
    return `${notes}\n${files.join('\n')}\n`;
  }

  function worktreeOf({ id }: Execution): string {
    const listed = repository.git(['worktree', 'list', '--porcelain']).split('\n');
    return (
      listed.find((line) => line.startsWith('worktree ') && line.endsWith(`${id}/main`))?.slice(9) ?? expect.fail()
    );
  }

  async function checkpointsOf(id: string): Promise<Checkpoint[]> {
    return (await server.request('GET', `/api/executions/${id}/checkpoints`)).body;
  }

  /** The checkpoint with the end of a node. */
  async function checkpointAfter({ id }: Execution, nodeId: string): Promise<Checkpoint> {
    const all = (await checkpointsOf(id)).toReversed().filter(({ changed }) => changed.includes(nodeId));
    return all.at(-1) ?? expect.fail(`no checkpoint knows of ${nodeId}`);
  }
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
