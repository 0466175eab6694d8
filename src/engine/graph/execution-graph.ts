/**
 * The LangGraph host of one execution: START → advance → advance … → END. One visit takes the mail that has come, lets
 * `settle` decide, and returns the new state; its checkpoint and everything decided are one commit. A visit without
 * mail interrupts: the graph rests until the next invocation, which always rolls forward with `invoke(null)`.
 */
import { Annotation, Command, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import type { ExecutionState } from '../../domain/settle/execution-state.ts';
import type { Effect } from '../../domain/settle/effects.ts';
import type { SettleEvent } from '../../domain/settle/settle-events.ts';
import { answersFirst, initialState, settle, waitsForOthers } from '../../domain/settle/settle.ts';
import { compilePlan } from '../../domain/workflow/compile-plan.ts';
import type { Plan } from '../../domain/workflow/plan.ts';
import type { ExecutionRecord, Letter } from '../../ports/store/executions.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Held } from '../held-execution.ts';
import type { HandedOutcome, Mailroom } from '../mailroom.ts';
import { StoreCheckpointSaver } from './checkpoint-saver.ts';
import { commitSuperstep, type Decided } from './commit-superstep.ts';
import { readFirstState, stateIn } from './stored-state.ts';

/** How long a visit waits for mail before it lets the execution rest. */
const MAIL_WAIT_MS = 1_000;
const MAIL_BATCH = 500;
/** LangGraph counts visits; an execution may have any number. */
const NO_LIMIT = 2 ** 31 - 1;

const GraphState = Annotation.Root({ state: Annotation<ExecutionState>(), finished: Annotation<boolean>() });

export interface GraphRun {
  context: EngineContext & { mailroom: Mailroom };
  held: Held;
  signal: AbortSignal;
}

/** Runs until the execution ends or rests; throws LEASE_LOST when another worker took over. */
export async function runGraph({ context, held, signal }: GraphRun): Promise<'finished' | 'resting'> {
  const { store, mailroom } = context;
  const { record, events: known } = held;
  const plan: Plan = compilePlan(record.document as unknown as WorkflowDocument);
  let current = record;
  let decided: Omit<Decided, 'takenMail'> | null = null;
  /** Outcomes that the visit under way has taken; nobody else knows them before its commit. */
  let handed: HandedOutcome[] = [];
  /** The letters that it has taken; null: those that it began with, whose numbers are known once they are stored. */
  let taken: number[] | null = null;
  let lookedAt = 0;
  let isFirstVisit = true;
  /** Until it is stored, its first commit does that. */
  let begin = held.begin;
  // Until its first superstep is committed, beginning again is the same as going on.
  const begun = record.startedAt !== null;

  const saver = new StoreCheckpointSaver({
    checkpoints: context.store.checkpoints,
    isNew: !begun,
    summary: (values) => {
      const files = stateIn(values)?.files;
      return {
        status: decided?.state.status ?? 'queued',
        changed: decided?.steps.map((step) => step.nodeId) ?? [],
        ...(files ? { files: files.outcome === 'lost' ? 'lost' : 'kept' } : {}),
      };
    },
    commit: async (checkpoints) => {
      if (decided === null) return false;
      const committed = await commitSuperstep(context, {
        record: current,
        held: { ...held, begin },
        checkpoints,
        decided: { ...decided, takenMail: taken },
      });
      begin = null;
      current = committed.record;
      context.traces?.changed(current, decided.steps);
      decided = null;
      settleHanded(true);
      for (const id of committed.told) await wake(id);
      return true;
    },
  });

  async function advance({ state }: typeof GraphState.State): Promise<Command> {
    const mail = isFirstVisit && known.length > 0 ? firstMail() : await nextMail();
    if (mail.length === 0 && handed.length === 0) interrupt('no mail');
    const events = answersFirst([...mail, ...handed.map(({ event }) => event)] as SettleEvent[]);
    const {
      state: next,
      effects,
      steps,
    } = settle({ plan, state, events, now: context.clock.now().toISOString(), ids: context.ids });
    decided = {
      state: next,
      effects,
      steps,
      endedEffects: handed.map(({ effectKey, event }) => ({ key: effectKey, event })),
      waitedBefore: waitsForOthers(state),
    };
    const finished = isFinished(effects);
    // Says itself where it goes on: an edge with a condition costs LangGraph a third of a visit.
    return new Command({ update: { state: next, finished }, goto: finished ? END : 'advance' });
  }

  /** Their mail is committed, so a wake-up that fails is only late. */
  async function wake(id: string): Promise<void> {
    await context.mailroom
      .wake(id)
      .catch((error: unknown) => context.log.warn({ error, executionId: id }, 'an execution could not be woken'));
  }

  function firstMail(): readonly unknown[] {
    lookedAt = context.clock.now().getTime();
    isFirstVisit = false;
    taken = null;
    return known;
  }

  async function nextMail(): Promise<unknown[]> {
    let letters = await look();
    if (letters.length === 0 && handed.length === 0 && !signal.aborted) {
      await mailroom.wait(record.id, MAIL_WAIT_MS, signal);
      letters = await look();
    }
    taken = letters.map(({ id }) => id);
    return letters.map(({ event }) => event);
  }

  /** What was handed over comes without a look at the store, unless mail may lie there that nobody told us of. */
  async function look(): Promise<Letter[]> {
    handed.push(...mailroom.takeHanded(record.id));
    const now = context.clock.now().getTime();
    const isDue = now - lookedAt >= MAIL_WAIT_MS || handed.length === 0;
    if (!mailroom.mayHaveMail(record.id) && !isDue) return [];
    lookedAt = now;
    return store.executions.mail(record.id, MAIL_BATCH);
  }

  function settleHanded(committed: boolean): void {
    for (const outcome of handed) outcome.settle(committed);
    handed = [];
  }

  const graph = new StateGraph(GraphState)
    .addNode('advance', advance, { ends: ['advance', END] })
    .addEdge(START, 'advance')
    .compile({ checkpointer: saver, name: record.name });

  const input = begun ? null : { state: await firstState(context, plan, record), finished: false };
  try {
    const result = await graph.invoke(input, {
      configurable: { thread_id: record.id },
      durability: 'sync',
      recursionLimit: NO_LIMIT,
      signal,
    });
    return result.finished ? 'finished' : 'resting';
  } finally {
    settleHanded(false);
  }
}

async function firstState(context: EngineContext, plan: Plan, record: ExecutionRecord): Promise<ExecutionState> {
  if (record.origin && record.origin.kind !== 'replay') return readFirstState(context.store.checkpoints, record.id);
  const { id, workflowId, version, name } = record;
  return initialState({ plan, execution: { id, workflowId, version, name }, inputs: record.inputs });
}

function isFinished(effects: readonly Effect[]): boolean {
  return effects.some((effect) => effect.type === 'finish');
}
