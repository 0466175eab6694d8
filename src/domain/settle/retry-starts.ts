// Which nodes a retry of an ended execution runs again, before everything that depends on them.
import type { Plan } from '../workflow/plan.ts';
import { didYouMean } from '../workflow/nearest-name.ts';
import { Draft } from './draft.ts';
import type { ExecutionState } from './execution-state.ts';
import { joinsFired } from './graph-walk.ts';
import { shelfEntries, shelfGet } from './shelf.ts';

export type RetryStarts = { outcome: 'nodes'; nodes: string[] } | { outcome: 'nothing'; message: string };

/** Without a node: those whose failure nothing handled. What a cancel cut off runs again in any case. */
export function retryStarts(options: {
  before: Plan;
  plan: Plan;
  state: ExecutionState;
  fromNode?: string | undefined;
}): RetryStarts {
  const { before, plan, state, fromNode } = options;
  if (fromNode === undefined) return fromFailures(before, state);
  if (!plan.nodes.has(fromNode)) {
    const hint = didYouMean(fromNode, [...plan.nodes.keys()]);
    return { outcome: 'nothing', message: `There is no node ${fromNode}.${hint}` };
  }
  const result = shelfGet(state.nodes, fromNode)?.result;
  if (before.nodes.has(fromNode) && (!result || result.status === 'skipped')) {
    const why = result ? `was skipped (${(result.reason ?? 'not taken').replaceAll('_', ' ')})` : 'was not reached';
    return { outcome: 'nothing', message: `The node ${fromNode} ${why}; name a node that ran before it.` };
  }
  return { outcome: 'nodes', nodes: [fromNode] };
}

function fromFailures(plan: Plan, state: ExecutionState): RetryStarts {
  if (state.status === 'succeeded')
    return { outcome: 'nothing', message: 'Nothing failed in it. Name the node to run again from.' };
  const cancelled = shelfEntries(state.nodes).filter(([, node]) => node.result?.status === 'cancelled' && !node.out);
  return {
    outcome: 'nodes',
    nodes: [...new Set([...openFailures(plan, state), ...cancelled.map(([id]) => id)])],
  };
}

/** Nodes whose failure nothing handled, in an execution that has ended. */
export function openFailures(plan: Plan, state: ExecutionState): string[] {
  const draft = new Draft({ plan, state, now: '', nextId: () => '' });
  return state.failures
    .filter(({ final, nodeId }) => final === true || !joinsFired(draft, nodeId))
    .map(({ nodeId }) => nodeId);
}
