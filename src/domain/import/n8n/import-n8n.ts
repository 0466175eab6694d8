/** An n8n workflow as a document: what each kind of node becomes, and how its outputs become edges. */
import { at, type Foreign, record, shortened, text } from '../foreign-value.ts';
import { type Drafted, ImportDraft } from '../import-draft.ts';
import { type Converted, n8nNode, type NodeContext } from './nodes.ts';
import { type ItemOf, n8nTranslate } from './expression.ts';
import { type N8nGraph, type N8nLink, type N8nNode, readN8nGraph } from './graph.ts';
import { isTrigger, n8nTrigger, triggerItem } from './triggers.ts';
import { n8nLoop } from './loop.ts';

const PASSES_ON = ['if', 'switch', 'filter', 'noOp', 'wait', 'respondToWebhook', 'merge'];

export function importN8n(workflow: Foreign): Drafted {
  const draft = new ImportDraft();
  const graph = readN8nGraph(workflow);
  for (const source of graph.duplicates) draft.unmapped(source, 'An earlier node has the same name.');
  const timezone = text(at(workflow, 'settings', 'timezone')).replace(/^DEFAULT$/, '');
  const ids = new Map<string, string>();
  for (const [name, node] of graph.nodes) {
    if (graph.serving.has(name)) served(draft, node, graph.serving.get(name) ?? '');
    else if (node.kind === 'stickyNote') draft.mapped(node.source, 'nothing: a comment on the canvas');
    else if (isTrigger(node)) {
      if (!n8nTrigger(draft, node, timezone)) draft.unmapped(node.source, 'There is no such trigger here.');
    } else ids.set(name, draft.idFor(name));
  }
  const itemOf = itemsOf(draft, graph, ids);
  const converted = new Map<string, Converted>();
  for (const name of flowOrder(graph, ids)) {
    const node = graph.nodes.get(name) as N8nNode; // ids has names of this graph only
    const id = ids.get(name) ?? '';
    if (draft.node(id) || draft.absorbed.has(id)) continue;
    const context: NodeContext = { draft, graph, id, node, itemOf, translate: n8nTranslate(graph, name, itemOf) };
    const loop = node.kind === 'splitInBatches' ? n8nLoop(context, ids) : undefined;
    converted.set(name, loop ?? n8nNode(context));
  }
  for (const name of graph.nodes.keys()) {
    const how = converted.get(name);
    if (!how) continue;
    for (const link of how.links ?? graph.out.get(name) ?? []) connect({ draft, ids, name, link, how });
  }
  if (ids.size > 1)
    draft.note('n8n runs a node once for each item; here a node runs once, and a map runs it for each of a list.');
  aboutSettings(draft, workflow);
  return draft.finish({
    name: text(workflow['name']) || 'n8n workflow',
    description: text(at(workflow, 'meta', 'description')),
  });
}

interface Connection {
  draft: ImportDraft;
  ids: ReadonlyMap<string, string>;
  name: string;
  link: N8nLink;
  how: Converted;
}

function connect({ draft, ids, name, link, how }: Connection): void {
  const [from, to] = [ids.get(name), ids.get(link.to)];
  if (from === undefined || to === undefined || draft.absorbed.has(to)) return;
  const condition = how.outputs?.(link.output) ?? {};
  if (condition !== 'never') draft.edge({ from, to, ...condition });
}

/** A model, a memory, a tool: part of what an agent here brings along itself. */
function served(draft: ImportDraft, node: N8nNode, name: string): void {
  draft.unmapped(
    node.source,
    `It serves “${shortened(name, 80)}”. An agent here has the model, the memory and the tools of its own CLI.`,
  );
}

/** Where a node's item stands. Of placeholders, and of what was not looked at yet, nobody knows. */
function itemsOf(draft: ImportDraft, graph: N8nGraph, ids: ReadonlyMap<string, string>): ItemOf {
  return (name, path) => {
    let at: string | undefined = name;
    for (const seen = new Set<string>(); at !== undefined && !seen.has(at);) {
      seen.add(at);
      const node = graph.nodes.get(at);
      if (!node) return undefined;
      if (isTrigger(node)) return triggerItem(draft, node.kind, path);
      if (!PASSES_ON.includes(node.kind) && node.raw['disabled'] !== true) return ownItem(draft, ids.get(at), path);
      const [before, other]: string[] = [...new Set(graph.into.get(at))];
      at = other === undefined ? before : undefined;
    }
    return undefined;
  };
}

function ownItem(draft: ImportDraft, id: string | undefined, path: string): string | undefined {
  const made = id === undefined ? undefined : draft.node(id);
  if (!made) return undefined;
  switch (made.type) {
    case 'http':
      return `nodes.${id}.output.body${path}`;
    case 'shell':
    case 'workflow':
      return `nodes.${id}.output${path}`;
    case 'transform': {
      const value = made.config['value'];
      const field = /^\.(\w+)/.exec(path)?.[1] ?? '';
      return typeof value === 'object' && !Object.hasOwn(value ?? {}, field) ? undefined : `nodes.${id}.output${path}`;
    }
    case 'agent': {
      const answer = /^\.(?:output|text|message\.content|content)(.*)$/s.exec(path);
      if (!answer) return undefined;
      return answer[1] === ''
        ? `nodes.${id}.output.text`
        : made.config['output'] === undefined
          ? undefined
          : `nodes.${id}.output.data${answer[1]}`;
    }
    default:
      return undefined;
  }
}

/** Sources before their targets, as far as there are no circles. */
function flowOrder(graph: N8nGraph, ids: ReadonlyMap<string, string>): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const entries = [...graph.nodes.keys()].filter((name) => !graph.into.has(name));
  for (const start of [...entries, ...graph.nodes.keys()]) {
    if (seen.has(start)) continue;
    seen.add(start);
    const stack = [{ name: start, next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const to = graph.out.get(top.name)?.[top.next++]?.to;
      if (to === undefined) {
        order.push(top.name);
        stack.pop();
      } else if (!seen.has(to)) {
        seen.add(to);
        stack.push({ name: to, next: 0 });
      }
    }
  }
  return order.toReversed().filter((name) => ids.has(name));
}

function aboutSettings(draft: ImportDraft, workflow: Foreign): void {
  const settings = record(workflow['settings']);
  const source = { id: 'settings', name: 'Settings', type: 'settings', path: '/settings' };
  if (text(settings['errorWorkflow']) !== '')
    draft.unmapped(source, 'A workflow that runs on errors: add an edge with `on: error` instead.', {
      field: '/errorWorkflow',
    });
  if (Object.keys(record(workflow['pinData'])).length > 0)
    draft.unmapped(
      { ...source, id: 'pinData', name: 'Pinned data', path: '/pinData' },
      'Pinned outputs are not taken over.',
    );
}
