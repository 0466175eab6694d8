/** What every Workspaces must do, as sentences. Run by the tests of each implementation. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Workspaces } from './workspaces.ts';

export function workspacesConformance(subject: string, create: (directory: string) => Workspaces): void {
  describe(`${subject} as workspaces`, () => {
    let place: string;
    let repository: string;
    let workspaces: Workspaces;
    const again = () => create(path.join(place, 'workspaces'));
    const git = (cwd: string, ...args: string[]) => gitByHand(place, cwd, args);
    const commit = async (cwd: string, file: string, text: string) => {
      await mkdir(path.dirname(path.join(cwd, file)), { recursive: true });
      await writeFile(path.join(cwd, file), text);
      git(cwd, 'add', '--all');
      git(cwd, 'commit', '-m', `write ${file}`);
    };
    const read = (cwd: string, file: string) => readFile(path.join(cwd, file), 'utf8');

    beforeEach(async () => {
      place = await realpath(await mkdtemp(path.join(tmpdir(), `pm spaces '"-`)));
      repository = path.join(place, 'repository');
      await mkdir(repository);
      git(repository, 'init', '--quiet', '--initial-branch=main');
      await commit(repository, 'file.txt', 'one\n');
      workspaces = again();
    });
    afterEach(() => rm(place, { recursive: true, force: true }));

    describe('scratch', () => {
      it('gives an execution an empty directory, and the same one again with what is in it', async () => {
        const scratch = await workspaces.scratch('execution-1');
        expect(await readdir(scratch)).toEqual([]);
        await writeFile(path.join(scratch, 'kept.txt'), 'kept');
        expect(await again().scratch('execution-1')).toBe(scratch);
        expect(await read(scratch, 'kept.txt')).toBe('kept');
        expect(await workspaces.scratch('execution-2')).not.toBe(scratch);
      });

      it('stays inside its directory, whatever the id', async () => {
        for (const id of ['../../escape', '/etc', '..', '-rf']) {
          expect((await workspaces.scratch(id)).startsWith(path.join(place, 'workspaces', path.sep))).toBe(true);
        }
      });
    });

    describe('worktree', () => {
      it('is cut from what the repository has checked out, on a branch of its own', async () => {
        git(repository, 'checkout', '--quiet', '-b', 'topic');
        await commit(repository, 'topic.txt', 'topic');
        const tree = await workspaces.worktree({ repository, name: 'execution/main' });
        expect(tree.branch).toBe('pointsman/execution/main');
        expect(git(tree.path, 'symbolic-ref', '--short', 'HEAD')).toBe(tree.branch);
        expect(await read(tree.path, 'topic.txt')).toBe('topic');
        expect(git(repository, 'symbolic-ref', '--short', 'HEAD')).toBe('topic');
        expect(git(repository, 'status', '--porcelain')).toBe('');
      });

      it('is cut from the base it was told', async () => {
        await commit(repository, 'file.txt', 'two\n');
        const tree = await workspaces.worktree({ repository, name: 'old', base: 'HEAD~1' });
        expect(await read(tree.path, 'file.txt')).toBe('one\n');
      });

      it('is the same one when asked again, with its work, also after the repository moved on', async () => {
        const tree = await workspaces.worktree({ repository, name: 'same' });
        await writeFile(path.join(tree.path, 'work.txt'), 'uncommitted');
        await commit(repository, 'file.txt', 'two\n');
        expect(await again().worktree({ repository, name: 'same' })).toEqual(tree);
        expect(await read(tree.path, 'work.txt')).toBe('uncommitted');
        expect(await read(tree.path, 'file.txt')).toBe('one\n');
      });

      it('is one and the same for those who ask at the same moment', async () => {
        const trees = await Promise.all(
          Array.from({ length: 6 }, (_, i) => workspaces.worktree({ repository, name: `tree-${i % 3}` })),
        );
        expect(new Set(trees.map((tree) => tree.path)).size).toBe(3);
        expect(trees.slice(0, 3)).toEqual(trees.slice(3));
      });

      it('can be cut from another worktree', async () => {
        const main = await workspaces.worktree({ repository, name: 'execution/main' });
        await commit(main.path, 'main.txt', 'main');
        const item = await workspaces.worktree({ repository: main.path, name: 'execution/item' });
        expect(await read(item.path, 'main.txt')).toBe('main');
      });

      it('of a folder of a repository is the same folder', async () => {
        await commit(repository, 'packages/web/index.html', 'hello');
        const tree = await workspaces.worktree({ repository: path.join(repository, 'packages/web'), name: 'web' });
        expect(await readdir(tree.path)).toEqual(['index.html']);
        await writeFile(path.join(tree.path, 'new.txt'), 'new');
        expect(await workspaces.commitAll(tree.path, 'from the folder')).toMatch(/^[0-9a-f]{40}/);
        expect(await workspaces.remove(tree.path)).toBe('removed');
      });

      it('has a safe name, and different names never share one', async () => {
        const names = [
          'a b',
          'a-b',
          'a/../b',
          '../../escape',
          '-x',
          'x.lock',
          'ünïcødé',
          '..',
          'a:b',
          'a\nb',
          'x'.repeat(300),
        ];
        const trees = await Promise.all(names.map((name) => workspaces.worktree({ repository, name })));
        expect(new Set(trees.map((tree) => tree.path)).size).toBe(names.length);
        for (const tree of trees) {
          expect(tree.path.startsWith(path.join(place, 'workspaces'))).toBe(true);
          expect(tree.branch).toMatch(/^pointsman\/[A-Za-z0-9._/-]+$/);
        }
      });

      it('comes back on its branch after it was removed', async () => {
        const tree = await workspaces.worktree({ repository, name: 'back' });
        await commit(tree.path, 'work.txt', 'committed');
        expect(await workspaces.remove(tree.path)).toBe('removed');
        await commit(repository, 'file.txt', 'two\n');
        const back = await workspaces.worktree({ repository, name: 'back' });
        expect(back).toEqual(tree);
        expect(await read(back.path, 'work.txt')).toBe('committed');
        expect(await workspaces.diff(back.path)).toContain('+committed');
      });

      it("runs none of the repository's hooks", async () => {
        for (const hook of [
          'post-checkout',
          'pre-commit',
          'commit-msg',
          'post-commit',
          'pre-merge-commit',
          'post-merge',
          'reference-transaction',
        ]) {
          const file = path.join(repository, '.git/hooks', hook);
          await mkdir(path.dirname(file), { recursive: true });
          await writeFile(file, `#!/bin/sh\ntouch "${place.replaceAll('"', '\\"')}/ran-${hook}"\nexit 1\n`);
          await chmod(file, 0o755);
        }
        const tree = await workspaces.worktree({ repository, name: 'hooks' });
        await writeFile(path.join(tree.path, 'work.txt'), 'work');
        await workspaces.commitAll(tree.path, 'work');
        await workspaces.merge({ into: repository, branch: tree.branch });
        await workspaces.remove(tree.path);
        expect((await readdir(place)).filter((name) => name.startsWith('ran-'))).toEqual([]);
      });

      it('says what is missing when the repository has no commit, is none, or is not there', async () => {
        const empty = path.join(place, 'empty');
        await mkdir(empty);
        const ask = (from: string, base?: string) =>
          workspaces.worktree({ repository: from, name: 'x', ...(base === undefined ? {} : { base }) });
        await expect(ask(empty)).rejects.toMatchObject({
          code: 'WORKTREE_FAILED',
          message: expect.stringContaining('is not a git repository'),
        });
        git(empty, 'init', '--quiet');
        await expect(ask(empty)).rejects.toMatchObject({
          code: 'WORKTREE_FAILED',
          message: expect.stringContaining('has no commit yet'),
        });
        await expect(ask(path.join(place, 'nowhere'))).rejects.toMatchObject({
          code: 'WORKTREE_FAILED',
          message: expect.stringContaining('does not exist'),
        });
        await expect(ask(repository, 'no-such-branch')).rejects.toMatchObject({
          code: 'WORKTREE_FAILED',
          message: expect.stringContaining('has no commit "no-such-branch"'),
        });
        await expect(ask(repository, '--help')).rejects.toMatchObject({ code: 'WORKTREE_FAILED' });
      });

      it('is not mistaken for one of another repository', async () => {
        await workspaces.worktree({ repository, name: 'shared' });
        const other = path.join(place, 'other');
        await mkdir(other);
        git(other, 'init', '--quiet');
        await commit(other, 'other.txt', 'other');
        await expect(workspaces.worktree({ repository: other, name: 'shared' })).rejects.toMatchObject({
          code: 'WORKTREE_FAILED',
        });
      });
    });

    describe('commitAll', () => {
      it('commits changed, new and deleted files, and leaves ignored ones', async () => {
        await commit(repository, '.gitignore', 'ignored.txt\n');
        await commit(repository, 'deleted.txt', 'gone soon');
        const tree = await workspaces.worktree({ repository, name: 'work' });
        await writeFile(path.join(tree.path, 'file.txt'), 'changed\n');
        await writeFile(path.join(tree.path, '-n new "file".txt'), 'new');
        await writeFile(path.join(tree.path, 'ignored.txt'), 'ignored');
        await rm(path.join(tree.path, 'deleted.txt'));
        const id = await workspaces.commitAll(tree.path, 'All of it\n\n# with a second paragraph');
        expect(id).toBe(git(tree.path, 'rev-parse', 'HEAD'));
        expect(git(tree.path, 'status', '--porcelain')).toBe('');
        expect(git(tree.path, '-c', 'core.quotePath=false', 'ls-files', '-z').split('\0').filter(Boolean)).toEqual([
          '-n new "file".txt',
          '.gitignore',
          'file.txt',
        ]);
        expect(git(tree.path, 'log', '-1', '--format=%B')).toContain('All of it\n\n# with a second paragraph');
      });

      it('commits nothing when nothing is uncommitted', async () => {
        const tree = await workspaces.worktree({ repository, name: 'idle' });
        const before = git(tree.path, 'rev-parse', 'HEAD');
        expect(await workspaces.commitAll(tree.path, 'nothing')).toBeNull();
        expect(git(tree.path, 'rev-parse', 'HEAD')).toBe(before);
      });

      it('takes any message for a message', async () => {
        const tree = await workspaces.worktree({ repository, name: 'messages' });
        for (const [index, message] of ['--amend', '', '$(id)', "it's", '# only a comment', 'a\0b'].entries()) {
          await writeFile(path.join(tree.path, 'file.txt'), `${index}`);
          expect(await workspaces.commitAll(tree.path, message)).not.toBeNull();
        }
        expect(git(tree.path, 'rev-list', '--count', 'main..HEAD')).toBe('6');
      });

      it('refuses conflicts that nobody resolved', async () => {
        const tree = await workspaces.worktree({ repository, name: 'conflict' });
        await commit(tree.path, 'file.txt', 'theirs\n');
        await commit(repository, 'file.txt', 'ours\n');
        expect(() => git(tree.path, 'merge', 'main')).toThrow('git');
        await expect(workspaces.commitAll(tree.path, 'markers')).rejects.toMatchObject({ code: 'WORKTREE_FAILED' });
      });
    });

    describe('merge', () => {
      it('brings a branch into what is checked out', async () => {
        const [a, b] = [
          await workspaces.worktree({ repository, name: 'a' }),
          await workspaces.worktree({ repository, name: 'b' }),
        ];
        await commit(a.path, 'a.txt', 'a');
        await commit(b.path, 'b.txt', 'b');
        expect(await workspaces.merge({ into: repository, branch: a.branch })).toEqual({ outcome: 'merged' });
        expect(await workspaces.merge({ into: repository, branch: b.branch })).toEqual({ outcome: 'merged' });
        expect(await workspaces.merge({ into: repository, branch: b.branch })).toEqual({ outcome: 'merged' });
        expect((await readdir(repository)).toSorted()).toEqual(['.git', 'a.txt', 'b.txt', 'file.txt']);
        expect(git(repository, 'status', '--porcelain')).toBe('');
      });

      it('tells the files of a conflict, and leaves the target as it was', async () => {
        const tree = await workspaces.worktree({ repository, name: 'conflict' });
        await commit(tree.path, 'file.txt', 'theirs\n');
        await commit(tree.path, 'ünïcødé name.txt', 'theirs\n');
        await commit(repository, 'file.txt', 'ours\n');
        await commit(repository, 'ünïcødé name.txt', 'ours\n');
        const before = git(repository, 'rev-parse', 'HEAD');
        expect(await workspaces.merge({ into: repository, branch: tree.branch })).toEqual({
          outcome: 'conflict',
          files: ['file.txt', 'ünïcødé name.txt'],
        });
        expect(git(repository, 'rev-parse', 'HEAD')).toBe(before);
        expect(git(repository, 'status', '--porcelain')).toBe('');
        expect(await read(tree.path, 'file.txt')).toBe('theirs\n');
      });

      it('keeps uncommitted work of the target, in its way or not', async () => {
        const tree = await workspaces.worktree({ repository, name: 'dirty' });
        await commit(tree.path, 'file.txt', 'theirs\n');
        await writeFile(path.join(repository, 'file.txt'), 'uncommitted\n');
        expect(await workspaces.merge({ into: repository, branch: tree.branch })).toEqual({
          outcome: 'conflict',
          files: ['file.txt'],
        });
        expect(await read(repository, 'file.txt')).toBe('uncommitted\n');
        git(repository, 'checkout', '--', 'file.txt');
        await writeFile(path.join(repository, 'beside.txt'), 'untracked');
        expect(await workspaces.merge({ into: repository, branch: tree.branch })).toEqual({ outcome: 'merged' });
        expect(await read(repository, 'beside.txt')).toBe('untracked');
      });

      it('begins again after a crash in the middle of it, but never ends a merge of somebody else', async () => {
        const tree = await workspaces.worktree({ repository, name: 'crashed' });
        await commit(tree.path, 'file.txt', 'theirs\n');
        await commit(repository, 'file.txt', 'ours\n');
        expect(() => git(repository, 'merge', tree.branch)).toThrow('git');
        expect(await workspaces.merge({ into: repository, branch: tree.branch })).toMatchObject({
          outcome: 'conflict',
        });
        expect(git(repository, 'status', '--porcelain')).toBe('');
        git(repository, 'branch', 'theirs', tree.branch);
        await commit(tree.path, 'more.txt', 'more');
        expect(() => git(repository, 'merge', 'theirs')).toThrow('git');
        await expect(workspaces.merge({ into: repository, branch: tree.branch })).rejects.toMatchObject({
          code: 'WORKTREE_FAILED',
        });
        expect(git(repository, 'rev-parse', 'MERGE_HEAD')).toBe(git(repository, 'rev-parse', 'theirs'));
      });

      it('refuses a branch that is not there', async () => {
        for (const branch of ['nowhere', '--abort', ''])
          await expect(workspaces.merge({ into: repository, branch })).rejects.toMatchObject({
            code: 'WORKTREE_FAILED',
          });
      });
    });

    describe('diff', () => {
      it('shows committed, uncommitted and new files against the cut, and touches nothing', async () => {
        const tree = await workspaces.worktree({ repository, name: 'diff' });
        expect(await workspaces.diff(tree.path)).toBe('');
        await commit(tree.path, 'committed.txt', 'committed\n');
        await writeFile(path.join(tree.path, 'file.txt'), 'changed\n');
        await writeFile(path.join(tree.path, 'new.txt'), 'new\n');
        await commit(repository, 'elsewhere.txt', 'not of this worktree\n');
        const before = git(tree.path, 'status', '--porcelain');
        const diff = await workspaces.diff(tree.path);
        expect(diff.split('\n').filter((line) => /^[+-][^+-]/.test(line))).toEqual([
          '+committed',
          '-one',
          '+changed',
          '+new',
        ]);
        expect(diff).toContain('--- a/file.txt\n+++ b/file.txt\n');
        expect(git(tree.path, 'status', '--porcelain')).toBe(before);
      });
    });

    describe('remove', () => {
      it('takes a clean worktree away and keeps its branch', async () => {
        const tree = await workspaces.worktree({ repository, name: 'gone' });
        await commit(tree.path, 'work.txt', 'work');
        const tip = git(tree.path, 'rev-parse', 'HEAD');
        expect(await workspaces.remove(tree.path)).toBe('removed');
        expect(await workspaces.remove(tree.path)).toBe('removed');
        expect(git(repository, 'rev-parse', tree.branch)).toBe(tip);
        expect(git(repository, 'worktree', 'list').split('\n')).toHaveLength(1);
      });

      it('keeps one with uncommitted work, new files, or commits on no branch', async () => {
        const changed = await workspaces.worktree({ repository, name: 'changed' });
        await writeFile(path.join(changed.path, 'file.txt'), 'changed');
        expect(await workspaces.remove(changed.path)).toBe('kept');
        const added = await workspaces.worktree({ repository, name: 'added' });
        await writeFile(path.join(added.path, 'new.txt'), 'new');
        expect(await workspaces.remove(added.path)).toBe('kept');
        const detached = await workspaces.worktree({ repository, name: 'detached' });
        git(detached.path, 'checkout', '--quiet', '--detach');
        await commit(detached.path, 'file.txt', 'on no branch');
        expect(await workspaces.remove(detached.path)).toBe('kept');
        expect(await read(detached.path, 'file.txt')).toBe('on no branch');
        // Kept means: as it was.
        expect(await workspaces.worktree({ repository, name: 'changed' })).toEqual(changed);
        expect(await read(changed.path, 'file.txt')).toBe('changed');
      });

      it('refuses what is not a worktree of its own', async () => {
        await workspaces.worktree({ repository, name: 'one' });
        for (const path_ of [repository, place, path.join(place, 'workspaces'), '/']) {
          await expect(workspaces.remove(path_)).rejects.toMatchObject({ code: 'WORKTREE_FAILED' });
        }
        expect(git(repository, 'status', '--porcelain')).toBe('');
      });
    });
  });
}

/** Git as a person would run it, with an identity and none of ours. */
function gitByHand(home: string, cwd: string, args: string[]): string {
  const person = {
    GIT_AUTHOR_NAME: 'A Person',
    GIT_AUTHOR_EMAIL: 'person@example.org',
    GIT_COMMITTER_NAME: 'A Person',
    GIT_COMMITTER_EMAIL: 'person@example.org',
  };
  const env = { PATH: process.env['PATH'], HOME: home, LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1', ...person };
  return execFileSync('git', ['-c', 'init.defaultBranch=main', ...args], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}
