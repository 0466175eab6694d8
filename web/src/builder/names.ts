/** Ids of new nodes, and what happens to everything that reads a node whose id changes; pure. */
import { celReservedWords, IDENTIFIER_MAX_LENGTH, identifierPattern } from '../../../src/contract/node-id.ts';
import { isPart, type Part } from './document.ts';
import { t } from '../words/words.ts';

const reserved = new Set<string>(celReservedWords);
const fits = (id: string): boolean =>
  identifierPattern.test(id) && id.length <= IDENTIFIER_MAX_LENGTH && !reserved.has(id);

/** `wanted`, or the first of wanted2, wanted3 … that is not taken. */
export function freshId(wanted: string, taken: ReadonlySet<string>): string {
  const base = fits(wanted) ? wanted : 'node';
  if (!taken.has(base)) return base;
  const stem = base.replace(/\d+$/, '') || 'node';
  for (let number = 2; ; number += 1) if (!taken.has(`${stem}${number}`)) return `${stem}${number}`;
}

/** What is wrong with an id that a person typed; null when it may be used. */
export function idProblem(id: string, taken: ReadonlySet<string>): string | null {
  if (id === '') return t('A node needs an id.');
  if (reserved.has(id)) return t('This is a word of the expression language.');
  if (!fits(id)) return t('An id starts with a letter or _ and goes on with letters, digits and _.');
  return taken.has(id) ? t('There is a node {id} already.', { id }) : null;
}

/** Fields whose whole text is an expression; in all other text only `{{ }}` is. */
const EXPRESSION_FIELDS: ReadonlySet<string> = new Set(['over', 'key', 'value', 'until', 'when', 'outputs']);
/** JSON Schemas and environment names are data: nothing in them is an expression field. */
const DATA_FIELDS: ReadonlySet<string> = new Set(['env', 'headers', 'body', 'inputs', 'input', 'form', 'output']);

/** The same part, with `nodes.OLD` in its expressions and templates reading `nodes.NEW`. */
export function renamedReads(
  value: unknown,
  names: ReadonlyMap<string, string>,
  kind: 'fields' | 'data' | 'expression' = 'fields',
): unknown {
  if (typeof value === 'string')
    return kind === 'expression'
      ? renamedIn(value, names)
      : value.replaceAll(/\{\{[\s\S]*?\}\}/g, (inside) => renamedIn(inside, names));
  if (Array.isArray(value)) return value.map((entry) => renamedReads(entry, names, kind));
  if (!isPart(value)) return value;
  const copy: Part = {};
  for (const [key, child] of Object.entries(value)) {
    const inner =
      kind !== 'fields' ? kind : EXPRESSION_FIELDS.has(key) ? 'expression' : DATA_FIELDS.has(key) ? 'data' : 'fields';
    copy[key] = renamedReads(child, names, inner);
  }
  return copy;
}

/** `nodes.ID` and `nodes['ID']`, but not a member that happens to be called `nodes`. */
const READ = /(?<![\w.'"])(nodes\s*\.\s*)([A-Za-z_]\w*)|(?<![\w.'"])(nodes\s*\[\s*['"])([A-Za-z_]\w*)(?=['"])/g;

function renamedIn(expression: string, names: ReadonlyMap<string, string>): string {
  return expression.replaceAll(READ, (whole: string, dot?: string, dotted?: string, open?: string, quoted?: string) => {
    const next = names.get(dotted ?? quoted ?? '');
    return next === undefined ? whole : `${dot ?? open ?? ''}${next}`;
  });
}
