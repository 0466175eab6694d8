import { RunnableLambda } from '@langchain/core/runnables';
import { Command, END, MemorySaver } from '@langchain/langgraph';
import { expect, test } from 'vitest';
import type { ExecutionState } from '../../domain/settle/execution-state.ts';
import { executionGraph } from './execution-graph.ts';
import { checkpointAfter, metadataAfter } from './first-checkpoints.ts';

const stateNamed = (status: string) => ({ status }) as unknown as ExecutionState; // LangGraph looks at none of it

/** What LangGraph writes for START and one visit that ends or goes on; the second one ends. */
async function written(finished: boolean) {
  const puts: unknown[][] = [];
  class Recorder extends MemorySaver {
    override async put(...given: Parameters<MemorySaver['put']>) {
      const { id: _, ts: _at, ...checkpoint } = given[1];
      puts.push([checkpoint, given[2]]);
      return super.put(...given);
    }
  }
  let visits = 0;
  const advance = RunnableLambda.from(() => {
    const isOver = visits++ > 0 || finished;
    return new Command({ update: { state: stateNamed('after'), finished: isOver }, goto: isOver ? END : 'advance' });
  });
  const graph = executionGraph({ name: 'e', advance, checkpointer: new Recorder() });
  await graph.invoke({ state: stateNamed('before'), finished: false }, { configurable: { thread_id: 'e' } });
  return puts.slice(1, 3); // the input is in the one after it
}

test.each([true, false])('are what LangGraph would have written (ends with its first visit: %s)', async (finished) => {
  const ours = (
    [
      [0, { state: stateNamed('before'), finished: false }],
      [1, { state: stateNamed('after'), finished }],
    ] as const
  ).map(([visits, visited]) => {
    const { id, ts: _, ...checkpoint } = checkpointAfter(visits, visited);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-6/);
    return [checkpoint, metadataAfter(visits)];
  });
  expect(ours).toEqual(await written(finished));
});
