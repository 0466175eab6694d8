/** What was changed in a worktree: committed as it is, or kept beside its branch as a snapshot. */
import { copyFile, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PointsmanError } from '../../contract/errors.ts';
import { git, gitFailed, runGit } from './git-command.ts';
import { EMAIL, identityFor } from './identity.ts';
import { commitOf, type Worktree } from './worktree.ts';

/** Commits everything that is not ignored; null when nothing is uncommitted. */
export async function commitWork(
  root: string,
  { message, author }: { message: string; author?: string },
): Promise<string | null> {
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
    ...(author === undefined ? [] : [`--author=${authorName(author)} <${EMAIL}>`]),
    '-m',
    message.replaceAll('\0', ''),
  ]);
  return commitOf(root, 'HEAD');
}

/** The tree of everything there that is not ignored, new files included; the index of the worktree stays as it is. */
export async function presentTree(tree: Worktree): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pointsman-index-'));
  try {
    const index = path.join(folder, 'index');
    await copyIndex(path.join(tree.gitDirectory, 'index'), index);
    const elsewhere = { GIT_INDEX_FILE: index };
    // What cannot be read, or is a repository without a commit, is left out; everything else still counts.
    const args = ['add', '--all', '--ignore-errors'];
    const added = await runGit(tree.root, args, elsewhere);
    const written = await runGit(tree.root, ['write-tree'], elsewhere);
    if (written.status !== 0) throw gitFailed(tree.root, args, added.status === 0 ? written : added);
    return written.stdout.trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A copy knows which files did not change; without one, git reads them all. */
async function copyIndex(from: string, to: string): Promise<void> {
  const original = await stat(from).catch(() => null);
  if (!original) return;
  await copyFile(from, to);
  // A file changed in the second in which the index was written, to the same length, is only noticed because the index
  // is no younger than it: the copy must not be younger either.
  await utimes(to, original.atime, Math.floor(original.mtimeMs / 1000));
}

/** The checked out commit when nothing is uncommitted, else a commit on top of it that no branch knows. */
export async function snapshotOf(tree: Worktree, keptRef: string | null): Promise<string> {
  const present = await presentTree(tree);
  const head = await commitOf(tree.root, 'HEAD');
  const same = head !== null && (await git(tree.root, ['rev-parse', `${head}^{tree}`])).trim() === present;
  const snapshot = same ? head : await commitBeside(tree.root, present, head);
  if (keptRef) await git(tree.root, ['update-ref', keptRef, snapshot]);
  return snapshot;
}

async function commitBeside(root: string, tree: string, parent: string | null): Promise<string> {
  const parents = parent === null ? [] : ['-p', parent];
  const args = ['commit-tree', ...parents, '-m', 'Pointsman: as it was', tree];
  return (await git(root, [...(await identityFor(root)), ...args])).trim();
}

/** A name as git takes it; one that is nothing but brackets and spaces is none. */
function authorName(name: string): string {
  return name.replaceAll(/[<>\n\0]/g, '').trim() || 'Pointsman';
}
