/** Removes a worktree with its branch and everything kept of it; each part may be gone already. */
import { lstat, rm } from 'node:fs/promises';
import { git, runGit } from './git-command.ts';
import { commitOf, CUT_REFS } from './worktree.ts';

export async function discardWorktree({
  place,
  branch,
  directory,
  keptRefs,
}: {
  place: string;
  branch: string;
  /** The repository's own directory. */
  directory: string;
  keptRefs: readonly string[];
}): Promise<void> {
  const removal = await runGit(directory, ['worktree', 'remove', '--force', '--force', '--', place]);
  // Half removed by an earlier try: git does not know it any more, or not as a worktree.
  if (removal.status !== 0 && (await lstat(place).catch(() => null))) await rm(place, { recursive: true, force: true });
  await git(directory, ['worktree', 'prune']);
  await dropBranch(directory, branch);
  for (const prefix of keptRefs) {
    const refs = (await git(directory, ['for-each-ref', '--format=%(refname)', '--', prefix])).split('\n');
    for (const ref of refs.filter((name) => name !== '')) await git(directory, ['update-ref', '-d', ref]);
  }
}

/** True when another branch, local or remote, holds everything the branch does, or it is gone already. */
export async function dropIfMerged(directory: string, branch: string): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  const tip = await commitOf(directory, ref);
  if (!tip) return true;
  const holders = await git(directory, [
    'for-each-ref',
    `--contains=${tip}`,
    '--format=%(refname)',
    'refs/heads/',
    'refs/remotes/',
  ]);
  if (!holders.split('\n').some((name) => name !== '' && name !== ref)) return false;
  await dropBranch(directory, branch);
  return true;
}

/** Git refuses it where somebody has it checked out. */
async function dropBranch(directory: string, branch: string): Promise<void> {
  if (await commitOf(directory, `refs/heads/${branch}`))
    await git(directory, ['branch', '-D', '--quiet', '--', branch]);
  await git(directory, ['update-ref', '-d', `${CUT_REFS}${branch}`]);
}
