/** An agentflow of Flowise (version 2) as a document. A chatflow has parts of a program for nodes: they become placeholders. */
import { at, type Foreign, list, record, text } from '../foreign-value.ts';
import { type DrawnGraph, drawnOrder, readDrawnGraph } from '../drawn-graph.ts';
import { flowiseNode } from './nodes.ts';
import { type Drafted, ImportDraft } from '../import-draft.ts';

const UPDATES = /UpdateState$/;

export function importFlowise(value: Foreign): Drafted {
  const draft = new ImportDraft();
  const graph = readDrawnGraph(draft, value, (_raw, data) => ({
    name: text(data['label']),
    type: text(data['name']) || text(data['type']),
  }));
  const ids = new Map<string, string>();
  for (const [key, { source, raw }] of graph.nodes) {
    if (source.type.startsWith('stickyNote') || raw['type'] === 'stickyNote')
      draft.mapped(source, 'nothing: a comment on the canvas');
    else if (source.type === 'startAgentflow') start(draft, graph, key);
    else ids.set(key, draft.idFor(source.name));
  }
  const edgesOf = new Map<string, (handle: number) => Record<string, unknown> | 'never'>();
  // What stands within an iteration comes last: by then it is known whether it became part of a map.
  const order = drawnOrder(graph);
  const within = (key: string) => text(graph.nodes.get(key)?.raw['parentNode']) !== '';
  for (const key of [...order.filter((each) => !within(each)), ...order.filter(within)]) {
    const id = ids.get(key);
    const node = graph.nodes.get(key);
    if (id === undefined || !node || draft.absorbed.has(id)) continue;
    const outputs = flowiseNode({ draft, graph, ids, id, key, node });
    if (outputs) edgesOf.set(key, outputs);
    reportState(draft, graph, key);
  }
  for (const { from, to, handle } of graph.edges) {
    const [source, target] = [ids.get(from), ids.get(to)];
    if (source === undefined || target === undefined || draft.absorbed.has(source) || draft.absorbed.has(target))
      continue;
    const output = Number(/-output-(\d+)$/.exec(handle)?.[1] ?? 0);
    const more = edgesOf.get(from)?.(output) ?? {};
    if (more !== 'never') draft.edge({ from: source, to: target, ...more });
  }
  return draft.finish({ name: text(value['name']) || 'Flowise flow', description: text(value['description']) });
}

function start(draft: ImportDraft, graph: DrawnGraph, key: string): void {
  const { source, data } = graph.nodes.get(key) as NonNullable<ReturnType<DrawnGraph['nodes']['get']>>; // a key of it
  const inputs = record(data['inputs']);
  if (inputs['startInputType'] === 'formInput') {
    for (const field of list(inputs['formInputTypes'])) input(draft, record(field));
  } else draft.inputs.set('question', { type: 'string', description: 'What the person says' });
  draft.mapped(source, 'input');
  for (const entry of list(inputs['startState']))
    draft.unmapped(
      source,
      `The state “${text(at(entry, 'key'))}” has no counterpart: a node reads the outputs of others by name.`,
      {
        field: '/data/inputs/startState',
      },
    );
}

function input(draft: ImportDraft, field: Foreign): void {
  const name = text(field['name']);
  if (!/^[A-Za-z_]\w{0,63}$/.test(name)) return draft.note(`The input “${name}” has a name that is no identifier.`);
  const options = list(field['addOptions']).map((option) => text(at(option, 'option')));
  const type = ['number', 'boolean'].includes(text(field['type'])) ? text(field['type']) : 'string';
  draft.inputs.set(name, {
    type,
    ...(options.length === 0 ? {} : { enum: options }),
    ...(text(field['label']) === '' ? {} : { description: text(field['label']) }),
  });
}

function reportState(draft: ImportDraft, graph: DrawnGraph, key: string): void {
  const node = graph.nodes.get(key);
  for (const [name, value] of Object.entries(record(node?.data['inputs'])))
    if (node && UPDATES.test(name) && list(value).length > 0)
      draft.unmapped(node.source, 'It writes into a state that has no counterpart; read its output by name instead.', {
        field: `/data/inputs/${name}`,
      });
}

export function looksLikeFlowise(value: Foreign): boolean {
  return list(value['nodes']).some((node) => {
    const data = record(at(node, 'data'));
    return (
      text(data['name']).endsWith('Agentflow') || (data['inputs'] !== undefined && Array.isArray(data['inputAnchors']))
    );
  });
}
