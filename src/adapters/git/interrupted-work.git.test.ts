/** kill -9 of the server at each git command that changes something: a repetition ends what was begun, and nothing is lost. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Workspaces } from '../../ports/workspaces.ts';
import { createGitWorkspaces } from './git-workspaces.ts';

const killer = pathToFileURL(path.resolve(import.meta.dirname, '../../../test/support/kill-at-git.mjs')).href;
const module_ = pathToFileURL(path.join(import.meta.dirname, 'git-workspaces.ts')).href;
/** More than any of these takes. */
const MOST_POINTS = 40;

let place: string;
let repository: string;
let pidFile: string;
let workspaces: Workspaces;
const identity = ['-c', 'user.name=A Person', '-c', 'user.email=person@example.org'];
const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd();
const commit = (cwd: string, file: string, text: string) => {
  writeFileSync(path.join(cwd, file), text);
  git(cwd, 'add', '--all');
  git(cwd, 'commit', '--quiet', '-m', `write ${file}`);
};

beforeEach(() => {
  place = realpathSync(mkdtempSync(path.join(tmpdir(), 'pm-killed-')));
  repository = path.join(place, 'repository');
  pidFile = path.join(place, 'pid');
  git(place, 'init', '--quiet', '--initial-branch=main', repository);
  commit(repository, 'file.txt', 'one\n');
  workspaces = createGitWorkspaces({ directory: path.join(place, 'workspaces') });
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

describe('after kill -9 at every point of it', () => {
  test('making a worktree is whole when it is made again', async () => {
    const points = await atEachPoint('worktree', async (name, attempt) => {
      await attempt({ repository, name });
      const tree = await workspaces.worktree({ repository, name });
      expect(git(tree.path, 'status', '--porcelain', '--branch')).toBe(`## ${tree.branch}`);
      expect(readFileSync(path.join(tree.path, 'file.txt'), 'utf8')).toBe('one\n');
    });
    expect(points).toBeGreaterThanOrEqual(2);
  });

  test('a snapshot is taken again, and the work is as it was', async () => {
    const points = await atEachPoint('snapshot', async (name, attempt) => {
      const tree = await workspaces.worktree({ repository, name });
      writeFileSync(path.join(tree.path, 'new.txt'), 'new\n');
      await attempt(tree.path, { keepAs: name });
      const snapshot = await workspaces.snapshot(tree.path, { keepAs: name });
      expect(git(repository, 'show', `${snapshot}:new.txt`)).toBe('new');
      expect(git(repository, 'rev-parse', `refs/pointsman/kept/${name}`)).toBe(snapshot);
      expect(git(tree.path, 'status', '--porcelain')).toBe('?? new.txt');
    });
    expect(points).toBeGreaterThanOrEqual(4);
  });

  test('a commit is there once', async () => {
    const points = await atEachPoint('commitAll', async (name, attempt) => {
      const tree = await workspaces.worktree({ repository, name });
      writeFileSync(path.join(tree.path, 'new.txt'), 'new\n');
      await attempt(tree.path, 'work');
      await workspaces.commitAll(tree.path, 'work');
      expect(git(tree.path, 'log', '--format=%s', 'main..HEAD')).toBe('work');
      expect(git(tree.path, 'status', '--porcelain')).toBe('');
    });
    expect(points).toBeGreaterThanOrEqual(2);
  });

  test('a merge is there once, and its target is clean', async () => {
    const points = await atEachPoint('merge', async (name, attempt) => {
      const { path: tree, branch } = await workspaces.worktree({ repository, name });
      commit(tree, `${name}.txt`, 'work\n');
      commit(repository, `main-${name}.txt`, 'main moved on\n');
      await attempt({ into: repository, branch });
      expect(['merged', 'nothing_to_merge']).toContain((await workspaces.merge({ into: repository, branch })).outcome);
      expect(git(repository, 'status', '--porcelain')).toBe('');
      expect(git(repository, 'log', '--merges', '--format=%s', '--grep', `Merge ${branch}$`)).toBe(`Merge ${branch}`);
    });
    expect(points).toBeGreaterThanOrEqual(2);
  });

  test('a merge in conflict is told again, and its target is as it was', async () => {
    const points = await atEachPoint('merge', async (name, attempt) => {
      const { path: tree, branch } = await workspaces.worktree({ repository, name });
      commit(tree, 'file.txt', `theirs ${name}\n`);
      commit(repository, 'file.txt', `ours ${name}\n`);
      const before = git(repository, 'rev-parse', 'HEAD');
      await attempt({ into: repository, branch });
      expect(await workspaces.merge({ into: repository, branch })).toEqual({
        outcome: 'conflict',
        files: ['file.txt'],
      });
      expect(git(repository, 'rev-parse', 'HEAD')).toBe(before);
      expect(git(repository, 'status', '--porcelain')).toBe('');
    });
    expect(points).toBeGreaterThanOrEqual(1);
  });

  test('what is discarded is gone', async () => {
    const points = await atEachPoint('discard', async (name, attempt) => {
      const before = git(repository, 'for-each-ref');
      const tree = await workspaces.worktree({ repository, name });
      commit(tree.path, 'committed.txt', 'committed\n');
      writeFileSync(path.join(tree.path, 'uncommitted.txt'), 'uncommitted\n');
      await workspaces.snapshot(tree.path, { keepAs: `${name}/end` });
      await attempt({ repository, name, kept: [name] });
      await workspaces.discard({ repository, name, kept: [name] });
      expect(git(repository, 'for-each-ref')).toBe(before);
      expect(git(repository, 'worktree', 'list').split('\n')).toHaveLength(1);
      expect(await workspaces.existing(name)).toBeNull();
    });
    expect(points).toBeGreaterThanOrEqual(5);
  });
});

/** Runs `check` with a first attempt that dies at the first point, then at the second, until one comes through; how many there were. */
async function atEachPoint<K extends keyof Workspaces>(
  method: K,
  check: (name: string, attempt: (...args: Parameters<Workspaces[K]>) => Promise<void>) => Promise<void>,
): Promise<number> {
  for (let point = 1; point <= MOST_POINTS; point++) {
    let killed = false;
    await check(`${method.toLowerCase()}-${point}`, async (...args) => {
      killed = await diesAt(point, method, args);
    }).catch((error: unknown) => Promise.reject(new Error(`point ${point}`, { cause: error })));
    if (!killed) return point - 1;
  }
  throw new Error(`${method} does not end`);
}

/** True when it was killed; then the git command that it had begun has ended too. */
async function diesAt(point: number, method: string, args: readonly unknown[]): Promise<boolean> {
  const script = `
    import { createGitWorkspaces } from ${JSON.stringify(module_)};
    await createGitWorkspaces({ directory: ${JSON.stringify(path.join(place, 'workspaces'))} })[${JSON.stringify(method)}](...${JSON.stringify(args)});`;
  const { signal, status, stderr } = spawnSync(
    process.execPath,
    ['--import', killer, '--input-type=module', '-e', script],
    { encoding: 'utf8', env: { ...process.env, TEST_KILL_AT_GIT: String(point), TEST_GIT_PID_FILE: pidFile } },
  );
  if (signal !== 'SIGKILL') {
    expect(status, stderr).toBe(0);
    return false;
  }
  const orphan = Number(readFileSync(pidFile, 'utf8'));
  await expect.poll(() => isRunning(orphan), { interval: 5 }).toBe(false);
  return true;
}

/** A zombie has ended; where nobody collects orphans it stays in the list. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}
