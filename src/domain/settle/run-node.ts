// Starts what a node does and follows its attempts to their end, with retries (rules 5 and 6); maps are in map-items.ts.
import type { Step, StepError } from '../../contract/executions.ts';
import type { PlanTask } from '../workflow/plan.ts';
import type { Draft } from './draft.ts';
import type { EffectKind } from './effects.ts';
import type { NodeResult, Run } from './execution-state.ts';
import { endNode } from './graph-walk.ts';
import { attemptKey, runKey, timerId } from './keys.ts';
import { itemEnded, mapAgain, startMap, stopMap } from './map-items.ts';
import { openApproval, startWait } from './people-and-time.ts';
import { endPinned } from './pinned-visit.ts';
import { evaluate, evaluated, type VisibleError, visibleNames } from './visible-names.ts';
import { isoAfter } from '../workflow/iso-duration.ts';

/** Starts the visit of a node whose join has fired. */
export function startNode(draft: Draft, nodeId: string): void {
  const node = draft.node(nodeId);
  draft.setNode(nodeId, { ...node, phase: 'active' });
  startRun(draft, { nodeId, iteration: node.iteration, path: [] });
}

/** Starts a run: the node itself, or one item of its map. */
export function startRun(draft: Draft, place: Pick<Run, 'nodeId' | 'iteration' | 'path'> & { itemKey?: string }): void {
  const run = { ...place, key: runKey(place.nodeId, place.iteration, place.path), attempt: 1, baseAttempt: 0 };
  startAttempt(draft, { ...run, phase: 'pending', step: newStep(draft, run) });
}

/** The next attempt of a run; `fresh` gives it all its retries again (a retried map, a person's decision). */
export function nextAttempt(draft: Draft, run: Run, fresh = false): void {
  const next = { ...run, attempt: run.attempt + 1, ...(fresh ? { baseAttempt: run.attempt } : {}) };
  const { timerId: _, stopping: __, outcome: ___, ...rest } = next;
  startAttempt(draft, { ...rest, phase: 'pending', step: newStep(draft, rest) });
}

function newStep(draft: Draft, run: Pick<Run, 'nodeId' | 'iteration' | 'path' | 'itemKey' | 'attempt'>): Step {
  const index = run.path.at(-1);
  const item =
    index === undefined ? {} : { item: { index, ...(run.itemKey === undefined ? {} : { key: run.itemKey }) } };
  return {
    id: draft.newStepId(),
    nodeId: run.nodeId,
    iteration: run.iteration,
    ...item,
    attempt: run.attempt,
    status: 'pending',
  };
}

/** The task of a run: the node's, or that of the items of its (nested) map. */
export function taskOf(draft: Draft, run: Pick<Run, 'nodeId' | 'path'>): PlanTask {
  let task = draft.planNode(run.nodeId).task;
  for (const _ of run.path) if (task.items) task = task.items.task;
  return task;
}

function startAttempt(draft: Draft, run: Run): void {
  if (endPinned(draft, run)) return;
  const task = taskOf(draft, run);
  switch (task.type) {
    case 'condition':
      return finishPure(draft, run, conditionInput(draft, run.nodeId));
    case 'transform':
      return startTransform(draft, run, task);
    case 'map':
      return startMap(draft, run, task);
    default: {
      const names = visibleNames(draft, task.template.readNodes, reader(draft, run));
      const config = evaluated(() => task.template.fill(names), names);
      if (config.outcome === 'failed') return failRun(draft, run, config.error, { retry: false });
      const filled = config.value as Record<string, unknown>; // `fill` gives an object
      if (task.type === 'approval') return openApproval(draft, run, task, filled);
      if (task.type === 'wait') return startWait(draft, run, task, filled);
      return startEffect(draft, run, { task, kind: task.type, config: filled });
    }
  }
}

function startEffect(
  draft: Draft,
  run: Run,
  effect: { task: PlanTask; kind: EffectKind; config: Record<string, unknown> },
): void {
  const step = draft.report({ ...run.step, input: effect.config });
  draft.setRun({ ...run, phase: 'pending', step });
  const { id, nodeId, iteration, item, attempt } = step;
  draft.emit({
    type: 'start_attempt',
    key: attemptKey(run),
    step: { id, nodeId, iteration, ...(item ? { item } : {}), attempt },
    kind: effect.kind,
    config: effect.config,
    ...(effect.task.timeoutMs === undefined ? {} : { timeoutMs: effect.task.timeoutMs }),
  });
}

function startTransform(draft: Draft, run: Run, task: PlanTask): void {
  const { value } = task.template;
  if (typeof value?.evaluate === 'function') {
    const result = evaluate(draft, value as Parameters<typeof evaluate>[1], reader(draft, run));
    if (result.outcome === 'failed') failRun(draft, run, result.error, { retry: false });
    else finishPure(draft, run, result.value);
    return;
  }
  const output: Record<string, unknown> = {};
  for (const [name, expression] of Object.entries(
    (value ?? {}) as Exclude<typeof value, undefined | { source: string }>,
  )) {
    const result = evaluate(draft, expression, reader(draft, run));
    if (result.outcome === 'failed') {
      return failRun(draft, run, { ...result.error, message: `${name}: ${result.error.message}` }, { retry: false });
    }
    output[name] = result.value;
  }
  finishPure(draft, run, output);
}

