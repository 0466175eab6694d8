/** What each kind of node of an agentflow becomes, and what its outputs say. */
import { ABOUT_CHOICE, ANY_AGENT } from '../any-agent.ts';
import { chosenWay, MOST_WAYS } from '../chosen-way.ts';
import type { DrawnGraph, DrawnNode } from '../drawn-graph.ts';
import { flowiseTranslate, plainText } from './expression.ts';
import { celText, type Translate, translateText, translateToExpression } from '../foreign-template.ts';
import { at, type Foreign, list, record, shortened, text } from '../foreign-value.ts';
import type { DraftNode, ImportDraft } from '../import-draft.ts';

export interface FlowiseContext {
  draft: ImportDraft;
  graph: DrawnGraph;
  ids: ReadonlyMap<string, string>;
  id: string;
  key: string;
  node: DrawnNode;
}

type Outputs = (output: number) => Record<string, unknown> | 'never';
type Made = { node: DraftNode } | { why: string };

export function flowiseNode(context: FlowiseContext): Outputs | undefined {
  const { draft, id, node, key } = context;
  const inputs = record(node.data['inputs']);
  const translate = flowiseTranslate(context, key);
  switch (node.source.type) {
    case 'conditionAgentflow':
      return condition(context, inputs, translate);
    case 'conditionAgentAgentflow':
      return scenario(context, inputs, translate);
    case 'humanInputAgentflow': {
      const title = written(
        context,
        text(inputs['humanInputDescription']),
        translate,
        '/data/inputs/humanInputDescription',
      );
      draft.map(node.source, id, { type: 'approval', config: { title: title || shortened(node.source.name) } });
      return (output) => ({ when: `nodes.${id}.output.decision == '${output === 0 ? 'approve' : 'reject'}'` });
    }
    case 'loopAgentflow':
      return loop(context, inputs);
    case 'iterationAgentflow':
      return iteration(context, inputs, translate);
    default: {
      const made = makeNode(context, inputs, translate);
      if ('why' in made) draft.placeholder(node.source, id, made.why, text(inputs['customFunctionJavascriptFunction']));
      else draft.map(node.source, id, made.node);
      return undefined;
    }
  }
}

function makeNode(context: FlowiseContext, inputs: Foreign, translate: Translate): Made {
  switch (context.node.source.type) {
    case 'agentAgentflow':
    case 'llmAgentflow':
      return agent(context, inputs, translate);
    case 'httpAgentflow':
      return request(inputs, translate);
    case 'directReplyAgentflow': {
      const { value, left } = translateToExpression(plainText(text(inputs['directReplyMessage'])), translate);
      if (left[0] !== undefined) return { why: `the variable ${left[0]} has no counterpart.` };
      context.draft.outputs.set(
        context.id,
        `nodes.${context.id}.status == 'succeeded' ? nodes.${context.id}.output : null`,
      );
      return { node: { type: 'transform', config: { value } } };
    }
    case 'executeFlowAgentflow': {
      const workflow = text(inputs['executeFlowSelectedFlow']);
      const question = translateText(plainText(text(inputs['executeFlowInput'])), translate);
      if (workflow === '' || question.left.length > 0)
        return { why: 'which flow it starts, or with what, is not said.' };
      context.draft.note('A flow that starts another names it by an id of Flowise: import that one too, and name it.');
      return { node: { type: 'workflow', config: { workflow, inputs: { question: question.text } } } };
    }
    case 'customFunctionAgentflow':
      return { why: 'code does not run inside the engine: put it into a script and call that with a shell node.' };
    case 'toolAgentflow':
    case 'retrieverAgentflow':
      return { why: 'an agent here has tools of its own; let one do this, or call the service with an http node.' };
    default:
      return { why: 'there is no such node here.' };
  }
}

/** A text as a template; what could not be translated is reported at its field. */
function written({ draft, node, id }: FlowiseContext, source: string, translate: Translate, field: string): string {
  const translated = translateText(plainText(source), translate);
  for (const left of translated.left)
    draft.unmapped(node.source, `The variable ${left} has no counterpart; it stands there as words.`, {
      nodeId: id,
      field,
    });
  return translated.text;
}

