/** Merges a branch into what a working tree has checked out, wholly or not at all. */
import { PointsmanError } from '../../contract/errors.ts';
import type { Workspaces } from '../../ports/workspaces.ts';
import { git, gitFailed, runGit } from './git-command.ts';
import { identityFor } from './identity.ts';
import { commitOf } from './worktree.ts';

type Outcome = Awaited<ReturnType<Workspaces['merge']>>;

export async function mergeBranch(
  root: string,
  { branch, commit }: { branch: string; commit?: string },
): Promise<Outcome> {
  const tip = await commitOf(root, commit ?? `refs/heads/${branch}`);
  if (!tip) throw new PointsmanError('WORKTREE_FAILED', { detail: `${root} has no branch "${branch}".` });
  await clearInterrupted(root, tip);
  if ((await runGit(root, ['merge-base', '--is-ancestor', tip, 'HEAD'])).status === 0)
    return { outcome: 'nothing_to_merge' };

  const args = [
    ...(await identityFor(root)),
    'merge',
    '--ff',
    '--no-edit',
    '--no-stat',
    '--no-verify',
    '--no-autostash',
    '-m',
    `Merge ${branch}`,
    tip,
  ];
  const merge = await runGit(root, args);
  if (merge.status === 0) return { outcome: 'merged', commit: (await git(root, ['rev-parse', 'HEAD'])).trim() };

  const unmerged = splitNul(await git(root, ['diff', '--name-only', '--diff-filter=U', '-z']));
  if (await commitOf(root, 'MERGE_HEAD')) await abort(root);
  if (unmerged.length > 0) return { outcome: 'conflict', files: unmerged };
  // Uncommitted work lies in the way: git did not begin.
  if (IN_THE_WAY.test(merge.stderr)) return { outcome: 'in_the_way', files: await filesInTheWay(root, merge.stderr) };
  throw gitFailed(root, ['merge'], merge);
}

const IN_THE_WAY = /would be (?:overwritten|removed) by merge|would lose untracked files/;

/** Git lists them one a line behind a tab; anything staged is in the way of every true merge, and that list is git's index. */
async function filesInTheWay(root: string, said: string): Promise<string[]> {
  const listed = said.split('\n').flatMap((line) => /^\t(.+)$/.exec(line)?.[1] ?? []);
  return listed.length > 0 ? listed : splitNul(await git(root, ['diff', '--cached', '--name-only', '-z']));
}

/** A merge of this very commit that a crash left behind is ours to abort; any other is somebody's work. */
async function clearInterrupted(root: string, tip: string): Promise<void> {
  const unfinished = await commitOf(root, 'MERGE_HEAD');
  if (!unfinished) return;
  if (unfinished !== tip)
    throw new PointsmanError('WORKTREE_FAILED', {
      detail: `A merge is under way in ${root}; finish or abort it first.`,
    });
  await abort(root);
}

/** Takes back what the merge did; changes that lay there before stay. */
async function abort(root: string): Promise<void> {
  if ((await runGit(root, ['merge', '--abort'])).status !== 0) await git(root, ['reset', '--merge']);
}

function splitNul(text: string): string[] {
  return text.split('\0').filter((part) => part !== '');
}
