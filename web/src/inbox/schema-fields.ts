/** Form fields from JSON Schema properties, and what a person typed back into JSON; pure. */

export interface SchemaField {
  name: string;
  label: string;
  kind: 'text' | 'number' | 'integer' | 'boolean' | 'choice' | 'json';
  description: string;
  required: boolean;
  choices: unknown[];
  /** Texts that are likely meant; others are as good. */
  suggestions?: string[];
  /** What stands in the field at first. */
  initial: string;
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
    return {
      name,
      label: text('title') || name,
      kind,
      description: text('description'),
      required: required === 'without-default' ? !('default' in schema) : required.includes(name),
      choices: Array.isArray(schema['enum']) ? schema['enum'] : [],
      ...(Array.isArray(schema['examples'])
        ? { suggestions: schema['examples'].filter((example): example is string => typeof example === 'string') }
        : {}),
      initial:
        kind === 'choice' && Array.isArray(schema['enum']) && 'default' in schema
          ? indexText(schema['enum'].indexOf(schema['default']))
          : initialOf(kind, schema['default']),
    };
  });
}

export function readFields(fields: readonly SchemaField[], typed: Readonly<Record<string, string>>): ReadFields {
  const result: ReadFields = { values: {}, problems: {} };
  for (const field of fields) {
    const text = typed[field.name] ?? field.initial;
    if (text.trim() === '' && field.kind !== 'boolean') {
      if (field.required) result.problems[field.name] = `${field.label} is needed`;
      continue;
    }
    const read = readOne(field, text);
    if ('problem' in read) result.problems[field.name] = read.problem;
    else result.values[field.name] = read.value;
  }
  return result;
}

function readOne(field: SchemaField, text: string): { value: unknown } | { problem: string } {
  switch (field.kind) {
    case 'text':
      return { value: text };
    case 'boolean':
      return { value: text === 'true' };
    case 'choice':
      return { value: field.choices[Number(text)] };
    case 'number':
    case 'integer': {
      const value = Number(text);
      if (!Number.isFinite(value)) return { problem: 'Must be a number' };
      return field.kind === 'integer' && !Number.isInteger(value) ? { problem: 'Must be a whole number' } : { value };
    }
    case 'json':
      try {
        return { value: JSON.parse(text) as unknown };
      } catch (error) {
        return { problem: `Must be JSON: ${error instanceof Error ? error.message : ''}` };
      }
  }
}

function kindOf(schema: Record<string, unknown>): SchemaField['kind'] {
  if (Array.isArray(schema['enum'])) return 'choice';
  switch (schema['type']) {
    case 'string':
      return 'text';
    case 'number':
    case 'integer':
    case 'boolean':
      return schema['type'];
    default:
      return 'json';
  }
}

function initialOf(kind: SchemaField['kind'], value: unknown): string {
  if (kind === 'boolean') return String(value === true);
  if (value === undefined || kind === 'choice') return '';
  return typeof value === 'string' && kind === 'text' ? value : JSON.stringify(value, null, 2);
}

const indexText = (index: number): string => (index < 0 ? '' : String(index));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
