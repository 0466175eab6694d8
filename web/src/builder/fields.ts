/** The fields of a node, an edge or the document, from the published JSON Schema of the document; pure. */
import { isPart, type Part } from './document.ts';
import { t } from '../words/words.ts';

export type FieldKind =
  | 'text'
  | 'template'
  | 'expression'
  | 'expressions'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'list'
  | 'map'
  | 'object'
  | 'agent'
  | 'graph'
  | 'name'
  | 'command'
  | 'join'
  | 'inner'
  | 'json';

export interface Field {
  name: string;
  label: string;
  kind: FieldKind;
  required: boolean;
  hint: string;
  choices: readonly string[];
  whole: boolean;
  /** Of an object. */
  fields: readonly Field[];
  /** Longer text, so more lines. */
  long: boolean;
}

/** Nodes by type, edges, and what belongs to the whole document. */
export interface DocumentFields {
  config: ReadonlyMap<string, readonly Field[]>;
  options: ReadonlyMap<string, readonly Field[]>;
  edge: readonly Field[];
  document: readonly Field[];
}

export function documentFields(schema: Part): DocumentFields {
  const at = (value: unknown, ...path: (string | number)[]): unknown =>
    path.reduce<unknown>((inner, key) => (resolved(inner, schema) as Record<string | number, unknown>)[key], value);
  const properties = resolved(schema, schema)['properties'];
  const shapes = at(properties, 'nodes', 'items', 'oneOf');
  const config = new Map<string, readonly Field[]>();
  const options = new Map<string, readonly Field[]>();
  for (const shape of Array.isArray(shapes) ? shapes : []) {
    const type = at(shape, 'properties', 'type', 'const');
    if (typeof type !== 'string') continue;
    config.set(type, fieldsOf(at(shape, 'properties', 'config'), schema, { type, without: [] }));
    const without = ['type', 'config', 'id', 'position', ...(NO_TIMEOUT.has(type) ? ['timeout'] : [])];
    options.set(type, fieldsOf(shape, schema, { type: null, without }));
  }
  return {
    config,
    options,
    edge: fieldsOf(at(properties, 'edges', 'items'), schema, { type: 'edge', without: ['from', 'to'] }),
    document: fieldsOf(schema, schema, {
      type: 'document',
      without: ['pointsman', 'metadata', 'nodes', 'edges', 'layout'],
    }),
  };
}

/** Rule 7: these wait as long as it takes. */
const NO_TIMEOUT: ReadonlySet<string> = new Set(['approval', 'wait']);

function fieldsOf(
  given: unknown,
  root: Part,
  { type, without }: { type: string | null; without: readonly string[] },
): Field[] {
  const shape = resolved(given, root);
  const required = Array.isArray(shape['required']) ? shape['required'] : [];
  const entries = Object.entries(isPart(shape['properties']) ? shape['properties'] : {});
  return entries
    .filter(([name]) => !without.includes(name))
    .map(([name, part]) => {
      const schema = resolved(part, root);
      const kind = SPECIAL[`${type}.${name}`] ?? SPECIAL[name] ?? kindOf(schema, type);
      return {
        name,
        label: labelOf(name),
        kind,
        required: required.includes(name),
        hint: HINTS[`${type}.${name}`] ?? HINTS[name] ?? '',
        choices: Array.isArray(schema['enum'])
          ? schema['enum'].filter((choice): choice is string => typeof choice === 'string')
          : [],
        whole: schema['type'] === 'integer',
        fields: kind === 'object' ? fieldsOf(schema, root, { type: name, without: [] }) : [],
        long: LONG.has(name),
      };
    });
}

/** What the shape alone does not say: which text is an expression, whose name it is. */
const SPECIAL: Readonly<Record<string, FieldKind>> = {
  'agent.agent': 'agent',
  'shell.command': 'command',
  'shell.host': 'text',
  'http.secret': 'text',
  'transform.value': 'expressions',
  'map.over': 'expression',
  'map.key': 'expression',
  'map.as': 'text',
  'map.node': 'inner',
  'wait.until': 'expression',
  'workflow.workflow': 'name',
  'notify.channel': 'text',
  'langgraph.graph': 'graph',
  'edge.when': 'expression',
  'document.outputs': 'map',
  'document.triggers': 'json',
  join: 'join',
};

function kindOf(schema: Part, type: string | null): FieldKind {
  if (Array.isArray(schema['enum'])) return 'choice';
  switch (schema['type']) {
    case 'string':
      // In a node's config all text is a template, except what SPECIAL names.
      return type !== null && CONFIG_TYPES.has(type) ? 'template' : 'text';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return isPart(schema['items']) && schema['items']['type'] === 'string' ? 'list' : 'json';
    case 'object':
      if (isPart(schema['properties'])) return 'object';
      return isPart(schema['additionalProperties']) && schema['additionalProperties']['type'] === 'string'
        ? 'map'
        : 'json';
    default:
      return 'json';
  }
}

const CONFIG_TYPES: ReadonlySet<string> = new Set(['agent', 'shell', 'http', 'approval', 'wait', 'notify']);
const LONG: ReadonlySet<string> = new Set(['prompt', 'body', 'message', 'description']);

function resolved(value: unknown, root: Part): Part {
  const schema = isPart(value) || Array.isArray(value) ? (value as Part) : {}; // a list is walked by number
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  const target = reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter(Boolean)
    .reduce<unknown>((inner, key) => (isPart(inner) ? inner[key] : undefined), root);
  return isPart(target) ? target : {};
}

function labelOf(name: string): string {
  if (LABELS[name]) return LABELS[name];
  const words = name.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const LABELS: Readonly<Record<string, string>> = {
  url: t('Address'),
  cwd: t('Directory'),
  env: t('Environment'),
  usd: t('US dollars'),
  onError: t('On error'),
  onExpire: t('When it expires'),
  as: t('Name of one item'),
  over: t('List'),
  max: t('At most'),
  on: t('On'),
};

const HINTS: Readonly<Record<string, string>> = {
  timeout: t('Per attempt, for example PT10M'),
  expires: t('For example P1D'),
  'wait.duration': t('For example PT10M'),
  'wait.until': t('Gives a time'),
  'wait.event': t('Name of the event that ends it'),
  'map.over': t('Gives a list'),
  'map.key': t('Tells items apart; the place in the list when left out'),
  'map.concurrency': t('Items at the same time, 4 when left out'),
  backoff: t('Pause before the first retry, for example PT5S'),
  factor: t('Each pause times this'),
  'retry.max': t('Retries after the first attempt'),
  'retry.on': t('Error codes, one a line; every failure when empty'),
  roles: t('Who may answer, one a line; everybody who may when empty'),
  'langgraph.graph': t('Name of a graph that an administrator has registered'),
  'langgraph.input': t('What the graph starts with'),
  'edge.when': t('Gives true or false'),
  'edge.max': t('Times a loop may go round; only on an edge that closes a cycle'),
  'edge.otherwise': t('Taken when no condition of the others is true'),
  'agent.output': t('JSON Schema of the answer; it is then in output.data'),
  'approval.form': t('JSON Schema of what else is asked'),
  'document.inputs': t('JSON Schema by name; without a default it is required'),
  'document.outputs': t('Expression by name, computed at the end'),
  join: t('When it starts, with several edges coming in'),
  allowFailure: t('A code other than 0 is no failure'),
  'document.triggers': t('A list of what starts it by itself: times, calls, events'),
  'document.concurrency': t('When it is started while it runs'),
};
