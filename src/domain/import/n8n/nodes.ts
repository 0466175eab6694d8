/** What each kind of n8n node becomes. Whatever acts outside and cannot be translated whole becomes a placeholder. */
import { chosenWay, MOST_WAYS } from '../chosen-way.ts';
import type { Translate } from '../foreign-template.ts';
import { at, list, record, shortened, text } from '../foreign-value.ts';
import type { DraftEdge, DraftNode, ImportDraft } from '../import-draft.ts';
import { n8nConditions } from './conditions.ts';
import { celOf, type ItemOf, n8nText, n8nValue } from './expression.ts';
import type { N8nGraph, N8nLink, N8nNode } from './graph.ts';
import { n8nAgent } from './agent.ts';
import { n8nRequest } from './request.ts';

export interface NodeContext {
  draft: ImportDraft;
  graph: N8nGraph;
  id: string;
  node: N8nNode;
  itemOf: ItemOf;
  translate: Translate;
}

type Condition = Omit<DraftEdge, 'from' | 'to'>;
export interface Converted {
  /** What an edge from this output looks like; `never`: nothing leads on from there. */
  outputs?: (output: number) => Condition | 'never';
  /** In place of those in the graph. */
  links?: readonly N8nLink[];
}

/** The node itself, or why it has no counterpart. */
export type Made = { node: DraftNode } | { why: string };

export function n8nNode(context: NodeContext): Converted {
  const { draft, id, node } = context;
  if (node.raw['disabled'] === true) {
    draft.map(node.source, id, { type: 'condition', config: {} });
    draft.note(`“${shortened(node.source.name, 80)}” was switched off: it lets everything pass.`);
    return {};
  }
  if (node.kind === 'if' || node.kind === 'filter') return fork(context);
  if (node.kind === 'switch') return switched(context);
  const made = makeNode(context);
  if ('why' in made) draft.placeholder(node.source, id, made.why, shown(node));
  else draft.map(node.source, id, { ...made.node, ...options(node, made.node.type) });
  for (const kind of Object.keys(record(node.raw['credentials'])))
    draft.unmapped(
      node.source,
      `The credential “${shortened(kind, 80)}” stays where it was: make a secret and name it here.`,
      {
        field: '/credentials',
      },
    );
  // The last output of a node that goes on after an error is that of errors.
  const error = node.raw['onError'] === 'continueErrorOutput';
  return error ? { outputs: (output) => (output === 0 ? {} : { on: 'error' }) } : {};
}

export function makeNode(context: NodeContext): Made {
  const { node, draft } = context;
  switch (node.kind) {
    case 'httpRequest':
      return n8nRequest(context);
    case 'executeCommand':
      return command(context);
    case 'noOp':
      return { node: { type: 'condition', config: {} } };
    case 'respondToWebhook':
      draft.unmapped(node.source, 'A webhook here is answered at once; say what comes out with `outputs`.', {
        nodeId: context.id,
      });
      return { node: { type: 'condition', config: {} } };
    case 'merge':
      if (['combine', 'combineBySql', 'multiplex', 'mergeByKey'].includes(text(node.parameters['mode'])))
        draft.note(
          `“${shortened(node.source.name, 80)}” waits for all of its branches and combines nothing; read their outputs by name.`,
        );
      return {
        node: { type: 'condition', config: {}, ...(node.parameters['mode'] === 'chooseBranch' ? {} : { join: 'all' }) },
      };
    case 'wait':
      return waiting(context);
    case 'set':
      return fields(context);
    case 'executeWorkflow':
      return subWorkflow(context);
    case 'agent':
    case 'chainLlm':
    case 'openAi':
      return n8nAgent(context);
    case 'code':
    case 'function':
    case 'functionItem':
      return { why: 'code does not run inside the engine: put it into a script and call that with a shell node.' };
    case 'splitInBatches':
      return { why: 'its loop is more than one node over a list that is known: use a map, or an edge with `max`.' };
    default:
      return { why: 'there is no such node here. An http node, a shell node or an agent may do the same.' };
  }
}

