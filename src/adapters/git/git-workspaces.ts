/**
 * Workspaces on the file system and in git: scratch directories, and worktrees on branches of their own.
 * Whatever a crash left half done is found and repaired by the next call of the same name.
 */
import { mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { PointsmanError } from '../../contract/errors.ts';
import type { Workspaces, WorktreeOutcome } from '../../ports/workspaces.ts';
import { diffCommits } from './diff-commits.ts';
import { branchHead } from './branch-head.ts';
import { discardWorktree, dropIfMerged } from './discard-worktree.ts';
import { gitFailed, runGit } from './git-command.ts';
import { executionsIn, firstCommit, forgetCommits, keepCommit, repositoryNotes } from './kept-files.ts';
import { mergeBranch } from './merge-branch.ts';
import { oneAtATimeByKey } from './one-at-a-time.ts';
import { worktreeName } from './worktree-name.ts';
import {
  commitOf,
  CUT_REFS,
  cutOf,
  isReady,
  lookAt,
  makeWorktree,
  removeWorktree,
  type Worktree,
  worktreeAt,
} from './worktree.ts';
import { commitWork, presentTree, snapshotOf } from './worktree-changes.ts';

/** Where every branch of ours is found. */
const BRANCH_FOLDER = 'pointsman/';
/** Snapshots that must not be collected as garbage. */
const KEPT_REFS = 'refs/pointsman/kept/';

export function createGitWorkspaces(options: { directory: string }): Workspaces {
  const scratchFolder = path.join(options.directory, 'scratch');
  const treeFolder = path.join(options.directory, 'trees');
  const repositories = repositoryNotes(path.join(options.directory, 'repositories'));
  const oneAtATime = oneAtATimeByKey();

  return {
    head: branchHead,
    async scratch(executionId) {
      const place = path.join(scratchFolder, worktreeName(executionId));
      await mkdir(place, { recursive: true, mode: 0o700 });
      return realpath(place);
    },

    async worktree({ repository, name, base }): Promise<WorktreeOutcome> {
      const source = await repositoryAt(repository);
      const safeName = worktreeName(name);
      const branch = branchOf(name);
      await mkdir(treeFolder, { recursive: true, mode: 0o700 });
      const place = path.join(await realpath(treeFolder), safeName);
      return oneAtATime(source.commonDirectory, async () => {
        await makeWorktree({
          place,
          branch,
          repository,
          commonDirectory: source.commonDirectory,
          ...(base === undefined ? {} : { base }),
        });
        return { path: await sameFolder(place, source.prefix), branch };
      });
    },

    async unfitForWorktree(directory) {
      try {
        await repositoryAt(directory);
        return (await commitOf(directory, 'HEAD')) ? null : `${directory} is a git repository without a commit.`;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },

    async existing(name) {
      const place = path.join(await realpath(treeFolder).catch(() => treeFolder), worktreeName(name));
      const found = await lookAt(place);
      if (found.state !== 'worktree' || !(await isReady(found.tree))) return null;
      return { path: place, branch: branchOf(name) };
    },

    async commitAll(place, message, given = {}) {
      const { commonDirectory, root } = await worktreeAt(place);
      return oneAtATime(commonDirectory, () => commitWork(root, { message, ...given }));
    },

    async snapshot(place, given) {
      return snapshotOf(await worktreeAt(place), given ? `${KEPT_REFS}${worktreeName(given.keepAs)}` : null);
    },

    async keepFiles({ execution, worktree, commit }) {
      const tree = await worktreeAt(worktree);
      await repositories.add(tree.commonDirectory);
      // One after the other: of two steps that end together, the one with the higher number saw what the other left.
      return oneAtATime(tree.root, async () => {
        const kept = commit ?? (await snapshotOf(tree, null));
        const first = (await cutOf(tree)) ?? kept;
        return keepCommit(tree.commonDirectory, { execution: worktreeName(execution), commit: kept, first });
      });
    },

    async keepFirstFiles({ execution, repository, commit }) {
      const { commonDirectory } = await repositoryAt(repository);
      if ((await commitOf(commonDirectory, commit)) === null) return 'gone';
      await repositories.add(commonDirectory);
      await keepCommit(commonDirectory, { execution: worktreeName(execution), commit, first: commit });
      return 'kept';
    },

    async firstFiles({ execution, repository, name }) {
      const { commonDirectory } = await repositoryAt(repository);
      return (
        (await firstCommit(commonDirectory, worktreeName(execution))) ??
        (await commitOf(commonDirectory, `${CUT_REFS}${branchOf(name)}`))
      );
    },

    async keptFiles() {
      const found = (await repositories.all()).map(async (repository) => {
        // It was moved or deleted, and its refs with it.
        if (!(await stat(repository).catch(() => null))) {
          await repositories.remove(repository);
          return [];
        }
        return (await executionsIn(repository)).map((each) => ({ ...each, repository }));
      });
      return (await Promise.all(found)).flat();
    },

    async forgetFiles({ execution, repository }) {
      const { commonDirectory } = await repositoryAt(repository);
      await forgetCommits(commonDirectory, worktreeName(execution));
    },

    async merge({ into, ...what }) {
      const { commonDirectory, root } = await worktreeAt(into);
      return oneAtATime(commonDirectory, () => mergeBranch(root, what));
    },

    async diff({ path: place, from, to, limitBytes }) {
      const tree = await worktreeAt(place);
      return diffCommits(tree.root, {
        from: from ?? (await cutFor(tree)),
        to: to ?? (await presentTree(tree)),
        limitBytes,
      });
    },

    async remove(place) {
      const trees = await realpath(treeFolder).catch(() => treeFolder);
      // A folder of it stands for the whole of it; one that is gone, or whose repository is, stands for itself.
      const root = await worktreeAt(place).then(
        (tree) => tree.root,
        () => path.resolve(place),
      );
      if (!root.startsWith(`${trees}${path.sep}`)) {
        throw new PointsmanError('WORKTREE_FAILED', {
          detail: `${place} is no worktree of Pointsman's, so it is not removed.`,
        });
      }
      return removeWorktree(root, oneAtATime);
    },

    async dropMergedBranch({ repository, name }) {
      const { commonDirectory } = await repositoryAt(repository);
      const dropped = await oneAtATime(commonDirectory, () => dropIfMerged(commonDirectory, branchOf(name)));
      return dropped ? 'dropped' : 'kept';
    },

    async discard({ repository, name, kept }) {
      const place = path.join(await realpath(treeFolder).catch(() => treeFolder), worktreeName(name));
      // What it was cut from may be gone; the worktree itself knows its repository too.
      const found = await lookAt(place);
      const { commonDirectory } = found.state === 'worktree' ? found.tree : await repositoryAt(repository);
      return oneAtATime(commonDirectory, () =>
        discardWorktree({
          place,
          branch: branchOf(name),
          directory: commonDirectory,
          keptRefs: kept.map((prefix) => `${KEPT_REFS}${worktreeName(prefix)}`),
        }),
      );
    },
  };
}

function branchOf(name: string): string {
  return `${BRANCH_FOLDER}${worktreeName(name)}`;
}

async function cutFor(tree: Worktree): Promise<string> {
  const cut = await cutOf(tree);
  if (cut) return cut;
  throw new PointsmanError('WORKTREE_FAILED', {
    detail: `${tree.root} was not cut by Pointsman, so there is nothing to compare it with.`,
  });
}

/** The repository a path lies in, and where in it. */
async function repositoryAt(place: string): Promise<{ commonDirectory: string; prefix: string }> {
  const args = ['rev-parse', '--show-prefix', '--git-common-dir'];
  const found = await runGit(place, args);
  if (found.status !== 0) throw gitFailed(place, args, found);
  const [prefix = '', common = ''] = found.stdout.split('\n');
  return { prefix, commonDirectory: await realpath(path.resolve(place, common)) };
}

/** Work on a folder of a repository goes on in the same folder of the worktree, if it is there. */
async function sameFolder(place: string, prefix: string): Promise<string> {
  const folder = path.join(place, prefix);
  return realpath(folder).then(
    (found) => (found === place || found.startsWith(`${place}${path.sep}`) ? found : place),
    () => place,
  );
}
