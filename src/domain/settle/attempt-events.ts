// What the effect runner reports about attempts: started, waiting, ended, unknown. Late and repeated reports change nothing.
import type { Step } from '../../contract/executions.ts';
import type { Draft } from './draft.ts';
import type { Run } from './execution-state.ts';
import { attemptKey, splitAttemptKey } from './keys.ts';
import { failRun, nextAttempt, retryCovers, stoppedRun, succeedRun, taskOf } from './run-node.ts';
import type { SettleEvent } from './settle-events.ts';

type AttemptEvent = Extract<SettleEvent, { type: `attempt_${string}` }>;
type AttemptStarted = Extract<AttemptEvent, { type: 'attempt_started' }>;

export function applyAttemptEvent(draft: Draft, event: AttemptEvent): void {
  const run = effectRun(draft, event.key);
  if (!run) return;
  if ('files' in event) draft.leftFiles(event.files);
  switch (event.type) {
    case 'attempt_started':
      return started(draft, run, event);
    case 'attempt_waiting':
      return waiting(draft, run, event);
    case 'attempt_unknown':
      return unknown(draft, run, event.reason, event.at);
    default:
      return ended(draft, run, event);
  }
}

/** The run of an attempt with an effect that has not ended. */
function effectRun(draft: Draft, key: string): Run | undefined {
  const run = draft.run(splitAttemptKey(key)?.run ?? '');
  if (!run || attemptKey(run) !== key || run.map || run.phase === 'ended' || run.phase === 'backoff') return undefined;
  const { type } = taskOf(draft, run);
  return type === 'approval' || type === 'wait' ? undefined : run;
}

function started(draft: Draft, run: Run, { at, taskId, childExecutionId }: AttemptStarted): void {
  const by = {
    ...(taskId === undefined ? {} : { taskId }),
    ...(childExecutionId === undefined ? {} : { childExecutionId }),
  };
  if (run.phase === 'stopping' && !run.step.startedAt) {
    draft.setRun({ ...run, step: draft.report({ ...run.step, status: 'running', startedAt: at, ...by }) });
  }
  if (run.phase !== 'pending') return;
  draft.setRun({
    ...run,
    phase: 'running',
    step: draft.report({ ...run.step, status: 'running', startedAt: at, ...by }),
  });
}

function waiting(draft: Draft, run: Run, event: { at: string; waiting: boolean; reason?: string }): void {
  const phase = event.waiting ? 'waiting' : 'running';
  if (run.phase !== 'running' && run.phase !== 'waiting' && run.phase !== 'pending') return;
  if (run.phase === phase && run.step.reason === event.reason) return;
  const step: Step = { ...run.step, status: phase, startedAt: run.step.startedAt ?? event.at };
  if (event.waiting && event.reason !== undefined) step.reason = event.reason;
  else delete step.reason;
  draft.setRun({ ...run, phase, step: draft.report(step) });
}

function ended(
  draft: Draft,
  run: Run,
  event: Extract<AttemptEvent, { type: 'attempt_succeeded' | 'attempt_failed' | 'attempt_cancelled' }>,
): void {
  if (run.phase === 'unknown') draft.emit({ type: 'withdraw_item', key: event.key, reason: 'settled' });
  if (run.phase === 'stopping') return gone(draft, run, event);
  const failure = { at: event.at, output: event.output };
  if (event.type === 'attempt_succeeded') succeedRun(draft, run, event.output, event.at);
  else if (event.type === 'attempt_failed') {
    // Repeated on each of the levels it comes up through, this would be started without end.
    const again = event.error.code === 'WORKFLOW_TOO_DEEP' ? { retry: false } : {};
    failRun(draft, run, event.error, { ...failure, ...again });
  } else {
    const error = { code: 'CANCELLED', message: 'It was interrupted.' };
    failRun(draft, run, error, { ...failure, stepStatus: 'cancelled' });
  }
}

/** What was told to stop has ended, one way or the other; the step says how, the node is cancelled. */
function gone(
  draft: Draft,
  run: Run,
  event: Extract<AttemptEvent, { type: 'attempt_succeeded' | 'attempt_failed' | 'attempt_cancelled' }>,
): void {
  const output = event.output === undefined ? {} : { output: event.output };
  const finished = { ...run.step, ...output, finishedAt: event.at };
  if (event.type === 'attempt_succeeded') return stoppedRun(draft, run, { ...finished, status: 'succeeded' });
  if (event.type === 'attempt_failed' && event.error.code !== 'CANCELLED') {
    return stoppedRun(draft, run, { ...finished, status: 'failed', error: { ...event.error, nodeId: run.nodeId } });
  }
  stoppedRun(draft, run, { ...finished, status: 'cancelled', reason: run.stopping ?? 'cancelled' });
}

/** No trace of an end: a person decides, unless `retry.on` lists unknown. While stopping nobody needs to be asked. */
function unknown(draft: Draft, run: Run, reason: string, at: string): void {
  if (run.phase === 'unknown') return;
  const error = { code: 'OUTCOME_UNKNOWN', message: reason, nodeId: run.nodeId };
  const step: Step = { ...run.step, status: 'unknown', reason, error };
  if (run.phase === 'stopping') return stoppedRun(draft, run, { ...step, finishedAt: at });
  const { retry } = taskOf(draft, run);
  if (retry.on && retryCovers(retry.on, error.code) && run.attempt - run.baseAttempt <= retry.max) {
    return failRun(draft, run, error, { at, stepStatus: 'unknown' });
  }
  draft.setRun({ ...run, phase: 'unknown', step: draft.report(step) });
  draft.emit({ type: 'open_failure', key: attemptKey(run), stepId: step.id, error });
}

export function resolveFailure(draft: Draft, event: Extract<SettleEvent, { type: 'failure_resolved' }>): void {
  const run = effectRun(draft, event.key);
  if (run?.phase !== 'unknown' || draft.stopped) return;
  const { error, reason: _, ...step } = run.step;
  if (event.decision === 'mark_succeeded') return succeedRun(draft, { ...run, step }, event.form, event.at);
  if (event.decision === 'fail') {
    const failure = error ?? { code: 'OUTCOME_UNKNOWN', message: 'What became of this step is not known.' };
    return failRun(draft, { ...run, step }, failure, { at: event.at, retry: false });
  }
  draft.report({ ...run.step, finishedAt: event.at });
  nextAttempt(draft, run, true);
}
