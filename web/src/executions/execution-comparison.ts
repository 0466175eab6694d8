/** Two executions as one graph and one list: what differs, node by node; pure. */
import type { Execution, ExecutionDifference, Step } from '../../../src/contract/executions.ts';
import type { CompiledGraph } from '../../../src/contract/workflows.ts';
import { type JsonChange, jsonChanges } from '../ui/json-paths.ts';
import type { GraphMarks, Mark } from '../workflows/graph-view.tsx';
import { plural, t } from '../words/words.ts';

type Compared = ExecutionDifference['nodes'][number];

export interface NodeComparison extends Compared {
  /** How many milliseconds longer the other one took; null where either is not known. */
  longerMs: number | null;
  differs: boolean;
  inputs: JsonChange[];
  outputs: JsonChange[];
}

/** In the order of the graph, so that both are read from the beginning to the end. */
export function compareNodes(
  difference: Pick<ExecutionDifference, 'nodes'>,
  a: Pick<Execution, 'steps'>,
  b: Pick<Execution, 'steps'>,
): NodeComparison[] {
  return difference.nodes.map((node) => {
    const [one, other] = [stepOf(a.steps, node.id), stepOf(b.steps, node.id)];
    const inputs = one && other ? jsonChanges(one.input, other.input) : [];
    const outputs = one && other ? jsonChanges(one.output, other.output) : [];
    const [before, after] = [node.a?.durationMs ?? null, node.b?.durationMs ?? null];
    const took = !node.a?.carried && !node.b?.carried && before !== null && after !== null;
    return {
      ...node,
      longerMs: took ? after - before : null,
      differs:
        node.output !== 'equal' ||
        node.a?.status !== node.b?.status ||
        node.a?.iterations !== node.b?.iterations ||
        node.a?.attempts !== node.b?.attempts ||
        inputs.length > 0,
      inputs,
      outputs,
    };
  });
}

/** Of its visits the newest one, as a whole. */
export function stepOf(steps: readonly Step[], nodeId: string): Step | undefined {
  return (
    steps.findLast((step) => step.nodeId === nodeId && !step.item) ?? steps.findLast((step) => step.nodeId === nodeId)
  );
}

/** The graph of the second with what only the first has; marked is what became of a node, not how it is written. */
export function comparedExecutionGraph(
  a: CompiledGraph,
  b: CompiledGraph,
  nodes: readonly NodeComparison[],
): { graph: CompiledGraph; marks: GraphMarks } {
  const known = new Set(b.nodes.map(({ id }) => id));
  const gone = a.nodes.filter(({ id }) => !known.has(id));
  const goneIds = new Set(gone.map(({ id }) => id));
  const goneEdges = a.edges.filter(({ from, to }) => goneIds.has(from) || goneIds.has(to));
  const next = Math.max(-1, ...b.edges.map(({ index }) => index)) + 1;
  const marks = new Map<string, Mark>();
  for (const node of nodes) {
    if (!node.differs) continue;
    marks.set(node.id, !node.a ? 'added' : !node.b ? 'removed' : 'changed');
  }
  const all = [...b.nodes, ...gone];
  return {
    graph: {
      ...b,
      // Two drawings fit on each other only if all of both were drawn by hand.
      nodes: gone.length > 0 ? all.map(withoutPlace) : all,
      edges: [...b.edges, ...goneEdges.map((edge, place) => ({ ...edge, index: next + place }))],
    },
    marks: { nodes: marks, edges: new Map(goneEdges.map((_edge, place) => [next + place, 'removed' as const])) },
  };
}

function withoutPlace(node: CompiledGraph['nodes'][number]): CompiledGraph['nodes'][number] {
  const { position: _, ...without } = node;
  return without;
}

/** “3 of 7 nodes differ, inputs in 1 place”; what is the same is left out. */
export function differenceWords(difference: ExecutionDifference, nodes: readonly NodeComparison[]): string {
  const differing = nodes.filter(({ differs }) => differs).length;
  const places = (count: number, what: string): string =>
    count === 0 ? '' : t('{what} in {count}', { what, count: plural(count, 'place') });
  const parts = [
    differing > 0 && t('{differing} of {count}', { differing, count: plural(nodes.length, 'node') }),
    places(difference.inputs.length, t('inputs')),
    places(difference.outputs.length, t('outputs')),
    difference.a.version !== difference.b.version && t('the version of the workflow'),
  ].filter(Boolean);
  return parts.length === 0
    ? t('Nothing differs but the time.')
    : t('What differs: {parts}.', { parts: parts.join(', ') });
}
