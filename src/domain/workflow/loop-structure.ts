// Finds the loops of a graph: their bodies, their nesting, and what keeps them from being loops (rules 8 and 9).

export interface LinkedEdge {
  from: number;
  to: number;
  /** It has `max`. */
  loop: boolean;
}

/** Loop edges with one body are one loop; `edges` are in document order. */
export interface Loop {
  target: number;
  edges: number[];
  body: number[];
  /** The loop directly around it. */
  parent?: number;
}

export type LoopFault =
  | { kind: 'cycle_without_max'; nodes: number[]; edge: number }
  | { kind: 'max_without_cycle'; edge: number }
  | { kind: 'entered_beside_target'; edge: number; loopEdge: number; node: number }
  | { kind: 'starts_inside'; node: number; loopEdge: number }
  | { kind: 'overlap'; edge: number; otherEdge: number }
  | { kind: 'too_many'; count: number };

export const LOOP_EDGES_MAX = 256;

/** Loops are outermost first. With faults the loops are incomplete. */
export function findLoops(size: number, edges: readonly LinkedEdge[]): { loops: Loop[]; faults: LoopFault[] } {
  const faults: LoopFault[] = [];
  const loopEdges = edges.flatMap((edge, index) => (edge.loop ? [index] : []));
  if (loopEdges.length > LOOP_EDGES_MAX) return { loops: [], faults: [{ kind: 'too_many', count: loopEdges.length }] };
  const forward = adjacency(size, edges, (edge) => !edge.loop);
  const cycle = findCycle(size, edges, forward);
  if (cycle) faults.push(cycle);
  const links: Links = { all: adjacency(size, edges, () => true), back: reversed(size, edges) };
  const bodies: { edge: number; body: Set<number> }[] = [];
  for (const index of loopEdges) {
    const { from, to } = edges[index] as LinkedEdge; // the index comes from this list
    if (!reachable(forward, to, -1).has(from)) faults.push({ kind: 'max_without_cycle', edge: index });
    else bodies.push({ edge: index, body: bodyOf(links, to, from) });
  }
  if (faults.length > 0) return { loops: [], faults };
  const entries = Array.from({ length: size }, () => 0);
  for (const edge of edges) if (!edge.loop) entries[edge.to] = (entries[edge.to] ?? 0) + 1;
  for (const { edge, body } of bodies) faults.push(...entryFaults(edge, body, edges, entries));
  const { loops, overlaps } = nested(size, edges, bodies);
  return { loops, faults: [...faults, ...overlaps] };
}

interface Links {
  all: number[][];
  back: number[][];
}

function adjacency(size: number, edges: readonly LinkedEdge[], wanted: (edge: LinkedEdge) => boolean): number[][] {
  const lists: number[][] = Array.from({ length: size }, () => []);
  for (const edge of edges) if (wanted(edge)) lists[edge.from]?.push(edge.to);
  return lists;
}

function reversed(size: number, edges: readonly LinkedEdge[]): number[][] {
  const lists: number[][] = Array.from({ length: size }, () => []);
  for (const edge of edges) lists[edge.to]?.push(edge.from);
  return lists;
}

/** Nodes reachable from a start, the start included, without going on from `stop`. */
function reachable(lists: number[][], start: number, stop: number): Set<number> {
  const seen = new Set([start]);
  const stack = start === stop ? [] : [start];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const next of lists[node] ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      if (next !== stop) stack.push(next);
    }
  }
  return seen;
}

/** Nodes on a path from target to source; inner loops may be walked, but not through the target or source again. */
function bodyOf(links: Links, target: number, source: number): Set<number> {
  const ahead = reachable(links.all, target, source);
  const behind = reachable(links.back, source, target);
  return new Set([...ahead].filter((node) => behind.has(node)));
}

function findCycle(size: number, edges: readonly LinkedEdge[], forward: number[][]): LoopFault | undefined {
  const waiting = Array.from({ length: size }, () => 0);
  for (const list of forward) for (const to of list) waiting[to] = (waiting[to] ?? 0) + 1;
  const free = waiting.flatMap((count, node) => (count === 0 ? [node] : []));
  const removed = new Set<number>(free);
  for (let node = free.pop(); node !== undefined; node = free.pop()) {
    for (const next of forward[node] ?? []) {
      waiting[next] = (waiting[next] ?? 0) - 1;
      if (waiting[next] === 0) {
        removed.add(next);
        free.push(next);
      }
    }
  }
  if (removed.size === size) return undefined;
  return walkCycle(edges, removed);
}

/** Every node left has a predecessor that is left: walking backwards must come round. */
function walkCycle(edges: readonly LinkedEdge[], removed: Set<number>): LoopFault {
  const into = new Map<number, number>();
  edges.forEach((edge, index) => {
    if (!edge.loop && !removed.has(edge.from) && !removed.has(edge.to)) into.set(edge.to, index);
  });
  const [first] = into.keys();
  const order = new Map<number, number>();
  const path: number[] = [];
  let node = first ?? 0;
  while (!order.has(node)) {
    order.set(node, path.length);
    path.push(node);
    node = edges[into.get(node) ?? 0]?.from ?? 0;
  }
  const nodes = path.slice(order.get(node)).toReversed();
  return { kind: 'cycle_without_max', nodes, edge: into.get(nodes[0] ?? 0) ?? 0 };
}

function entryFaults(
  loopEdge: number,
  body: Set<number>,
  edges: readonly LinkedEdge[],
  entries: number[],
): LoopFault[] {
  const target = edges[loopEdge]?.to ?? -1;
  const faults: LoopFault[] = [];
  edges.forEach((edge, index) => {
    if (body.has(edge.to) && !body.has(edge.from) && edge.to !== target) {
      faults.push({ kind: 'entered_beside_target', edge: index, loopEdge, node: edge.to });
    }
  });
  for (const node of body) {
    if (node !== target && entries[node] === 0) faults.push({ kind: 'starts_inside', node, loopEdge });
  }
  return faults;
}

/** Larger bodies first: a body is nested exactly when all its nodes had the same innermost loop until then. */
function nested(size: number, edges: readonly LinkedEdge[], bodies: { edge: number; body: Set<number> }[]) {
  const owner = Array.from({ length: size }, () => -1);
  const loops: Loop[] = [];
  const overlaps: LoopFault[] = [];
  for (const { edge, body } of bodies.toSorted((a, b) => b.body.size - a.body.size || a.edge - b.edge)) {
    const owners = new Set([...body].map((node) => owner[node] ?? -1));
    const around = Math.max(...owners);
    if (owners.size > 1) {
      overlaps.push({ kind: 'overlap', edge, otherEdge: loops[around]?.edges[0] ?? edge });
      continue;
    }
    const same = loops[around];
    if (same && same.body.length === body.size) {
      same.edges.push(edge);
      continue;
    }
    for (const node of body) owner[node] = loops.length;
    loops.push({ target: edges[edge]?.to ?? 0, edges: [edge], body: [...body], ...(same ? { parent: around } : {}) });
  }
  return { loops, overlaps };
}
