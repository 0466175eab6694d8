/**
 * The graph of an OpenAI Agent Builder workflow as JSON: nodes of the kinds that its node reference names, with their
 * settings in `data` (or `config`). What the product itself exports is code: see import-code.ts.
 */
import { ANY_AGENT } from '../any-agent.ts';
import { chosenWay, MOST_WAYS } from '../chosen-way.ts';
import {
  celPath,
  celText,
  literal,
  type Translate,
  translateText,
  translateToExpression,
} from '../foreign-template.ts';
import { at, type Foreign, list, record, shortened, text } from '../foreign-value.ts';
import { type DrawnGraph, drawnOrder, nodesBefore, readDrawnGraph } from '../drawn-graph.ts';
import { type Drafted, ImportDraft } from '../import-draft.ts';
import { translateCondition } from './plain-condition.ts';

const KINDS = [
  'start',
  'agent',
  'classify',
  'note',
  'file-search',
  'guardrails',
  'mcp',
  'if-else',
  'while',
  'user-approval',
  'transform',
  'set-state',
  'end',
];

export function looksLikeAgentBuilder(value: Foreign): boolean {
  const nodes = list(value['nodes']);
  const known = nodes.filter((node) => KINDS.includes(kindOf(record(node))));
  return known.length > 0 && known.length * 2 >= nodes.length && Array.isArray(value['edges']);
}

function kindOf(raw: Foreign): string {
  const kind = text(raw['type']);
  const own = KINDS.includes(kind.replaceAll('_', '-')) ? kind : text(at(raw, 'data', 'nodeType')) || kind;
  const dashed = own.toLowerCase().replaceAll(/[_ /]/g, '-');
  return dashed === 'if' ? 'if-else' : dashed === 'approval' ? 'user-approval' : dashed;
}

interface Context {
  draft: ImportDraft;
  graph: DrawnGraph;
  ids: ReadonlyMap<string, string>;
  key: string;
  id: string;
  settings: Foreign;
}

type Outputs = (handle: string) => Record<string, unknown>;

export function importAgentBuilder(value: Foreign): Drafted {
  const draft = new ImportDraft();
  const graph = readDrawnGraph(draft, value, (raw, data) => ({
    name: text(data['name']) || text(data['label']) || text(data['nodeName']) || text(raw['name']),
    type: kindOf(raw),
  }));
  const ids = new Map<string, string>();
  for (const [key, { source, raw, data }] of graph.nodes) {
    if (source.type === 'note') draft.mapped(source, 'nothing: a comment on the canvas');
    else if (source.type === 'start') {
      draft.inputs.set('input_as_text', { type: 'string', description: 'What the person says' });
      for (const variable of list(data['inputVariables'])) input(draft, record(variable));
      for (const variable of list(data['stateVariables'] ?? at(raw, 'config', 'state_vars')))
        draft.unmapped(
          source,
          `The state “${text(at(variable, 'name'))}” has no counterpart: read the outputs of nodes by name.`,
        );
      draft.mapped(source, 'input');
    } else ids.set(key, draft.idFor(source.name));
  }
  const outputs = new Map<string, Outputs>();
  for (const key of drawnOrder(graph)) {
    const [id, node] = [ids.get(key), graph.nodes.get(key)];
    if (id === undefined || !node) continue;
    const settings = Object.keys(node.data).length > 0 ? node.data : record(node.raw['config']);
    const made = convert({ draft, graph, ids, key, id, settings });
    if (made) outputs.set(key, made);
  }
  for (const { from, to, handle, raw } of graph.edges) {
    const [source, target] = [ids.get(from), ids.get(to)];
    if (source !== undefined && target !== undefined)
      draft.edge({ from: source, to: target, ...outputs.get(from)?.(handle || text(raw['label'])) });
  }
  return draft.finish({
    name: text(value['name']) || 'Agent Builder workflow',
    description: text(value['description']),
  });
}

function input(draft: ImportDraft, variable: Foreign): void {
  const name = text(variable['name']);
  if (!/^[A-Za-z_]\w{0,63}$/.test(name)) return draft.note(`The input “${name}” has a name that is no identifier.`);
  const type =
    ['string', 'number', 'boolean', 'object', 'array'].find((known) => known === variable['type']) ?? 'string';
  const fallback = variable['defaultValue'];
  draft.inputs.set(name, { type, ...(fallback === undefined || fallback === null ? {} : { default: fallback }) });
}

