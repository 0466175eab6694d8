// What changed between two versions of a workflow: as text, and in the graph. Pure; takes drafts too.
import { stringify } from 'yaml';
import type { WorkflowDifference } from '../../contract/workflows.ts';
import { differingPaths, sameJson } from '../json-difference.ts';
import { textDifference } from '../text-difference.ts';

type Document = Readonly<Record<string, unknown>>;

export function compareVersions(
  from: { version: number; document: Document },
  to: { version: number; document: Document },
): WorkflowDifference {
  return {
    from: from.version,
    to: to.version,
    text: textDifference(canonicalYaml(from.document), canonicalYaml(to.document), {
      from: `version ${from.version}`,
      to: `version ${to.version}`,
    }),
    nodes: compareNodes(from.document, to.document),
    edges: compareEdges(from.document, to.document),
    other: differingPaths(besides(from.document), besides(to.document)),
  };
}

/** First the fields that people look for, then the rest by name: the same document is the same text. */
const ORDER = [
  'pointsman', 'id', 'type', 'from', 'to', 'name', 'description', 'metadata', 'inputs', 'workspace', 'budget', 'nodes', 'config',
  'edges', 'outputs', 'triggers', 'concurrency', 'layout',
]; // prettier-ignore

export function canonicalYaml(document: Document): string {
  return stringify(inOrder(document), { lineWidth: 0, aliasDuplicateObjects: false });
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (value === null || typeof value !== 'object') return value;
  const rank = (key: string) => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);
  const entries = Object.entries(value).toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, inOrder(inner)]));
}

function compareNodes(from: Document, to: Document): WorkflowDifference['nodes'] {
  const before = byId(from);
  const after = byId(to);
  return {
    added: [...after.keys()].filter((id) => !before.has(id)),
    removed: [...before.keys()].filter((id) => !after.has(id)),
    changed: [...before].flatMap(([id, node]) => {
      const fields = after.has(id) ? differingPaths(node, after.get(id)) : [];
      return fields.length > 0 ? [{ id, fields }] : [];
    }),
  };
}

function byId(document: Document): Map<string, unknown> {
  const nodes = listOf(document['nodes']);
  return new Map(nodes.flatMap((node) => (typeof node['id'] === 'string' ? [[node['id'], node] as const] : [])));
}

type Edge = Record<string, unknown>;

/** An edge between the same two nodes is the same edge changed; of several, those in the same order. */
function compareEdges(from: Document, to: Document): WorkflowDifference['edges'] {
  const before = listOf(from['edges']);
  const left = listOf(to['edges']);
  const gone = before.filter((edge) => !take(left, (other) => sameJson(edge, other)));
  const changed: WorkflowDifference['edges']['changed'] = [];
  const removed = gone.filter((edge) => {
    const other = take(left, (each) => each['from'] === edge['from'] && each['to'] === edge['to']);
    if (other) changed.push({ ...ends(edge), fields: differingPaths(edge, other) });
    return !other;
  });
  return { added: left.map(ends), removed: removed.map(ends), changed };
}

function take(edges: Edge[], fits: (edge: Edge) => boolean): Edge | undefined {
  const at = edges.findIndex(fits);
  return at === -1 ? undefined : edges.splice(at, 1)[0];
}

function ends(edge: Edge): { from: string; to: string } {
  return { from: String(edge['from']), to: String(edge['to']) };
}

function listOf(value: unknown): Record<string, unknown>[] {
  const isMap = (each: unknown): each is Record<string, unknown> =>
    each !== null && typeof each === 'object' && !Array.isArray(each);
  return Array.isArray(value) ? value.filter(isMap) : [];
}

function besides(document: Document): Document {
  return Object.fromEntries(Object.entries(document).filter(([field]) => field !== 'nodes' && field !== 'edges'));
}
