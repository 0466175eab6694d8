/** Makes, finds and removes one worktree, however far an earlier try came before it was killed. */
import { lstat, mkdir, readdir, readFile, realpath, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PointsmanError } from '../../contract/errors.ts';
import { git, gitFailed, runGit } from './git-command.ts';
import type { OneAtATime } from './one-at-a-time.ts';

export interface Worktree {
  root: string;
  /** The worktree's own git directory. */
  gitDirectory: string;
  /** The repository's, shared by all its worktrees. */
  commonDirectory: string;
}

/** Written into the worktree's own git directory as the last step, taken away as the first: with it, all is there. */
const READY_FILE = 'pointsman-ready';
/** Remembers the commit a branch of ours was cut from, also after its worktree is gone. */
export const CUT_REFS = 'refs/pointsman/cut/';

interface WantedWorktree {
  place: string;
  branch: string;
  repository: string;
  commonDirectory: string;
  base?: string;
}

export async function makeWorktree(wanted: WantedWorktree): Promise<void> {
  const { place, branch, repository } = wanted;
  const existing = await lookAt(place);
  if (existing.state === 'worktree') {
    const { tree } = existing;
    if (tree.commonDirectory !== wanted.commonDirectory) {
      throw new PointsmanError('WORKTREE_FAILED', {
        detail: `${place} is a worktree of another repository, ${tree.commonDirectory}.`,
      });
    }
    if (await isReady(tree)) return;
  }
  if (existing.state === 'other') await setAside(place);
  await clearAway(wanted);

  const tip = await commitOf(repository, `refs/heads/${branch}`);
  const base = tip ?? (await baseCommit(wanted));
  const cutRef = `${CUT_REFS}${branch}`;
  if (tip === null || (await commitOf(repository, cutRef)) === null)
    await git(repository, ['update-ref', cutRef, base]);
  await mkdir(path.dirname(place), { recursive: true, mode: 0o700 });
  await git(
    repository,
    tip === null
      ? ['worktree', 'add', '--no-track', '-b', branch, '--', place, base]
      : ['worktree', 'add', '--', place, branch],
  );
  const made = await worktreeAt(place);
  const cut = await commitOf(repository, cutRef);
  await writeFile(path.join(made.gitDirectory, READY_FILE), `${cut ?? base}\n`, { flush: true });
}

export async function removeWorktree(place: string, oneAtATime: OneAtATime): Promise<'removed' | 'kept'> {
  const found = await lookAt(place);
  if (found.state === 'absent') return 'removed';
  if (found.state === 'other') return 'kept';
  const { tree } = found;
  return oneAtATime(tree.commonDirectory, async () => {
    const ready = path.join(tree.gitDirectory, READY_FILE);
    const base = await readFile(ready, 'utf8').catch(() => null);
    // Never handed out, or its removal was interrupted: then nothing was uncommitted.
    if (base !== null) {
      if (await holdsWork(tree.root)) return 'kept';
      await rm(ready);
    }
    const removal = await runGit(tree.commonDirectory, [
      'worktree',
      'remove',
      ...(base === null ? ['--force', '--force'] : []),
      '--',
      tree.root,
    ]);
    if (removal.status !== 0) {
      if (base !== null) await writeFile(ready, base);
      return 'kept';
    }
    // Only when it is empty.
    await rmdir(path.dirname(tree.root)).catch(() => undefined);
    return 'removed';
  });
}

/** The worktree (or main working tree) that a path lies in. */
export async function worktreeAt(place: string): Promise<Worktree> {
  const args = ['rev-parse', '--show-toplevel', '--absolute-git-dir', '--git-common-dir'];
  const found = await runGit(place, args);
  if (found.status !== 0) throw gitFailed(place, args, found);
  const [root = '', gitDirectory = '', common = ''] = found.stdout.split('\n');
  return { root, gitDirectory, commonDirectory: await realpath(path.resolve(place, common)) };
}

/** The commit a worktree was cut from; null when it is not one of ours. */
export async function cutOf(tree: Worktree): Promise<string | null> {
  const noted = await readFile(path.join(tree.gitDirectory, READY_FILE), 'utf8').catch(() => '');
  return /^[0-9a-f]{40,64}$/.test(noted.trim()) ? noted.trim() : null;
}

/** The full id of a commit; the name must be a full ref or be known not to begin with `-`. */
export async function commitOf(place: string, name: string): Promise<string | null> {
  const found = await runGit(place, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
  return found.status === 0 ? found.stdout.trim() : null;
}

type Found = { state: 'absent' } | { state: 'other' } | { state: 'worktree'; tree: Worktree };

export async function lookAt(place: string): Promise<Found> {
  const kind = await lstat(place).catch(() => null);
  if (!kind) return { state: 'absent' };
  if (!kind.isDirectory()) return { state: 'other' };
  if ((await readdir(place)).length === 0) return { state: 'absent' };
  const pointer = await lstat(path.join(place, '.git')).catch(() => null);
  if (!pointer?.isFile()) return { state: 'other' };
  const known = await runGit(place, ['rev-parse', '--git-dir']);
  // Its repository was moved or deleted; any other trouble is for the caller to hear.
  if (known.status !== 0 && /not a git repository/.test(known.stderr)) return { state: 'other' };
  return { state: 'worktree', tree: await worktreeAt(place) };
}

/** Nothing of it is missing, as far as we made it. */
export async function isReady(tree: Worktree): Promise<boolean> {
  return (await cutOf(tree)) !== null;
}

/** Something that lies there and that git does not know, perhaps somebody's work: kept under another name. */
async function setAside(place: string): Promise<void> {
  for (let number = 1; ; number++) {
    const aside = `${place}.set-aside-${number}`;
    if (await lstat(aside).catch(() => null)) continue;
    await rename(place, aside);
    return;
  }
}

/** What an interrupted try left; nobody was ever given it. */
async function clearAway({ place, repository }: WantedWorktree): Promise<void> {
  await rm(place, { recursive: true, force: true });
  const listed = await git(repository, ['worktree', 'list', '--porcelain']);
  if (!listed.split('\n').includes(`worktree ${place}`)) return;
  // Twice: git locks a worktree while it makes it.
  await git(repository, ['worktree', 'remove', '--force', '--force', '--', place]);
}

async function baseCommit({ repository, base }: WantedWorktree): Promise<string> {
  if (base?.startsWith('-'))
    throw new PointsmanError('WORKTREE_FAILED', { detail: `"${base}" is no name of a commit.` });
  const found = await commitOf(repository, base ?? 'HEAD');
  if (found) return found;
  throw new PointsmanError('WORKTREE_FAILED', {
    detail:
      base === undefined
        ? `The repository at ${repository} has no commit yet; make a first one.`
        : `The repository at ${repository} has no commit "${base}".`,
  });
}

/** Uncommitted changes, an unfinished merge, or commits that no branch would keep. */
async function holdsWork(root: string): Promise<boolean> {
  if ((await git(root, ['status', '--porcelain', '--untracked-files=normal', '--ignore-submodules=none'])) !== '')
    return true;
  for (const unfinished of ['MERGE_HEAD', 'REBASE_HEAD', 'CHERRY_PICK_HEAD'])
    if (await commitOf(root, unfinished)) return true;
  const head = await commitOf(root, 'HEAD');
  if (!head) return true;
  return (
    (await git(root, [
      'for-each-ref',
      '--count=1',
      `--contains=${head}`,
      '--format=%(refname)',
      'refs/heads/',
      'refs/remotes/',
      'refs/tags/',
    ])) === ''
  );
}
