// The heart of an execution: (plan, state, events) → (state, effects). Pure: no clock, no randomness, no I/O.
import type { Step } from '../../contract/executions.ts';
import type { Plan } from '../workflow/plan.ts';
import { applyAttemptEvent, resolveFailure } from './attempt-events.ts';
import {
  cancelExecution,
  endsPause,
  fireTimer,
  pauseExecution,
  releaseHeld,
  resumeExecution,
} from './control-events.ts';
import { type ChangedEntries, Draft } from './draft.ts';
import type { Effect } from './effects.ts';
import type { ExecutionInfo, ExecutionState } from './execution-state.ts';
import { joinsFired, ready } from './graph-walk.ts';
import { DEADLINE } from './keys.ts';
import { mergeFinished } from './map-items.ts';
import { answerApproval, receiveSignal } from './people-and-time.ts';
import type { SettleEvent } from './settle-events.ts';
import { evaluate } from './visible-names.ts';

export interface Settlement {
  state: ExecutionState;
  /** In the order in which they are to be carried out. */
  effects: Effect[];
  /** Steps that are new or changed, in their newest form. */
  steps: Step[];
  changed: ChangedEntries;
}

/** A queued execution of which nothing has started: settle an `execution_started` to set it going. */
export function initialState(options: {
  plan: Plan;
  execution: ExecutionInfo;
  inputs: Record<string, unknown>;
}): ExecutionState {
  return {
    version: 1,
    execution: options.execution,
    inputs: options.inputs,
    status: 'queued',
    nodes: {},
    runs: {},
    lists: {},
    loops: {},
    signals: {},
    signalCursors: {},
    waiters: {},
    failures: [],
    paused: false,
    held: [],
    deferred: [],
    counts: { live: 0, active: 0, waiting: 0 },
    ...firstFiles(options.plan),
  };
}

/** Of an execution with a worktree of its own in which no step has ended. */
export function firstFiles({ document }: Plan): Pick<ExecutionState, 'files'> {
  return document.workspace?.isolation === 'worktree' ? { files: { outcome: 'first' } } : {};
}

/** Applies events in order and moves on until nothing more can move. An event that fits nothing changes nothing. */
export function settle(options: {
  plan: Plan;
  state: ExecutionState;
  events: readonly SettleEvent[];
  now: string;
  ids: { next(): string };
}): Settlement {
  const { plan, state, events, now, ids } = options;
  const draft = new Draft({ plan, state, now, nextId: () => ids.next() });
  const queue = [...events];
  for (let event = queue.shift(); event !== undefined && !draft.finished; event = queue.shift()) {
    if (event.type === 'resume_requested' && endsPause(draft.state, event.hold))
      queue.unshift(...answersFirst(draft.state.deferred));
    apply(draft, state, event);
    draft.drain();
  }
  conclude(draft);
  return draft.result();
}

/** An answer that was taken was in time: it counts even when the expiry was noted a moment, or a set clock, before it. */
export function answersFirst(events: readonly SettleEvent[]): SettleEvent[] {
  const rank = (event: SettleEvent) => (event.type === 'timer_fired' ? 1 : 0);
  return events.toSorted((a, b) => rank(a) - rank(b));
}

/** Answers, expiries and signals during a pause are recorded and act on resume (rule 19). */
const DEFERRED: ReadonlySet<SettleEvent['type']> = new Set([
  'approval_answered',
  'failure_resolved',
  'timer_fired',
  'signal_received',
]);

