// Moves an execution through its graph: nodes end, edges settle, joins fire or skip, loops repeat (rules 1 to 5, 8 to 10).
import type { StepError } from '../../contract/executions.ts';
import type { PlanEdge } from '../workflow/plan.ts';
import type { Draft } from './draft.ts';
import { decideEdges } from './edge-decisions.ts';
import type { EdgeOutcome, NodeResult, NodeState } from './execution-state.ts';
import { cancelRun, startNode } from './run-node.ts';
import { runKey } from './keys.ts';

/** A node may run now: starts it, or holds it back during a pause. */
export function ready(draft: Draft, nodeId: string, via?: number): void {
  const node = draft.node(nodeId);
  if (draft.stopped) return;
  draft.setNode(nodeId, { ...node, phase: 'ready', ...(via === undefined ? {} : { via }) });
  if (draft.state.paused) draft.set({ held: [...draft.state.held, `node:${nodeId}`] });
  else draft.later(() => startReady(draft, nodeId));
}

/** Starts a node that is still ready: it may have been cancelled or held back meanwhile. */
export function startReady(draft: Draft, nodeId: string): void {
  if (draft.node(nodeId).phase !== 'ready' || draft.stopped) return;
  startNode(draft, nodeId);
}

/**
 * A visit of a node is over: records what expressions see, settles its out-edges and whatever follows.
 * Returns the result as it was recorded: a succeeded node may turn out to have exhausted its loop.
 */
export function endNode(draft: Draft, nodeId: string, result: Omit<NodeResult, 'iteration'>): NodeResult {
  const node = draft.planNode(nodeId);
  const before = draft.node(nodeId);
  let ended: NodeResult = { ...result, iteration: before.iteration };
  draft.setNode(nodeId, { ...before, phase: 'ended', result: ended });
  if (draft.stopped) return ended;
  let decisions = decideEdges(draft, node, ended);
  if (decisions.exhausted) {
    ended = { ...ended, status: 'failed', error: exhausted(nodeId) };
    draft.setNode(nodeId, { ...before, phase: 'ended', result: ended });
    decisions = decideEdges(draft, node, ended);
  }
  draft.setNode(nodeId, { ...draft.node(nodeId), out: decisions.outcomes });
  if (!decisions.handled && ended.error) {
    draft.set({
      failures: [...draft.state.failures, { nodeId, iteration: ended.iteration, error: { ...ended.error, nodeId } }],
    });
  }
  const edges = node.outgoing.map((index) => draft.plan.edges[index] as PlanEdge); // the plan's own indexes
  // Asked before any edge settles: a loop that ends meanwhile settles the edges it held back itself.
  const heldBack = edges.map((edge) => leavesUnfinishedLoop(draft, edge));
  edges.forEach((edge, position) => {
    if (!heldBack[position])
      settleEdge(draft, edge, decisions.outcomes[position] ?? 'dead', decisions.errors.get(edge.index));
  });
  for (const loop of node.loops) tryRestart(draft, loop);
  return ended;
}

/** A node that was given its output by hand ends with it. */
export function endAgain(draft: Draft, nodeId: string): void {
  const { result } = draft.node(nodeId);
  if (!result || draft.stopped) return;
  const { iteration: _, ...given } = result;
  endNode(draft, nodeId, given);
}

/** An edge of a kept node settles for a target that is reached anew; one that could not be decided is decided now. */
export function settleAgain(draft: Draft, index: number): void {
  const edge = draft.plan.edges[index];
  if (!edge || draft.stopped) return;
  const source = draft.node(edge.from);
  const { outgoing } = draft.planNode(edge.from);
  const position = outgoing.indexOf(index);
  let outcome = source.out?.[position];
  let error: StepError | undefined;
  if ((outcome === undefined || outcome === 'poisoned') && source.result) {
    const decisions = decideEdges(draft, draft.planNode(edge.from), source.result);
    outcome = decisions.outcomes[position] ?? 'dead';
    error = decisions.errors.get(index);
    const out = outgoing.map((_, place) => (place === position ? outcome : source.out?.[place]) ?? 'dead');
    draft.setNode(edge.from, { ...source, out });
  }
  if (!leavesUnfinishedLoop(draft, edge)) settleEdge(draft, edge, outcome ?? 'dead', error);
}

