/**
 * n8n's expressions as CEL, where that is certain: a way into the item of the node before (`$json.a.b`) or of a node that
 * is named (`$('Name').item.json.a`). Anything that computes is JavaScript and stays words.
 */
import {
  celPath,
  celText,
  literal,
  type Translate,
  type TranslatedText,
  translateText,
  translateToExpression,
} from '../foreign-template.ts';
import { list, record, text } from '../foreign-value.ts';
import type { N8nGraph } from './graph.ts';

/** What a node hands on, at this path of CEL below it; nothing when that is not known here. */
export type ItemOf = (name: string, path: string) => string | undefined;

const NAMED = [
  /^\$\(\s*(?:"([^"\\]+)"|'([^'\\]+)')\s*\)\s*\.(?:item|first\(\)|last\(\))\s*\.json(.*)$/s,
  /^\$node\[\s*(?:"([^"\\]+)"|'([^'\\]+)')\s*\]\s*\.json(.*)$/s,
];

/** For the parameters of one node. `item` is set within a map. */
export function n8nTranslate(graph: N8nGraph, name: string, itemOf: ItemOf, item?: string): Translate {
  const before = ancestors(graph, name);
  return (expression) => {
    const own = /^(?:\$json|\$input\.(?:item|first\(\)|last\(\))\.json)\b(.*)$/s.exec(expression);
    if (own) {
      const path = celPath(own[1] ?? '');
      if (path === undefined) return undefined;
      return item === undefined ? beforeItem(graph, name, itemOf, path) : `${item}${path}`;
    }
    for (const pattern of NAMED) {
      const named = pattern.exec(expression);
      if (!named) continue;
      const from = named[1] ?? named[2] ?? '';
      const path = celPath(named[3] ?? '');
      return path !== undefined && before().has(from) ? itemOf(from, path) : undefined;
    }
    return undefined;
  };
}

/** A parameter's text: only with `=` in front it is a template, else it says what it says. */
export function n8nText(value: unknown, translate: Translate): TranslatedText {
  const source = text(value);
  return source.startsWith('=') ? translateText(source.slice(1), translate) : { text: literal(source), left: [] };
}

/** A parameter as CEL, with the type that the parameter has in n8n. */
export function n8nValue(value: unknown, translate: Translate, type = ''): { value: string; left: string[] } {
  const source = text(value);
  if (typeof value === 'string' && source.startsWith('=')) return translateToExpression(source.slice(1), translate);
  if (typeof value === 'boolean' || typeof value === 'number') return { value: JSON.stringify(value), left: [] };
  if (type === 'number' && source.trim() !== '' && Number.isFinite(Number(source)))
    return { value: String(Number(source)), left: [] };
  if (type === 'boolean' && /^(?:true|false)$/.test(source)) return { value: source, left: [] };
  if (value !== null && typeof value === 'object') return { value: celOf(value), left: [] };
  return { value: celText(source), left: [] };
}

/** JSON as CEL: the same but for texts. */
export function celOf(value: unknown): string {
  if (typeof value === 'string') return celText(value);
  if (Array.isArray(value)) return `[${list(value).map(celOf).join(', ')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(record(value))
      .map(([key, item]) => `${celText(key)}: ${celOf(item)}`)
      .join(', ')}}`;
  return JSON.stringify(value ?? null);
}

/** Of the one node before. With several, or none, nobody can say which item it is. */
export function beforeItem(graph: N8nGraph, name: string, itemOf: ItemOf, path: string): string | undefined {
  const [from, other] = new Set(graph.into.get(name));
  return from === undefined || other !== undefined ? undefined : itemOf(from, path);
}

/** Names of all nodes from which this one can be reached; found when first asked for. */
function ancestors(graph: N8nGraph, name: string): () => ReadonlySet<string> {
  let known: Set<string> | undefined;
  return () => {
    if (known) return known;
    known = new Set();
    const stack = [...(graph.into.get(name) ?? [])];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (known.has(next)) continue;
      known.add(next);
      stack.push(...(graph.into.get(next) ?? []));
    }
    return known;
  };
}