function agent(context: FlowiseContext, inputs: Foreign, translate: Translate): Made {
  const { node, draft } = context;
  const prefix = node.source.type === 'llmAgentflow' ? 'llm' : 'agent';
  const field = `/data/inputs/${prefix}`;
  const messages = list(inputs[`${prefix}Messages`]).map((message, index) =>
    written(context, text(at(message, 'content')), translate, `${field}Messages/${index}`),
  );
  const asked = written(context, text(inputs[`${prefix}UserMessage`]), translate, `${field}UserMessage`);
  const prompt = [...messages, asked].filter((part) => part.trim() !== '');
  if (prompt.length === 0 && draft.inputs.has('question')) prompt.push('{{ inputs.question }}');
  if (prompt.length === 0) prompt.push(`Do the step “${shortened(node.source.name, 80)}”.`.replaceAll('{{', '{ {'));
  for (const name of ['Tools', 'ToolsBuiltInOpenAI', 'KnowledgeDocumentStores', 'KnowledgeVSEmbeddings'])
    if (list(inputs[`${prefix}${name}`]).length > 0)
      draft.unmapped(node.source, 'An agent here has the tools and the knowledge of its own CLI.', {
        nodeId: context.id,
        field: `${field}${name}`,
      });
  const output = answerSchema(list(inputs[`${prefix}StructuredOutput`]));
  return {
    node: { type: 'agent', config: { agent: ANY_AGENT, prompt: prompt.join('\n\n'), ...(output ? { output } : {}) } },
  };
}

function answerSchema(fields: readonly unknown[]): Record<string, unknown> | undefined {
  const properties = fields.flatMap((field) => {
    const key = text(at(field, 'key'));
    return key === '' || key === '__proto__' ? [] : [[key, schemaOf(record(field))] as const];
  });
  if (properties.length === 0) return undefined;
  return { type: 'object', required: properties.map(([key]) => key), properties: Object.fromEntries(properties) };
}

function schemaOf(field: Foreign): Record<string, unknown> {
  const about = text(field['description']) === '' ? {} : { description: text(field['description']) };
  switch (text(field['type'])) {
    case 'number':
      return { type: 'number', ...about };
    case 'boolean':
      return { type: 'boolean', ...about };
    case 'enum':
      return {
        type: 'string',
        enum: text(field['enumValues'])
          .split(',')
          .map((value) => value.trim()),
        ...about,
      };
    case 'stringArray':
      return { type: 'array', items: { type: 'string' }, ...about };
    case 'jsonArray':
      return { type: 'array', ...about };
    default:
      return { type: 'string', ...about };
  }
}

function request(inputs: Foreign, translate: Translate): Made {
  const left: string[] = [];
  const fill = (value: unknown): string => {
    const translated = translateText(plainText(text(value)), translate);
    left.push(...translated.left);
    return translated.text;
  };
  const url = fill(inputs['url']);
  if (url.trim() === '') return { why: 'it has no URL.' };
  if (list(inputs['queryParams']).length > 0) return { why: 'its query is given apart: write the URL out.' };
  const pairs = (value: unknown) =>
    list(value).flatMap((entry): [string, string][] => {
      const name = text(at(entry, 'key'));
      return name === '' || name === '__proto__' ? [] : [[name, fill(at(entry, 'value'))]];
    });
  const headers = Object.fromEntries(pairs(inputs['headers']));
  const body = text(inputs['body']);
  const type = text(inputs['bodyType']) || 'json';
  if (body !== '' && type !== 'json' && type !== 'raw') return { why: `it sends a body of the kind ${type}.` };
  const method = text(inputs['method']).toUpperCase() || 'GET';
  const config = {
    method,
    url,
    headers: { ...headers, ...(body !== '' && type === 'json' ? { 'Content-Type': 'application/json' } : {}) },
    ...(body === '' ? {} : { body: fill(body) }),
  };
  return left[0] === undefined
    ? { node: { type: 'http', config } }
    : { why: `the variable ${left[0]} has no counterpart.` };
}

const OPERATIONS: Readonly<Record<string, (one: string, other: string) => string>> = {
  equal: (one, other) => `${one} == ${other}`,
  notEqual: (one, other) => `${one} != ${other}`,
  contains: (one, other) => `string(${one}).contains(${other})`,
  notContains: (one, other) => `!string(${one}).contains(${other})`,
  startsWith: (one, other) => `string(${one}).startsWith(${other})`,
  endsWith: (one, other) => `string(${one}).endsWith(${other})`,
  isEmpty: (one) => `size(string(${one})) == 0`,
  notEmpty: (one) => `size(string(${one})) > 0`,
  larger: (one, other) => `double(${one}) > double(${other})`,
  largerEqual: (one, other) => `double(${one}) >= double(${other})`,
  smaller: (one, other) => `double(${one}) < double(${other})`,
  smallerEqual: (one, other) => `double(${one}) <= double(${other})`,
};

