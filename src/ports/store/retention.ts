/** Deleting executions that ended long ago, a few rows at a time; which run does it, and what it has deleted. */
import type { Deleted, RetentionRun, StoredSizes } from '../../contract/retention.ts';

export interface RetentionStore {
  /**
   * The run that this process goes on with: one that lost its process, or a new one when it is time. Null while another
   * process has one, or when nothing is to be done. Without `keep` nothing new begins.
   */
  begin(options: {
    id: string;
    /** This process, and the beginning of the names of those that were it before. */
    owner: string;
    ownerPrefix: string;
    keep: { days: number; before: string } | null;
    now: string;
    /** A new one this long after the last one began, or at once when the days have changed. */
    everyMs: number;
    ttlMs: number;
  }): Promise<{ id: string; before: string | null } | null>;
  /** Holds the run until the end of the transaction; null when it is another's by now. */
  hold(id: string, owner: string, ttlMs: number): Promise<Deleted | null>;
  /** What the run has deleted so far. */
  note(id: string, deleted: Deleted): Promise<void>;
  finish(id: string, at: string): Promise<void>;
  /** The run stays open, for whoever takes it. */
  letGo(id: string, owner: string): Promise<void>;

  /** Executions that nobody sees from now on: whole families that have ended before, and what was left below such. */
  hide(options: { before: string | null; limit: number }): Promise<string[]>;
  /**
   * Deletes up to `rows` of what lies below hidden executions, and those with nothing left below; `topics`: whose events
   * are gone.
   */
  sweep(options: { rows: number }): Promise<{ deleted: Deleted; rows: number; topics: string[] }>;

  lastRun(): Promise<RetentionRun | null>;
  stored(): Promise<StoredSizes>;
}
