/**
 * The checkpointer inside a graph's thread: values become JSON by the serializer of the module's own LangGraph, and the
 * server keeps them.
 */
import type { SaverMethod } from './graph-messages.ts';
import type { Langgraph } from './module-packages.ts';

export type Keep = (threadId: string, method: SaverMethod, given: unknown[]) => Promise<unknown>;

interface Place {
  configurable?: { thread_id?: string; checkpoint_ns?: string; checkpoint_id?: string };
}
interface Tuple {
  checkpoint: { channel_values: unknown };
  pendingWrites: [task: string, channel: string, value: unknown][];
}

export function threadSaver({ BaseCheckpointSaver }: Langgraph, keep: Keep): object {
  const last = new Map<string, Promise<unknown>>();

  /** LangGraph begins to write below a checkpoint before it knows that this one is kept, and rows below it need it. */
  function inOrder<T>(threadId: string, work: () => Promise<T>): Promise<T> {
    const own = (last.get(threadId) ?? Promise.resolve()).then(work);
    const settled = own
      .catch(() => undefined)
      .then(() => {
        if (last.get(threadId) === settled) last.delete(threadId);
      });
    last.set(threadId, settled);
    return own;
  }

  return new (class extends BaseCheckpointSaver {
    async getTuple(config: Place): Promise<unknown> {
      const found = await keep(threadOf(config), 'getTuple', [place(config)]);
      return found === null ? undefined : this.#revived(found as Tuple);
    }

    async *list(config: Place, options: { limit?: number; before?: Place; filter?: object } = {}) {
      const { limit, before, filter } = options;
      const found = await keep(threadOf(config), 'list', [
        place(config),
        { limit, filter, ...(before ? { before: place(before) } : {}) },
      ]);
      for (const tuple of found as Tuple[]) yield await this.#revived(tuple);
    }

    async put(
      config: Place,
      { channel_values, ...checkpoint }: Record<string, unknown>,
      metadata: unknown,
      newVersions: unknown,
    ) {
      return await inOrder(threadOf(config), async () => {
        const kept = { ...checkpoint, channel_values: await this.#written(channel_values) };
        return keep(threadOf(config), 'put', [place(config), json(kept), json(metadata), newVersions]);
      });
    }

    async putWrites(config: Place, writes: [channel: string, value: unknown][], taskId: string): Promise<void> {
      await inOrder(threadOf(config), async () => {
        const written = await Promise.all(
          writes.map(async ([channel, value]) => [channel, await this.#written(value)] as const),
        );
        return keep(threadOf(config), 'putWrites', [place(config), written, taskId]);
      });
    }

    deleteThread(): Promise<void> {
      throw new Error('a thread is removed with its execution');
    }

    async #written(value: unknown): Promise<unknown> {
      // Bytes that lie inside something else are written like this too.
      if (value instanceof Uint8Array)
        return { lc: 2, type: 'constructor', id: ['Uint8Array'], method: 'from', args: [[...value]], kwargs: {} };
      const [, text] = await this.serde.dumpsTyped(value);
      return JSON.parse(new TextDecoder().decode(text));
    }

    async #revived(tuple: Tuple): Promise<Tuple> {
      const revive = (value: unknown) => this.serde.loadsTyped('json', JSON.stringify(value));
      return {
        ...tuple,
        checkpoint: { ...tuple.checkpoint, channel_values: await revive(tuple.checkpoint.channel_values) },
        pendingWrites: await Promise.all(
          tuple.pendingWrites.map(async ([task, channel, value]): Promise<Tuple['pendingWrites'][number]> => [
            task,
            channel,
            await revive(value),
          ]),
        ),
      };
    }
  })();
}

function threadOf({ configurable }: Place): string {
  return configurable?.thread_id ?? '';
}

/** Configurations also hold what cannot leave the thread. */
function place({ configurable: { thread_id, checkpoint_ns, checkpoint_id } = {} }: Place): Place {
  return {
    configurable: {
      ...(thread_id === undefined ? {} : { thread_id }),
      ...(checkpoint_ns === undefined ? {} : { checkpoint_ns }),
      ...(checkpoint_id === undefined ? {} : { checkpoint_id }),
    },
  };
}

function json(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
