/**
 * The LangGraph host of one execution: START → advance → advance … → END. One visit takes the mail that has come, lets
 * `settle` decide, and returns the new state; its checkpoint and everything decided are one commit. A visit without
 * mail interrupts: the graph rests until the next invocation, which always rolls forward with `invoke(null)`.
 */
import { Annotation, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import type { ExecutionState } from '../../domain/settle/execution-state.ts';
import type { Effect } from '../../domain/settle/effects.ts';
import type { SettleEvent } from '../../domain/settle/settle-events.ts';
import { initialState, settle } from '../../domain/settle/settle.ts';
import { compilePlan } from '../../domain/workflow/compile-plan.ts';
import type { Plan } from '../../domain/workflow/plan.ts';
import type { ExecutionRecord, Lease } from '../../ports/store/executions.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Mailroom } from '../mailroom.ts';
import { StoreCheckpointSaver } from './checkpoint-saver.ts';
import { commitSuperstep, type Decided } from './commit-superstep.ts';
import { readFirstState } from './stored-state.ts';

/** How long a visit waits for mail before it lets the execution rest. */
const MAIL_WAIT_MS = 1_000;
const MAIL_BATCH = 500;
/** LangGraph counts visits; an execution may have any number. */
const NO_LIMIT = 2 ** 31 - 1;

const GraphState = Annotation.Root({ state: Annotation<ExecutionState>(), finished: Annotation<boolean>() });

export interface GraphRun {
  context: EngineContext & { mailroom: Mailroom };
  record: ExecutionRecord;
  lease: Lease;
  signal: AbortSignal;
}

/** Runs until the execution ends or rests; throws LEASE_LOST when another worker took over. */
export async function runGraph({ context, record, lease, signal }: GraphRun): Promise<'finished' | 'resting'> {
  const plan: Plan = compilePlan(record.document as unknown as WorkflowDocument);
  let current = record;
  let decided: Decided | null = null;

  const saver = new StoreCheckpointSaver({
    checkpoints: context.store.checkpoints,
    summary: () => ({
      status: decided?.state.status ?? 'queued',
      changed: decided?.steps.map((step) => step.nodeId) ?? [],
    }),
    commit: async (checkpoint) => {
      current = await commitSuperstep(context, { record: current, lease, checkpoint, decided });
      decided = null;
    },
  });

  async function advance({ state }: typeof GraphState.State): Promise<Partial<typeof GraphState.State>> {
    const mail = await nextMail();
    if (mail.length === 0) interrupt('no mail');
    const events = answersFirst(mail.map((letter) => letter.event as SettleEvent));
    const {
      state: next,
      effects,
      steps,
    } = settle({ plan, state, events, now: context.clock.now().toISOString(), ids: context.ids });
    decided = { state: next, effects, steps, takenMail: mail.map((letter) => letter.id) };
    return { state: next, finished: isFinished(effects) };
  }

  async function nextMail() {
    const mail = await context.store.executions.mail(record.id, MAIL_BATCH);
    if (mail.length > 0 || signal.aborted) return mail;
    await context.mailroom.wait(record.id, MAIL_WAIT_MS, signal);
    return context.store.executions.mail(record.id, MAIL_BATCH);
  }

  const graph = new StateGraph(GraphState)
    .addNode('advance', advance)
    .addEdge(START, 'advance')
    .addConditionalEdges('advance', ({ finished }) => (finished ? END : 'advance'), ['advance', END])
    .compile({ checkpointer: saver, name: record.name });

  // Until its first superstep is committed, beginning again is the same as going on.
  const begun = record.startedAt !== null;
  const input = begun ? null : { state: await firstState(context, plan, record), finished: false };
  const result = await graph.invoke(input, {
    configurable: { thread_id: record.id },
    durability: 'sync',
    recursionLimit: NO_LIMIT,
    signal,
  });
  return result.finished ? 'finished' : 'resting';
}

async function firstState(context: EngineContext, plan: Plan, record: ExecutionRecord): Promise<ExecutionState> {
  if (record.origin) return readFirstState(context.store.checkpoints, record.id);
  const { id, workflowId, version, name } = record;
  return initialState({ plan, execution: { id, workflowId, version, name }, inputs: record.inputs });
}

function isFinished(effects: readonly Effect[]): boolean {
  return effects.some((effect) => effect.type === 'finish');
}

/** An answer given in time counts even when the expiry's mail was posted a moment before it. */
function answersFirst(events: SettleEvent[]): SettleEvent[] {
  const rank = (event: SettleEvent) => (event.type === 'timer_fired' ? 1 : 0);
  return events.toSorted((a, b) => rank(a) - rank(b));
}