/** Settings of a node that every type here has too. */
function options({ raw }: N8nNode, type: string): Record<string, unknown> {
  const tries = Math.min(Number(raw['maxTries']) || 3, 100);
  const between = Number(raw['waitBetweenTries'] ?? 1000);
  return {
    ...(raw['onError'] === 'continueRegularOutput' || raw['continueOnFail'] === true ? { onError: 'continue' } : {}),
    ...(raw['retryOnFail'] === true && type !== 'approval' && type !== 'wait'
      ? {
          retry: {
            max: Math.max(1, tries - 1),
            ...(between > 0 ? { backoff: `PT${Math.ceil(between / 1000)}S` } : {}),
          },
        }
      : {}),
    ...(text(raw['notes']) === '' ? {} : { description: shortened(text(raw['notes']), 1000) }),
  };
}

function shown({ parameters }: N8nNode): string {
  const code = text(parameters['jsCode']) || text(parameters['functionCode']) || text(parameters['pythonCode']);
  return code || (Object.keys(parameters).length === 0 ? '' : shortened(JSON.stringify(parameters, null, 2), 3000));
}

function fork({ draft, id, node, translate }: NodeContext): Converted {
  const condition = n8nConditions(node.parameters, translate);
  const only = node.kind === 'filter';
  if (condition.outcome === 'left') {
    draft.decision(node.source, id, ['true', 'false'], `${condition.why}.`);
    return { outputs: (output) => ({ when: chosenWay(id, output === 0 ? 'true' : 'false') }) };
  }
  draft.map(node.source, id, { type: 'condition', config: {} });
  return {
    outputs: (output) =>
      output === 0 ? { when: condition.when } : only || output > 1 ? 'never' : { when: `!(${condition.when})` },
  };
}

function switched({ draft, id, node, translate }: NodeContext): Converted {
  const { parameters, source } = node;
  const rules = switchRules(parameters, translate);
  const labels = rules.map(({ label }, index) => `${index + 1}${label === '' ? '' : `: ${shortened(label, 60)}`}`);
  const many = rules.length > MOST_WAYS ? 'it has too many rules' : undefined;
  const [unknown = many] = rules.flatMap(({ condition }) => (condition.outcome === 'left' ? [condition.why] : []));
  if (unknown !== undefined || rules.length === 0) {
    draft.decision(source, id, [...labels, 'none of them'], `${unknown ?? 'its rules are JavaScript'}.`);
    return { outputs: (output) => ({ when: chosenWay(id, labels[output] ?? 'none of them') }) };
  }
  draft.map(source, id, { type: 'condition', config: {} });
  const whens = rules.map(({ condition }) => (condition.outcome === 'translated' ? condition.when : 'false'));
  const every = at(parameters, 'options', 'allMatchingOutputs') === true;
  return {
    outputs: (output) => {
      const when = whens[output];
      if (when === undefined) return { otherwise: true };
      // Only the first rule that holds counts.
      const before = every ? [] : whens.slice(0, output).map((earlier) => `!(${earlier})`);
      return { when: before.length === 0 ? when : [...before, `(${when})`].join(' && ') };
    },
  };
}

function switchRules(parameters: N8nNode['parameters'], translate: Translate) {
  const newer = list(at(parameters, 'rules', 'values'));
  if (newer.length > 0)
    return newer.map((rule) => ({ label: text(at(rule, 'outputKey')), condition: n8nConditions(rule, translate) }));
  const type = text(parameters['dataType']) || 'number';
  return list(at(parameters, 'rules', 'rules')).map((rule) => ({
    label: text(at(rule, 'value2')),
    condition: n8nConditions(
      {
        conditions: {
          [type]: [{ value1: parameters['value1'], value2: at(rule, 'value2'), operation: at(rule, 'operation') }],
        },
      },
      translate,
    ),
  }));
}

function command({ node, translate }: NodeContext): Made {
  const written = n8nText(node.parameters['command'], translate);
  const source = text(node.parameters['command']);
  if (source.trim() === '') return { why: 'it has no command.' };
  if (source.startsWith('=') && source.includes('{{'))
    return {
      why: 'what is filled into its command would be run by the shell. Write a shell node that passes it in `env`.',
    };
  const plain = source.startsWith('=') ? source.slice(1) : source;
  // A text with braces of its own is no template, so the shell gets it as a list.
  return { node: { type: 'shell', config: { command: plain.includes('{{') ? ['sh', '-c', written.text] : plain } } };
}

const SECONDS: Readonly<Record<string, string>> = { seconds: 'S', minutes: 'M', hours: 'H' };

