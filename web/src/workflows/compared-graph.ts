/** Two versions of a workflow as one graph: everything of both, and what became of it; pure. */
import type { CompiledGraph, WorkflowDifference } from '../../../src/contract/workflows.ts';
import { edgesOf, isPart, nodesOf, type Doc } from '../builder/document.ts';
import { graphOf } from '../builder/placing.ts';
import type { GraphMarks, Mark } from './graph-view.tsx';

export function comparedGraph(
  from: Doc,
  to: Doc,
  difference: Pick<WorkflowDifference, 'nodes' | 'edges'>,
): { graph: CompiledGraph; marks: GraphMarks } {
  const gone = new Set(difference.nodes.removed);
  const after = edgesOf(to);
  const goneEdges = difference.edges.removed.flatMap(
    (ends) => edgesOf(from).find((edge) => edge.from === ends.from && edge.to === ends.to)?.edge ?? [],
  );
  const both: Doc = {
    nodes: [
      ...nodesOf(to).map(({ node }) => node),
      ...nodesOf(from).flatMap(({ id, node }) => (gone.has(id) ? [node] : [])),
    ],
    edges: [...after.map(({ edge }) => edge), ...goneEdges],
    // Two drawings can be laid over each other only where both were drawn by hand.
    ...(isPart(from['layout']) && isPart(to['layout']) ? { layout: { ...from['layout'], ...to['layout'] } } : {}),
  };
  const edges = new Map<number, Mark>();
  const mark = (list: readonly { from: string; to: string }[], word: Mark): void => {
    for (const ends of list) {
      const index = after.findIndex((edge) => edge.from === ends.from && edge.to === ends.to);
      if (index !== -1) edges.set(index, word);
    }
  };
  mark(difference.edges.added, 'added');
  mark(difference.edges.changed, 'changed');
  goneEdges.forEach((_edge, index) => edges.set(after.length + index, 'removed'));
  return {
    graph: isPart(both['layout']) ? graphOf(both) : withoutPlaces(graphOf(both)),
    marks: {
      nodes: new Map<string, Mark>([
        ...difference.nodes.added.map((id) => [id, 'added'] as const),
        ...difference.nodes.removed.map((id) => [id, 'removed'] as const),
        ...difference.nodes.changed.map(({ id }) => [id, 'changed'] as const),
      ]),
      edges,
    },
  };
}

function withoutPlaces(graph: CompiledGraph): CompiledGraph {
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      const { position: _, ...without } = node;
      return without;
    }),
  };
}