/** One output for each condition, the first that holds counts; one more for none of them. */
function condition({ draft, node, id }: FlowiseContext, inputs: Foreign, translate: Translate): Outputs {
  const whens: string[] = [];
  let why: string | undefined;
  for (const entry of list(inputs['conditions'])) {
    const operation = text(at(entry, 'operation')) || 'equal';
    const type = text(at(entry, 'type'));
    const [one, other] = [at(entry, 'value1'), at(entry, 'value2')].map((value) => {
      const { value: expression, left } = translateToExpression(plainText(text(value)), translate);
      if (left[0] !== undefined) why = `the variable ${left[0]} has no counterpart.`;
      if (type === 'number' && Number.isFinite(Number(text(value))) && text(value) !== '') return text(value);
      return typeof value === 'boolean'
        ? String(value)
        : type === 'boolean' && /^(true|false)$/.test(text(value))
          ? text(value)
          : expression;
    });
    const compare = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
    if (compare) whens.push(compare(one ?? '', other ?? ''));
    else why = `“${shortened(operation, 60)}” has no counterpart.`;
  }
  if (why !== undefined || whens.length === 0 || whens.length > MOST_WAYS) {
    const ways = [...list(inputs['conditions']).map((_, index) => `condition ${index}`), 'else'];
    draft.decision(
      node.source,
      id,
      ways,
      why ?? (whens.length === 0 ? 'It has no conditions.' : 'It has too many conditions.'),
    );
    return (output) => ({ when: chosenWay(id, ways[output] ?? 'else') });
  }
  draft.map(node.source, id, { type: 'condition', config: {} });
  return (output) => {
    const when = whens[output];
    if (when === undefined) return { otherwise: true };
    const earlier = whens.slice(0, output).map((before) => `!(${before})`);
    return { when: earlier.length === 0 ? when : [...earlier, `(${when})`].join(' && ') };
  };
}

/** A model chooses among descriptions: an agent whose answer is one of them. */
function scenario(context: FlowiseContext, inputs: Foreign, translate: Translate): Outputs {
  const { draft, node, id } = context;
  const scenarios = list(inputs['conditionAgentScenarios']).map((entry) => text(at(entry, 'scenario')));
  const field = '/data/inputs/conditionAgent';
  const prompt = [
    written(context, text(inputs['conditionAgentInstructions']), translate, `${field}Instructions`),
    written(context, text(inputs['conditionAgentInput']), translate, `${field}Input`),
    ABOUT_CHOICE,
  ];
  const next = { type: 'string', enum: scenarios };
  draft.map(node.source, id, {
    type: 'agent',
    config: {
      agent: ANY_AGENT,
      prompt: prompt.filter((part) => part.trim() !== '').join('\n\n'),
      output: { type: 'object', required: ['next'], properties: { next } },
    },
  });
  return (output) => {
    const chosen = scenarios[output];
    return chosen === undefined ? 'never' : { when: `nodes.${id}.output.data.next == ${celText(chosen)}` };
  };
}

/** A node that leads back is a place with a loop edge. */
function loop({ draft, node, id, ids }: FlowiseContext, inputs: Foreign): undefined {
  const target = ids.get(/^\w+/.exec(text(inputs['loopBackToNode']))?.[0] ?? '');
  const max = Math.min(Math.max(1, Number(inputs['maxLoopCount']) || 5), 10_000);
  if (target === undefined) {
    draft.placeholder(node.source, id, 'the node it leads back to is not there.');
    return;
  }
  draft.map(node.source, id, { type: 'condition', config: {} });
  draft.edge({ from: id, to: target, max });
}

function iteration(context: FlowiseContext, inputs: Foreign, translate: Translate): undefined {
  const { draft, graph, ids, node, id, key } = context;
  const children = [...graph.nodes.entries()].filter(([, child]) => text(child.raw['parentNode']) === key);
  const over = translateText(plainText(text(inputs['iterationInput'])), translate).whole;
  const [first, second] = children;
  if (first && !second && over !== undefined) {
    const [childKey, child] = first;
    const childId = ids.get(childKey) ?? '';
    const inner = makeNode(
      { ...context, id, key: childKey, node: child },
      record(child.data['inputs']),
      flowiseTranslate(context, key, true),
    );
    if (!('why' in inner)) {
      draft.map(node.source, id, { type: 'map', config: { over, as: 'item', concurrency: 1, node: inner.node } });
      draft.mapped(child.source, `${inner.node.type} within a map`, id);
      draft.absorbed.add(childId);
      return;
    }
  }
  draft.placeholder(
    node.source,
    id,
    'what it repeats is more than one node, or its list is not said by one variable: use a map.',
  );
}
