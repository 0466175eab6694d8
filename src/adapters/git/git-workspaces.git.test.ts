import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { workspacesConformance } from '../../ports/workspaces.conformance.ts';
import { createGitWorkspaces } from './git-workspaces.ts';

workspacesConformance('git', (directory) => createGitWorkspaces({ directory }));

describe('worktrees of git', () => {
  let place: string;
  let repository: string;
  const directory = () => path.join(place, 'workspaces');
  const open = () => createGitWorkspaces({ directory: directory() });
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', args, {
      cwd,
      env: { PATH: process.env['PATH'], HOME: place, LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();

  beforeEach(async () => {
    place = await realpath(await mkdtemp(path.join(tmpdir(), 'pm-git-')));
    vi.stubEnv('HOME', place);
    vi.stubEnv('XDG_CONFIG_HOME', undefined);
    repository = path.join(place, 'repository');
    await mkdir(repository);
    git(repository, 'init', '--quiet', '--initial-branch=main');
    await writeFile(path.join(repository, 'file.txt'), 'one\n');
    git(repository, 'add', '--all');
    git(repository, '-c', 'user.name=Person', '-c', 'user.email=person@example.org', 'commit', '--quiet', '-m', 'one');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(place, { recursive: true, force: true });
  });

  describe('that a crash left half made are made whole', () => {
    const half: [string, (path: string) => Promise<void>][] = [
      ['an empty directory', async (tree) => void (await mkdir(tree, { recursive: true }))],
      ['a branch without a worktree', async () => void git(repository, 'branch', 'pointsman/half')],
      [
        'a registered worktree whose directory is gone',
        async (tree) => {
          git(repository, 'worktree', 'add', '-b', 'pointsman/half', tree);
          await rm(tree, { recursive: true });
        },
      ],
      [
        'one that git still keeps locked, with files missing',
        async (tree) => {
          git(repository, 'worktree', 'add', '--lock', '--no-checkout', '-b', 'pointsman/half', tree);
          await writeFile(path.join(tree, 'file.txt'), 'o');
        },
      ],
    ];
    test.each(half)('%s', async (_what, leave) => {
      const tree = path.join(directory(), 'trees/half');
      await leave(tree);
      const made = await open().worktree({ repository, name: 'half' });
      expect(made).toEqual({ path: tree, branch: 'pointsman/half' });
      expect(await readFile(path.join(tree, 'file.txt'), 'utf8')).toBe('one\n');
      expect(git(tree, 'status', '--porcelain')).toBe('');
      expect(git(tree, 'symbolic-ref', '--short', 'HEAD')).toBe('pointsman/half');
      expect(await open().remove(tree)).toBe('removed');
    });
  });

  test('a removal that a crash interrupted is ended by the next one', async () => {
    const { path: tree } = await open().worktree({ repository, name: 'going' });
    await rm(path.join(repository, '.git/worktrees/going/pointsman-ready'));
    await rm(path.join(tree, 'file.txt'));
    expect(await open().remove(tree)).toBe('removed');
    expect(await readdir(path.join(directory(), 'trees')).catch(() => [])).toEqual([]);
  });

  test('work whose repository was replaced is set aside, never deleted', async () => {
    const { path: tree } = await open().worktree({ repository, name: 'orphan' });
    await writeFile(path.join(tree, 'work.txt'), 'precious');
    await rename(path.join(repository, '.git/worktrees'), path.join(place, 'lost'));
    const made = await open().worktree({ repository, name: 'orphan' });
    expect(made.path).toBe(tree);
    expect(await readdir(tree)).toEqual(['.git', 'file.txt']);
    expect(await readFile(`${tree}.set-aside-1/work.txt`, 'utf8')).toBe('precious');
  });

  test("a commit carries the configured identity, or Pointsman's where none is", async () => {
    const workspaces = open();
    const { path: tree } = await workspaces.worktree({ repository, name: 'identity' });
    await writeFile(path.join(tree, 'file.txt'), 'two\n');
    await workspaces.commitAll(tree, 'two');
    expect(git(tree, 'log', '-1', '--format=%an <%ae> %cn <%ce>')).toBe(
      'Pointsman <pointsman@localhost> Pointsman <pointsman@localhost>',
    );
    await writeFile(path.join(place, '.gitconfig'), '[user]\n\tname = Somebody\n\temail = somebody@example.org\n');
    await writeFile(path.join(tree, 'file.txt'), 'three\n');
    await workspaces.commitAll(tree, 'three');
    expect(git(tree, 'log', '-1', '--format=%an <%ae>')).toBe('Somebody <somebody@example.org>');
  });

  test('nothing of git in our own environment reaches it, and nobody is asked for anything', async () => {
    vi.stubEnv('GIT_DIR', path.join(place, 'elsewhere'));
    vi.stubEnv('GIT_INDEX_FILE', path.join(place, 'no-index'));
    vi.stubEnv('GIT_AUTHOR_NAME', 'Somebody Else');
    vi.stubEnv('GIT_SSH_COMMAND', 'false');
    await writeFile(
      path.join(place, '.gitconfig'),
      '[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = false\n[core]\n\teditor = false\n\tpager = false\n\tfsmonitor = false\n[merge]\n\tff = only\n[color]\n\tui = always\n[diff]\n\texternal = false\n\tnoprefix = true\n[status]\n\tshowUntrackedFiles = no\n',
    );
    const workspaces = open();
    const tree = await workspaces.worktree({ repository, name: 'environment' });
    await writeFile(path.join(repository, 'file.txt'), 'main\n');
    await workspaces.commitAll(repository, 'main moves on');
    await writeFile(path.join(tree.path, 'new.txt'), 'new\n');
    expect(await workspaces.remove(tree.path)).toBe('kept');
    expect((await workspaces.diff({ path: tree.path, limitBytes: 1e6 })).text).toContain('+++ b/new.txt');
    await workspaces.commitAll(tree.path, 'new');
    expect(git(tree.path, 'log', '-1', '--format=%an')).toBe('Pointsman');
    expect(await workspaces.merge({ into: repository, branch: tree.branch })).toMatchObject({ outcome: 'merged' });
  });

  test('merges with a git too old to do it beside the working tree', async () => {
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    const bin = path.join(place, 'bin');
    await mkdir(bin);
    await writeFile(
      path.join(bin, 'git'),
      `#!/bin/sh\ncase " $* " in *" merge-tree "*) exit 129;; esac\nexec "${real}" "$@"\n`,
      { mode: 0o755 },
    );
    vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
    const workspaces = open();
    const change = async (where: string, file: string, text: string) => {
      await writeFile(path.join(where, file), text);
      await workspaces.commitAll(where, text);
    };
    const tree = await workspaces.worktree({ repository, name: 'old' });
    const merging = () => workspaces.merge({ into: repository, branch: tree.branch });
    await change(tree.path, 'new.txt', 'new');
    await change(repository, 'main.txt', 'main');
    await writeFile(path.join(repository, 'main.txt'), 'staged');
    git(repository, 'add', 'main.txt');
    expect(await merging()).toEqual({ outcome: 'in_the_way', files: ['main.txt'] });
    git(repository, 'reset', '--quiet', '--hard');
    expect(await merging()).toEqual({ outcome: 'merged', commit: git(repository, 'rev-parse', 'HEAD') });
    await change(tree.path, 'file.txt', 'theirs');
    await change(repository, 'file.txt', 'ours');
    expect(await merging()).toEqual({ outcome: 'conflict', files: ['file.txt'] });
    expect(git(repository, 'status', '--porcelain')).toBe('');
  });

  test('waits a moment for another git that holds the index', async () => {
    const workspaces = open();
    const { path: tree } = await workspaces.worktree({ repository, name: 'locked' });
    await writeFile(path.join(tree, 'file.txt'), 'two\n');
    const lock = path.join(git(tree, 'rev-parse', '--absolute-git-dir'), 'index.lock');
    await writeFile(lock, '');
    const committed = workspaces.commitAll(tree, 'two');
    setTimeout(() => void rm(lock), 300);
    expect(await committed).not.toBeNull();
  });

  test.runIf(process.getuid?.() === 0)(
    'as root, which can give files away: a repository of another user is named as the reason, with what to do',
    async () => {
      const nobody = 65_534;
      const theirs = async (folder: string): Promise<void> => {
        await chown(folder, nobody, nobody);
        for (const entry of await readdir(folder, { recursive: true }))
          await chown(path.join(folder, entry), nobody, nobody);
      };
      await theirs(repository);
      await expect(open().worktree({ repository, name: 'theirs' })).rejects.toMatchObject({
        code: 'WORKTREE_FAILED',
        message: expect.stringContaining(`git config --global --add safe.directory ${repository}`),
      });
      await writeFile(path.join(place, '.gitconfig'), `[safe]\n\tdirectory = ${repository}\n`);
      expect((await open().worktree({ repository, name: 'theirs' })).branch).toBe('pointsman/theirs');
    },
  );

  test.runIf(process.getuid?.() === 0)(
    'as root, which can become anybody: an ordinary user has worktrees as root has',
    async () => {
      const nobody = 65_534;
      await chmod(place, 0o755);
      await chown(place, nobody, nobody);
      const home = path.join(place, 'nobody');
      await mkdir(home);
      await chown(home, nobody, nobody);
      const script = `
      import { createGitWorkspaces } from ${JSON.stringify(path.join(import.meta.dirname, 'git-workspaces.ts'))};
      import { execFileSync } from 'node:child_process';
      import { writeFileSync, mkdirSync } from 'node:fs';
      const repository = process.env.HOME + '/repository';
      mkdirSync(repository);
      execFileSync('git', ['init', '--quiet', repository]);
      writeFileSync(repository + '/file.txt', 'one');
      const workspaces = createGitWorkspaces({ directory: process.env.HOME + '/workspaces' });
      await workspaces.commitAll(repository, 'one');
      const tree = await workspaces.worktree({ repository, name: 'mine' });
      writeFileSync(tree.path + '/file.txt', 'two');
      await workspaces.commitAll(tree.path, 'two');
      console.log(JSON.stringify([await workspaces.merge({ into: repository, branch: tree.branch }), await workspaces.remove(tree.path)]));`;
      const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
        uid: nobody,
        gid: nobody,
        cwd: home,
        env: { PATH: process.env['PATH'], HOME: home },
        encoding: 'utf8',
      });
      expect(JSON.parse(said)).toMatchObject([{ outcome: 'merged' }, 'removed']);
    },
  );
});
