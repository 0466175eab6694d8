/**
 * LangGraph's checkpointer on our store. In the engine's graph a superstep is one node, so its checkpoint alone holds
 * everything: it is committed in one transaction with what the visit decided (`commit`), and pending writes, which
 * only matter between parallel nodes, are not stored.
 */
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

export interface SaverOptions {
  checkpoints: Checkpoints;
  /**
   * Begins to write checkpoints together with what belongs to them, and sees to it that nobody goes on before they are
   * written; by default each is written alone. False: it wants them once more with the next one, because nothing was
   * decided that beginning again would not make.
   */
  commit?: (checkpoints: readonly NewCheckpoint[]) => boolean;
  /** What the list of checkpoints shows of this one. */
  summary?: (values: Record<string, unknown>) => object;
  storesWrites?: boolean;
}

export class StoreCheckpointSaver extends BaseCheckpointSaver {
  readonly #options: SaverOptions;
  /** As last stored by this saver: the next difference is computed from it, and with `commit` it may not be readable yet. */
  #newest: { threadId: string; checkpointId: string; tuple: CheckpointTuple } | null = null;
  #sinceComplete = 0;
  #kept: NewCheckpoint[] = [];

  constructor(options: SaverOptions) {
    super();
    this.#options = options;
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { threadId, namespace, checkpointId } = place(config);
    if (this.#options.commit && !checkpointId && this.#newest?.threadId === threadId) return this.#newest.tuple;
    const found = await this.#options.checkpoints.get(threadId, namespace, checkpointId);
    if (!found) return undefined;
    const tuple = toTuple(found);
    this.#newest = { threadId, checkpointId: found.checkpointId, tuple };
    this.#sinceComplete = found.folded;
    return tuple;
  }

  override async *list(config: RunnableConfig, options?: CheckpointListOptions): AsyncGenerator<CheckpointTuple> {
    const { threadId } = place(config);
    const namespace = (config.configurable as { checkpoint_ns?: string } | undefined)?.checkpoint_ns;
    const before = (options?.before?.configurable as { checkpoint_id?: string } | undefined)?.checkpoint_id;
    const found = await this.#options.checkpoints.list(threadId, {
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
    const { threadId, namespace, checkpointId: parentId } = place(config);
    const { channel_values: values, ...rest } = checkpoint;
    const next = { configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpoint.id } };
    const base =
      this.#newest && this.#newest.threadId === threadId && this.#newest.checkpointId === parentId
        ? this.#newest.tuple.checkpoint.channel_values
        : null;
    const complete = base === null || this.#sinceComplete >= COMPLETE_EVERY;
    const row: NewCheckpoint = {
      threadId,
      namespace,
      checkpointId: checkpoint.id,
      parentId: parentId ?? null,
      checkpoint: rest,
      changes: difference(complete ? {} : base, values) ?? { map: {} },
      complete,
      metadata: { ...metadata, ...(this.#options.summary ? { pointsman: this.#options.summary(values) } : {}) },
    };
    if (!this.#options.commit) await this.#options.checkpoints.put(row);
    else {
      this.#kept.push(row);
      if (this.#options.commit(this.#kept)) this.#kept = [];
    }
    const parent = { configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: parentId } };
    this.#newest = {
      threadId,
      checkpointId: checkpoint.id,
      tuple: { config: next, checkpoint, metadata, ...(parentId ? { parentConfig: parent } : {}) },
    };
    this.#sinceComplete = complete ? 0 : this.#sinceComplete + 1;
    return next;
  }

  override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    if (!this.#options.storesWrites) return;
    const { threadId, namespace, checkpointId } = place(config);
    if (!checkpointId) throw new Error('putWrites needs the checkpoint that the writes belong to');
    await this.#options.checkpoints.putWrites({
      threadId,
      namespace,
      checkpointId,
      taskId,
      taskPath: '',
      writes: writes.map(([channel, value], index) => ({ index, channel: String(channel), value })),
    });
  }

  override deleteThread(threadId: string): Promise<void> {
    return this.#options.checkpoints.deleteThread(threadId);
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
