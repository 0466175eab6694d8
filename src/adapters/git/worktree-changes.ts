/** What was changed in a worktree: committed as it is, or shown as a diff. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PointsmanError } from '../../contract/errors.ts';
import { git, runGit } from './git-command.ts';
import { identityFor } from './identity.ts';
import { commitOf, cutOf, type Worktree } from './worktree.ts';

/** Commits everything that is not ignored; null when nothing is uncommitted. */
export async function commitWork(root: string, message: string): Promise<string | null> {
  if ((await git(root, ['ls-files', '--unmerged'])) !== '') {
    throw new PointsmanError('WORKTREE_FAILED', {
      detail: `${root} has conflicts that nobody resolved; resolve them before it is committed.`,
    });
  }
  await git(root, ['add', '--all']);
  const mergeGoesOn = (await commitOf(root, 'MERGE_HEAD')) !== null;
  if (!mergeGoesOn && (await runGit(root, ['diff', '--cached', '--quiet'])).status === 0) return null;
  await git(root, [
    ...(await identityFor(root)),
    'commit',
    '--quiet',
    '--no-verify',
    '--allow-empty-message',
    '-m',
    message.replaceAll('\0', ''),
  ]);
  return commitOf(root, 'HEAD');
}

/** Committed and uncommitted changes since the cut, new files included; the index of the worktree stays as it is. */
export async function changedSince(tree: Worktree): Promise<string> {
  const cut = await cutOf(tree);
  if (!cut)
    throw new PointsmanError('WORKTREE_FAILED', {
      detail: `${tree.root} was not cut by Pointsman, so there is nothing to compare it with.`,
    });
  const folder = await mkdtemp(path.join(tmpdir(), 'pointsman-diff-'));
  try {
    const index = path.join(folder, 'index');
    // A copy knows which files did not change; without one, git reads them all.
    await copyFile(path.join(tree.gitDirectory, 'index'), index).catch(() => undefined);
    const elsewhere = { GIT_INDEX_FILE: index };
    await git(tree.root, ['add', '--all'], elsewhere);
    return await git(
      tree.root,
      ['diff', '--cached', '--no-ext-diff', '--no-textconv', '--no-color', '--src-prefix=a/', '--dst-prefix=b/', cut],
      elsewhere,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
