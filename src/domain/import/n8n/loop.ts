/** n8n's Loop Over Items as a map: where its body is one node and the list it goes over is known. */
import { n8nTranslate } from './expression.ts';
import { type Converted, makeNode, type NodeContext } from './nodes.ts';

export function n8nLoop(context: NodeContext, ids: ReadonlyMap<string, string>): Converted | undefined {
  const { draft, graph, node, id, itemOf } = context;
  const name = node.source.name;
  // The outputs changed places with version 3: done first, then the loop.
  const loop = node.version >= 3 ? 1 : 0;
  const links = graph.out.get(name) ?? [];
  const [first, second] = links.filter(({ output }) => output === loop);
  const body = first === undefined || second !== undefined ? undefined : graph.nodes.get(first.to);
  const bodyId = first === undefined ? undefined : ids.get(first.to);
  if (!body || bodyId === undefined) return undefined;
  const [back, more] = graph.out.get(body.source.name) ?? [];
  if (back?.to !== name || more !== undefined || body.raw['disabled'] === true) return undefined;
  const sources = [...new Set(graph.into.get(name))].filter((from) => from !== body.source.name);
  const [from] = sources;
  const over = sources.length === 1 && from !== undefined ? itemOf(from, '') : undefined;
  if (over === undefined) return undefined;
  const translate = n8nTranslate(graph, body.source.name, itemOf, 'item');
  const inner = makeNode({ ...context, node: body, id, translate });
  if ('why' in inner || inner.node.type === 'condition') return undefined;
  draft.map(node.source, id, { type: 'map', config: { over, as: 'item', concurrency: 1, node: inner.node } });
  draft.mapped(body.source, `${inner.node.type} within a map`, id);
  draft.absorbed.add(bodyId);
  return { links: links.filter(({ output }) => output !== loop) };
}
