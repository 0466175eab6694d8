/** Places a graph's nodes: where the document says, else by dagre, left to right or (on a phone) downwards. */
import { graphlib, layout } from '@dagrejs/dagre';
import type { CompiledGraph } from '../../../src/contract/workflows.ts';

export const NODE_WIDTH = 208;
export const NODE_HEIGHT = 64;
export type Direction = 'LR' | 'TB';

export function placeNodes(graph: CompiledGraph, direction: Direction): Map<string, { x: number; y: number }> {
  const drawn = graph.nodes.length > 0 && graph.nodes.every((node) => node.position);
  if (drawn && direction === 'LR') {
    return new Map(graph.nodes.map((node) => [node.id, { x: node.position?.[0] ?? 0, y: node.position?.[1] ?? 0 }]));
  }
  const dagre = new graphlib.Graph({ multigraph: true });
  dagre.setGraph({ rankdir: direction, nodesep: 28, ranksep: direction === 'LR' ? 76 : 52, edgesep: 18 });
  dagre.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) dagre.setNode(node.id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  // A loop edge would turn the drawing around; it is drawn, but does not rank.
  for (const edge of graph.edges) if (!edge.loop) dagre.setEdge(edge.from, edge.to, { minlen: 1 }, String(edge.index));
  layout(dagre);
  return new Map(
    graph.nodes.map((node) => {
      const { x, y } = dagre.node(node.id) as { x: number; y: number };
      return [node.id, { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 }];
    }),
  );
}
