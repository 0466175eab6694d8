/** Nodes with ids and edges with source and target, as most builders of graphs save them. */
import { type Foreign, list, pointer, positionOf, record, text } from './foreign-value.ts';
import type { ImportDraft, SourceNode } from './import-draft.ts';

export interface DrawnNode {
  source: SourceNode;
  raw: Foreign;
  data: Foreign;
}

export interface DrawnEdge {
  from: string;
  to: string;
  /** The output that it leaves by. */
  handle: string;
  raw: Foreign;
}

export interface DrawnGraph {
  nodes: ReadonlyMap<string, DrawnNode>;
  edges: readonly DrawnEdge[];
  out: ReadonlyMap<string, readonly DrawnEdge[]>;
  into: ReadonlyMap<string, readonly DrawnEdge[]>;
}

/** `about` names a node and its kind. Nodes with an id that another has, and edges to nowhere, are reported. */
export function readDrawnGraph(
  draft: ImportDraft,
  value: Foreign,
  about: (raw: Foreign, data: Foreign) => { name: string; type: string },
): DrawnGraph {
  const nodes = new Map<string, DrawnNode>();
  list(value['nodes']).forEach((entry, index) => {
    const raw = record(entry);
    const data = record(raw['data']);
    const id = text(raw['id']) || `node ${index + 1}`;
    const { name, type } = about(raw, data);
    const path = pointer('nodes', index);
    const source = { id, name: name || id, type: type || 'unknown', path, position: positionOf(raw['position']) };
    if (nodes.has(id)) draft.unmapped(source, 'An earlier node has the same id.');
    else nodes.set(id, { source, raw, data });
  });
  const edges: DrawnEdge[] = [];
  list(value['edges']).forEach((entry, index) => {
    const raw = record(entry);
    const edge = { from: text(raw['source']), to: text(raw['target']), handle: text(raw['sourceHandle']), raw };
    if (nodes.has(edge.from) && nodes.has(edge.to)) return void edges.push(edge);
    const path = pointer('edges', index);
    const name = `${edge.from} → ${edge.to}`;
    draft.unmapped(
      { id: text(raw['id']) || name, name, type: 'edge', path },
      'It leads to or from a node that is not there.',
    );
  });
  return { nodes, edges, out: grouped(edges, ({ from }) => from), into: grouped(edges, ({ to }) => to) };
}

/** Ids of all nodes from which this one can be reached. */
export function nodesBefore(graph: Pick<DrawnGraph, 'into'>, id: string): ReadonlySet<string> {
  const known = new Set<string>();
  const stack = (graph.into.get(id) ?? []).map(({ from }) => from);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (known.has(next)) continue;
    known.add(next);
    stack.push(...(graph.into.get(next) ?? []).map(({ from }) => from));
  }
  return known;
}

/** Sources before their targets, as far as there are no circles. */
export function drawnOrder(graph: DrawnGraph): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  for (const start of [...[...graph.nodes.keys()].filter((id) => !graph.into.has(id)), ...graph.nodes.keys()]) {
    if (seen.has(start)) continue;
    seen.add(start);
    const stack = [{ id: start, next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const to = graph.out.get(top.id)?.[top.next++]?.to;
      if (to === undefined) {
        order.push(top.id);
        stack.pop();
      } else if (!seen.has(to)) {
        seen.add(to);
        stack.push({ id: to, next: 0 });
      }
    }
  }
  return order.toReversed();
}

function grouped(edges: readonly DrawnEdge[], key: (edge: DrawnEdge) => string): Map<string, DrawnEdge[]> {
  const groups = new Map<string, DrawnEdge[]>();
  for (const edge of edges) {
    const group = groups.get(key(edge));
    if (group) group.push(edge);
    else groups.set(key(edge), [edge]);
  }
  return groups;
}
