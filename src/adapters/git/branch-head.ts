/** What a branch points to. A repository that is a worktree of ours, or bare, is read like any other. */
import { stat } from 'node:fs/promises';
import type { BranchHead } from '../../ports/workspaces.ts';
import { runGit } from './git-command.ts';

export async function branchHead({
  repository,
  branch,
}: {
  repository: string;
  branch?: string;
}): Promise<BranchHead | { outcome: 'unreadable'; reason: string }> {
  const unreadable = (reason: string) => ({ outcome: 'unreadable' as const, reason });
  if (!(await stat(repository).catch(() => null))?.isDirectory())
    return unreadable(`There is no directory ${repository}.`);
  const name = branch ?? (await checkedOut(repository));
  if (name === null) return unreadable(`${repository} has no branch checked out; name one with \`branch\`.`);
  // A full ref name, so that no branch can be taken for an option or a commit.
  const ref = `refs/heads/${name}`;
  const found = await runGit(repository, ['log', '-1', '--no-show-signature', '--format=%H%x00%an%x00%s', ref, '--']);
  if (found.status !== 0) return unreadable(`There is no branch ${name} in ${repository}.`);
  const [commit = '', author = '', subject = ''] = found.stdout.trim().split('\0');
  return { outcome: 'read', branch: name, commit, author, subject };
}

async function checkedOut(repository: string): Promise<string | null> {
  const { status, stdout } = await runGit(repository, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  return status === 0 ? stdout.trim() : null;
}
