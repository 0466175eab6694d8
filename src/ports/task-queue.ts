/**
 * Wake-ups between processes. Rows in the store are the truth: a lost job is found by reconcile, a doubled one does
 * no harm. So a job carries ids only.
 */

export interface Job {
  /** What to do, e.g. `advance`. */
  name: string;
  /** One job of this key waits at a time; more of the same are the same. */
  key: string;
}

export interface TaskQueue {
  enqueue(job: Job): Promise<void>;
  /** Runs `handle` for each job of the name, up to `concurrency` at once; a handler that throws is tried again. */
  work(
    name: string,
    options: { concurrency: number },
    handle: (job: Job, signal: AbortSignal) => Promise<void>,
  ): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
}
