/** What an expression at some place of the document can read; pure. */
import type { Execution } from '../../../src/contract/executions.ts';
import type { Known } from './completion.ts';
import { type Doc, edgesOf, isPart, nodeOf, nodesOf } from './document.ts';

interface Place {
  nodeId: string | null;
  edgeIndex: number | null;
}

/** At a node, an edge (whose source has ended), or the outputs of the document, which may read all nodes. */
export function knownAt(
  document: Doc,
  { nodeId, edgeIndex }: Place,
  last: Execution | null,
): { known: Known; items: { as: string; over: string }[] } {
  const types = new Map(nodesOf(document).map(({ id, node }) => [id, String(node['type'])]));
  const source = edgesOf(document).find(({ index }) => index === edgeIndex)?.from;
  const readable =
    nodeId !== null
      ? nodesBefore(document, nodeId)
      : source !== undefined
        ? [source, ...nodesBefore(document, source).filter((id) => id !== source)]
        : [...types.keys()];
  const items = nodeId === null ? [] : itemsOf(nodeOf(document, nodeId)?.node);
  const inputs = isPart(document['inputs']) ? document['inputs'] : {};
  return {
    items,
    known: {
      inputs: Object.entries(inputs).map(([name, schema]) => ({
        name,
        type: isPart(schema) && typeof schema['type'] === 'string' ? schema['type'] : 'any',
      })),
      nodes: readable.flatMap((id) => {
        const type = types.get(id);
        return type === undefined ? [] : [{ id, type }];
      }),
      variables: items.length > 0 ? [...items.map(({ as }) => as), 'index'] : [],
      outputs: new Map(
        (last?.steps ?? []).flatMap((step) =>
          step.item || step.output === undefined ? [] : [[step.nodeId, step.output] as const],
        ),
      ),
    },
  };
}

/** Nearest first. In a loop a node may come before itself. */
export function nodesBefore(document: Doc, nodeId: string): string[] {
  const into = new Map<string, string[]>();
  for (const { from, to } of edgesOf(document)) into.set(to, [...(into.get(to) ?? []), from]);
  const found = new Set<string>();
  const queue = [nodeId];
  for (const id of queue)
    for (const before of into.get(id) ?? []) {
      if (found.has(before)) continue;
      found.add(before);
      queue.push(before);
    }
  return [...found];
}

/** A map and the maps inside it, from the outside in. */
function itemsOf(node: unknown): { as: string; over: string }[] {
  if (!isPart(node) || node['type'] !== 'map' || !isPart(node['config'])) return [];
  const { as, over, node: inner } = node['config'];
  const own = { as: typeof as === 'string' && as !== '' ? as : 'item', over: typeof over === 'string' ? over : '' };
  return [own, ...itemsOf(inner)];
}
