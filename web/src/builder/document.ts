/** The parts of a workflow document while it is being written: any of them may be missing or of the wrong kind; pure. */
import type { Point } from '../workflows/graph-drawing.ts';

export type Part = Record<string, unknown>;
/** The workflow document: JSON, never changed in place. */
export type Doc = Part;
export type Path = readonly (string | number)[];

export interface Note {
  id: string;
  text: string;
  at: Point;
}
export interface Group {
  id: string;
  title: string;
  nodes: string[];
}

export const isPart = (value: unknown): value is Part =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parts = (value: unknown): Part[] => (Array.isArray(value) ? value.filter(isPart) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Those that can be drawn: with an id, the first of each. Their index is the one in the document. */
export function nodesOf(document: Doc): { id: string; index: number; node: Part }[] {
  const all = Array.isArray(document['nodes']) ? document['nodes'] : [];
  const seen = new Set<string>();
  return all.flatMap((node: unknown, index) => {
    const id = isPart(node) ? text(node['id']) : '';
    if (!isPart(node) || id === '' || seen.has(id)) return [];
    seen.add(id);
    return [{ id, index, node }];
  });
}

/** Those whose two ends are texts, with their index in the document. */
export function edgesOf(document: Doc): { index: number; from: string; to: string; edge: Part }[] {
  const all = Array.isArray(document['edges']) ? document['edges'] : [];
  return all.flatMap((edge: unknown, index) =>
    isPart(edge) && typeof edge['from'] === 'string' && typeof edge['to'] === 'string'
      ? [{ index, from: edge['from'], to: edge['to'], edge }]
      : [],
  );
}

export function nodeOf(document: Doc, id: string): { index: number; node: Part } | null {
  return nodesOf(document).find((entry) => entry.id === id) ?? null;
}

/** Notes and groups are for people: the language knows nothing of them, so they live in the free metadata. */
const builderPart = (document: Doc): Part => {
  const metadata = isPart(document['metadata']) ? document['metadata'] : {};
  return isPart(metadata['pointsman']) ? metadata['pointsman'] : {};
};

export function notesOf(document: Doc): Note[] {
  return parts(builderPart(document)['notes']).flatMap((note) => {
    const at = pointOf(note['at']);
    return typeof note['id'] === 'string' && at ? [{ id: note['id'], text: text(note['text']), at }] : [];
  });
}

export function groupsOf(document: Doc): Group[] {
  return parts(builderPart(document)['groups']).flatMap((group) =>
    typeof group['id'] === 'string'
      ? [
          {
            id: group['id'],
            title: text(group['title']),
            nodes: Array.isArray(group['nodes'])
              ? group['nodes'].filter((id): id is string => typeof id === 'string')
              : [],
          },
        ]
      : [],
  );
}

export function withNotes(document: Doc, notes: readonly Note[]): Doc {
  return withBuilderPart(
    document,
    'notes',
    notes.map(({ id, text: words, at }) => ({ id, text: words, at: [Math.round(at.x), Math.round(at.y)] })),
  );
}

/** A group without nodes is gone. */
export function withGroups(document: Doc, groups: readonly Group[]): Doc {
  return withBuilderPart(
    document,
    'groups',
    groups.filter(({ nodes }) => nodes.length > 0),
  );
}

function withBuilderPart(document: Doc, key: string, list: readonly unknown[]): Doc {
  const metadata = isPart(document['metadata']) ? document['metadata'] : {};
  const { [key]: _, ...others } = builderPart(document);
  const own = list.length > 0 ? { ...others, [key]: list } : others;
  const { pointsman: _old, ...rest } = metadata;
  const next = Object.keys(own).length > 0 ? { ...rest, pointsman: own } : rest;
  const { metadata: _before, ...without } = document;
  return Object.keys(next).length > 0 ? { ...document, metadata: next } : without;
}

export function pointOf(value: unknown): Point | null {
  const [x, y] = Array.isArray(value) ? value : isPart(value) ? [value['x'], value['y']] : [];
  return typeof x === 'number' && typeof y === 'number' ? { x, y } : null;
}

/** The same document with a value at a path; `undefined` takes the field out. Missing maps on the way are made. */
export function withValue(whole: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof key === 'number') {
    const list = Array.isArray(whole) ? [...whole] : [];
    if (rest.length === 0 && value === undefined) list.splice(key, 1);
    else list[key] = withValue(list[key], rest, value);
    return list;
  }
  const map = isPart(whole) ? whole : {};
  if (rest.length === 0 && value === undefined) {
    const { [key]: _, ...without } = map;
    return without;
  }
  return { ...map, [key]: withValue(map[key], rest, value) };
}

export function valueAt(whole: unknown, path: Path): unknown {
  let value = whole;
  for (const key of path) {
    if (Array.isArray(value) && typeof key === 'number') value = value[key];
    else if (isPart(value) && typeof key === 'string') value = value[key];
    else return undefined;
  }
  return value;
}

export const pointer = (path: Path): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