function exhausted(nodeId: string): StepError {
  const message = `The loop after ${nodeId} was repeated as often as its \`max\` allows, and no other edge could be taken.`;
  return { code: 'LOOP_EXHAUSTED', message, nodeId };
}

/** Edges that leave a body stay unsettled while it may still repeat (rule 9). */
function leavesUnfinishedLoop(draft: Draft, edge: PlanEdge): boolean {
  return edge.leaves.some((loop) => !draft.loop(loop).done);
}

function settleEdge(draft: Draft, edge: PlanEdge, outcome: EdgeOutcome, error?: StepError): void {
  if (edge.loop !== undefined) return settleLoopEdge(draft, edge, outcome, error);
  const target = draft.node(edge.to);
  if (outcome === 'poisoned') {
    if (target.phase === 'idle')
      draft.later(() => failUnrun(draft, edge.to, target.iteration, error ?? unreadable(edge)));
    return;
  }
  const settled = { live: 0, dead: 0, broken: 0, ...target.in };
  settled[outcome] += 1;
  draft.setNode(edge.to, { ...target, in: settled });
  if (target.phase === 'idle') decideJoin(draft, edge.to, settled);
}

function unreadable(edge: PlanEdge): StepError {
  return {
    code: 'EXPRESSION_FAILED',
    message: `The condition of the edge ${edge.from} → ${edge.to} could not be evaluated.`,
  };
}

function decideJoin(draft: Draft, nodeId: string, settled: { live: number; dead: number; broken: number }): void {
  const node = draft.planNode(nodeId);
  const open = node.incoming.length - settled.live - settled.dead - settled.broken;
  if (node.quorum === 0) {
    if (open > 0) return;
    if (settled.broken > 0) skip(draft, nodeId, 'upstream_failed');
    else if (settled.live > 0) ready(draft, nodeId);
    else skip(draft, nodeId, 'not_taken');
    return;
  }
  if (settled.live >= node.quorum) {
    draft.setNode(nodeId, { ...draft.node(nodeId), fired: true });
    cancelRest(draft, node.rest);
    ready(draft, nodeId);
  } else if (settled.live + open < node.quorum && (open === 0 || settled.live + settled.broken > 0)) {
    if (settled.live + settled.broken === 0) return skip(draft, nodeId, 'not_taken');
    const message = `This join needs ${node.quorum} live edge${node.quorum === 1 ? '' : 's'}; ${settled.live} went live and ${settled.dead + settled.broken} cannot any more.`;
    const { iteration } = draft.node(nodeId);
    draft.later(() => failUnrun(draft, nodeId, iteration, { code: 'QUORUM_UNREACHABLE', message }));
  }
}

function skip(draft: Draft, nodeId: string, reason: 'upstream_failed' | 'not_taken'): void {
  // The phase changes at once, so that a second decision cannot be queued.
  draft.setNode(nodeId, { ...draft.node(nodeId), phase: 'ready' });
  draft.later(() => {
    if (draft.node(nodeId).phase !== 'ready' || draft.stopped) return;
    reportUnrun(draft, nodeId, 'skipped', reason);
    endNode(draft, nodeId, { status: 'skipped', reason });
  });
}

/** A node fails without running: its join cannot fire, or the condition on its edge failed. */
function failUnrun(draft: Draft, nodeId: string, iteration: number, error: StepError): void {
  const node = draft.node(nodeId);
  if (node.phase !== 'idle' || node.iteration !== iteration || draft.stopped) return;
  reportUnrun(draft, nodeId, 'failed', undefined, error);
  endNode(draft, nodeId, { status: 'failed', error });
}

function reportUnrun(
  draft: Draft,
  nodeId: string,
  status: 'skipped' | 'failed' | 'cancelled',
  reason?: string,
  error?: StepError,
): void {
  draft.report({
    id: draft.newStepId(),
    nodeId,
    iteration: draft.node(nodeId).iteration,
    attempt: 1,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(error === undefined ? {} : { error: { ...error, nodeId } }),
    finishedAt: draft.now,
  });
}

