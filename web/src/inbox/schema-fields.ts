/** Form fields from JSON Schema properties, and what a person typed back into JSON; pure. */
import { constraintProblem } from './schema-constraints.ts';
import { t } from '../words/words.ts';

export interface SchemaField {
  name: string;
  label: string;
  /** `list`: one entry per line. `choices`: several of them, written as a JSON array of their places. */
  kind: 'text' | 'number' | 'integer' | 'boolean' | 'choice' | 'choices' | 'list' | 'json';
  description: string;
  required: boolean;
  choices: unknown[];
  /** What each choice is called. */
  choiceLabels?: string[];
  /** Texts that are likely meant; others are as good. */
  suggestions?: string[];
  /** The keyboard and the checks that a browser has for it. */
  input?: 'date' | 'email' | 'url';
  /** What stands in the field at first. */
  initial: string;
  /** The whole schema, for what it limits. */
  schema?: Readonly<Record<string, unknown>>;
}

export interface ReadFields {
  values: Record<string, unknown>;
  problems: Record<string, string>;
}

/** `required`: names, or every property without a default (the rule of a workflow's inputs). */
export function schemaFields(properties: unknown, required: readonly string[] | 'without-default'): SchemaField[] {
  if (!isObject(properties)) return [];
  return Object.entries(properties).map(([name, given]) => {
    const schema = isObject(given) ? given : {};
    const text = (key: string): string => (typeof schema[key] === 'string' ? schema[key] : '');
    const kind = kindOf(schema);
    const options = optionsOf(kind === 'choices' && isObject(schema['items']) ? schema['items'] : schema);
    const input = INPUTS[text('format')];
    return {
      name,
      label: text('title') || name,
      kind,
      description: text('description'),
      required: required === 'without-default' ? !('default' in schema) : required.includes(name),
      choices: options.map(({ value }) => value),
      choiceLabels: options.map(({ label }) => label),
      ...(Array.isArray(schema['examples'])
        ? { suggestions: schema['examples'].filter((example): example is string => typeof example === 'string') }
        : {}),
      ...(input && kind === 'text' ? { input } : {}),
      initial: initialOf(
        kind,
        schema['default'],
        options.map(({ value }) => value),
      ),
      schema,
    };
  });
}

const INPUTS: Record<string, NonNullable<SchemaField['input']>> = { date: 'date', email: 'email', uri: 'url' };

/** What a person would have to type for these values; the way back from `readFields`. */
export function typedFor(
  fields: readonly SchemaField[],
  values: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    fields
      .filter(({ name }) => Object.hasOwn(values, name))
      .map(({ name, kind, choices }) => [name, initialOf(kind, values[name], choices)]),
  );
}

export function readFields(fields: readonly SchemaField[], typed: Readonly<Record<string, string>>): ReadFields {
  const result: ReadFields = { values: {}, problems: {} };
  for (const field of fields) {
    const text = typed[field.name] ?? field.initial;
    const isBlank = field.kind === 'choices' ? chosenPlaces(text).length === 0 : text.trim() === '';
    if (isBlank && field.kind !== 'boolean') {
      if (field.required) result.problems[field.name] = t('{label} is needed', { label: field.label });
      continue;
    }
    const read = readOne(field, text);
    const problem = 'problem' in read ? read.problem : constraintProblem(field.schema ?? {}, read.value);
    if (problem !== null) result.problems[field.name] = problem;
    else if ('value' in read) result.values[field.name] = read.value;
  }
  return result;
}

export function choiceLabels({ choices, choiceLabels: labels }: SchemaField): string[] {
  return labels ?? choices.map(named);
}

/** Problems that the server found, at the fields they are about: `/form/NAME…`. */
export function fieldProblems(
  problems: readonly { path: string; message: string }[],
  fields: readonly Pick<SchemaField, 'name'>[],
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { path, message } of problems) {
    const [, root, name] = path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (root === 'form' && name !== undefined && fields.some((field) => field.name === name)) found[name] ??= message;
  }
  return found;
}

