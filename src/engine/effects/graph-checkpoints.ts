/**
 * Checkpoints of a registered graph: a line of their own for each attempt, kept under the thread of its execution, so
 * that they go when it goes.
 */
import type { RunnableConfig } from '@langchain/core/runnables';
import type {
  ChannelVersions,
  Checkpoint,
  CheckpointListOptions,
  CheckpointMetadata,
  CheckpointTuple,
  PendingWrite,
} from '@langchain/langgraph-checkpoint';
import type { Checkpoints, StoredCheckpoint } from '../../ports/checkpoints.ts';
import type { GraphCheckpoints } from '../../ports/registered-graphs.ts';
import { StoreCheckpointSaver } from '../graph/checkpoint-saver.ts';

export interface StepCheckpoints extends GraphCheckpoints {
  /** What of the store made a call fail; what the graph made of that says less. */
  failure(): unknown;
}

export function graphCheckpoints(
  checkpoints: Checkpoints,
  { executionId, key }: { executionId: string; key: string },
): StepCheckpoints {
  const saver = new StoreCheckpointSaver(beneath(checkpoints, executionId, `langgraph ${key} `));
  let failure: unknown = null;
  /** Channel values of the checkpoint that was read or written last. */
  let last: Record<string, unknown> = {};

  async function kept<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      failure ??= error;
      throw error;
    }
  }

  function seen(tuple: CheckpointTuple): CheckpointTuple {
    last = tuple.checkpoint.channel_values;
    return tuple;
  }

  // What comes from the thread is what its saver was given, in LangGraph's shapes.
  return {
    failure: () => failure,
    getTuple: (config) =>
      kept(async () => {
        const found = await saver.getTuple(config as RunnableConfig);
        return found ? seen(found) : null;
      }),
    list: (config, options) =>
      kept(async () => {
        const found: CheckpointTuple[] = [];
        for await (const tuple of saver.list(config as RunnableConfig, options as CheckpointListOptions))
          found.push(tuple);
        return found;
      }),
    put: (config, checkpoint, metadata, newVersions) =>
      kept(async () => {
        const given = checkpoint as Checkpoint;
        // Unchanged channels stay the same objects, so that only what changed is stored.
        const values = Object.fromEntries(
          Object.entries(given.channel_values).map(([channel, value]) => [
            channel,
            channel in newVersions || !(channel in last) ? value : last[channel],
          ]),
        );
        const next = await saver.put(
          config as RunnableConfig,
          { ...given, channel_values: values },
          metadata as CheckpointMetadata,
          newVersions as ChannelVersions,
        );
        last = values;
        return next;
      }),
    putWrites: (config, writes, taskId) =>
      kept(() => saver.putWrites(config as RunnableConfig, writes as PendingWrite[], taskId)),
  };
}

/** The same store, seen from one attempt: whatever thread is asked for is the execution's, below a namespace. */
function beneath(checkpoints: Checkpoints, executionId: string, prefix: string): Checkpoints {
  const seen = (found: StoredCheckpoint, threadId: string): StoredCheckpoint => ({
    ...found,
    threadId,
    namespace: found.namespace.slice(prefix.length),
  });
  return {
    put: (row) => checkpoints.put({ ...row, threadId: executionId, namespace: prefix + row.namespace }),
    putWrites: (writes) =>
      checkpoints.putWrites({ ...writes, threadId: executionId, namespace: prefix + writes.namespace }),
    async get(threadId, namespace, checkpointId) {
      const found = await checkpoints.get(executionId, prefix + namespace, checkpointId);
      return found && seen(found, threadId);
    },
    async list(threadId, { namespace = '', ...options }) {
      const found = await checkpoints.list(executionId, { ...options, namespace: prefix + namespace });
      return found.map((one) => seen(one, threadId));
    },
    deleteThread: () => Promise.reject(new Error('the checkpoints of a step go with its execution')),
  };
}