function apply(draft: Draft, before: ExecutionState, event: SettleEvent): void {
  const isDeadline = event.type === 'timer_fired' && event.timerId === DEADLINE;
  if (draft.state.paused && DEFERRED.has(event.type) && !isDeadline) {
    draft.set({ deferred: [...draft.state.deferred, event] });
    return;
  }
  switch (event.type) {
    case 'execution_started':
      return start(draft, event);
    case 'execution_continued':
      return goOn(draft, event.at);
    case 'timer_fired':
      if (isDeadline) return cancelExecution(draft, before, { at: event.at, by: null, timedOut: true });
      return fireTimer(draft, event.timerId, event.at);
    case 'approval_answered':
      return answerApproval(draft, event.key, event);
    case 'failure_resolved':
      return resolveFailure(draft, event);
    case 'signal_received':
      return receiveSignal(draft, event);
    case 'cancel_requested':
      return cancelExecution(draft, before, { at: event.at, by: event.by ?? null });
    case 'pause_requested':
      return pauseExecution(draft, event.hold);
    case 'resume_requested':
      return resumeExecution(draft, event.hold);
    case 'merge_finished':
      return mergeFinished(draft, event);
    default:
      return applyAttemptEvent(draft, event);
  }
}

function start(draft: Draft, { at, deadline }: { at?: string; deadline?: string }): void {
  if (draft.state.status !== 'queued' || draft.state.execution.startedAt !== undefined || draft.stopped) return;
  draft.set({ status: 'running', execution: { ...draft.state.execution, startedAt: at ?? draft.now } });
  if (deadline !== undefined) {
    draft.set({ deadline });
    draft.emit({ type: 'set_timer', timerId: DEADLINE, at: deadline });
  }
  for (const nodeId of draft.plan.starts) ready(draft, nodeId);
}

/** The beginning of an execution whose first state was taken from another one. */
function goOn(draft: Draft, at: string): void {
  if (draft.state.status !== 'queued' || draft.state.execution.startedAt !== undefined || draft.stopped) return;
  draft.set({ status: 'running', execution: { ...draft.state.execution, startedAt: at } });
  releaseHeld(draft);
}

const TIMED_OUT = 'The step that started it has a timeout, and it took longer.';

/** Computes the execution's status, and its end when nothing is left to do. */
function conclude(draft: Draft): void {
  if (draft.finished) return;
  const { counts, paused, held, deferred, execution } = draft.state;
  if (draft.stopped) {
    const error = draft.state.cancelRequested?.timedOut ? { error: { code: 'TIMEOUT', message: TIMED_OUT } } : {};
    if (counts.live === 0) finish(draft, { status: 'cancelled', ...error });
    return;
  }
  if (execution.startedAt === undefined) {
    if (paused && draft.state.status !== 'paused') draft.set({ status: 'paused' });
    if (!paused && draft.state.status === 'paused') draft.set({ status: 'queued' });
    return;
  }
  if (counts.live === 0 && held.length === 0 && !(paused && deferred.length > 0)) return finishByResult(draft);
  const status = paused ? 'paused' : counts.active === 0 && counts.waiting > 0 ? 'waiting' : 'running';
  if (status !== draft.state.status) draft.set({ status });
}

function finishByResult(draft: Draft): void {
  const failure = draft.state.failures.find(({ final, nodeId }) => final === true || !joinsFired(draft, nodeId));
  if (failure) return finish(draft, { status: 'failed', error: failure.error });
  const outputs: Record<string, unknown> = {};
  for (const { name, expression } of draft.plan.outputs) {
    const result = evaluate(draft, expression, {});
    if (result.outcome === 'failed') {
      const path = `/outputs/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const message = `The output ${name} failed: ${result.error.message}`;
      return finish(draft, { status: 'failed', error: { code: 'OUTPUT_FAILED', message, path } });
    }
    outputs[name] = result.value;
  }
  finish(draft, { status: 'succeeded', outputs });
}

function finish(draft: Draft, end: Omit<Extract<Effect, { type: 'finish' }>, 'type'>): void {
  const { status, ...rest } = end;
  if (draft.state.deadline !== undefined) draft.emit({ type: 'clear_timer', timerId: DEADLINE });
  draft.set({ status, ...rest });
  draft.emit({ type: 'finish', ...end });
}

/** Only people or timers are outstanding; also of one that is paused while nothing of it runs. */
export function waitsForOthers({ status, counts }: Pick<ExecutionState, 'status' | 'counts'>): boolean {
  return status === 'waiting' || (status === 'paused' && counts.active === 0);
}
