/** Where a graph's nodes and edges are drawn: as the document says, else by dagre, rightwards or downwards; pure. */
import { graphlib, layout } from '@dagrejs/dagre';
import type { CompiledGraph } from '../../../src/contract/workflows.ts';
import { edgeLabel } from './edge-label.ts';

export const NODE_WIDTH = 184;
export const NODE_HEIGHT = 64;
export type Direction = 'right' | 'down';

export interface Point {
  x: number;
  y: number;
}
export interface DrawnEdge {
  path: string;
  label: Point;
  /** Characters of the label that can be seen between the two nodes; the rest would be behind them. */
  fits: number;
}
export interface GraphDrawing {
  direction: Direction;
  /** Upper left corners. */
  nodes: Map<string, Point>;
  edges: Map<number, DrawnEdge>;
  width: number;
  height: number;
}

const RANK_GAP = { right: 46, down: 44 };
const LOOP_GAP = 26; // between the lowest node and the way back under it
const LABEL_CHAR_PX = 6.4;
const LABEL_HEIGHT = 18;
const LABEL_GAP = 6; // between a label and a node beside it

/** In a box as narrow as a phone, what is drawn smaller than this cannot be read. */
const NARROW_PX = 480;
const READABLE = 0.4;

/**
 * The drawing that shows more in a box of this shape. A document with positions is drawn as its author drew it, unless
 * that cannot be read on a phone and another drawing is much larger.
 */
export function bestDrawing(graph: CompiledGraph, box: { width: number; height: number }): GraphDrawing {
  const right = drawGraph(graph, 'right');
  const zoom = (drawing: GraphDrawing): number => Math.min(1, box.width / drawing.width, box.height / drawing.height);
  const byAuthor = hasPositions(graph);
  if ((byAuthor && (box.width > NARROW_PX || zoom(right) >= READABLE)) || graph.nodes.length > 150) return right;
  const down = drawGraph(withoutPositions(graph), 'down');
  // Reading from left to right is worth a little size.
  return zoom(down) > zoom(right) * (byAuthor ? 1.4 : 1.15) ? down : right;
}

export function drawGraph(graph: CompiledGraph, direction: Direction): GraphDrawing {
  const routes = new Map<number, Point[]>();
  const nodes = hasPositions(graph) ? placedByAuthor(graph) : placedByDagre(graph, direction, routes);
  const edges = new Map<number, DrawnEdge>();
  let loops = 0;
  for (const edge of graph.edges) {
    const from = nodes.get(edge.from);
    const to = nodes.get(edge.to);
    if (!from || !to) continue;
    const drawn = edge.loop
      ? wayBack(from, to, [...nodes.values()], { direction, nth: loops++, label: edgeLabel(edge) })
      : wayForward(from, to, routes.get(edge.index) ?? [], direction);
    edges.set(edge.index, drawn);
  }
  const all = [...nodes.values()];
  if (all.length === 0) return { direction, nodes, edges, width: 1, height: 1 };
  const left = Math.min(...all.map((point) => point.x));
  const top = Math.min(...all.map((point) => point.y));
  return {
    direction,
    nodes,
    edges,
    width: Math.max(...all.map((point) => point.x + NODE_WIDTH)) - left,
    height: Math.max(...all.map((point) => point.y + NODE_HEIGHT)) - top,
  };
}

const hasPositions = (graph: CompiledGraph): boolean =>
  graph.nodes.length > 0 && graph.nodes.every((node) => node.position);

const withoutPositions = (graph: CompiledGraph): CompiledGraph => ({
  ...graph,
  nodes: graph.nodes.map(({ id, label, type, join, loops }) => ({ id, label, type, join, loops })),
});

function placedByAuthor(graph: CompiledGraph): Map<string, Point> {
  return new Map(graph.nodes.map((node) => [node.id, { x: node.position?.[0] ?? 0, y: node.position?.[1] ?? 0 }]));
}

function placedByDagre(graph: CompiledGraph, direction: Direction, routes: Map<number, Point[]>): Map<string, Point> {
  const dagre = new graphlib.Graph({ multigraph: true });
  dagre.setGraph({
    rankdir: direction === 'right' ? 'LR' : 'TB',
    nodesep: 26,
    ranksep: RANK_GAP[direction],
    edgesep: 18,
  });
  for (const node of graph.nodes) dagre.setNode(node.id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const edge of graph.edges) {
    // A loop edge would turn the drawing around; it is drawn, but does not rank.
    if (edge.loop || !dagre.hasNode(edge.from) || !dagre.hasNode(edge.to)) continue;
    const label = edgeLabel(edge);
    dagre.setEdge(
      edge.from,
      edge.to,
      label ? { width: label.length * LABEL_CHAR_PX, height: LABEL_HEIGHT, labelpos: 'c' } : {},
      String(edge.index),
    );
  }
  layout(dagre);
  for (const edge of graph.edges) {
    if (edge.loop || !dagre.hasEdge(edge.from, edge.to, String(edge.index))) continue;
    const { points } = dagre.edge(edge.from, edge.to, String(edge.index)) as { points: Point[] };
    // Between neighbours one plain curve reads best; dagre's own way matters where an edge passes other nodes.
    const between = points.slice(1, -1);
    routes.set(edge.index, between.length > 1 || edgeLabel(edge) ? between : []);
  }
  return new Map(
    graph.nodes.map((node) => {
      const { x, y } = dagre.node(node.id) as Point;
      return [node.id, { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 }];
    }),
  );
}

