/** LangGraph's checkpointer on our store: of each checkpoint only what changed is written. */
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  type PendingWrite,
} from '@langchain/langgraph-checkpoint';
import type { Checkpoints, NewCheckpoint, StoredCheckpoint } from '../../ports/checkpoints.ts';
import { difference } from './state-difference.ts';

/** A complete copy now and then, so that a read folds a bounded number of differences. */
const COMPLETE_EVERY = 100;

export class StoreCheckpointSaver extends BaseCheckpointSaver {
  readonly #checkpoints: Checkpoints;
  /** Values of the checkpoint that was read or made last, to compute the next difference from. */
  #newest: { threadId: string; checkpointId: string; values: Record<string, unknown> } | null = null;
  #sinceComplete = 0;

  constructor(checkpoints: Checkpoints) {
    super();
    this.#checkpoints = checkpoints;
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { threadId, namespace, checkpointId } = place(config);
    const found = await this.#checkpoints.get(threadId, namespace, checkpointId);
    if (!found) return undefined;
    this.#newest = { threadId, checkpointId: found.checkpointId, values: found.values };
    this.#sinceComplete = found.folded;
    return toTuple(found);
  }

  override async *list(config: RunnableConfig, options?: CheckpointListOptions): AsyncGenerator<CheckpointTuple> {
    const { threadId } = place(config);
    const namespace = (config.configurable as { checkpoint_ns?: string } | undefined)?.checkpoint_ns;
    const before = (options?.before?.configurable as { checkpoint_id?: string } | undefined)?.checkpoint_id;
    const found = await this.#checkpoints.list(threadId, {
      ...(namespace === undefined ? {} : { namespace }),
      ...(options?.limit === undefined || options.filter ? {} : { limit: options.limit }),
      ...(before === undefined ? {} : { before }),
    });
    let left = options?.limit ?? Infinity;
    for (const checkpoint of found) {
      const metadata = checkpoint.metadata as Record<string, unknown>;
      if (!Object.entries(options?.filter ?? {}).every(([key, value]) => metadata[key] === value)) continue;
      if (left-- <= 0) return;
      yield toTuple(checkpoint);
    }
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    _newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { threadId, namespace } = place(config);
    await this.#checkpoints.put(this.row(config, checkpoint, metadata));
    return { configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpoint.id } };
  }

  /** What is written of the one that follows the place of `config`. */
  protected row(config: RunnableConfig, checkpoint: Checkpoint, metadata: object): NewCheckpoint {
    const { threadId, namespace, checkpointId: parentId } = place(config);
    const { channel_values: values, ...rest } = checkpoint;
    const newest = this.#newest;
    const base = newest && newest.threadId === threadId && newest.checkpointId === parentId ? newest.values : null;
    const complete = base === null || this.#sinceComplete >= COMPLETE_EVERY;
    this.#newest = { threadId, checkpointId: checkpoint.id, values };
    this.#sinceComplete = complete ? 0 : this.#sinceComplete + 1;
    return {
      threadId,
      namespace,
      checkpointId: checkpoint.id,
      parentId: parentId ?? null,
      checkpoint: rest,
      changes: difference(complete ? {} : base, values) ?? { map: {} },
      complete,
      metadata,
    };
  }

  override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    const { threadId, namespace, checkpointId } = place(config);
    if (!checkpointId) throw new Error('putWrites needs the checkpoint that the writes belong to');
    await this.#checkpoints.putWrites({
      threadId,
      namespace,
      checkpointId,
      taskId,
      taskPath: '',
      writes: writes.map(([channel, value], index) => ({ index, channel: String(channel), value })),
    });
  }

  override deleteThread(threadId: string): Promise<void> {
    return this.#checkpoints.deleteThread(threadId);
  }
}

function place(config: RunnableConfig): { threadId: string; namespace: string; checkpointId?: string } {
  const {
    thread_id: threadId,
    checkpoint_ns: namespace,
    checkpoint_id: checkpointId,
  } = (config.configurable ?? {}) as Record<string, string | undefined>;
  if (!threadId) throw new Error('a checkpoint needs configurable.thread_id');
  return { threadId, namespace: namespace ?? '', ...(checkpointId ? { checkpointId } : {}) };
}

/** The stored JSON is what `put` wrote, so it has LangGraph's own shapes. */
function toTuple(found: StoredCheckpoint): CheckpointTuple {
  const configurable = { thread_id: found.threadId, checkpoint_ns: found.namespace };
  return {
    config: { configurable: { ...configurable, checkpoint_id: found.checkpointId } },
    checkpoint: { ...(found.checkpoint as object), channel_values: found.values } as Checkpoint,
    metadata: found.metadata as CheckpointMetadata,
    ...(found.parentId ? { parentConfig: { configurable: { ...configurable, checkpoint_id: found.parentId } } } : {}),
    pendingWrites: found.writes.map(({ taskId, channel, value }) => [taskId, channel, value]),
  };
}
