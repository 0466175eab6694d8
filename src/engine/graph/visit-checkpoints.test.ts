import { RunnableLambda } from '@langchain/core/runnables';
import { Command, END, MemorySaver } from '@langchain/langgraph';
import { expect, test } from 'vitest';
import type { ExecutionState } from '../../domain/settle/execution-state.ts';
import type { Checkpoints, NewCheckpoint } from '../../ports/checkpoints.ts';
import { executionGraph } from './execution-graph.ts';
import { checkpointAfter, VisitCheckpoints } from './visit-checkpoints.ts';

const stateNamed = (name: string) => ({ name }) as unknown as ExecutionState; // LangGraph looks at none of it
const states = ['before', 'first', 'second', 'third'].map(stateNamed);
const NOT_READ = {} as Checkpoints; // what is made here is not read from a store

/** What LangGraph writes for START and three visits, the last of which ends. */
async function written(): Promise<{ checkpoint: object; metadata: object }[]> {
  const puts: { checkpoint: object; metadata: object }[] = [];
  class Recorder extends MemorySaver {
    override async put(...given: Parameters<MemorySaver['put']>) {
      const [, { id: _, ts: _at, ...checkpoint }, metadata] = given;
      puts.push({ checkpoint, metadata });
      return super.put(...given);
    }
  }
  let visits = 0;
  const advance = RunnableLambda.from(() => {
    const finished = ++visits === 3;
    return new Command({ update: { state: states[visits]!, finished }, goto: finished ? END : 'advance' });
  });
  const graph = executionGraph({ name: 'e', advance, checkpointer: new Recorder() });
  await graph.invoke({ state: states[0]!, finished: false }, { configurable: { thread_id: 'e' } });
  return puts.slice(1); // the input is in the one after it
}

test('are what LangGraph would have written', async () => {
  const langGraph = await written();
  const ours = states.map((state, visits) => {
    const { id, ts: _, ...checkpoint } = checkpointAfter(visits, { state, finished: visits === 3 });
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-6/);
    return { checkpoint, metadata: { source: 'loop', step: visits, parents: {} } };
  });
  expect(ours).toEqual(langGraph);
});

test('follow each other; START is written with the first visit, and LangGraph is given the newest', async () => {
  const checkpoints = new VisitCheckpoints(NOT_READ, 'e');
  checkpoints.begin(states[0]!);
  const of = (visits: number, finished = false): NewCheckpoint[] =>
    checkpoints.after({ state: states[visits]!, finished }, { status: 'running', changed: [`n${visits}`] });
  const rows = [of(1), of(2), of(3, true)];
  expect(rows.map((each) => each.length)).toEqual([2, 1, 1]);
  const all = rows.flat();
  expect(all.map(({ parentId }) => parentId)).toEqual([null, ...all.slice(0, -1).map((row) => row.checkpointId)]);
  expect(all.map(({ complete }) => complete)).toEqual([true, false, false, false]);
  expect(all.map(({ metadata }) => (metadata as { pointsman: object }).pointsman)).toEqual([
    { status: 'queued', changed: [] },
    ...[1, 2, 3].map((visits) => ({ status: 'running', changed: [`n${visits}`] })),
  ]);
  expect(all.map(({ checkpointId }) => checkpointId).sort()).toEqual(all.map((row) => row.checkpointId));
  expect(await checkpoints.getTuple({ configurable: { thread_id: 'e' } })).toMatchObject({
    config: { configurable: { checkpoint_id: all.at(-1)?.checkpointId } },
    checkpoint: { channel_values: { state: states[3], finished: true } },
  });
});
