// An execution's state in the terms of another version of its workflow: edges and loops have other numbers there.
import type { WorkflowEdge, WorkflowNode } from '../../contract/workflow-document.ts';
import { sameJson } from '../json-difference.ts';
import type { Plan } from '../workflow/plan.ts';
import type { Before, Misfit } from './begin-again.ts';
import type { ExecutionState, LoopState, NodeState } from './execution-state.ts';
import { shelfEntries, shelfWith } from './shelf.ts';

/** `changed` nodes run again, so they may be anything; every other one that ended must be as it was. */
export function translated(
  { plan: old, state }: Before,
  plan: Plan,
  changed: (id: string) => boolean,
): { state: ExecutionState; misfits: Misfit[] } {
  if (old === plan) return { state, misfits: [] };
  const numbers = edgeNumbers(old, plan);
  const loops = new Map(old.loops.map((loop, index) => [index, loopLike(plan, loop.target, loop.body)]));
  const misfits: Misfit[] = [];
  const nodes = new Map<string, NodeState | undefined>();
  for (const [id, node] of shelfEntries(state.nodes)) {
    const there = plan.nodes.get(id);
    if (!changed(id) && node.phase === 'ended') misfits.push(...misfitsOf(id));
    nodes.set(id, there && translatedNode(node, id));
  }
  const states: Record<string, LoopState> = {};
  for (const [index, loop] of Object.entries(state.loops)) {
    const there = loops.get(Number(index));
    if (there === undefined) continue;
    const { restart, ...rest } = loop;
    const edge = restart && numbers.get(restart.edge);
    const taken = Object.entries(loop.taken).flatMap(([number, count]) => {
      const to = numbers.get(Number(number));
      return to === undefined ? [] : [[to, count] as const];
    });
    states[there] = {
      ...rest,
      taken: Object.fromEntries(taken),
      ...(restart && edge !== undefined ? { restart: { ...restart, edge } } : {}),
    };
  }
  return { state: { ...state, nodes: shelfWith(state.nodes, nodes), loops: states }, misfits };

  function misfitsOf(id: string): Misfit[] {
    const there = nodeOf(plan, id);
    if (!there) return [{ nodeId: id, message: `This version has no node ${id}, whose result would be kept.` }];
    if (!sameJson(ruling(nodeOf(old, id)), ruling(there)))
      return [{ nodeId: id, message: `The node ${id} is another one in this version, so its result cannot be kept.` }];
    if (!sameJson(edgesInto(old, id), edgesInto(plan, id)))
      return [{ nodeId: id, message: `Other edges lead to ${id} in this version, so its result cannot be kept.` }];
    const around = (plan.nodes.get(id)?.loops ?? []).toString();
    const before = (old.nodes.get(id)?.loops ?? []).map((loop) => loops.get(loop)).toString();
    return around === before ? [] : [{ nodeId: id, message: `The node ${id} is in other loops in this version.` }];
  }

  /** An edge that is new here counts as not decided. */
  function translatedNode(node: NodeState, id: string): NodeState {
    const before = old.nodes.get(id)?.outgoing ?? [];
    const outcomes = new Map(before.map((edge, position) => [numbers.get(edge), node.out?.[position]]));
    const { via: oldVia, out: _, ...rest } = node;
    const via = oldVia === undefined ? undefined : numbers.get(oldVia);
    return {
      ...rest,
      ...(via === undefined ? {} : { via }),
      ...(node.out
        ? { out: (plan.nodes.get(id)?.outgoing ?? []).map((edge) => outcomes.get(edge) ?? 'poisoned') }
        : {}),
    };
  }
}

/** Whether the node itself, or what leads to it, is not what it was; both versions must have it. */
export function definitionChanged(old: Plan, plan: Plan, id: string): boolean {
  return (
    !sameJson(ruling(nodeOf(old, id)), ruling(nodeOf(plan, id))) || !sameJson(edgesInto(old, id), edgesInto(plan, id))
  );
}

/** From an edge's number in one version to that of the same edge in the other. */
function edgeNumbers(old: Plan, plan: Plan): Map<number, number> {
  const free = (plan.document.edges ?? []).map((edge, index) => ({ edge, index }));
  const numbers = new Map<number, number>();
  (old.document.edges ?? []).forEach((edge, number) => {
    const at = free.findIndex((other) => sameJson(settled(edge), settled(other.edge)));
    const [found] = at === -1 ? [] : free.splice(at, 1);
    if (found) numbers.set(number, found.index);
  });
  return numbers;
}

function settled(edge: WorkflowEdge): object {
  return { ...edge, on: edge.on ?? 'success', otherwise: edge.otherwise ?? false };
}

function edgesInto(plan: Plan, id: string): string[] {
  const edges = (plan.document.edges ?? []).filter((edge) => edge.to === id);
  return edges
    .map((edge) => JSON.stringify(Object.entries(settled(edge)).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .toSorted();
}

function loopLike(plan: Plan, target: string, body: readonly string[]): number | undefined {
  const index = plan.loops.findIndex(
    (loop) => loop.target === target && sameJson(loop.body.toSorted(), body.toSorted()),
  );
  return index === -1 ? undefined : index;
}

function nodeOf(plan: Plan, id: string): WorkflowNode | undefined {
  return plan.document.nodes.find((node) => node.id === id);
}

/** A node without what is only for people. */
function ruling(node: WorkflowNode | undefined): object {
  const { name: _, description: __, position: ___, ...rest } = node ?? ({} as Partial<WorkflowNode>);
  return { config: {}, ...rest };
}