function finishPure(draft: Draft, run: Run, output: unknown): void {
  succeedRun(draft, { ...run, step: { ...run.step, startedAt: draft.now } }, output, draft.now);
}

/** A condition hands on what came in: the output of its one live source, or a map of them; at the start the inputs. */
function conditionInput(draft: Draft, nodeId: string): unknown {
  const { via } = draft.node(nodeId);
  const sources = via === undefined ? liveSources(draft, nodeId) : [draft.plan.edges[via]?.from ?? ''];
  const outputs = sources.map((id) => [id, draft.node(id).result?.output ?? null] as const);
  if (draft.planNode(nodeId).incoming.length === 0 && via === undefined) return draft.inputs;
  return outputs.length === 1 ? outputs[0]?.[1] : Object.fromEntries(outputs);
}

function liveSources(draft: Draft, nodeId: string): string[] {
  const sources = liveEdges(draft, nodeId).map((edge) => draft.plan.edges[edge]?.from ?? '');
  return [...new Set(sources)];
}

function liveEdges(draft: Draft, nodeId: string): number[] {
  return draft.planNode(nodeId).incoming.filter((index) => {
    const from = draft.plan.edges[index]?.from ?? '';
    return draft.node(from).out?.[draft.planNode(from).outgoing.indexOf(index)] === 'live';
  });
}

/** What expressions of a run see beyond the common names. */
export function reader(draft: Draft, run: Run): { error?: VisibleError; run: Run } {
  const error = causeOf(draft, run.nodeId);
  return { run, ...(error ? { error } : {}) };
}

/** The error of the source of the error edge that started the node; of several, the first in the document. */
function causeOf(draft: Draft, nodeId: string): VisibleError | undefined {
  const { via } = draft.node(nodeId);
  for (const index of via === undefined ? liveEdges(draft, nodeId) : [via]) {
    const edge = draft.plan.edges[index];
    const result = edge && edge.on !== 'success' ? draft.node(edge.from).result : undefined;
    if (edge && result?.status === 'failed' && result.error) {
      return { nodeId: edge.from, code: result.error.code, message: result.error.message, ...outputOf(result) };
    }
  }
  return undefined;
}

function outputOf(result: { output?: unknown }): { output?: unknown } {
  return result.output === undefined ? {} : { output: result.output };
}

export function succeedRun(
  draft: Draft,
  run: Run,
  output: unknown,
  at: string,
  itemErrors?: NodeResult['itemErrors'],
): void {
  const step: Step = { ...run.step, status: 'succeeded', output: output ?? null, finishedAt: at };
  if (!step.pinned) delete step.reason;
  const result = { status: 'succeeded' as const, output: output ?? null, ...(itemErrors ? { itemErrors } : {}) };
  endRun(draft, run, step, result);
}

export interface FailureOptions {
  at?: string;
  output?: unknown;
  /** False when no attempt was made or another one could not end differently. */
  retry?: boolean;
  stepStatus?: 'failed' | 'cancelled' | 'unknown';
  itemErrors?: NodeResult['itemErrors'];
}

/** An attempt failed: the next one follows if the node's `retry` covers it, else the run has failed. */
export function failRun(draft: Draft, run: Run, error: StepError, options: FailureOptions = {}): void {
  const at = options.at ?? draft.now;
  const output = options.output === undefined ? {} : { output: options.output };
  const named = { ...error, nodeId: run.nodeId };
  const step: Step = { ...run.step, status: options.stepStatus ?? 'failed', error: named, ...output, finishedAt: at };
  const { retry } = taskOf(draft, run);
  const made = run.attempt - run.baseAttempt;
  if (
    options.retry === false ||
    draft.stopped ||
    run.stopping ||
    made > retry.max ||
    !retryCovers(retry.on, error.code)
  ) {
    const itemErrors = options.itemErrors ? { itemErrors: options.itemErrors } : {};
    return endRun(draft, run, step, { status: 'failed', error: named, ...output, ...itemErrors });
  }
  draft.report(step);
  const delay = retry.backoffMs * retry.factor ** (made - 1);
  const due = delay > 0 ? (isoAfter(at, delay) ?? at) : undefined;
  if (due !== undefined) {
    const id = timerId('retry', run);
    draft.emit({ type: 'set_timer', timerId: id, at: due });
    draft.setRun({ ...run, phase: 'backoff', step, timerId: id });
  } else {
    draft.setRun({ ...run, phase: 'backoff', step });
    draft.later(() => resumeRetry(draft, run.key));
  }
}

