// Nodes that occupy nobody: approvals wait for a person, waits for a time or an event (rule 7).
import type { PlanTask } from '../workflow/plan.ts';
import { durationMs, isoAfter, isoAt } from '../workflow/iso-duration.ts';
import type { Draft } from './draft.ts';
import type { Run } from './execution-state.ts';
import { attemptKey, splitAttemptKey, timerId } from './keys.ts';
import { failRun, reader, succeedRun, taskOf } from './run-node.ts';
import { evaluate } from './visible-names.ts';

export function openApproval(draft: Draft, run: Run, task: PlanTask, config: Record<string, unknown>): void {
  const expires = typeof config['expires'] === 'string' ? momentOf(draft, config['expires']) : undefined;
  if (typeof config['expires'] === 'string' && expires === undefined)
    return failUnreadable(draft, run, 'expires', config['expires']);
  const { title, body, form, roles, onExpire } = config as {
    title: string;
    body?: string;
    form?: unknown;
    roles?: string[];
    onExpire?: 'reject';
  };
  const id = timerId('expiry', run);
  const step = draft.report({
    ...run.step,
    status: 'waiting',
    reason: 'approval',
    input: config,
    startedAt: draft.now,
  });
  draft.setRun({
    ...run,
    phase: 'waiting',
    step,
    onExpire: onExpire ?? 'reject',
    ...(expires === undefined ? {} : { timerId: id }),
  });
  draft.emit({
    type: 'open_approval',
    key: attemptKey(run),
    stepId: step.id,
    title,
    ...(body === undefined ? {} : { body }),
    ...(form === undefined ? {} : { form }),
    ...(roles === undefined ? {} : { roles }),
    ...(expires === undefined ? {} : { expiresAt: expires }),
    onExpire: onExpire ?? 'reject',
  });
  if (expires !== undefined) draft.emit({ type: 'set_timer', timerId: id, at: expires });
}

export interface ApprovalAnswer {
  at: string;
  decision: 'approve' | 'reject';
  by: string | null;
  form?: unknown;
  note?: string | undefined;
  expired?: boolean | undefined;
}

/** An answer; one for an approval that is not open any more changes nothing. */
export function answerApproval(draft: Draft, key: string, answer: ApprovalAnswer): void {
  const run = openRun(draft, key, 'approval');
  if (!run) return;
  if (run.timerId && !answer.expired) draft.emit({ type: 'clear_timer', timerId: run.timerId });
  const { decision, by, at, form, note, expired } = answer;
  const output = {
    decision,
    by,
    at,
    ...(form === undefined ? {} : { form }),
    ...(note === undefined ? {} : { note }),
    ...(expired ? { expired: true } : {}),
  };
  const branches = run.path.length === 0 && draft.planNode(run.nodeId).branches;
  if (decision === 'approve' || branches) return succeedRun(draft, run, output, at);
  const who = by === null ? 'Nobody answered in time' : `${by} rejected it`;
  failRun(draft, run, { code: 'APPROVAL_REJECTED', message: note ? `${who}: ${note}` : `${who}.` }, { at, output });
}

export function approvalExpired(draft: Draft, run: Run, at: string): void {
  draft.emit({ type: 'withdraw_item', key: attemptKey(run), reason: 'expired' });
  if (run.onExpire === 'fail') {
    return failRun(draft, run, { code: 'APPROVAL_EXPIRED', message: 'Nobody answered the approval in time.' }, { at });
  }
  answerApproval(draft, attemptKey(run), { at, decision: run.onExpire ?? 'reject', by: null, expired: true });
}

export function startWait(draft: Draft, run: Run, task: PlanTask, config: Record<string, unknown>): void {
  const step = { ...run.step, status: 'waiting' as const, startedAt: draft.now, input: config };
  const waiting: Run = { ...run, phase: 'waiting', step };
  if (typeof config['event'] === 'string') return waitForEvent(draft, waiting, config['event']);
  let due: string | undefined;
  if (task.template.until) {
    const until = evaluate(draft, task.template.until, reader(draft, run));
    if (until.outcome === 'failed') return failRun(draft, run, until.error, { retry: false });
    due = typeof until.value === 'string' ? momentOf(draft, until.value) : undefined;
    if (due === undefined) return failUnreadable(draft, run, 'until', until.value);
  } else {
    due = momentOf(draft, String(config['duration']));
    if (due === undefined) return failUnreadable(draft, run, 'duration', config['duration']);
  }
  if (due <= draft.now) return succeedRun(draft, waiting, { at: draft.now }, draft.now);
  const id = timerId('wait', run);
  draft.report(step);
  draft.setRun({ ...waiting, timerId: id });
  draft.emit({ type: 'set_timer', timerId: id, at: due });
}

/** A duration from now, or a moment; as ISO text in UTC. */
function momentOf(draft: Draft, text: string): string | undefined {
  const duration = durationMs(text);
  if (duration !== undefined) return isoAfter(draft.now, duration);
  const moment = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? undefined : isoAt(moment);
}

function failUnreadable(draft: Draft, run: Run, field: string, value: unknown): void {
  const got = JSON.stringify(value)?.slice(0, 80);
  const message = `\`${field}\` gave ${got}, which is neither an ISO 8601 duration (PT10M) nor a time (2026-01-31T12:00:00Z).`;
  failRun(draft, run, { code: 'EXPRESSION_FAILED', message }, { retry: false });
}

/** Each wait reads the signals of its name in order, so one that came early is not lost and none is read twice. */
function waitForEvent(draft: Draft, run: Run, event: string): void {
  const waiting = { ...run, event };
  if (takeSignal(draft, waiting)) return;
  draft.report(run.step);
  draft.setRun(waiting);
  draft.set({ waiters: { ...draft.state.waiters, [event]: [...(draft.state.waiters[event] ?? []), run.key] } });
}

function takeSignal(draft: Draft, run: Run): boolean {
  const event = run.event ?? '';
  const cursorKey = `${[run.nodeId, ...run.path].join(':')}|${event}`;
  const cursor = draft.state.signalCursors[cursorKey] ?? 0;
  const signal = draft.state.signals[event]?.[cursor];
  if (!signal) return false;
  draft.set({ signalCursors: { ...draft.state.signalCursors, [cursorKey]: cursor + 1 } });
  const output = { at: signal.at, ...(signal.data === undefined ? {} : { data: signal.data }) };
  succeedRun(draft, run, output, signal.at > draft.now ? signal.at : draft.now);
  return true;
}

/** Records a signal, once for each id, and wakes the waits for its name. */
export function receiveSignal(draft: Draft, signal: { id: string; name: string; data?: unknown; at: string }): void {
  const { id, name, data, at } = signal;
  const known = Object.hasOwn(draft.state.signals, name) ? (draft.state.signals[name] ?? []) : [];
  if (known.some((other) => other.id === id)) return;
  const entry = { id, at, ...(data === undefined ? {} : { data }) };
  draft.set({ signals: { ...draft.state.signals, [name]: [...known, entry] } });
  const keys = draft.state.waiters[name] ?? [];
  draft.set({ waiters: { ...draft.state.waiters, [name]: [] } });
  for (const key of keys) {
    const run = draft.run(key);
    if (run?.phase === 'waiting' && run.event === name) takeSignal(draft, run);
  }
}

/** The run of an attempt that is still open and of this type. */
export function openRun(draft: Draft, key: string, type: 'approval' | 'wait'): Run | undefined {
  const run = draft.run(splitAttemptKey(key)?.run ?? '');
  if (!run || attemptKey(run) !== key || run.phase !== 'waiting') return undefined;
  return taskOf(draft, run).type === type ? run : undefined;
}
