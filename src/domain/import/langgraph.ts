/**
 * The JSON of a LangGraph graph (`get_graph().to_json()`, `toJSON()`, `GET /assistants/{id}/graph`). It has the shape but
 * neither code nor prompts, so most nodes become placeholders; where the code decides the way, a person does.
 */
import { ANY_AGENT } from './any-agent.ts';
import { literal } from './foreign-template.ts';
import { at, type Foreign, list, record, text } from './foreign-value.ts';
import { type DrawnEdge, type DrawnGraph, type DrawnNode, readDrawnGraph } from './drawn-graph.ts';
import { type Drafted, ImportDraft } from './import-draft.ts';
import { chosenWay } from './chosen-way.ts';

export function importLanggraph(value: Foreign): Drafted {
  const draft = new ImportDraft();
  const graph = readDrawnGraph(draft, value, (raw, data) => ({
    name: text(data['name']) || text(raw['name']) || text(raw['id']),
    type: list(data['id']).map(text).join('.') || text(raw['type']),
  }));
  const ids = new Map<string, { enter: string; leave: string }>();
  for (const [key, node] of graph.nodes) {
    if (isEnd(key, '__start__') || isEnd(key, '__end__'))
      draft.mapped(node.source, isEnd(key, '__start__') ? 'start' : 'end');
    else ids.set(key, put(draft, node));
  }
  for (const [from, edges] of graph.out) connect({ draft, graph, ids, from, edges });
  if (ids.size > 0)
    draft.note('The JSON of a graph has no code: what a node does, and what a condition asks, is yours to fill in.');
  return draft.finish({ name: text(value['name']) || text(at(value, 'metadata', 'name')) || 'LangGraph graph' });
}

/** Also of a subgraph, whose ids have its name in front. */
function isEnd(key: string, name: string): boolean {
  return key === name || key.endsWith(`:${name}`);
}

function put(draft: ImportDraft, { source, raw }: DrawnNode): { enter: string; leave: string } {
  const id = draft.idFor(source.name);
  const kind = source.type.split('.').at(-1) ?? '';
  if (/chat_models|language_models|\bllms\b|^Chat[A-Z]/.test(source.type) || /^Chat[A-Z]/.test(kind)) {
    draft.map(source, id, {
      type: 'agent',
      config: { agent: ANY_AGENT, prompt: literal(`Do the step “${source.name}”.`) },
    });
    draft.unmapped(source, 'Its prompt is in the code.', { nodeId: id, field: '/data' });
  } else if (kind.endsWith('ToolNode') || source.type.includes('tool_node')) {
    draft.placeholder(
      source,
      id,
      'it calls tools for a model; an agent here has tools of its own, so it may not be needed.',
    );
  } else draft.placeholder(source, id, 'its code is not in the JSON.');
  const interrupt = text(at(raw, 'metadata', '__interrupt'));
  if (interrupt !== 'before' && interrupt !== 'after') return { enter: id, leave: id };
  const gate = draft.idFor(`${source.name} ${interrupt}`);
  draft.put({ ...source, position: undefined }, gate, {
    type: 'approval',
    config: {
      title: literal(interrupt === 'before' ? `Go on with ${source.name}?` : `Accept what ${source.name} did?`),
    },
  });
  draft.mapped({ ...source, type: `interrupt ${interrupt}` }, 'approval', gate);
  draft.edge(interrupt === 'before' ? { from: gate, to: id } : { from: id, to: gate });
  return interrupt === 'before' ? { enter: gate, leave: id } : { enter: id, leave: gate };
}

interface Leaving {
  draft: ImportDraft;
  graph: DrawnGraph;
  ids: ReadonlyMap<string, { enter: string; leave: string }>;
  from: string;
  edges: readonly DrawnEdge[];
}

function connect({ draft, graph, ids, from, edges }: Leaving): void {
  const place = ids.get(from)?.leave;
  const conditional = edges.filter(({ raw }) => raw['conditional'] === true);
  for (const { to, raw } of edges) {
    const target = ids.get(to)?.enter;
    if (place !== undefined && target !== undefined && raw['conditional'] !== true)
      draft.edge({ from: place, to: target });
  }
  if (conditional.length === 0) return;
  const node = graph.nodes.get(from);
  if (!node) return;
  const source = { ...node.source, id: `${node.source.id} (condition)`, type: 'conditional edge', position: undefined };
  const gate = draft.idFor(`after ${node.source.name.replaceAll('_', ' ').trim()}`);
  const way = ({ raw, to }: DrawnEdge) => text(raw['data']) || graph.nodes.get(to)?.source.name || to;
  draft.decision(source, gate, [...new Set(conditional.map(way))], 'What decides is in the code.');
  if (place !== undefined) draft.edge({ from: place, to: gate });
  for (const edge of conditional) {
    const target = ids.get(edge.to)?.enter;
    if (target !== undefined) draft.edge({ from: gate, to: target, when: chosenWay(gate, way(edge)) });
  }
}

export function looksLikeLanggraph(value: Foreign): boolean {
  const nodes = list(value['nodes']).map(record);
  const known = nodes.filter(
    (node) =>
      ['schema', 'runnable', 'unknown'].includes(text(node['type'])) || /^__(?:start|end)__$/.test(text(node['id'])),
  );
  return nodes.length > 0 && known.length === nodes.length && Array.isArray(value['edges']);
}
