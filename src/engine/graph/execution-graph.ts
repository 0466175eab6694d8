/**
 * The LangGraph host of one execution: START → advance → advance … → END. Each visit of `advance` takes the mail that has
 * come, lets `settle` decide, and commits that with its checkpoint. Visits that follow each other at once are one invocation
 * of the node: LangGraph, whose own work between two of them takes longer than settling, is given back the thread when the
 * execution ends, or when no mail comes. Then it interrupts, and the thread rests until the next invocation, which always
 * rolls forward with `invoke(null)`.
 */
import { AsyncLocalStorageProviderSingleton } from '@langchain/core/singletons';
import { Runnable, type RunnableConfig } from '@langchain/core/runnables';
import { Annotation, Command, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import type { ExecutionState } from '../../domain/settle/execution-state.ts';
import { initialState } from '../../domain/settle/settle.ts';
import { compilePlan } from '../../domain/workflow/compile-plan.ts';
import type { Plan } from '../../domain/workflow/plan.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Held } from '../held-execution.ts';
import type { Mailroom } from '../mailroom.ts';
import { readFirstState } from './stored-state.ts';
import { VisitCheckpoints } from './visit-checkpoints.ts';
import { type Visits, visitsOf } from './visits.ts';

const GraphState = Annotation.Root({ state: Annotation<ExecutionState>(), finished: Annotation<boolean>() });
type Values = typeof GraphState.State;

export interface GraphRun {
  context: EngineContext & { mailroom: Mailroom };
  held: Held;
  signal: AbortSignal;
}

/** Runs until the execution ends or rests; throws LEASE_LOST when another worker took over. */
export async function runGraph({ context, held, signal }: GraphRun): Promise<'finished' | 'resting'> {
  const { record } = held;
  const plan: Plan = compilePlan(record.document as unknown as WorkflowDocument);
  const checkpoints = new VisitCheckpoints(context.store.checkpoints, record.id);
  const visits = visitsOf(context, { held, plan, signal, checkpoints });
  try {
    // Until its first superstep is committed, beginning again is the same as going on.
    if (record.startedAt === null) {
      const state = await firstState(context, plan, record);
      checkpoints.begin(state);
      const visited = await visits.next(state);
      // What ends with its first visit needs no graph.
      if (visited === null || visited.finished) return visited ? 'finished' : 'resting';
    }
    const graph = executionGraph({ name: record.name, advance: new Advance(visits), checkpointer: checkpoints });
    const result = await graph.invoke(null, {
      configurable: { thread_id: record.id },
      outputKeys: ['finished'],
      signal,
    });
    return result.finished ? 'finished' : 'resting';
  } finally {
    await visits.close();
  }
}

export function executionGraph({
  name,
  advance,
  checkpointer,
}: {
  name: string;
  advance: Runnable<Values, Command>;
  checkpointer: BaseCheckpointSaver;
}) {
  return new StateGraph(GraphState)
    .addNode('advance', advance, { ends: ['advance', END] })
    .addEdge(START, 'advance')
    .compile({ checkpointer, name });
}

class Advance extends Runnable<Values, Command> {
  override lc_namespace = ['pointsman'];
  readonly #visits: Visits;

  constructor(visits: Visits) {
    super();
    this.#visits = visits;
  }

  override async invoke({ state }: Values, config?: RunnableConfig): Promise<Command> {
    let visited = await this.#visits.next(state);
    while (visited && !visited.finished) visited = await this.#visits.next(visited.state);
    if (!visited) return AsyncLocalStorageProviderSingleton.runWithConfig(config, () => interrupt('no mail'));
    return new Command({ update: { ...visited }, goto: END });
  }
}

async function firstState(context: EngineContext, plan: Plan, record: ExecutionRecord): Promise<ExecutionState> {
  if (record.origin && record.origin.kind !== 'replay') return readFirstState(context.store.checkpoints, record.id);
  const { id, workflowId, version, name } = record;
  return initialState({ plan, execution: { id, workflowId, version, name }, inputs: record.inputs });
}