function convert(context: Context): Outputs | undefined {
  const { draft, graph, key, id, settings } = context;
  const source = graph.nodes.get(key)?.source;
  if (!source) return undefined;
  const translate = translator(context);
  const written = (value: string, field: string): string => {
    const translated = translateText(value, translate);
    for (const left of translated.left)
      draft.unmapped(source, `The variable ${left} has no counterpart; it stands there as words.`, {
        nodeId: id,
        field,
      });
    return translated.text;
  };
  switch (source.type) {
    case 'agent': {
      const instructions = written(
        text(settings['instructions']) || text(settings['systemPrompt']),
        '/data/instructions',
      );
      const asked = draft.inputs.has('input_as_text') ? 'The request: {{ inputs.input_as_text }}' : '';
      const before = beforeText(context);
      const schema = record(settings['jsonSchema'] ?? at(settings, 'output_format', 'schema'));
      const prompt = [instructions, asked, before === undefined ? '' : `The answer before: {{ ${before} }}`];
      draft.map(source, id, {
        type: 'agent',
        config: {
          agent: ANY_AGENT,
          prompt: prompt.filter((part) => part.trim() !== '').join('\n\n') || literal(`Do the step “${source.name}”.`),
          ...(Object.keys(schema).length === 0 ? {} : { output: schema }),
        },
      });
      if (list(settings['tools']).length > 0 || list(settings['mcpTools']).length > 0)
        draft.unmapped(source, 'Its tools stay behind: an agent here has those of its own CLI.', {
          nodeId: id,
          field: '/data/tools',
        });
      return undefined;
    }
    case 'user-approval': {
      const message = text(settings['approvalMessage']) || text(settings['message']);
      draft.map(source, id, {
        type: 'approval',
        config: { title: written(message, '/data/message') || literal(source.name) },
      });
      return (handle) => ({
        when: `nodes.${id}.output.decision == '${/reject|false|no|deny/i.test(handle) ? 'reject' : 'approve'}'`,
      });
    }
    case 'if-else':
    case 'while':
      return branch(context);
    case 'transform': {
      const made = transform(settings, translate);
      if (made === undefined)
        draft.placeholder(
          source,
          id,
          'what it computes is not said as simple expressions.',
          text(settings['transformScript']),
        );
      else draft.map(source, id, { type: 'transform', config: { value: made } });
      return undefined;
    }
    case 'end':
      draft.map(source, id, { type: 'condition', config: {} });
      return undefined;
    case 'set-state':
      draft.placeholder(source, id, 'there is no state that nodes write into: read the outputs of others by name.');
      return undefined;
    case 'guardrails':
      draft.decision(
        source,
        id,
        ['pass', 'fail'],
        'Guardrails are a service of the other tool: an agent with an `output`, or a person, may judge.',
      );
      return (handle) => ({ when: chosenWay(id, /fail|false|else/i.test(handle) ? 'fail' : 'pass') });
    case 'file-search':
    case 'mcp':
      draft.placeholder(source, id, 'an agent here has tools of its own; let one do this.');
      return undefined;
    default:
      draft.placeholder(source, id, 'there is no such node here.');
      return undefined;
  }
}

