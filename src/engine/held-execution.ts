/** An execution in the hands of one worker. */
import type { ExecutionRecord, Lease, Letter } from '../ports/store/executions.ts';

/** It may still be on its way into the store: visits may decide meanwhile, and commit only after that. */
export interface Held {
  record: ExecutionRecord;
  /** What lies in its mailbox, known before anybody looked. */
  events: readonly unknown[];
  /** Those events as letters, and the lease. Rejects when it could not be stored: then nothing of it is there. */
  stored: Promise<{ lease: Lease; mail: Letter[] }>;
}
