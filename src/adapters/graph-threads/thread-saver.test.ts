/** What the checkpointer of a graph's thread hands to the server, and in which order. */
import { BaseCheckpointSaver, emptyCheckpoint } from '@langchain/langgraph-checkpoint';
import { expect, test } from 'vitest';
import type { Langgraph } from './module-packages.ts';
import { threadSaver } from './thread-saver.ts';

const at = (thread: string) => ({ configurable: { thread_id: thread, checkpoint_ns: '', checkpoint_id: '1' } });

test('a write is handed over when the checkpoint above it is kept, and never waits for another thread', async () => {
  const calls: string[] = [];
  const held = Promise.withResolvers<void>();
  const keep = async (thread: string, method: string) => {
    calls.push(`${thread} ${method}`);
    if (thread === 'one' && method === 'put') await held.promise;
    calls.push(`${thread} ${method} kept`);
  };
  const saver = threadSaver({ BaseCheckpointSaver } as unknown as Langgraph, keep) as BaseCheckpointSaver;

  const first = saver.put(at('one'), emptyCheckpoint(), { source: 'input', step: -1, parents: {} }, {});
  const below = saver.putWrites(at('one'), [['channel', 1]], 'task');
  await saver.putWrites(at('two'), [['channel', 2]], 'task');
  expect(calls).toEqual(['one put', 'two putWrites', 'two putWrites kept']);
  held.resolve();
  await Promise.all([first, below]);
  expect(calls.slice(3)).toEqual(['one put kept', 'one putWrites', 'one putWrites kept']);
});

test('one that could not be kept tells whoever wrote it, and holds nothing up', async () => {
  const keep = async (_thread: string, method: string) => {
    if (method === 'put') throw new Error('no room');
  };
  const saver = threadSaver({ BaseCheckpointSaver } as unknown as Langgraph, keep) as BaseCheckpointSaver;
  const first = saver.put(at('one'), emptyCheckpoint(), { source: 'input', step: -1, parents: {} }, {});
  const below = saver.putWrites(at('one'), [['channel', 1]], 'task');
  await expect(first).rejects.toThrow('no room');
  await below;
});
