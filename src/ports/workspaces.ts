/** Directories that executions, agents and tasks work in: shared ones, worktrees of a repository, and scratch. */
import type { DiffFile, MergeOutcome, TaskDiff } from '../contract/task-changes.ts';

export interface WorktreeOutcome {
  path: string;
  branch: string;
}

export interface WorkspaceDiff {
  files: DiffFile[];
  stats: TaskDiff['stats'];
  /** Unified, cut at the end of a line. */
  text: string;
  truncated: boolean;
}

export interface Workspaces {
  /** A new empty directory of the execution's own; the same one when called again. */
  scratch(executionId: string): Promise<string>;
  /** Why no worktree can be cut from a directory; null when one can. */
  unfitForWorktree(directory: string): Promise<string | null>;
  /** A worktree on a branch of its own, cut from `base` (default: what the repository has checked out); the same one when called again. */
  worktree(options: { repository: string; name: string; base?: string }): Promise<WorktreeOutcome>;
  /** The worktree of this name where it is already; null when it is not there. Makes nothing. */
  existing(name: string): Promise<WorktreeOutcome | null>;
  /** Commits what is uncommitted in a worktree; null when nothing is. The author is the committer unless one is named. */
  commitAll(path: string, message: string, options?: { author?: string }): Promise<string | null>;
  /**
   * The present content of a worktree as a commit: what it has checked out, or, with uncommitted work, one beside every
   * branch. Neither branch nor index changes. `keepAs` keeps it from being collected as garbage until `discard`.
   */
  snapshot(path: string, options?: { keepAs: string }): Promise<string>;
  /** Merges a branch (or a `commit` of it) into what `into` has checked out. `in_the_way`: files with uncommitted work; nothing was changed. */
  merge(options: {
    into: string;
    branch: string;
    commit?: string;
  }): Promise<MergeOutcome | { outcome: 'in_the_way'; files: string[] }>;
  /**
   * What changed between two commits of the repository `path` lies in, at most `limitBytes` of text.
   * `from`: default the point the worktree was cut from; `to`: default its present content, uncommitted and new files included.
   */
  diff(options: { path: string; from?: string; to?: string; limitBytes: number }): Promise<WorkspaceDiff>;
  /** Removes a worktree, never one with uncommitted work; the branch stays. */
  remove(path: string): Promise<'removed' | 'kept'>;
  /** Removes the branch of a removed worktree when another branch has all of it. */
  dropMergedBranch(options: { repository: string; name: string }): Promise<'dropped' | 'kept'>;
  /** Removes worktree, branch and kept snapshots whose name begins with one of `kept`, whatever they hold. Says the same when repeated. */
  discard(options: { repository: string; name: string; kept: readonly string[] }): Promise<void>;
}
