/** Merges a branch into what a working tree has checked out, wholly or not at all. */
import { PointsmanError } from '../../contract/errors.ts';
import type { Workspaces } from '../../ports/workspaces.ts';
import { git, gitFailed, type GitResult, runGit } from './git-command.ts';
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

  const message = `Merge ${branch}`;
  const joined = await joinTrees(root, { tip, message });
  if (joined.outcome === 'conflict') return joined;
  if (joined.outcome === 'unsupported') return mergeInPlace(root, { tip, message });
  // Only now is the working tree touched, by one command that has nothing left to decide.
  const args = ['merge', '--ff-only', '--quiet', '--commit', '--no-squash', '--no-autostash', joined.commit];
  const forward = await runGit(root, args);
  if (forward.status === 0) return { outcome: 'merged', commit: joined.commit };
  return inTheWay(root, forward);
}

type Joined =
  | { outcome: 'joined'; commit: string }
  | { outcome: 'conflict'; files: string[] }
  | { outcome: 'unsupported' };

/** Makes the merge commit beside the branches: a conflict, or a crash, is never seen in the working tree. */
async function joinTrees(root: string, { tip, message }: { tip: string; message: string }): Promise<Joined> {
  if ((await runGit(root, ['merge-base', '--is-ancestor', 'HEAD', tip])).status === 0)
    return { outcome: 'joined', commit: tip };
  const head = (await git(root, ['rev-parse', 'HEAD'])).trim();
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', head, tip];
  const tried = await runGit(root, args);
  // Before 2.38 git cannot do that.
  if (tried.status === 129) return { outcome: 'unsupported' };
  const [tree = '', ...files] = splitNul(tried.stdout);
  if (tried.status === 1 && files.length > 0) return { outcome: 'conflict', files };
  if (tried.status !== 0) throw gitFailed(root, args, tried);
  const made = ['commit-tree', '-p', head, '-p', tip, '-m', message, tree];
  return { outcome: 'joined', commit: (await git(root, [...(await identityFor(root)), ...made])).trim() };
}

/** For an old git: a conflict is seen in the working tree for a moment, and taken back. */
async function mergeInPlace(root: string, { tip, message }: { tip: string; message: string }): Promise<Outcome> {
  const args = [...(await identityFor(root)), 'merge', '--ff', '--no-edit', '--no-stat', '--no-verify'];
  const merge = await runGit(root, [...args, '--no-autostash', '-m', message, tip]);
  if (merge.status === 0) return { outcome: 'merged', commit: (await git(root, ['rev-parse', 'HEAD'])).trim() };
  const unmerged = splitNul(await git(root, ['diff', '--name-only', '--diff-filter=U', '-z']));
  if (await commitOf(root, 'MERGE_HEAD')) await abort(root);
  return unmerged.length > 0 ? { outcome: 'conflict', files: unmerged } : inTheWay(root, merge);
}

/** Uncommitted work lies in the way, and git did not begin; anything else is trouble. */
async function inTheWay(root: string, merge: GitResult): Promise<Outcome> {
  if (!IN_THE_WAY.test(merge.stderr)) throw gitFailed(root, ['merge'], merge);
  return { outcome: 'in_the_way', files: await filesInTheWay(root, merge.stderr) };
}

const IN_THE_WAY = /would be (?:overwritten|removed) by merge|would lose untracked files/;

/** Git lists them one a line behind a tab; an old one refuses anything staged and lists that badly. */
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