function branch({ draft, graph, id, key, settings, ...rest }: Context): Outputs {
  const source = graph.nodes.get(key)?.source as NonNullable<ReturnType<DrawnGraph['nodes']['get']>>['source']; // a key of it
  const cases = list(settings['cases']).map((entry) => ({
    handle: text(at(entry, 'id')),
    condition:
      text(at(entry, 'condition')) || text(at(entry, 'expression')) || text(at(entry, 'predicate', 'expression')),
  }));
  const condition =
    text(settings['condition']) || text(settings['whileCondition']) || text(at(settings, 'condition', 'expression'));
  if (cases.length === 0) cases.push({ handle: 'if', condition });
  const resolve = translator({ draft, graph, key, ...rest });
  const whens = cases.map((each) => translateCondition(each.condition, resolve));
  const index = (handle: string): number => {
    if (/^(?:if|true|yes|loop|body|continue|again)$/i.test(handle) || handle === '') return 0;
    const named = cases.findIndex((each) => each.handle !== '' && each.handle === handle);
    if (named !== -1) return named;
    const numbered = /^case-?_?(\d+)$/.exec(handle)?.[1];
    return numbered === undefined ? -1 : Number(numbered);
  };
  if (whens.length > MOST_WAYS || whens.some((when) => when === undefined)) {
    const ways = [...cases.map((each, number) => `${number + 1}: ${shortened(each.condition, 120)}`), 'else'];
    draft.decision(source, id, ways, 'Its condition reads what is not known here.');
    return (handle) => ({ when: chosenWay(id, ways[index(handle)] ?? 'else') });
  }
  draft.map(source, id, { type: 'condition', config: {} });
  return (handle) => {
    const place = index(handle);
    const when = whens[place];
    if (when === undefined) return { otherwise: true };
    const earlier = whens.slice(0, place).map((before) => `!(${before})`);
    return { when: earlier.length === 0 ? when : [...earlier, `(${when})`].join(' && ') };
  };
}

function transform(settings: Foreign, translate: Translate): Record<string, string> | undefined {
  const value: Record<string, string> = Object.create(null);
  for (const [name, given] of Object.entries(record(settings['outputMapping'] ?? settings['expressions']))) {
    const { value: expression, left } =
      typeof given === 'string'
        ? translateToExpression(given, translate)
        : { value: celText(JSON.stringify(given)), left: [] };
    if (left.length > 0) return undefined;
    value[name] = expression;
  }
  return Object.keys(value).length === 0 ? undefined : { ...value };
}

/** The text of the one agent before. */
function beforeText(context: Pick<Context, 'graph' | 'ids' | 'key' | 'draft'>): string | undefined {
  const id = agentBefore(context);
  return id === undefined ? undefined : `nodes.${id}.output.text`;
}

function agentBefore({ graph, ids, key, draft }: Pick<Context, 'graph' | 'ids' | 'key' | 'draft'>): string | undefined {
  let at: string | undefined = key;
  for (const seen = new Set<string>(); at !== undefined && !seen.has(at);) {
    seen.add(at);
    const [first, other]: string[] = (graph.into.get(at) ?? []).map(({ from }) => from);
    at = other === undefined ? first : undefined;
    const id = at === undefined ? undefined : ids.get(at);
    const type = id === undefined ? undefined : draft.node(id)?.type;
    if (type === 'agent') return id;
    if (type !== 'condition' && type !== 'approval') return undefined;
  }
  return undefined;
}

/** `workflow.input_as_text`, `input.output_parsed.kind`, and the outputs of nodes by name or id. */
function translator(context: Pick<Context, 'graph' | 'ids' | 'key' | 'draft'>): Translate {
  const { draft, graph, ids, key } = context;
  return (expression) => {
    const way = expression.trim();
    const started = /^(?:workflow\.|inputs?\.)?(\w+)$/.exec(way)?.[1];
    if (started !== undefined && draft.inputs.has(started)) return `inputs.${started}`;
    const match = /^(\w[\w-]*)\.(output_text|output_parsed|output)(.*)$/s.exec(way);
    const path = celPath(match?.[3] ?? '');
    if (!match || path === undefined) return undefined;
    const named = match[1] === 'input' ? agentBefore(context) : byName(graph, ids, key, match[1] ?? '');
    const node = named === undefined ? undefined : draft.node(named);
    if (node?.type !== 'agent') return undefined;
    if (match[2] === 'output_text' || (match[2] === 'output' && path === '')) return `nodes.${named}.output.text`;
    return path === '' ? `nodes.${named}.output.data` : `nodes.${named}.output.data${path}`;
  };
}

function byName(graph: DrawnGraph, ids: ReadonlyMap<string, string>, key: string, name: string): string | undefined {
  const plain = (value: string) => value.replaceAll(/\W|_/g, '').toLowerCase();
  const found = [...graph.nodes.entries()].find(
    ([id, { source }]) => id === name || plain(source.name) === plain(name),
  );
  return found && nodesBefore(graph, key).has(found[0]) ? ids.get(found[0]) : undefined;
}
