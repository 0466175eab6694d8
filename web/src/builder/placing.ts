/** Where things stand on the canvas: as the document says, else by dagre; and aligning them. Pure. */
import type { CompiledGraph } from '../../../src/contract/workflows.ts';
import { drawGraph, NODE_HEIGHT, NODE_WIDTH, type Point } from '../workflows/graph-drawing.ts';
import { type Doc, edgesOf, isPart, nodesOf, pointOf } from './document.ts';

export type Alignment = 'left' | 'center' | 'top' | 'middle' | 'across' | 'down';

/** The document as a graph that can be drawn, also while it is not valid. */
export function graphOf(document: Doc): CompiledGraph {
  const nodes = nodesOf(document);
  const known = new Set(nodes.map(({ id }) => id));
  const layout = isPart(document['layout']) ? document['layout'] : {};
  return {
    nodes: nodes.map(({ id, node }) => {
      const at = pointOf(layout[id]) ?? pointOf(node['position']);
      return {
        id,
        type: typeof node['type'] === 'string' ? node['type'] : '?',
        label: typeof node['name'] === 'string' && node['name'] !== '' ? node['name'] : id,
        join: joinText(node['join']),
        loops: [],
        ...(at ? { position: [at.x, at.y] as [number, number] } : {}),
      };
    }),
    edges: edgesOf(document)
      .filter(({ from, to }) => known.has(from) && known.has(to))
      .map(({ index, from, to, edge }) => ({
        index,
        from,
        to,
        on: typeof edge['on'] === 'string' ? edge['on'] : 'success',
        ...(typeof edge['when'] === 'string' ? { when: edge['when'] } : {}),
        otherwise: edge['otherwise'] === true,
        loop: typeof edge['max'] === 'number',
        ...(typeof edge['max'] === 'number' ? { max: edge['max'] } : {}),
      })),
    mermaid: '',
  };
}

function joinText(join: unknown): string {
  if (isPart(join)) return `quorum ${String(join['quorum'] ?? '?')}`;
  return typeof join === 'string' ? join : 'all';
}

let known: { key: string; nodes: Map<string, Point> } | null = null;

/** Upper left corners of all nodes. */
export function placesOf(document: Doc): Map<string, Point> {
  const graph = graphOf(document);
  const own = new Map(
    graph.nodes.flatMap(({ id, position }) => (position ? [[id, { x: position[0], y: position[1] }] as const] : [])),
  );
  if (own.size === graph.nodes.length) return own;
  // Dagre takes its time on a big graph, and most edits change nothing that it looks at.
  const key = JSON.stringify([
    graph.nodes.map(({ id }) => id),
    graph.edges.map(({ from, to, loop }) => [from, to, loop]),
  ]);
  if (known?.key !== key) known = { key, nodes: arranged(graph) };
  const low = own.size === 0 ? 0 : Math.max(...[...own.values()].map(({ y }) => y)) + NODE_HEIGHT * 2;
  return new Map(
    graph.nodes.map(({ id }) => {
      const by = known?.nodes.get(id) ?? { x: 0, y: 0 };
      return [id, own.get(id) ?? { x: by.x, y: by.y + low }];
    }),
  );
}

/** As dagre would draw it, without regard to where things stand now. */
export function arranged(graph: CompiledGraph): Map<string, Point> {
  const nodes = graph.nodes.map((node) => {
    const { position: _, ...without } = node;
    return without;
  });
  return drawGraph({ ...graph, nodes }, 'right').nodes;
}

/** Every position written down, so that moving one node leaves the others where they are seen. */
export function withPlaces(document: Doc, places: ReadonlyMap<string, Point>): Doc {
  const layout = Object.fromEntries(
    [...placesOf(document), ...places].map(([id, at]) => [id, [Math.round(at.x), Math.round(at.y)]]),
  );
  const nodes = Array.isArray(document['nodes'])
    ? document['nodes'].map((node: unknown) => {
        if (!isPart(node) || !('position' in node)) return node;
        const { position: _, ...without } = node;
        return without;
      })
    : document['nodes'];
  return { ...document, nodes, layout };
}

export function aligned(points: ReadonlyMap<string, Point>, how: Alignment): Map<string, Point> {
  const all = [...points.values()];
  const middle = (values: number[]): number => (Math.min(...values) + Math.max(...values)) / 2;
  switch (how) {
    case 'left':
      return apart(
        each(points, (at) => ({ ...at, x: Math.min(...all.map(({ x }) => x)) })),
        'y',
      );
    case 'center':
      return apart(
        each(points, (at) => ({ ...at, x: middle(all.map(({ x }) => x)) })),
        'y',
      );
    case 'top':
      return apart(
        each(points, (at) => ({ ...at, y: Math.min(...all.map(({ y }) => y)) })),
        'x',
      );
    case 'middle':
      return apart(
        each(points, (at) => ({ ...at, y: middle(all.map(({ y }) => y)) })),
        'x',
      );
    case 'across':
      return spread(points, 'x', NODE_WIDTH);
    case 'down':
      return spread(points, 'y', NODE_HEIGHT);
  }
}

function each(points: ReadonlyMap<string, Point>, move: (at: Point) => Point): Map<string, Point> {
  return new Map([...points].map(([id, at]) => [id, move(at)]));
}

/** Those that would cover each other move on, so that what stood in a row can become a column. */
function apart(points: ReadonlyMap<string, Point>, axis: 'x' | 'y'): Map<string, Point> {
  const size = (axis === 'x' ? NODE_WIDTH : NODE_HEIGHT) + 24;
  let free = -Infinity;
  return new Map(
    [...points]
      .toSorted(([, a], [, b]) => a[axis] - b[axis])
      .map(([id, at]) => {
        const place = Math.max(at[axis], free);
        free = place + size;
        return [id, { ...at, [axis]: place }];
      }),
  );
}

/** Equal gaps in the order they stand; where there is no room, just beside each other. */
function spread(points: ReadonlyMap<string, Point>, axis: 'x' | 'y', size: number): Map<string, Point> {
  const order = [...points].toSorted(([, a], [, b]) => a[axis] - b[axis]);
  const first = order[0]?.[1][axis] ?? 0;
  const last = order.at(-1)?.[1][axis] ?? 0;
  const step = Math.max((last - first) / Math.max(1, order.length - 1), size + 24);
  return new Map(order.map(([id, at], index) => [id, { ...at, [axis]: first + step * index }]));
}

/** The first place near here that no node covers. */
export function freePlace(document: Doc, near: Point, height = NODE_HEIGHT): Point {
  const taken = [...placesOf(document).values()];
  const at = { ...near };
  while (taken.some(({ x, y }) => Math.abs(x - at.x) < NODE_WIDTH && Math.abs(y - at.y) < height + 8))
    at.y += NODE_HEIGHT + 28;
  return at;
}