/** Which of the choices are taken. */
export function chosenPlaces(text: string): number[] {
  if (text.trim() === '') return [];
  const places: unknown = JSON.parse(text);
  return Array.isArray(places) ? places.filter((place): place is number => typeof place === 'number') : [];
}

function readOne(field: SchemaField, text: string): { value: unknown } | { problem: string } {
  switch (field.kind) {
    case 'text':
      return { value: text };
    case 'boolean':
      return { value: text === 'true' };
    case 'choice':
      return { value: field.choices[Number(text)] };
    case 'choices':
      return { value: chosenPlaces(text).map((place) => field.choices[place]) };
    case 'list':
      return readList(field, text);
    case 'number':
    case 'integer':
      return readNumber(text, field.kind === 'integer');
    case 'json':
      try {
        return { value: JSON.parse(text) as unknown };
      } catch (error) {
        return { problem: t('Must be JSON: {value}', { value: error instanceof Error ? error.message : '' }) };
      }
  }
}

function readNumber(text: string, whole: boolean): { value: number } | { problem: string } {
  const value = Number(text);
  if (!Number.isFinite(value)) return { problem: t('Must be a number') };
  return whole && !Number.isInteger(value) ? { problem: t('Must be a whole number') } : { value };
}

function readList({ schema = {} }: SchemaField, text: string): { value: unknown[] } | { problem: string } {
  const type = isObject(schema['items']) ? schema['items']['type'] : undefined;
  const value: unknown[] = [];
  for (const line of text
    .split('\n')
    .map((each) => each.trim())
    .filter(Boolean)) {
    if (type !== 'number' && type !== 'integer') {
      value.push(line);
      continue;
    }
    const read = readNumber(line, type === 'integer');
    if ('problem' in read) return { problem: `“${line}”: ${read.problem.toLowerCase()}` };
    value.push(read.value);
  }
  return { value };
}

function kindOf(schema: Record<string, unknown>): SchemaField['kind'] {
  if (optionsOf(schema).length > 0) return 'choice';
  const type = Array.isArray(schema['type']) ? schema['type'].find((each) => each !== 'null') : schema['type'];
  switch (type) {
    case 'string':
      return 'text';
    case 'number':
    case 'integer':
    case 'boolean':
      return type;
    case 'array': {
      const items = isObject(schema['items']) ? schema['items'] : {};
      if (optionsOf(items).length > 0) return 'choices';
      return ['string', 'number', 'integer'].includes(String(items['type'])) ? 'list' : 'json';
    }
    default:
      return 'json';
  }
}

/** Of `enum`, or of `oneOf` with a constant each, which may have a title. */
function optionsOf(schema: Record<string, unknown>): { value: unknown; label: string }[] {
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value: unknown) => ({ value, label: named(value) }));
  const each = schema['oneOf'];
  if (!Array.isArray(each) || !each.every((one) => isObject(one) && 'const' in one)) return [];
  return each.map((one: Record<string, unknown>) => ({
    value: one['const'],
    label: typeof one['title'] === 'string' ? one['title'] : named(one['const']),
  }));
}

function initialOf(kind: SchemaField['kind'], value: unknown, choices: readonly unknown[]): string {
  switch (kind) {
    case 'boolean':
      return String(value === true);
    case 'choice': {
      const place = value === undefined ? -1 : choices.indexOf(value);
      return place < 0 ? '' : String(place);
    }
    case 'choices':
      return Array.isArray(value)
        ? JSON.stringify(value.map((one) => choices.indexOf(one)).filter((at) => at >= 0))
        : '';
    case 'list':
      return Array.isArray(value) ? value.map(String).join('\n') : '';
    default:
      if (value === undefined) return '';
      return typeof value === 'string' && kind === 'text' ? value : JSON.stringify(value, null, 2);
  }
}

const named = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
