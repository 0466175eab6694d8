/** Texts of Flowise – rich text with `{{ $form.name }}` and `{{ llmAgentflow_0 }}` in it – as texts of ours. */
import { type DrawnGraph, nodesBefore } from '../drawn-graph.ts';
import { celPath, type Translate } from '../foreign-template.ts';
import type { ImportDraft } from '../import-draft.ts';

/** For the texts of one node. Within an iteration `$iteration` is the item. */
export function flowiseTranslate(
  { draft, graph, ids }: { draft: ImportDraft; graph: DrawnGraph; ids: ReadonlyMap<string, string> },
  key: string,
  item = false,
): Translate {
  let before: ReadonlySet<string> | undefined;
  return (written) => {
    const expression = written.replace(/^\$(?=\w+Agentflow_)/, '');
    const form = /^\$form\.(\w+)$/.exec(expression)?.[1];
    if (form !== undefined) return draft.inputs.has(form) ? `inputs.${form}` : undefined;
    if (expression === 'question') return draft.inputs.has('question') ? 'inputs.question' : undefined;
    const iteration = /^\$iteration(.*)$/s.exec(expression);
    if (iteration) {
      const path = celPath(iteration[1] ?? '');
      return item && path !== undefined ? `item${path}` : undefined;
    }
    const named = /^(\w+Agentflow_\w+)(?:\.output)?(.*)$/s.exec(expression);
    const id = ids.get(named?.[1] ?? '');
    const path = celPath(named?.[2] ?? '');
    if (id === undefined || path === undefined) return undefined;
    before ??= nodesBefore(graph, key);
    return before.has(named?.[1] ?? '') ? outputOf(draft, id, path) : undefined;
  };
}

/** What the text of a node is, of each type that it may have become. */
function outputOf(draft: ImportDraft, id: string, path: string): string | undefined {
  const node = draft.node(id);
  switch (node?.type) {
    case 'agent':
      if (path === '' || path === '.content') return `nodes.${id}.output.text`;
      return node.config['output'] === undefined ? undefined : `nodes.${id}.output.data${path}`;
    case 'http':
      return `nodes.${id}.output.body${path.replace(/^\.(?:http\.)?(?:data|content)/, '')}`;
    case 'transform':
    case 'workflow':
    case 'map':
      return `nodes.${id}.output${path}`;
    default:
      return undefined;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ', amp: '&' };

/** The editor saves paragraphs; a prompt is words. */
export function plainText(source: string): string {
  if (!/<\/(?:p|span|li|h\d)>/i.test(source)) return source;
  return source
    .replaceAll(/<\/(?:p|li|h\d)>\s*|<br\s*\/?>/gi, '\n')
    .replaceAll(/<[^<>]{0,2000}>/g, '')
    .replaceAll(/&(lt|gt|quot|#39|nbsp|amp);/g, (entity, name: string) => ENTITIES[name] ?? entity)
    .trim();
}
