/** A workflow document with its fields in the order people read them; the database keeps none. Pure. */

const FIRST = [
  'pointsman',
  'name',
  'description',
  'inputs',
  'workspace',
  'budget',
  'nodes',
  'edges',
  'outputs',
  'triggers',
];
const LAST = ['metadata', 'layout'];
const OF_NODE = ['id', 'name', 'type', 'description', 'config'];
const OF_EDGE = ['from', 'to', 'when', 'otherwise', 'on', 'max'];

export function inReadingOrder(document: Record<string, unknown>): Record<string, unknown> {
  const ordered = sorted(document, FIRST, LAST);
  for (const [key, order] of [
    ['nodes', OF_NODE],
    ['edges', OF_EDGE],
  ] as const) {
    const list = document[key];
    if (Array.isArray(list)) ordered[key] = list.map((part: unknown) => (isMap(part) ? sorted(part, order, []) : part));
  }
  return ordered;
}

/** Fields nobody named stay between, as they are. */
function sorted(
  map: Record<string, unknown>,
  first: readonly string[],
  last: readonly string[],
): Record<string, unknown> {
  const rank = (key: string): number => {
    if (first.includes(key)) return first.indexOf(key);
    return last.includes(key) ? 1000 + last.indexOf(key) : 500;
  };
  return Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => rank(a) - rank(b)));
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
