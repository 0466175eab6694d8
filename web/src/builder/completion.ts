/** What can be written next in an expression, and where in a text expressions are; pure. */
import { t } from '../words/words.ts';

export interface Known {
  inputs: readonly { name: string; type: string }[];
  /** Nodes that can have run, nearest first. */
  nodes: readonly { id: string; type: string }[];
  /** Names of a map around it. */
  variables: readonly string[];
  /** Output of each node in the last execution. */
  outputs: ReadonlyMap<string, unknown>;
}

export interface Completion {
  text: string;
  /** What it is, in a word or two. */
  note: string;
  /** Goes on after it: a member follows. */
  more: boolean;
}

export interface Completions {
  /** Where the word begins that is being written. */
  from: number;
  options: Completion[];
}

const MOST = 12;

/** Null when nothing can be said at this place; unasked, not before a word begins. */
export function completionsAt(
  text: string,
  caret: number,
  kind: 'expression' | 'template',
  known: Known,
  asked = true,
): Completions | null {
  const before = text.slice(0, caret);
  if (kind === 'template' && !insideBraces(before)) return null;
  if (insideQuotes(kind === 'template' ? before.slice(before.lastIndexOf('{{') + 2) : before)) return null;
  const path = /(?:[A-Za-z_]\w*(?:\[\d+\])?\.)*(?:[A-Za-z_]\w*)?$/.exec(before)?.[0] ?? '';
  const dot = path.lastIndexOf('.');
  const word = path.slice(dot + 1);
  if (path === '' && !asked) return null;
  if (dot === -1 && /[\w.)\]]$/.test(before.slice(0, before.length - word.length))) return null;
  const options = (dot === -1 ? topLevel(known) : membersOf(path.slice(0, dot), known)).filter(
    (option) => option.text.toLowerCase().startsWith(word.toLowerCase()) && option.text !== word,
  );
  return options.length > 0 ? { from: caret - word.length, options: options.slice(0, MOST) } : null;
}

function insideBraces(before: string): boolean {
  const open = before.lastIndexOf('{{');
  return open !== -1 && !before.slice(open).includes('}}');
}

function insideQuotes(expression: string): boolean {
  let quote = '';
  for (let at = 0; at < expression.length; at += 1) {
    const character = expression[at] ?? '';
    if (quote && character === '\\') at += 1;
    else if (quote) quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
  }
  return quote !== '';
}

function topLevel(known: Known): Completion[] {
  return [
    ...known.variables.map((name) => ({
      text: name,
      note: name === 'index' ? t('number of the item') : t('the item'),
      more: false,
    })),
    { text: 'inputs', note: t('of the execution'), more: true },
    { text: 'nodes', note: t('what others gave'), more: true },
    { text: 'execution', note: t('id, start'), more: true },
    { text: 'error', note: t('that led here'), more: true },
    ...FUNCTIONS.map(([text, note]) => ({ text, note, more: false })),
  ];
}

function membersOf(path: string, known: Known): Completion[] {
  const [first = '', ...rest] = path.split('.');
  if (first === 'inputs' && rest.length === 0)
    return known.inputs.map(({ name, type }) => ({ text: name, note: type, more: false }));
  if (first === 'error' && rest.length === 0)
    return ['code', 'message', 'nodeId', 'output'].map((text) => ({ text, note: t('of the error'), more: false }));
  if (first === 'execution' && rest.length === 0) return [{ text: 'id', note: t('text'), more: false }];
  if (first !== 'nodes') return METHODS.map(([text, note]) => ({ text, note, more: false }));
  const [id, field, ...inner] = rest;
  if (id === undefined) return known.nodes.map((node) => ({ text: node.id, note: node.type, more: true }));
  if (field === undefined)
    return [
      { text: 'output', note: t('what it gave'), more: true },
      { text: 'status', note: t('succeeded, failed …'), more: false },
      { text: 'error', note: t('when it failed'), more: true },
    ];
  if (field === 'error')
    return inner.length === 0 ? ['code', 'message'].map((text) => ({ text, note: '', more: false })) : [];
  if (field !== 'output') return METHODS.map(([text, note]) => ({ text, note, more: false }));
  return outputMembers(known, id, inner);
}

function outputMembers(known: Known, id: string, inner: readonly string[]): Completion[] {
  let value = known.outputs.get(id);
  for (const key of inner) {
    const [, name = key, index] = /^(\w+)\[(\d+)\]$/.exec(key) ?? [];
    value = isMap(value) ? value[name] : undefined;
    if (index !== undefined) value = Array.isArray(value) ? value[Number(index)] : undefined;
  }
  const seen = isMap(value)
    ? Object.entries(value)
        .filter(([key]) => /^[A-Za-z_]\w*$/.test(key))
        .map(([text, child]) => ({ text, note: wordFor(child), more: isMap(child) }))
    : [];
  const type = known.nodes.find((node) => node.id === id)?.type ?? '';
  const told = inner.length === 0 ? (OUTPUTS[type] ?? []) : [];
  const names = new Set(seen.map(({ text }) => text));
  const rest = told.filter(([text]) => !names.has(text)).map(([text, note]) => ({ text, note, more: false }));
  const members = [...seen, ...rest];
  return members.length > 0 ? members : METHODS.map(([text, note]) => ({ text, note, more: false }));
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function wordFor(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return t('list of {count}', { count: value.length });
  return { string: 'text', number: 'number', boolean: t('true or false'), object: 'map' }[typeof value as string] ?? '';
}

/** As the language promises them, for nodes that have not run yet. */
const OUTPUTS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  agent: [
    ['text', t('the answer')],
    ['data', t('the answer as data')],
    ['usage', 'tokens'],
    ['branch', t('of a worktree')],
    ['diff', t('what it changed')],
  ],
  shell: [
    ['exitCode', 'number'],
    ['stdout', 'text'],
    ['stderr', 'text'],
  ],
  http: [
    ['status', 'number'],
    ['headers', 'map'],
    ['body', 'any'],
  ],
  approval: [
    ['decision', t('approve or reject')],
    ['by', 'who'],
    ['at', 'when'],
    ['form', t('what was filled in')],
  ],
};

const FUNCTIONS: readonly (readonly [string, string])[] = [
  ['has(', t('is it there?')],
  ['size(', 'length'],
  ['string(', t('as text')],
  ['int(', t('as whole number')],
  ['json(', t('as JSON text')],
  ['parseJson(', t('from JSON text')],
  ['keys(', t('of a map')],
  ['values(', t('of a map')],
  ['timestamp(', t('from text')],
  ['duration(', t('from text')],
  ['round(', 'number'],
  ['abs(', 'number'],
];
const METHODS: readonly (readonly [string, string])[] = [
  ['size()', 'length'],
  ['contains(', t('text in text')],
  ['startsWith(', 'text'],
  ['matches(', 'pattern'],
  ['split(', t('text to list')],
  ['trim()', 'text'],
  ['map(', t('each item')],
  ['filter(', t('some items')],
  ['exists(', t('any item?')],
  ['all(', t('every item?')],
  ['first()', t('of a list')],
  ['last()', t('of a list')],
];