/** Rule 4: what only served a join that has fired is cancelled; what runs ends when its process is gone. */
function cancelRest(draft: Draft, rest: readonly string[]): void {
  for (const nodeId of rest) {
    const node = draft.node(nodeId);
    if (node.phase === 'ended') continue;
    if (node.phase === 'active') {
      cancelRun(draft, runKey(nodeId, node.iteration, []), 'lost_quorum');
      continue;
    }
    reportUnrun(draft, nodeId, 'cancelled', 'lost_quorum');
    draft.later(() => {
      if (draft.node(nodeId).phase === 'cancelling')
        endNode(draft, nodeId, { status: 'cancelled', reason: 'lost_quorum' });
    });
    draft.setNode(nodeId, { ...node, phase: 'cancelling' });
  }
}

function settleLoopEdge(draft: Draft, edge: PlanEdge, outcome: EdgeOutcome, error?: StepError): void {
  const index = edge.loop ?? 0;
  const loop = draft.loop(index);
  if (outcome === 'live' || outcome === 'poisoned') {
    if (loop.restart) return; // two edges of one body went live: it repeats once
    const taken = { ...loop.taken, [edge.index]: (loop.taken[edge.index] ?? 0) + 1 };
    draft.setLoop(index, { ...loop, taken, restart: { edge: edge.index, ...(error ? { poisoned: error } : {}) } });
    return; // `endNode` tries the restart
  }
  const notTaken = loop.notTaken + 1;
  const plan = draft.plan.loops[index];
  draft.setLoop(index, { ...loop, notTaken });
  if (plan && notTaken === plan.edges.length && !loop.restart) finishLoop(draft, index);
}

/** No loop edge went live: the edges that leave the body settle with this iteration. */
function finishLoop(draft: Draft, index: number): void {
  draft.setLoop(index, { ...draft.loop(index), done: true });
  for (const nodeId of draft.plan.loops[index]?.body ?? []) {
    const { phase, out } = draft.node(nodeId);
    if (phase !== 'ended' || !out) continue;
    draft.planNode(nodeId).outgoing.forEach((edgeIndex, position) => {
      const edge = draft.plan.edges[edgeIndex] as PlanEdge; // the plan's own indexes
      if (!edge.leaves.includes(index) || leavesUnfinishedLoop(draft, edge)) return;
      draft.later(() => {
        settleEdge(draft, edge, out[position] ?? 'dead');
        if (edge.loop !== undefined) tryRestart(draft, edge.loop);
      });
    });
  }
}

/** A body starts its next iteration when every node of it has ended the last one: a node never runs twice at a time. */
function tryRestart(draft: Draft, index: number): void {
  const loop = draft.loop(index);
  const plan = draft.plan.loops[index];
  if (!loop.restart || !plan || plan.body.some((nodeId) => draft.node(nodeId).phase !== 'ended')) return;
  const { edge, poisoned } = loop.restart;
  closeFailures(draft, new Set(plan.body));
  draft.setLoop(index, { taken: loop.taken, notTaken: 0, done: false });
  for (const inner of plan.inner) draft.setLoop(inner, { taken: {}, notTaken: 0, done: false });
  for (const nodeId of plan.body) draft.setNode(nodeId, nextIteration(draft.node(nodeId), nodeId === plan.target));
  const { iteration } = draft.node(plan.target);
  if (poisoned) draft.later(() => failUnrun(draft, plan.target, iteration, poisoned));
  else ready(draft, plan.target, edge);
}

/** The target keeps what settled from outside the body; the others are reached anew. */
function nextIteration(node: NodeState, target: boolean): NodeState {
  return {
    iteration: node.iteration + 1,
    phase: 'idle',
    ...(node.result ? { result: node.result } : {}),
    ...(target && node.in ? { in: node.in } : {}),
  };
}

/** Before a body repeats: failures that a fired join handled are forgotten, the others cannot be handled any more. */
function closeFailures(draft: Draft, body: ReadonlySet<string>): void {
  if (!draft.state.failures.some(({ nodeId }) => body.has(nodeId))) return;
  const failures = draft.state.failures.flatMap((failure) => {
    if (failure.final || !body.has(failure.nodeId)) return [failure];
    return joinsFired(draft, failure.nodeId) ? [] : [{ ...failure, final: true }];
  });
  draft.set({ failures });
}

/** Rule 4: a failed node all of whose success edges end at joins that fire is handled. */
export function joinsFired(draft: Draft, nodeId: string): boolean {
  const success = draft.planNode(nodeId).outgoing.filter((index) => draft.plan.edges[index]?.on === 'success');
  return success.length > 0 && success.every((index) => draft.node(draft.plan.edges[index]?.to ?? '').fired === true);
}
