/** Worktrees of tasks and agents as requests: what changed, merged, discarded, and what is refused. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Task } from '../../../src/contract/tasks.ts';
import type { DescribedApi } from '../../support/described-api.ts';
import { gitRepository, type GitRepository } from '../../support/git-repository.ts';
import { finishedTask, runCommand, shellAgent, untilAgent } from '../../support/shell-agents.ts';

export function taskChangesApi(api: () => DescribedApi): void {
  let place: string;
  let repository: GitRepository;
  let agentId: string;
  let made = 0;

  beforeAll(async () => {
    place = mkdtempSync(path.join(os.tmpdir(), 'pm changes-'));
    repository = gitRepository(path.join(place, 'repository'));
    agentId = (await shellAgent(api().server, 'Ada <ada>', { workspace: { path: repository.path } })).id;
  });
  beforeEach(() => {
    repository.git(['reset', '--quiet', '--hard']);
    repository.git(['clean', '-fdq']);
  });
  afterAll(async () => {
    await api().request('DELETE', `/api/agents/${agentId}`);
    rmSync(place, { recursive: true, force: true });
  });

  const at = (task: Task, rest: string) => `/api/tasks/${task.id}/${rest}`;
  const diff = (task: Task) => api().request('GET', at(task, 'diff'));
  const merge = (task: Task) => api().request('POST', at(task, 'merge'));
  const discard = (task: Task) => api().request('POST', at(task, 'discard'));
  const inWorktree = async (prompt: string) => {
    const task = await runCommand(api().server, agentId, prompt, { workspace: 'worktree' });
    expect(task, JSON.stringify(task)).toMatchObject({ status: 'succeeded', prompt });
    return task;
  };
  const head = () => repository.git(['rev-parse', 'HEAD']);

  test('a task in a worktree changes nothing but that, shows it, and merges it', async () => {
    const before = head();
    const task = await inWorktree(`echo two > file.txt; echo new > 'a new ☕ file.txt'; pwd # a comment)`);
    expect(task.workspace).toMatchObject({ branch: `pointsman/tasks/${task.id}`, state: 'open' });
    expect(task.result?.text).toBe(task.workspace?.path);
    expect(readFileSync(path.join(repository.path, 'file.txt'), 'utf8')).toBe('one\n');
    const shown = await diff(task);
    expect(shown.status).toBe(200);
    expect(shown.body).toMatchObject({
      base: before,
      branch: task.workspace?.branch,
      stats: { files: 2, additions: 2, deletions: 1 },
      truncated: false,
      files: [
        { path: 'a new ☕ file.txt', status: 'added', additions: 1, deletions: 0, binary: false },
        {
          path: 'file.txt',
          status: 'modified',
          hunks: [
            {
              oldStart: 1,
              newStart: 1,
              lines: [
                { type: 'delete', text: 'one' },
                { type: 'add', text: 'two' },
              ],
            },
          ],
        },
      ],
    });
    expect(shown.body.text).toContain('--- a/file.txt\n+++ b/file.txt\n@@ -1 +1 @@\n-one\n+two\n');

    const merged = await merge(task);
    expect(merged.body).toEqual({ outcome: 'merged', commit: head() });
    expect(readFileSync(path.join(repository.path, 'a new ☕ file.txt'), 'utf8')).toBe('new\n');
    expect(repository.git(['log', '-1', '--format=%an: %s'])).toMatch(/^Ada ada: echo two > file.txt/);
    expect(repository.git(['status', '--porcelain'])).toBe('');
    expect((await merge(task)).body).toEqual({ outcome: 'nothing_to_merge' });
    expect((await api().request('GET', `/api/tasks/${task.id}`)).body.workspace.state).toBe('merged');
    expect((await diff(task)).body.stats).toEqual({ files: 2, additions: 2, deletions: 1 });

    expect((await discard(task)).body).toMatchObject({ id: task.id, workspace: { state: 'discarded' } });
    expect(existsSync(task.workspace?.path ?? '')).toBe(false);
    expect(repository.git(['branch', '--list', 'pointsman/*'])).toBe('');
    expect(readFileSync(path.join(repository.path, 'file.txt'), 'utf8')).toBe('two\n');
  });

  test('a conflict is an outcome that leaves the workspace as it was', async () => {
    const task = await inWorktree('echo theirs > file.txt');
    repository.commit('file.txt', 'ours\n');
    const before = head();
    writeFileSync(path.join(repository.path, 'beside.txt'), 'not of this');
    expect(await merge(task)).toMatchObject({ status: 200, body: { outcome: 'conflict', files: ['file.txt'] } });
    expect(head()).toBe(before);
    expect(repository.git(['status', '--porcelain'])).toBe('?? beside.txt');
    expect(readFileSync(path.join(repository.path, 'file.txt'), 'utf8')).toBe('ours\n');
    // The conflict is resolved where it lies, and the merge repeated.
    const tree = task.workspace?.path ?? '';
    repository.git(['merge', '--quiet', '-X', 'ours', 'main'], tree);
    expect(await merge(task)).toMatchObject({ body: { outcome: 'merged' } });
    expect(readFileSync(path.join(repository.path, 'file.txt'), 'utf8')).toBe('theirs\n');
    await discard(task);
  });

  test('uncommitted work in the way is named and kept', async () => {
    const task = await inWorktree('echo overwritten > file.txt');
    writeFileSync(path.join(repository.path, 'file.txt'), 'uncommitted\n');
    const refused = await merge(task);
    expect(refused).toMatchObject({ status: 409, body: { code: 'WORKSPACE_HAS_CHANGES' } });
    expect(refused.body.detail).toContain('file.txt');
    expect(readFileSync(path.join(repository.path, 'file.txt'), 'utf8')).toBe('uncommitted\n');
    repository.git(['checkout', '--', 'file.txt']);
    expect((await merge(task)).body).toMatchObject({ outcome: 'merged' });
    await discard(task);
  });

  test('a task that changed nothing has an empty diff and nothing to merge', async () => {
    const task = await inWorktree('true');
    expect((await diff(task)).body).toMatchObject({
      files: [],
      text: '',
      stats: { files: 0, additions: 0, deletions: 0 },
    });
    expect((await merge(task)).body).toEqual({ outcome: 'nothing_to_merge' });
    expect((await api().request('GET', `/api/tasks/${task.id}`)).body.workspace.state).toBe('open');
    await discard(task);
  });

  test('a discarded task says so, and can be discarded again', async () => {
    const task = await inWorktree('echo gone > gone.txt');
    expect((await discard(task)).status).toBe(200);
    expect((await discard(task)).status).toBe(200);
    for (const answer of [await diff(task), await merge(task)])
      expect(answer).toMatchObject({ status: 409, body: { code: 'CHANGES_DISCARDED' } });
    expect(repository.git(['for-each-ref'])).not.toContain(task.id);
  });

  test('a task that runs shows its changes so far, and is neither merged nor discarded', async () => {
    const given = await api().request('POST', `/api/agents/${agentId}/tasks`, {
      prompt: 'echo now > now.txt; sleep 600',
      workspace: 'worktree',
    });
    const task: Task = given.body;
    await untilAgent(api().server, agentId, 'working');
    await expect
      .poll(async () => (await diff(task)).body.files?.map((file: { path: string }) => file.path))
      .toEqual(['now.txt']);
    for (const answer of [await merge(task), await discard(task)])
      expect(answer).toMatchObject({ status: 409, body: { code: 'TASK_RUNNING' } });
    await api().request('POST', at(task, 'cancel'));
    await finishedTask(api().server, task.id);
    expect((await diff(task)).body.files).toMatchObject([{ path: 'now.txt' }]);
    expect((await discard(task)).status).toBe(200);
  });

  test('a task in a shared directory is told why it has no changes of its own', async () => {
    const task = await runCommand(api().server, agentId, 'echo shared > shared.txt');
    expect(task.workspace).toBeUndefined();
    for (const answer of [await diff(task), await merge(task), await discard(task)])
      expect(answer).toMatchObject({ status: 409, body: { code: 'TASK_NOT_ISOLATED' } });
  });

  test('a task that ended before it began has no changes, and can be discarded', async () => {
    const running = await api().request('POST', `/api/agents/${agentId}/tasks`, { prompt: 'sleep 600' });
    const queued = await api().request('POST', `/api/agents/${agentId}/tasks`, {
      prompt: 'true',
      workspace: 'worktree',
    });
    await api().request('POST', at(queued.body, 'cancel'));
    expect(await diff(queued.body)).toMatchObject({ status: 409, body: { code: 'TASK_NOT_BEGUN' } });
    expect((await discard(queued.body)).status).toBe(200);
    await api().request('POST', at(running.body, 'cancel'));
    await finishedTask(api().server, running.body.id);
  });

  test('only an operator merges and discards; everybody who reads sees the diff', async () => {
    const task = await inWorktree('echo seen > seen.txt');
    const { body: viewer } = await api().request('POST', '/api/tokens', { name: 'watches changes', role: 'viewer' });
    const as = api().as(viewer.token);
    expect((await as.request('GET', at(task, 'diff'))).status).toBe(200);
    expect((await as.request('POST', at(task, 'merge'))).status).toBe(403);
    expect((await as.request('POST', at(task, 'discard'))).status).toBe(403);
    await discard(task);
    const unknown = '01890000-0000-7000-8000-000000000000';
    expect((await api().request('GET', `/api/tasks/${unknown}/diff`)).status).toBe(404);
  });

  test('a worktree needs a repository with a commit, and says so at the field', async () => {
    const plain = path.join(place, `plain-${(made += 1)}`);
    mkdirSync(plain);
    const { id } = await shellAgent(api().server, 'no repository', { workspace: { path: plain } });
    expect(
      await api().request('POST', `/api/agents/${id}/tasks`, { prompt: 'true', workspace: 'worktree' }),
    ).toMatchObject({ status: 422, body: { code: 'WORKSPACE_NOT_A_REPOSITORY', problems: [{ path: '/workspace' }] } });
    expect((await api().request('GET', `/api/agents/${id}/tasks`)).body).toEqual([]);
    const isolated = { name: 'isolated', kind: 'shell', workspace: { path: plain, isolation: 'worktree' } };
    expect(await api().request('POST', '/api/agents', isolated)).toMatchObject({
      status: 422,
      body: { code: 'WORKSPACE_NOT_A_REPOSITORY', problems: [{ path: '/workspace/path' }] },
    });
    await api().request('DELETE', `/api/agents/${id}`);
  });

  test('an agent with a worktree lives on its own branch, task after task', async () => {
    const agent = await shellAgent(api().server, 'lives apart', {
      workspace: { path: repository.path, isolation: 'worktree' },
    });
    const branch = `pointsman/agents/${agent.id}`;
    expect(agent.workspace).toEqual({ path: repository.path, isolation: 'worktree', branch });
    const run = (prompt: string) => runCommand(api().server, agent.id, prompt);
    const first = await run('echo first > first.txt; git branch --show-current');
    expect(first.result?.text).toBe(branch);
    const second = await run('echo second > second.txt');
    expect(existsSync(path.join(repository.path, 'first.txt'))).toBe(false);
    const paths = async (task: Task) => (await diff(task)).body.files.map((file: { path: string }) => file.path);
    expect(await paths(first)).toEqual(['first.txt']);
    expect(await paths(second)).toEqual(['second.txt']);

    expect(await discard(second)).toMatchObject({ status: 409, body: { code: 'WORKTREE_IN_USE' } });
    expect(await api().request('PATCH', `/api/agents/${agent.id}`, { workspace: { path: place } })).toMatchObject({
      status: 409,
      body: { code: 'AGENT_ALREADY_RUNNING' },
    });
    expect(await api().request('DELETE', `/api/agents/${agent.id}`)).toMatchObject({
      status: 409,
      body: { code: 'WORKTREE_HOLDS_WORK' },
    });
    expect(existsSync(path.join(first.workspace?.path ?? '', 'second.txt'))).toBe(true);
    expect((await merge(first)).body).toMatchObject({ outcome: 'merged' });
    expect(readFileSync(path.join(repository.path, 'second.txt'), 'utf8')).toBe('second\n');
    expect((await api().request('GET', `/api/tasks/${second.id}`)).body.workspace.state).toBe('merged');
    expect((await api().request('DELETE', `/api/agents/${agent.id}`)).status).toBe(204);
    expect(existsSync(first.workspace?.path ?? '')).toBe(false);
    expect(repository.git(['branch', '--list', branch])).toBe('');
    expect(await paths(first)).toEqual(['first.txt']);
  });

  test('a worktree with uncommitted work stays where it is when its agent goes, if that is asked', async () => {
    const agent = await shellAgent(api().server, 'leaves work', {
      workspace: { path: repository.path, isolation: 'worktree' },
    });
    const task = await runCommand(api().server, agent.id, 'echo work > work.txt');
    expect((await api().request('DELETE', `/api/agents/${agent.id}`)).status).toBe(409);
    expect((await api().request('DELETE', `/api/agents/${agent.id}?worktree=keep`)).status).toBe(204);
    expect(readFileSync(path.join(task.workspace?.path ?? '', 'work.txt'), 'utf8')).toBe('work\n');
    // Nobody lives there any more, so it may be discarded now.
    expect((await discard(task)).status).toBe(200);
    expect(existsSync(task.workspace?.path ?? '')).toBe(false);
  });
}