/** Starts the attempt that a back-off waited for; a pause holds it back. */
export function resumeRetry(draft: Draft, key: string): void {
  const run = draft.run(key);
  if (run?.phase !== 'backoff' || draft.stopped) return;
  if (draft.state.paused) draft.set({ held: [...draft.state.held, `retry:${key}`] });
  else nextAttempt(draft, run);
}

/**
 * Takes up a run that was open in the execution this one goes on from. What was under way there is not here: it is
 * started anew, as the same attempt. What a person was asked about is asked again.
 */
export function runAgain(draft: Draft, key: string): void {
  const run = draft.run(key);
  if (!run || run.phase === 'ended' || draft.stopped) return;
  const { timerId: _, ...open } = run;
  if (run.phase === 'map' && run.map) return mapAgain(draft, { ...open, map: run.map });
  if (run.phase === 'backoff') return nextAttempt(draft, run);
  if (run.phase === 'stopping') {
    const step = { ...newStep(draft, run), status: 'cancelled' as const, reason: run.stopping ?? 'cancelled' };
    return stoppedRun(draft, run, { ...step, finishedAt: draft.now });
  }
  if (run.phase === 'unknown') {
    const error = run.step.error ?? { code: 'OUTCOME_UNKNOWN', message: 'What became of this step is not known.' };
    draft.report(run.step);
    return draft.emit({ type: 'open_failure', key: attemptKey(run), stepId: run.step.id, error });
  }
  startAttempt(draft, { ...open, phase: 'pending', step: newStep(draft, run) });
}

/** `on` names codes; without it every failure is retried but those that a person or nobody can judge. */
export function retryCovers(on: readonly string[] | undefined, code: string): boolean {
  if (!on) return code !== 'OUTCOME_UNKNOWN' && code !== 'CANCELLED';
  const names = code === 'OUTCOME_UNKNOWN' ? ['OUTCOME_UNKNOWN', 'UNKNOWN'] : [code];
  return on.some((wanted) => names.includes(wanted.toUpperCase()));
}

/** The final end of a run: of a node, or of an item, whose map goes on. */
function endRun(draft: Draft, run: Run, step: Step, result: Omit<NodeResult, 'iteration'>): void {
  if (run.path.length > 0) {
    const outcome = result.status === 'skipped' ? 'cancelled' : result.status;
    draft.report(step);
    draft.setRun({ ...run, phase: 'ended', step, outcome });
    draft.later(() => itemEnded(draft, run));
    return;
  }
  draft.dropRun(run.key);
  const lost =
    run.stopping === 'lost_quorum' ? { ...result, status: 'cancelled' as const, reason: 'lost_quorum' } : result;
  const ended = endNode(draft, run.nodeId, lost);
  const exhausted = step.status === 'succeeded' && ended.status === 'failed';
  draft.report(exhausted && ended.error ? { ...step, status: 'failed', error: ended.error } : step);
}

/** A run that was told to stop is gone. */
export function stoppedRun(draft: Draft, run: Run, step: Step): void {
  const error =
    run.stopping === 'timeout'
      ? { code: 'TIMEOUT', message: 'The map took longer than its timeout.', nodeId: run.nodeId }
      : undefined;
  endRun(draft, run, step, {
    status: 'cancelled',
    ...(run.stopping === 'lost_quorum' ? { reason: 'lost_quorum' } : {}),
    ...(error ? { error } : {}),
  });
}

/** Stops a run: what waits ends at once, what runs is told to stop and ends when it is gone. */
export function cancelRun(draft: Draft, key: string, reason: 'cancelled' | 'lost_quorum' | 'timeout'): void {
  const run = draft.run(key);
  if (!run || run.phase === 'ended') return;
  if (run.phase === 'stopping') return;
  const told = reason === 'lost_quorum' ? reason : 'cancelled';
  if (run.timerId) draft.emit({ type: 'clear_timer', timerId: run.timerId });
  const stopping = { ...run, stopping: reason };
  if (run.phase === 'map' || run.phase === 'merging') return stopMap(draft, stopping);
  const { type } = taskOf(draft, run);
  const external = type !== 'approval' && type !== 'wait' && run.phase !== 'backoff' && run.phase !== 'unknown';
  if (external && !draft.takeBackStart(attemptKey(run))) {
    draft.setRun({ ...stopping, phase: 'stopping' });
    draft.emit({ type: 'cancel_attempt', key: attemptKey(run), reason: told });
    return;
  }
  if (type === 'approval' || run.phase === 'unknown')
    draft.emit({ type: 'withdraw_item', key: attemptKey(run), reason: told });
  const open = run.phase !== 'backoff' && run.phase !== 'unknown';
  const step: Step = open
    ? { ...run.step, status: 'cancelled', reason, finishedAt: draft.now }
    : run.phase === 'unknown'
      ? { ...run.step, finishedAt: draft.now }
      : run.step;
  stoppedRun(draft, { ...stopping, ...(open ? {} : { phase: run.phase }) }, step);
}