function waiting({ node, draft, id }: NodeContext): Made {
  const { parameters, version } = node;
  const resume = text(parameters['resume']) || 'timeInterval';
  if (resume === 'timeInterval') {
    const amount = Number(text(parameters['amount'] ?? (version < 1.1 ? 1 : 5)).replace(/^=/, ''));
    const unit = text(parameters['unit']) || (version < 1.1 ? 'hours' : 'seconds');
    if (!Number.isInteger(amount) || amount < 0) return { why: 'how long it waits is JavaScript.' };
    const known = Object.hasOwn(SECONDS, unit)
      ? `PT${amount}${SECONDS[unit]}`
      : unit === 'days'
        ? `P${amount}D`
        : undefined;
    return known === undefined
      ? { why: `it waits in ${unit}.` }
      : { node: { type: 'wait', config: { duration: known } } };
  }
  if (resume === 'specificTime') {
    const moment = text(parameters['dateTime']);
    return /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(moment)
      ? { node: { type: 'wait', config: { until: celOf(moment) } } }
      : { why: 'the moment it waits for has no time zone, or is JavaScript.' };
  }
  draft.note(
    `“${shortened(node.source.name, 80)}” waits for the event “${id}”: send it with POST /api/executions/{id}/signals.`,
  );
  return { node: { type: 'wait', config: { event: id } } };
}

function fields({ node, translate, draft }: NodeContext): Made {
  const { parameters, source } = node;
  if (parameters['mode'] === 'raw') {
    const written = text(parameters['jsonOutput']);
    try {
      if (!written.startsWith('='))
        return { node: { type: 'transform', config: { value: celOf(JSON.parse(written)) } } };
    } catch {
      return { why: 'its JSON cannot be read.' };
    }
    return { why: 'its JSON is made by JavaScript.' };
  }
  const values: Record<string, string> = Object.create(null);
  for (const { name, value, type, field } of assignments(parameters)) {
    const translated = n8nValue(value, translate, type);
    values[name] = translated.value;
    const [left] = translated.left;
    if (left !== undefined)
      draft.unmapped(source, `The expression ${left} is JavaScript; its text stands here as it is.`, { field });
    if (name.includes('.')) draft.note(`The field “${shortened(name, 80)}” is one field here, not one within another.`);
  }
  if (Object.keys(values).length === 0) return { node: { type: 'condition', config: {} } };
  const others = node.version >= 3 ? parameters['includeOtherFields'] === true : parameters['keepOnlySet'] !== true;
  if (others) draft.note(`“${shortened(source.name, 80)}” hands on only the fields that it sets itself.`);
  return { node: { type: 'transform', config: { value: { ...values } } } };
}

function assignments(parameters: N8nNode['parameters']) {
  const newer = list(at(parameters, 'assignments', 'assignments')).map((entry, index) => ({
    name: text(at(entry, 'name')),
    value: at(entry, 'value'),
    type: text(at(entry, 'type')),
    field: `/parameters/assignments/assignments/${index}`,
  }));
  const older = Object.entries(record(parameters['values'])).flatMap(([type, entries]) =>
    list(entries).map((entry, index) => ({
      name: text(at(entry, 'name')),
      value: at(entry, 'value'),
      type,
      field: `/parameters/values/${type}/${index}`,
    })),
  );
  return [...newer, ...older].filter(({ name }) => name !== '' && name !== '__proto__');
}

function subWorkflow({ node, translate }: NodeContext): Made {
  const { parameters } = node;
  const named = record(parameters['workflowId']);
  const workflow = text(named['cachedResultName']) || text(named['value']) || text(parameters['workflowId']);
  if (workflow === '' || workflow.startsWith('=') || workflow.includes('{{'))
    return { why: 'which workflow it starts is not said by name.' };
  const inputs: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(record(at(parameters, 'workflowInputs', 'value')))) {
    if (typeof value !== 'string') inputs[name] = value;
    else {
      const written = n8nText(value, translate);
      if (written.left.length > 0) return { why: `its input ${shortened(name, 60)} is JavaScript.` };
      inputs[name] = written.text;
    }
  }
  return {
    node: {
      type: 'workflow',
      config: { workflow, ...(Object.keys(inputs).length === 0 ? {} : { inputs: { ...inputs } }) },
    },
  };
}
