// Cancel, pause, resume, and the timers that settle itself has set (rule 19).
import type { Draft } from './draft.ts';
import { pump } from './map-items.ts';
import { shelfEntries } from './shelf.ts';
import { endAgain, ready, settleAgain, startReady } from './graph-walk.ts';
import { attemptKey, splitAttemptKey, timerAttempt } from './keys.ts';
import { approvalExpired } from './people-and-time.ts';
import { cancelRun, resumeRetry, runAgain, succeedRun, taskOf } from './run-node.ts';
import type { ExecutionState } from './execution-state.ts';
import type { PauseHold } from './settle-events.ts';

/** Nothing new starts; what runs is told to stop, what waits ends at once. */
export function cancelExecution(
  draft: Draft,
  state: ExecutionState,
  cancel: NonNullable<ExecutionState['cancelRequested']>,
): void {
  if (draft.stopped) return;
  draft.set({ cancelRequested: cancel, paused: false, holds: [], held: [], deferred: [] });
  // Maps stop their own items, so only the runs of nodes are told.
  const runs = new Set(shelfEntries(state.runs).map(([key]) => key));
  for (const key of draft.changedRuns()) runs.add(key);
  for (const key of runs) if (draft.run(key)?.path.length === 0) cancelRun(draft, key, 'cancelled');
}

export function pauseExecution(draft: Draft, hold: PauseHold = 'person'): void {
  if (draft.stopped) return;
  draft.set({ paused: true, holds: [...without(draft.state, hold), hold] });
}

/** Whether taking back this hold lets it go on. */
export function endsPause(state: Pick<ExecutionState, 'paused' | 'holds'>, hold: PauseHold = 'person'): boolean {
  return state.paused && without(state, hold).length === 0;
}

/** Starts what a pause held back; the caller replays the recorded events. */
export function resumeExecution(draft: Draft, hold: PauseHold = 'person'): void {
  if (!draft.state.paused) return;
  if (!endsPause(draft.state, hold)) return draft.set({ holds: without(draft.state, hold) });
  draft.set({ paused: false, holds: [], deferred: [] });
  releaseHeld(draft);
}

function without(state: Pick<ExecutionState, 'paused' | 'holds'>, hold: PauseHold): PauseHold[] {
  const holds = state.holds ?? (state.paused ? ['person' as const] : []);
  return holds.filter((one) => one !== hold);
}

/** Makes the moves that were held back, in order. */
export function releaseHeld(draft: Draft): void {
  const { held } = draft.state;
  draft.set({ held: [] });
  for (const entry of held) draft.later(() => release(draft, entry));
}

function release(draft: Draft, entry: string): void {
  const colon = entry.indexOf(':');
  const name = entry.slice(colon + 1);
  switch (entry.slice(0, colon)) {
    case 'node':
      return draft.node(name).phase === 'idle' ? ready(draft, name) : startReady(draft, name);
    case 'map':
      return pump(draft, name);
    case 'retry':
      return resumeRetry(draft, name);
    case 'end':
      return endAgain(draft, name);
    case 'edge':
      return settleAgain(draft, Number(name));
    case 'again':
      return runAgain(draft, name);
  }
}

export function fireTimer(draft: Draft, timerId: string, at: string): void {
  const key = timerAttempt(timerId);
  const run = draft.run(splitAttemptKey(key)?.run ?? '');
  if (!run || run.timerId !== timerId || attemptKey(run) !== key || run.phase === 'ended') return;
  if (run.phase === 'backoff') return resumeRetry(draft, run.key);
  const { timerId: _, ...rest } = run;
  if (run.map) {
    if (run.stopping) return;
    draft.setRun(rest);
    return cancelRun(draft, run.key, 'timeout');
  }
  if (run.phase !== 'waiting') return;
  if (taskOf(draft, run).type === 'approval') approvalExpired(draft, rest, at);
  else succeedRun(draft, rest, { at }, at);
}
