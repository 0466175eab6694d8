/** Merges a branch into what a working tree has checked out, wholly or not at all. */
import { PointsmanError } from '../../contract/errors.ts';
import { git, gitFailed, runGit } from './git-command.ts';
import { identityFor } from './identity.ts';
import { commitOf } from './worktree.ts';

type MergeOutcome = { outcome: 'merged' } | { outcome: 'conflict'; files: string[] };

export async function mergeBranch(root: string, branch: string): Promise<MergeOutcome> {
  const tip = await commitOf(root, `refs/heads/${branch}`);
  if (!tip) throw new PointsmanError('WORKTREE_FAILED', { detail: `${root} has no branch "${branch}".` });
  await clearInterrupted(root, tip);

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
  if (merge.status === 0) return { outcome: 'merged' };

  const unmerged = splitNul(await git(root, ['diff', '--name-only', '--diff-filter=U', '-z']));
  if (await commitOf(root, 'MERGE_HEAD')) await abort(root);
  if (unmerged.length > 0) return { outcome: 'conflict', files: unmerged };
  // Uncommitted work lies in the way: git did not begin, and it is as much for a person as a conflict in a file.
  const inTheWay = /would be overwritten by merge/.test(merge.stderr)
    ? merge.stderr.split('\n').flatMap((line) => /^\t(.+)$/.exec(line)?.[1] ?? [])
    : [];
  if (inTheWay.length > 0) return { outcome: 'conflict', files: inTheWay };
  throw gitFailed(root, ['merge'], merge);
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
