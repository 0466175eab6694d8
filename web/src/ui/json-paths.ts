/** Places in a JSON value: how they are written in an expression, and which of them fit a text; pure. */
export type JsonPath = readonly (string | number)[];

/** As an expression reads it: `inputs.who`, `nodes.build.output.files[0]`, `inputs["a name"]`. */
export function pathWords(root: string, path: JsonPath): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number'
        ? `${text}[${part}]`
        : /^[A-Za-z_]\w*$/.test(part)
          ? `${text}.${part}`
          : `${text}[${JSON.stringify(part)}]`,
    root,
  );
}

/** A key for a place, for sets. */
export const pathKey = (path: JsonPath): string => JSON.stringify(path);

/** Every place whose key or value contains the text, with what they lie in. */
export function matchingPaths(value: unknown, wanted: string): { keep: Set<string>; count: number } {
  const text = wanted.toLowerCase();
  const keep = new Set<string>();
  let count = 0;
  const look = (at: unknown, path: JsonPath): boolean => {
    const key = path.at(-1);
    const entries = entriesOf(at);
    const own =
      (key !== undefined && String(key).toLowerCase().includes(text)) ||
      (entries === null && String(at).toLowerCase().includes(text));
    // All of them are looked at: each counts.
    const within = (entries ?? []).map(([name, child]) => look(child, [...path, name])).includes(true);
    if (own) count += 1;
    if (own || within) keep.add(pathKey(path));
    return own || within;
  };
  look(value, []);
  return { keep, count };
}

/** Names or places with their values; null of what holds nothing. */
export function entriesOf(value: unknown): [string | number, unknown][] | null {
  if (Array.isArray(value)) return value.map((entry, index) => [index, entry]);
  return typeof value === 'object' && value !== null ? Object.entries(value) : null;
}

export interface JsonChange {
  path: JsonPath;
  /** Undefined where there is nothing. */
  a: unknown;
  b: unknown;
}

/** Where two values differ: objects by field, lists by place, everything else whole. */
export function jsonChanges(a: unknown, b: unknown, path: JsonPath = []): JsonChange[] {
  if (Object.is(a, b)) return [];
  const [one, other] = [entriesOf(a), entriesOf(b)];
  if (!one || !other || Array.isArray(a) !== Array.isArray(b)) return [{ path, a, b }];
  const before = new Map(one);
  const after = new Map(other);
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) =>
    jsonChanges(before.get(key), after.get(key), [...path, key]),
  );
}
