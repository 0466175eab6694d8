/** The nodes and connections of an n8n workflow, read without trust: names are its ids, outputs have numbers. */
import { at, type Foreign, list, pointer, positionOf, record, text } from '../foreign-value.ts';
import type { SourceNode } from '../import-draft.ts';

export interface N8nNode {
  source: SourceNode;
  /** Without the package: `httpRequest`, `agent`. */
  kind: string;
  version: number;
  parameters: Foreign;
  raw: Foreign;
}

export interface N8nLink {
  to: string;
  output: number;
}

export interface N8nGraph {
  nodes: ReadonlyMap<string, N8nNode>;
  /** Of the main flow, by name of the source. */
  out: ReadonlyMap<string, readonly N8nLink[]>;
  into: ReadonlyMap<string, readonly string[]>;
  /** Names of nodes that only serve another one: a model, a memory, a tool. */
  serving: ReadonlyMap<string, string>;
  /** Nodes with a name that an earlier one has. */
  duplicates: readonly SourceNode[];
}

export function readN8nGraph(workflow: Foreign): N8nGraph {
  const nodes = new Map<string, N8nNode>();
  const duplicates: SourceNode[] = [];
  list(workflow['nodes']).forEach((value, index) => {
    const raw = record(value);
    const type = text(raw['type']);
    const name = text(raw['name']) || text(raw['id']) || `node ${index + 1}`;
    const source = {
      id: text(raw['id']) || name,
      name,
      type: type || 'unknown',
      path: pointer('nodes', index),
      position: positionOf(raw['position']),
    };
    if (nodes.has(name)) return void duplicates.push(source);
    nodes.set(name, {
      source,
      // Of n8n's own packages; whatever else has such a name is something else.
      kind: /^(?:n8n-nodes-base|@n8n\/n8n-nodes-langchain)\.(\w+)$/.exec(type)?.[1] ?? type,
      version: Number(raw['typeVersion']) || 1,
      parameters: record(raw['parameters']),
      raw,
    });
  });
  return { nodes, duplicates, ...links(workflow, nodes) };
}

function links(workflow: Foreign, nodes: ReadonlyMap<string, N8nNode>) {
  const out = new Map<string, N8nLink[]>();
  const into = new Map<string, string[]>();
  const serving = new Map<string, string>();
  for (const [from, kinds] of Object.entries(record(workflow['connections']))) {
    if (!nodes.has(from)) continue;
    for (const [kind, outputs] of Object.entries(record(kinds))) {
      list(outputs).forEach((targets, output) => {
        for (const target of list(targets)) {
          const to = text(at(target, 'node'));
          if (!nodes.has(to)) continue;
          if (kind !== 'main') serving.set(from, to);
          else {
            add(out, from, { to, output });
            add(into, to, from);
          }
        }
      });
    }
  }
  return { out, into, serving };
}

function add<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const known = lists.get(key);
  if (known) known.push(value);
  else lists.set(key, [value]);
}
