/** Where graph states are kept between supersteps; the form is LangGraph's, the storage ours. */

export interface StoredCheckpoint {
  threadId: string;
  namespace: string;
  checkpointId: string;
  parentId: string | null;
  /** The checkpoint without channel values. */
  checkpoint: unknown;
  /** Channel values, folded. */
  values: Record<string, unknown>;
  metadata: unknown;
  /** How many differences were folded into the values since the last complete one. */
  folded: number;
  writes: { taskId: string; channel: string; value: unknown }[];
}

export interface NewCheckpoint {
  threadId: string;
  namespace: string;
  checkpointId: string;
  parentId: string | null;
  checkpoint: unknown;
  /** Of the map of channel values. */
  changes: Change;
  complete: boolean;
  metadata: unknown;
}

/** A whole value, or for a map what changed in it; `removed` lists keys that are gone. */
export type Change = { value: unknown } | { map: Record<string, Change>; removed?: string[] };

export interface Checkpoints {
  put(checkpoint: NewCheckpoint): Promise<void>;
  putWrites(options: {
    threadId: string;
    namespace: string;
    checkpointId: string;
    taskId: string;
    taskPath: string;
    writes: { index: number; channel: string; value: unknown }[];
  }): Promise<void>;
  /** The named or the newest one. */
  get(threadId: string, namespace: string, checkpointId?: string): Promise<StoredCheckpoint | null>;
  list(threadId: string, options: { namespace?: string; limit?: number; before?: string }): Promise<StoredCheckpoint[]>;
  deleteThread(threadId: string): Promise<void>;
}
