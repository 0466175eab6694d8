/** What an execution's steps say about the graph's nodes and edges; pure. Says nothing where nothing can be known. */
import type { Step, StepStatus } from '../../../src/contract/executions.ts';
import type { CompiledGraph } from '../../../src/contract/workflows.ts';

export interface NodeState {
  status: StepStatus;
  iteration: number;
  attempt: number;
  /** Of a map: its items in the newest iteration. */
  items: { done: number; total: number } | null;
}
export type EdgeState = 'taken' | 'next' | 'dead';

const ENDED: readonly StepStatus[] = ['succeeded', 'failed', 'skipped', 'cancelled', 'unknown'];
/** Among the items of a map: the status that says most about the whole. */
const LOUDEST: readonly StepStatus[] = [
  'unknown',
  'failed',
  'waiting',
  'running',
  'pending',
  'cancelled',
  'succeeded',
  'skipped',
];

export function nodeStates(steps: readonly Step[]): Map<string, NodeState> {
  const states = new Map<string, NodeState>();
  for (const [nodeId, own] of Map.groupBy(steps, (step) => step.nodeId)) {
    const iteration = Math.max(...own.map((step) => step.iteration));
    const current = own.filter((step) => step.iteration === iteration);
    const whole = current.filter((step) => step.item === undefined).at(-1);
    const newestByItem = new Map(
      current.filter((step) => step.item !== undefined).map((step) => [step.item?.index, step]),
    );
    const items = [...newestByItem.values()];
    const status = whole?.status ?? LOUDEST.find((each) => items.some((step) => step.status === each)) ?? 'pending';
    states.set(nodeId, {
      status,
      iteration,
      attempt: whole?.attempt ?? 1,
      items:
        items.length > 0
          ? { done: items.filter((step) => ENDED.includes(step.status)).length, total: itemTotal(whole, items.length) }
          : null,
    });
  }
  return states;
}

export function edgeStates(graph: CompiledGraph, nodes: ReadonlyMap<string, NodeState>): Map<number, EdgeState> {
  const states = new Map<number, EdgeState>();
  const waysInto = Map.groupBy(
    graph.edges.filter(({ loop }) => !loop),
    ({ to }) => to,
  );
  for (const edge of graph.edges) {
    const state = edgeState(edge, nodes, waysInto.get(edge.to)?.length === 1);
    if (state) states.set(edge.index, state);
  }
  return states;
}

type GraphEdge = CompiledGraph['edges'][number];

function edgeState(edge: GraphEdge, nodes: ReadonlyMap<string, NodeState>, sole: boolean): EdgeState | null {
  const from = nodes.get(edge.from);
  const to = nodes.get(edge.to);
  if (!from || !ENDED.includes(from.status)) return null;
  if (edge.loop) return to && to.iteration > 1 ? 'taken' : null;
  if (from.status === 'skipped' || from.status === 'cancelled') return 'dead';
  const matches = edge.on === 'any' || (edge.on === 'error' ? from.status === 'failed' : from.status === 'succeeded');
  if (!matches) return from.status === 'unknown' ? null : 'dead';
  if (to?.status === 'skipped') return 'dead';
  const ran = to !== undefined && to.status !== 'pending';
  const moving = to !== undefined && (to.status === 'running' || to.status === 'waiting');
  const sure = edge.when === undefined && !edge.otherwise;
  // With a condition only the sole way into a node that ran proves that it was taken.
  if (sure || (ran && sole)) return moving ? 'next' : ran || sure ? 'taken' : null;
  return null;
}

function itemTotal(whole: Step | undefined, seen: number): number {
  const over: unknown =
    typeof whole?.input === 'object' && whole.input !== null && 'over' in whole.input ? whole.input.over : whole?.input;
  return Array.isArray(over) ? Math.max(over.length, seen) : seen;
}

/** Nodes ended of nodes drawn, for a progress bar. */
export function progressOf(total: number, nodes: ReadonlyMap<string, NodeState>): { done: number; total: number } {
  return { done: [...nodes.values()].filter((state) => ENDED.includes(state.status)).length, total };
}
