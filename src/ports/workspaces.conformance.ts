/** What every Workspaces must do, as sentences. Run by the tests of each implementation. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
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
    const diffOf = (place_: string, between: { from?: string; to?: string } = {}) =>
      workspaces.diff({ path: place_, limitBytes: 1_000_000, ...between });
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

    describe('head', () => {
      it('is what a branch points to, the one checked out when none is named', async () => {
        const head = await workspaces.head({ repository });
        expect(head).toMatchObject({ outcome: 'read', branch: 'main', subject: 'write file.txt' });
        git(repository, 'checkout', '--quiet', '-b', 'other');
        await commit(repository, 'file.txt', 'two\n');
        expect(await workspaces.head({ repository, branch: 'main' })).toEqual(head);
        const commitId = git(repository, 'rev-parse', 'HEAD').trim();
        expect(await workspaces.head({ repository })).toMatchObject({ branch: 'other', commit: commitId });
      });

      it('cannot be read where there is none', async () => {
        for (const options of [
          { repository: path.join(place, 'nowhere') },
          { repository: place },
          { repository, branch: 'none' },
          { repository, branch: '--all' },
        ])
          expect(await workspaces.head(options), JSON.stringify(options)).toMatchObject({ outcome: 'unreadable' });
      });
    });

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
        expect((await diffOf(back.path)).text).toContain('+committed');
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

      it('names the author it is told, whatever the name', async () => {
        const tree = await workspaces.worktree({ repository, name: 'author' });
        for (const [author, seen] of [
          ['Ada ☕ <x>', 'Ada ☕ x'],
          [' <> ', 'Pointsman'],
          ['--amend', '--amend'],
        ] as const) {
          await writeFile(path.join(tree.path, 'file.txt'), author);
          await workspaces.commitAll(tree.path, 'work', { author });
          expect(git(tree.path, 'log', '-1', '--format=%an')).toBe(seen);
        }
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
        for (const { branch } of [a, b]) {
          const merged = await workspaces.merge({ into: repository, branch });
          expect(merged).toEqual({ outcome: 'merged', commit: git(repository, 'rev-parse', 'HEAD') });
        }
        expect(await workspaces.merge({ into: repository, branch: b.branch })).toEqual({ outcome: 'nothing_to_merge' });
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

      it('merges a commit that its branch does not hold', async () => {
        const tree = await workspaces.worktree({ repository, name: 'elsewhere' });
        git(tree.path, 'checkout', '--quiet', '-b', 'other');
        await commit(tree.path, 'work.txt', 'work');
        const commit_ = await workspaces.snapshot(tree.path);
        expect(await workspaces.merge({ into: repository, branch: tree.branch })).toEqual({
          outcome: 'nothing_to_merge',
        });
        expect(await workspaces.merge({ into: repository, branch: tree.branch, commit: commit_ })).toMatchObject({
          outcome: 'merged',
        });
        expect(await read(repository, 'work.txt')).toBe('work');
      });

      it('names the uncommitted work that lies in its way, and changes nothing', async () => {
        const tree = await workspaces.worktree({ repository, name: 'dirty' });
        await commit(tree.path, 'file.txt', 'theirs\n');
        await commit(tree.path, 'new file.txt', 'theirs\n');
        await commit(repository, 'main.txt', 'main moved on');
        const merging = () => workspaces.merge({ into: repository, branch: tree.branch });
        const before = git(repository, 'rev-parse', 'HEAD');
        const untouched = async (status: string) => {
          expect(git(repository, 'status', '--porcelain')).toBe(status);
          expect(git(repository, 'rev-parse', 'HEAD')).toBe(before);
        };
        await writeFile(path.join(repository, 'file.txt'), 'uncommitted\n');
        expect(await merging()).toEqual({ outcome: 'in_the_way', files: ['file.txt'] });
        await untouched('M file.txt');
        expect(await read(repository, 'file.txt')).toBe('uncommitted\n');
        git(repository, 'checkout', '--', 'file.txt');

        await writeFile(path.join(repository, 'new file.txt'), 'untracked');
        expect(await merging()).toEqual({ outcome: 'in_the_way', files: ['new file.txt'] });
        await untouched('?? "new file.txt"');
        await rm(path.join(repository, 'new file.txt'));

        await writeFile(path.join(repository, 'file.txt'), 'staged');
        git(repository, 'add', 'file.txt');
        expect(await merging()).toEqual({ outcome: 'in_the_way', files: ['file.txt'] });
        await untouched('M  file.txt');
      });

      it('keeps uncommitted work that is not in its way', async () => {
        const tree = await workspaces.worktree({ repository, name: 'beside' });
        await commit(tree.path, 'work.txt', 'work');
        await writeFile(path.join(repository, 'beside.txt'), 'untracked');
        await writeFile(path.join(repository, 'file.txt'), 'uncommitted\n');
        expect(await workspaces.merge({ into: repository, branch: tree.branch })).toMatchObject({ outcome: 'merged' });
        expect(await read(repository, 'beside.txt')).toBe('untracked');
        expect(await read(repository, 'file.txt')).toBe('uncommitted\n');
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

    describe('snapshot', () => {
      it('is the commit that is checked out when nothing is uncommitted', async () => {
        const tree = await workspaces.worktree({ repository, name: 'clean' });
        expect(await workspaces.snapshot(tree.path)).toBe(git(tree.path, 'rev-parse', 'HEAD'));
      });

      it('holds uncommitted and new files, beside the branch, and touches nothing', async () => {
        await commit(repository, '.gitignore', 'ignored.txt\n');
        const tree = await workspaces.worktree({ repository, name: 'uncommitted' });
        await writeFile(path.join(tree.path, 'file.txt'), 'changed\n');
        await writeFile(path.join(tree.path, 'new.txt'), 'new\n');
        await writeFile(path.join(tree.path, 'ignored.txt'), 'ignored');
        const before = [git(tree.path, 'rev-parse', 'HEAD'), git(tree.path, 'status', '--porcelain')];
        const snapshot = await workspaces.snapshot(tree.path, { keepAs: 'tasks/1/end' });
        expect([git(tree.path, 'rev-parse', 'HEAD'), git(tree.path, 'status', '--porcelain')]).toEqual(before);
        expect(git(tree.path, 'show', `${snapshot}:file.txt`)).toBe('changed');
        expect(git(tree.path, 'ls-tree', '--name-only', snapshot).split('\n')).toEqual([
          '.gitignore',
          'file.txt',
          'new.txt',
        ]);
        expect(git(tree.path, 'rev-parse', `${snapshot}^`)).toBe(before[0]);
      });

      it('is kept when garbage is collected, and its diff with it, after the worktree is gone', async () => {
        const tree = await workspaces.worktree({ repository, name: 'kept' });
        const from = await workspaces.snapshot(tree.path, { keepAs: 'tasks/2/base' });
        await writeFile(path.join(tree.path, 'new.txt'), 'new\n');
        const to = await workspaces.snapshot(tree.path, { keepAs: 'tasks/2/end' });
        await rm(path.join(tree.path, 'new.txt'));
        expect(await workspaces.remove(tree.path)).toBe('removed');
        git(repository, 'gc', '--quiet', '--prune=now');
        expect((await diffOf(repository, { from, to })).files).toMatchObject([{ path: 'new.txt', status: 'added' }]);
      });

      it('leaves out what git cannot add, and takes the rest', async () => {
        const tree = await workspaces.worktree({ repository, name: 'odd' });
        git(place, 'init', '--quiet', path.join(tree.path, 'empty-repository'));
        await writeFile(path.join(tree.path, 'zzz.txt'), 'last');
        const snapshot = await workspaces.snapshot(tree.path);
        expect(git(tree.path, 'ls-tree', '--name-only', snapshot).split('\n')).toEqual(['file.txt', 'zzz.txt']);
      });
    });

    describe('diff', () => {
      it('shows committed, uncommitted and new files against the cut, and touches nothing', async () => {
        const tree = await workspaces.worktree({ repository, name: 'diff' });
        expect(await diffOf(tree.path)).toEqual({
          files: [],
          stats: { files: 0, additions: 0, deletions: 0 },
          text: '',
          truncated: false,
        });
        await commit(tree.path, 'committed.txt', 'committed\n');
        await writeFile(path.join(tree.path, 'file.txt'), 'changed\n');
        await writeFile(path.join(tree.path, 'new.txt'), 'new\n');
        await commit(repository, 'elsewhere.txt', 'not of this worktree\n');
        const before = git(tree.path, 'status', '--porcelain');
        const { text, stats } = await diffOf(tree.path);
        expect(text.split('\n').filter((line) => /^[+-][^+-]/.test(line))).toEqual([
          '+committed',
          '-one',
          '+changed',
          '+new',
        ]);
        expect(text).toContain('--- a/file.txt\n+++ b/file.txt\n');
        expect(stats).toEqual({ files: 3, additions: 3, deletions: 1 });
        expect(git(tree.path, 'status', '--porcelain')).toBe(before);
      });

      it('sees a change to the same length in the second of the cut, also when it is asked later', async () => {
        git(repository, 'config', 'core.trustCtime', 'false');
        const tree = await workspaces.worktree({ repository, name: 'at once' });
        const file = path.join(tree.path, 'file.txt');
        const index = path.join(git(tree.path, 'rev-parse', '--absolute-git-dir'), 'index');
        const long = Math.floor(Date.now() / 1000) - 60; // the second in which all of this happened
        await utimes(file, long, long);
        git(tree.path, 'update-index', '--refresh');
        await writeFile(file, 'two\n');
        await utimes(file, long, long);
        await utimes(index, long, long);
        expect((await diffOf(tree.path)).stats).toEqual({ files: 1, additions: 1, deletions: 1 });
        expect(git(tree.path, 'show', `${await workspaces.snapshot(tree.path)}:file.txt`)).toBe('two');
      });

      it('tells files of every kind and name apart', async () => {
        const many = Array.from({ length: 40 }, (_, line) => `line ${line}\n`).join('');
        const odd = 'ünïcødé "quoted"\twith\nnewline.txt';
        await writeFile(path.join(repository, 'binary.bin'), Buffer.from([0, 1, 2]));
        await writeFile(path.join(repository, 'becomes a link'), 'text\n');
        await symlink('file.txt', path.join(repository, 'link'));
        await writeFile(path.join(repository, 'run.sh'), '#!/bin/sh\n');
        await writeFile(path.join(repository, 'old name.txt'), many);
        await commit(repository, odd, 'odd\n');
        const tree = await workspaces.worktree({ repository, name: 'kinds' });
        const at = (file: string) => path.join(tree.path, file);
        await writeFile(at('binary.bin'), Buffer.from([0, 3]));
        await rm(at('becomes a link'));
        await symlink('file.txt', at('becomes a link'));
        await rm(at('link'));
        await symlink('elsewhere', at('link'));
        await chmod(at('run.sh'), 0o755);
        await rm(at('old name.txt'));
        await writeFile(at('new näme.txt'), many.replace('line 20\n', 'line twenty\n'));
        await writeFile(at(odd), 'odder\n');
        await writeFile(at('empty'), '');
        await rm(at('file.txt'));
        const { files, stats, truncated } = await diffOf(tree.path);
        const told = Object.fromEntries(
          files.map(({ path: name, hunks, ...rest }) => [name, { ...rest, hunks: hunks.length }]),
        );
        const plain = { additions: 0, deletions: 0, binary: false, hunks: 1 };
        expect(told).toEqual({
          'becomes a link': { ...plain, status: 'type_changed', additions: 1, deletions: 1, hunks: 2 },
          'binary.bin': { ...plain, status: 'modified', binary: true, hunks: 0 },
          empty: { ...plain, status: 'added', hunks: 0 },
          'file.txt': { ...plain, status: 'deleted', deletions: 1 },
          link: { ...plain, status: 'modified', additions: 1, deletions: 1 },
          'new näme.txt': { ...plain, status: 'renamed', oldPath: 'old name.txt', additions: 1, deletions: 1 },
          'run.sh': { ...plain, status: 'modified', hunks: 0 },
          [odd]: { ...plain, status: 'modified', additions: 1, deletions: 1 },
        });
        expect(stats).toEqual({ files: 8, additions: 4, deletions: 5 });
        expect(truncated).toBe(false);
        expect(files.find(({ path: name }) => name === odd)?.hunks[0]?.lines).toEqual([
          { type: 'delete', text: 'odd' },
          { type: 'add', text: 'odder' },
        ]);
      });

      it('keeps every character of a line, and knows a last line without a newline', async () => {
        await commit(repository, 'lines.txt', '-- a/file\n\ncarriage\r\nthe end');
        const tree = await workspaces.worktree({ repository, name: 'lines' });
        await writeFile(path.join(tree.path, 'lines.txt'), '++ b/file\n\ncarriage\r\nanother\rend\n@@ -1 +1 @@\n');
        const [file] = (await diffOf(tree.path)).files;
        expect(file?.hunks).toEqual([
          {
            header: '',
            oldStart: 1,
            oldLines: 4,
            newStart: 1,
            newLines: 5,
            lines: [
              { type: 'delete', text: '-- a/file' },
              { type: 'add', text: '++ b/file' },
              { type: 'context', text: '' },
              { type: 'context', text: 'carriage\r' },
              { type: 'delete', text: 'the end', noNewline: true },
              { type: 'add', text: 'another\rend' },
              { type: 'add', text: '@@ -1 +1 @@' },
            ],
          },
        ]);
      });

      it('is cut at the end of a line when it is too long, and still counts everything', async () => {
        const tree = await workspaces.worktree({ repository, name: 'long' });
        for (const name of ['a', 'b', 'c'])
          await writeFile(path.join(tree.path, `${name}.txt`), `${'ä'.repeat(50)}\n`.repeat(100));
        const { text, files, stats, truncated } = await workspaces.diff({ path: tree.path, limitBytes: 12_000 });
        expect(truncated).toBe(true);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(12_000);
        expect(text.endsWith(`+${'ä'.repeat(50)}\n`)).toBe(true);
        expect(stats).toEqual({ files: 3, additions: 300, deletions: 0 });
        const shown = files.map(({ hunks }) => hunks[0]?.lines.length ?? 0);
        expect(shown[0]).toBe(100);
        expect(shown[1]).toBeGreaterThan(0);
        expect(shown[2]).toBe(0);
      });
    });

    describe('existing', () => {
      it('finds a worktree that is there, and makes none', async () => {
        expect(await workspaces.existing('not/yet')).toBeNull();
        const tree = await workspaces.worktree({ repository, name: 'there/it is' });
        expect(await again().existing('there/it is')).toEqual(tree);
        await workspaces.remove(tree.path);
        expect(await workspaces.existing('there/it is')).toBeNull();
        expect(git(repository, 'worktree', 'list').split('\n')).toHaveLength(1);
      });
    });

    describe('discard', () => {
      const discard = (name: string) => workspaces.discard({ repository, name, kept: [name] });
      const refs = () => git(repository, 'for-each-ref', '--format=%(refname)');

      it('takes worktree, branch and snapshots away, whatever they hold, also twice', async () => {
        const tree = await workspaces.worktree({ repository, name: 'tasks/9' });
        const other = await workspaces.worktree({ repository, name: 'tasks/99' });
        await workspaces.snapshot(other.path, { keepAs: 'tasks/99/base' });
        const before = refs()
          .split('\n')
          .filter((ref) => !/tasks\/9(\/|$)/.test(ref));
        await commit(tree.path, 'committed.txt', 'committed');
        await writeFile(path.join(tree.path, 'uncommitted.txt'), 'uncommitted');
        await workspaces.snapshot(tree.path, { keepAs: 'tasks/9/end' });
        await discard('tasks/9');
        await discard('tasks/9');
        expect(refs().split('\n')).toEqual(before);
        expect(await workspaces.existing('tasks/9')).toBeNull();
        expect(await workspaces.existing('tasks/99')).toEqual(other);
        const fresh = await workspaces.worktree({ repository, name: 'tasks/9' });
        expect(await readdir(fresh.path)).toEqual(['.git', 'file.txt']);
      });

      it('ends one that was interrupted, wherever it was', async () => {
        const half: ((tree: { path: string; branch: string }) => Promise<unknown>)[] = [
          (tree) => rm(tree.path, { recursive: true }),
          (tree) => rm(path.join(tree.path, '.git')),
          async (tree) => git(repository, 'worktree', 'remove', '--force', tree.path),
          async (tree) => {
            git(repository, 'worktree', 'remove', '--force', tree.path);
            git(repository, 'branch', '-D', tree.branch);
          },
        ];
        const before = refs();
        for (const [index, leave] of half.entries()) {
          const tree = await workspaces.worktree({ repository, name: `half-${index}` });
          await workspaces.snapshot(tree.path, { keepAs: `half-${index}/base` });
          await leave(tree);
          await discard(`half-${index}`);
          expect(refs(), `half ${index}`).toBe(before);
          expect(git(repository, 'worktree', 'list').split('\n')).toHaveLength(1);
          expect(await workspaces.existing(`half-${index}`)).toBeNull();
        }
      });

      it('refuses a branch that somebody has checked out elsewhere', async () => {
        const tree = await workspaces.worktree({ repository, name: 'borrowed' });
        git(tree.path, 'checkout', '--quiet', '--detach');
        git(repository, 'checkout', '--quiet', tree.branch);
        await expect(discard('borrowed')).rejects.toMatchObject({ code: 'WORKTREE_FAILED' });
        expect(git(repository, 'symbolic-ref', '--short', 'HEAD')).toBe(tree.branch);
      });
    });

    describe('files of an execution', () => {
      const keep = (worktree: string) => workspaces.keepFiles({ execution: 'e-1', worktree });
      const fork = (name: string, base: string) => workspaces.worktree({ repository, name, base });
      const kept = async () => (await workspaces.keptFiles()).map(({ execution }) => execution);

      it('are kept as each step left them, also what nobody committed, and everything there stays as it is', async () => {
        await commit(repository, '.gitignore', 'ignored.txt\n');
        const tree = await workspaces.worktree({ repository, name: 'e-1/main' });
        await writeFile(path.join(tree.path, 'file.txt'), 'first\n');
        await writeFile(path.join(tree.path, 'new.txt'), 'new\n');
        await writeFile(path.join(tree.path, 'ignored.txt'), 'ignored\n');
        git(tree.path, 'add', 'new.txt');
        const before = [git(tree.path, 'status', '--porcelain'), git(repository, 'branch', '--list')];
        const first = await keep(tree.path);
        expect([git(tree.path, 'status', '--porcelain'), git(repository, 'branch', '--list')]).toEqual(before);
        await writeFile(path.join(tree.path, 'file.txt'), 'second\n');
        await rm(path.join(tree.path, 'new.txt'));
        const second = await keep(tree.path);
        expect(second.number).toBeGreaterThan(first.number);

        git(repository, 'reflog', 'expire', '--expire=now', '--all');
        git(repository, 'gc', '--quiet', '--prune=now');
        const one = await fork('e-2/main', first.commit);
        expect([await read(one.path, 'file.txt'), await read(one.path, 'new.txt')]).toEqual(['first\n', 'new\n']);
        const other = await fork('e-3/main', second.commit);
        expect(await read(other.path, 'file.txt')).toBe('second\n');
        expect((await readdir(other.path)).toSorted()).toEqual(['.git', '.gitignore', 'file.txt']);
        expect(await read(tree.path, 'file.txt')).toBe('second\n');
        // However many steps: two refs, and a branch cut from one of them has no trace of the others.
        expect(git(repository, 'for-each-ref', 'refs/pointsman/executions').split('\n')).toHaveLength(2);
        expect(git(other.path, 'log', '--format=%s')).not.toContain('files');
      });

      it('that did not change are the same commit, and a commit in the worktree is itself', async () => {
        const tree = await workspaces.worktree({ repository, name: 'e-1/main' });
        const untouched = await keep(tree.path);
        expect(untouched.commit).toBe(git(repository, 'rev-parse', 'HEAD'));
        await writeFile(path.join(tree.path, 'file.txt'), 'changed\n');
        const changed = await keep(tree.path);
        expect(await keep(tree.path)).toEqual(changed);
        git(tree.path, 'commit', '--all', '-m', 'changed');
        const committed = await keep(tree.path);
        expect(committed).toEqual({ commit: git(tree.path, 'rev-parse', 'HEAD'), number: changed.number + 1 });
      });

      it('of steps that end together have the most where the number is highest', async () => {
        const tree = await workspaces.worktree({ repository, name: 'e-1/main' });
        const numbers = await Promise.all(
          [0, 1, 2, 3].map(async (index) => {
            await writeFile(path.join(tree.path, `${index}.txt`), `${index}`);
            return keep(tree.path);
          }),
        );
        const newest = numbers.toSorted((a, b) => a.number - b.number).at(-1);
        const last = await fork('e-2/main', newest?.commit ?? '');
        expect((await readdir(last.path)).toSorted()).toEqual(['.git', '0.txt', '1.txt', '2.txt', '3.txt', 'file.txt']);
      });

      it('that two servers keep at once are both kept', async () => {
        const tree = await workspaces.worktree({ repository, name: 'e-1/main' });
        await commit(tree.path, 'file.txt', 'two\n');
        const commits = git(tree.path, 'rev-list', 'HEAD').split('\n');
        const keeping = commits.map((each, index) =>
          (index === 0 ? workspaces : again()).keepFiles({ execution: 'e-1', worktree: tree.path, commit: each }),
        );
        expect((await Promise.all(keeping)).map(({ number }) => number).toSorted((a, b) => a - b)).toEqual([1, 2]);
        const chain = git(repository, 'rev-list', 'refs/pointsman/executions/e-1/newest').split('\n');
        expect(commits.filter((each) => !chain.includes(each))).toEqual([]);
      });

      it('are known from the first on, also when the worktree is discarded and the repository has moved on', async () => {
        const first = () => workspaces.firstFiles({ execution: 'e-1', repository, name: 'e-1/main' });
        expect(await first()).toBeNull();
        const tree = await workspaces.worktree({ repository, name: 'e-1/main' });
        const cut = git(repository, 'rev-parse', 'HEAD');
        expect(await first()).toBe(cut);
        await writeFile(path.join(tree.path, 'file.txt'), 'changed\n');
        await keep(tree.path);
        await commit(repository, 'file.txt', 'moved on\n');
        await workspaces.discard({ repository, name: 'e-1/main', kept: [] });
        expect(await first()).toBe(cut);
      });

      it('that a fork begins with outlive the execution they are of', async () => {
        const tree = await workspaces.worktree({ repository, name: 'e-1/main' });
        await writeFile(path.join(tree.path, 'file.txt'), 'changed\n');
        const { commit: wanted } = await keep(tree.path);
        const begin = (execution: string) => workspaces.keepFirstFiles({ execution, repository, commit: wanted });
        expect(await begin('e-2')).toBe('kept');
        await workspaces.forgetFiles({ execution: 'e-1', repository });
        expect(await kept()).toEqual(['e-2']);
        git(repository, 'gc', '--quiet', '--prune=now');
        expect(await workspaces.firstFiles({ execution: 'e-2', repository, name: 'e-2/main' })).toBe(wanted);
        await workspaces.forgetFiles({ execution: 'e-2', repository });
        git(repository, 'gc', '--quiet', '--prune=now');
        expect(await begin('e-3')).toBe('gone');
        expect(git(repository, 'for-each-ref', 'refs/pointsman/executions')).toBe('');
      });

      it('are found by whoever comes later, and a repository that is gone is forgotten', async () => {
        const tree = await workspaces.worktree({ repository, name: 'e-1/main' });
        await keep(tree.path);
        expect(await again().keptFiles()).toMatchObject([{ execution: 'e-1', at: expect.stringMatching(/Z$/) }]);
        await rm(repository, { recursive: true });
        expect(await again().keptFiles()).toEqual([]);
      });
    });

    describe('dropMergedBranch', () => {
      it('drops a branch that another one holds, and keeps one with work of its own', async () => {
        const tree = await workspaces.worktree({ repository, name: 'agents/1' });
        await commit(tree.path, 'work.txt', 'work');
        await workspaces.remove(tree.path);
        const drop = () => workspaces.dropMergedBranch({ repository, name: 'agents/1' });
        expect(await drop()).toBe('kept');
        await workspaces.merge({ into: repository, branch: tree.branch });
        expect(await drop()).toBe('dropped');
        expect(await drop()).toBe('dropped');
        expect(git(repository, 'branch', '--list', tree.branch)).toBe('');
      });
    });

    describe('unfitForWorktree', () => {
      it('says why nothing can be cut from a directory', async () => {
        expect(await workspaces.unfitForWorktree(repository)).toBeNull();
        const empty = path.join(place, 'empty');
        await mkdir(empty);
        expect(await workspaces.unfitForWorktree(empty)).toContain('is not a git repository');
        git(empty, 'init', '--quiet');
        expect(await workspaces.unfitForWorktree(empty)).toContain('without a commit');
        expect(await workspaces.unfitForWorktree(path.join(place, 'nowhere'))).toContain('does not exist');
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
