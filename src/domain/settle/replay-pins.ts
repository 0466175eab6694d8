// What of a past execution stands in another version of its workflow: nodes that are the same there, with everything
// before them, end as they did; the rest runs.
import type { ReplayedNode } from '../../contract/executions.ts';
import type { PinnedOutcome, PinnedOutcomes } from '../../contract/pinned-outcomes.ts';
import { sameJson } from '../json-difference.ts';
import type { Plan } from '../workflow/plan.ts';
import type { Before } from './begin-again.ts';
import { definitionChanged } from './other-version.ts';
import { resultOfVisit } from './result-of-visit.ts';
import { openFailures } from './retry-starts.ts';
import { shelfGet } from './shelf.ts';

export interface ReplayPins {
  pinned: PinnedOutcomes;
  /** Every other node that can be reached, with the reason why it is not pinned; in document order. */
  runs: ReplayedNode[];
}

/** `given` are outcomes for this replay in place of those of the past; what depends on them runs. */
export function replayPins(options: {
  before: Before;
  plan: Plan;
  given: PinnedOutcomes;
  /** Nodes whose past outcome may not be used again. */
  asksAgain: ReadonlySet<string>;
}): ReplayPins {
  const { before, plan, given, asksAgain } = options;
  const failed = new Set(openFailures(before.plan, before.state));
  const isGiven = (id: string) => Object.hasOwn(given, id);
  const why = new Map<string, ReplayedNode['reason']>();
  for (const id of plan.nodes.keys()) {
    const reason = isGiven(id) ? undefined : reasonOf(id);
    if (reason) why.set(id, reason);
  }
  for (const id of dependents(plan, [...why.keys(), ...Object.keys(given)]))
    if (!why.has(id) && !isGiven(id)) why.set(id, 'depends');

  const pinned = new Map<string, PinnedOutcomes[string]>(Object.entries(given));
  for (const id of plan.nodes.keys()) {
    const outcomes = why.has(id) || isGiven(id) ? [] : outcomesOf(before, id);
    const [first] = outcomes;
    if (first) pinned.set(id, outcomes.length === 1 ? first : outcomes);
  }
  const ids = [...plan.nodes.keys()];
  return {
    pinned: Object.fromEntries(pinned),
    runs: ids.flatMap((nodeId) => {
      const reason = why.get(nodeId);
      return reason ? [{ nodeId, reason }] : [];
    }),
  };

  function reasonOf(id: string): ReplayedNode['reason'] | undefined {
    if (!before.plan.nodes.has(id)) return 'new';
    if (definitionChanged(before.plan, plan, id) || movedElsewhere(before.plan, plan, id)) return 'changed';
    if (failed.has(id)) return 'failed';
    const result = shelfGet(before.state.nodes, id)?.result;
    if (!result) return 'not_reached';
    if (result.status === 'cancelled' && result.reason !== 'lost_quorum') return 'not_reached';
    return asksAgain.has(id) && result.status !== 'skipped' ? 'approval' : undefined;
  }
}

/** What works on files is another thing in another directory. */
function movedElsewhere(old: Plan, plan: Plan, id: string): boolean {
  const type = plan.nodes.get(id)?.task.type;
  const usesFiles = type === 'agent' || type === 'shell' || type === 'map';
  return usesFiles && !sameJson(old.document.workspace, plan.document.workspace);
}

/** Everything behind these nodes, along all edges; of a loop that is all of its body. */
function dependents(plan: Plan, from: readonly string[]): Set<string> {
  const found = new Set<string>();
  const stack = [...from];
  for (let id = stack.pop(); id !== undefined; id = stack.pop())
    for (const edge of plan.nodes.get(id)?.outgoing ?? []) {
      const to = plan.edges[edge]?.to ?? '';
      if (found.has(to)) continue;
      found.add(to);
      stack.push(to);
    }
  return found;
}

/** One for each visit. What is the same again is skipped again in the same visits, so anything may stand for those. */
function outcomesOf({ state, steps }: Before, id: string): PinnedOutcome[] {
  const last = shelfGet(state.nodes, id)?.result;
  if (!last || (last.status !== 'succeeded' && last.status !== 'failed')) return [];
  const visits = Array.from({ length: last.iteration }, (_, index) =>
    index + 1 === last.iteration ? last : resultOfVisit(steps, id, index + 1),
  );
  const outcomes = visits.map((result): PinnedOutcome | undefined => {
    if (result?.status === 'succeeded') return { output: jsonOf(result.output) };
    if (result?.status !== 'failed') return undefined;
    const { code = 'FAILED', message = '' } = result.error ?? {};
    return {
      error: { code, message: message.slice(0, 10_000) },
      ...(result.output === undefined ? {} : { output: jsonOf(result.output) }),
    };
  });
  const filler = outcomes.at(-1);
  return outcomes.flatMap((outcome) => outcome ?? filler ?? []);
}

/** Outputs are JSON: they were stored as such. */
function jsonOf(output: unknown): Extract<PinnedOutcome, { output: unknown }>['output'] {
  return (output ?? null) as Extract<PinnedOutcome, { output: unknown }>['output'];
}
