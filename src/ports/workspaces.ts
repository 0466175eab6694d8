/** Directories that executions work in: shared ones, worktrees of a repository, and scratch. */

export interface WorktreeOutcome {
  path: string;
  branch: string;
}

export interface Workspaces {
  /** A new empty directory of the execution's own; the same one when called again. */
  scratch(executionId: string): Promise<string>;
  /** A worktree on a branch of its own, cut from `base` (default: what the repository has checked out); the same one when called again. */
  worktree(options: { repository: string; name: string; base?: string }): Promise<WorktreeOutcome>;
  /** Commits what is uncommitted in a worktree; null when nothing is. */
  commitAll(path: string, message: string): Promise<string | null>;
  /** Merges a worktree's branch into what `into` has checked out. */
  merge(options: {
    into: string;
    branch: string;
  }): Promise<{ outcome: 'merged' } | { outcome: 'conflict'; files: string[] }>;
  /** What a worktree changed against the point it was cut from, as a unified diff. */
  diff(path: string): Promise<string>;
  /** Removes a worktree, never one with uncommitted work; the branch stays. */
  remove(path: string): Promise<'removed' | 'kept'>;
}