function wayForward(from: Point, to: Point, between: Point[], direction: Direction): DrawnEdge {
  const right = direction === 'right';
  const start = right
    ? { x: from.x + NODE_WIDTH, y: from.y + NODE_HEIGHT / 2 }
    : { x: from.x + NODE_WIDTH / 2, y: from.y + NODE_HEIGHT };
  const end = right ? { x: to.x, y: to.y + NODE_HEIGHT / 2 } : { x: to.x + NODE_WIDTH / 2, y: to.y };
  const points = [start, ...between, end];
  let path = `M${at(start)}`;
  for (let index = 1; index < points.length; index += 1) {
    const a = points[index - 1] ?? start;
    const b = points[index] ?? end;
    // Leaves and arrives along the direction of reading, so that the pieces meet without a corner.
    const bend = right ? (b.x - a.x) / 2 : (b.y - a.y) / 2;
    const reach = Math.max(Math.abs(bend), points.length === 2 ? 30 : 0);
    path += right
      ? ` C${at({ x: a.x + reach, y: a.y })} ${at({ x: b.x - reach, y: b.y })} ${at(b)}`
      : ` C${at({ x: a.x, y: a.y + reach })} ${at({ x: b.x, y: b.y - reach })} ${at(b)}`;
  }
  const middle = between[Math.floor(between.length / 2)];
  const label = middle ?? { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  // What dagre has placed has its room.
  return { path, label, fits: middle ? Infinity : charactersBetween({ from, to, label }) };
}

function charactersBetween({ from, to, label }: { from: Point; to: Point; label: Point }): number {
  const isBeside = ({ y }: Point): boolean =>
    label.y > y - LABEL_HEIGHT / 2 && label.y < y + NODE_HEIGHT + LABEL_HEIGHT / 2;
  const left = isBeside(from) ? label.x - (from.x + NODE_WIDTH) : Infinity;
  const right = isBeside(to) ? to.x - label.x : Infinity;
  return Math.max(1, Math.floor((2 * (Math.min(left, right) - LABEL_GAP)) / LABEL_CHAR_PX));
}

/** Around all nodes between the two: under them, or (downwards) at their right. */
function wayBack(
  from: Point,
  to: Point,
  all: Point[],
  { direction, nth, label }: { direction: Direction; nth: number; label: string },
): DrawnEdge {
  const shift = nth * 12;
  if (direction === 'right') {
    const a = { x: from.x + NODE_WIDTH / 2 + 20 + shift, y: from.y + NODE_HEIGHT };
    const b = { x: to.x + NODE_WIDTH / 2 - 20 - shift, y: to.y + NODE_HEIGHT };
    const low =
      Math.max(
        ...all
          .filter((node) => node.x + NODE_WIDTH > to.x && node.x < from.x + NODE_WIDTH)
          .map((node) => node.y + NODE_HEIGHT),
      ) +
      LOOP_GAP +
      shift;
    const path = cornered([a, { x: a.x, y: low }, { x: b.x, y: low }, b]);
    return { path, label: { x: (a.x + b.x) / 2, y: low }, fits: Infinity };
  }
  const a = { x: from.x + NODE_WIDTH, y: from.y + NODE_HEIGHT / 2 + 10 + shift };
  const b = { x: to.x + NODE_WIDTH, y: to.y + NODE_HEIGHT / 2 - 10 - shift };
  const far =
    Math.max(
      ...all
        .filter((node) => node.y + NODE_HEIGHT > to.y && node.y < from.y + NODE_HEIGHT)
        .map((node) => node.x + NODE_WIDTH),
    ) +
    Math.max(LOOP_GAP, (label.length * LABEL_CHAR_PX) / 2 + 8) +
    shift;
  const path = cornered([a, { x: far, y: a.y }, { x: far, y: b.y }, b]);
  return { path, label: { x: far, y: (a.y + b.y) / 2 }, fits: Infinity };
}

const CORNER = 10;

/** A line through these points, its corners rounded. */
export function cornered(points: Point[]): string {
  const [first = { x: 0, y: 0 }, ...rest] = points;
  let path = `M${at(first)}`;
  rest.forEach((corner, index) => {
    const before = points[index] ?? corner;
    const after = points[index + 2];
    if (!after) path += ` L${at(corner)}`;
    else path += ` L${at(towards(corner, before))} Q${at(corner)} ${at(towards(corner, after))}`;
  });
  return path;
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const share = Math.min(CORNER, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

const at = ({ x, y }: Point): string => `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
