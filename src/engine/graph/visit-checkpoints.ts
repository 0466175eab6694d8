/**
 * The checkpoints of one execution. Each visit makes its own, as LangGraph would, so that it is committed with what the
 * visit decided: what LangGraph puts at the end of them is there already. In the engine's graph a superstep is one node, so
 * pending writes, which only matter between parallel nodes, are not stored.
 */
import {
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointTuple,
  type PendingWrite,
  uuid6,
} from '@langchain/langgraph-checkpoint';
import type { RunnableConfig } from '@langchain/core/runnables';
import type { ExecutionState } from '../../domain/settle/execution-state.ts';
import type { Checkpoints, NewCheckpoint } from '../../ports/checkpoints.ts';
import { StoreCheckpointSaver } from './checkpoint-saver.ts';
import type { Visited } from './visits.ts';

/** What the list of checkpoints shows of one, besides the files of its state. */
export interface CheckpointSummary {
  status: ExecutionState['status'];
  /** Nodes. */
  changed: string[];
}

export class VisitCheckpoints extends StoreCheckpointSaver {
  readonly #threadId: string;
  /** It may not be written yet. */
  #newest: CheckpointTuple | null = null;
  /** Of START, where nothing is decided that beginning again would not make: written with the first visit. */
  #start: NewCheckpoint[] = [];

  constructor(checkpoints: Checkpoints, threadId: string) {
    super(checkpoints);
    this.#threadId = threadId;
  }

  begin(state: ExecutionState): void {
    this.#start = [this.#make({ state, finished: false }, { status: 'queued', changed: [] })];
  }

  /** What has to be written of this visit. */
  after(visited: Visited, summary: CheckpointSummary): NewCheckpoint[] {
    return [...this.#start.splice(0), this.#make(visited, summary)];
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    this.#newest ??= (await super.getTuple(config)) ?? null;
    return this.#newest ?? undefined;
  }

  override async put(config: RunnableConfig, { id }: Checkpoint): Promise<RunnableConfig> {
    return { configurable: { ...config.configurable, checkpoint_id: id } };
  }

  override async putWrites(_config: RunnableConfig, _writes: PendingWrite[], _taskId: string): Promise<void> {}

  #make(visited: Visited, summary: CheckpointSummary): NewCheckpoint {
    const step = (this.#newest?.metadata?.step ?? -1) + 1;
    const parentConfig = this.#newest?.config;
    const metadata = { source: 'loop', step, parents: {} } satisfies CheckpointMetadata;
    const checkpoint = checkpointAfter(step, visited);
    const thread = { thread_id: this.#threadId, checkpoint_ns: '' };
    this.#newest = {
      config: { configurable: { ...thread, checkpoint_id: checkpoint.id } },
      checkpoint,
      metadata,
      ...(parentConfig ? { parentConfig } : {}),
    };
    const { files } = visited.state;
    const pointsman = { ...summary, ...(files ? { files: files.outcome === 'lost' ? 'lost' : 'kept' } : {}) };
    return this.row(parentConfig ?? { configurable: thread }, checkpoint, { ...metadata, pointsman });
  }
}

/** As LangGraph leaves it after START and so many visits. */
export function checkpointAfter(visits: number, { state, finished }: Visited): Checkpoint {
  const version = visits + 2;
  return {
    v: 4,
    id: uuid6(visits),
    ts: new Date().toISOString(),
    channel_values: {
      __pregel_tasks: [],
      state,
      finished,
      ...(finished ? {} : { 'branch:to:advance': visits === 0 ? null : 'advance' }),
    },
    channel_versions: { __start__: 2, state: version, finished: version, 'branch:to:advance': version },
    versions_seen: {
      __input__: {},
      __start__: { __start__: 1 },
      ...(visits > 0 ? { advance: { 'branch:to:advance': version - 1 } } : {}),
    },
  };
}
