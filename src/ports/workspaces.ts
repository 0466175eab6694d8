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

export interface BranchHead {
  outcome: 'read';
  branch: string;
  commit: string;
  /** The first line of its message. */
  subject: string;
  author: string;
}

export interface KeptFiles {
  commit: string;
  /** Grows from one to the next of the same execution. */
  number: number;
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
  /** What a branch (default: the one that is checked out) of a repository points to; never changes anything. */
  head(options: {
    repository: string;
    branch?: string;
  }): Promise<BranchHead | { outcome: 'unreadable'; reason: string }>;
  /** Commits what is uncommitted in a worktree; null when nothing is. The author is the committer unless one is named. */
  commitAll(path: string, message: string, options?: { author?: string }): Promise<string | null>;
  /**
   * The present content of a worktree as a commit: what it has checked out, or, with uncommitted work, one beside every
   * branch. Neither branch nor index changes. `keepAs` keeps it from being collected as garbage until `discard`.
   */
  snapshot(path: string, options?: { keepAs: string }): Promise<string>;
  /**
   * Keeps the present files of an execution's worktree, or a `commit` that has them, until `forgetFiles`. Neither branch
   * nor index changes. Files that are as they were the last time give the same commit again.
   */
  keepFiles(options: { execution: string; worktree: string; commit?: string }): Promise<KeptFiles>;
  /** Keeps a commit as the files that an execution begins with. `gone`: the repository does not have it any more. */
  keepFirstFiles(options: { execution: string; repository: string; commit: string }): Promise<'kept' | 'gone'>;
  /** The commit an execution's worktree of this name was cut from, also when it is gone; null when it was never made. */
  firstFiles(options: { execution: string; repository: string; name: string }): Promise<string | null>;
  /** Executions of which files are kept, wherever, with the time of the newest ones. */
  keptFiles(): Promise<{ execution: string; repository: string; at: string }[]>;
  forgetFiles(options: { execution: string; repository: string }): Promise<void>;
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
