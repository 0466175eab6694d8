/** Everything that can be done to a document in the builder, as values; pure. */
import { NODE_HEIGHT, NODE_WIDTH, type Point } from '../workflows/graph-drawing.ts';
import {
  type Doc,
  edgesOf,
  groupsOf,
  isPart,
  nodesOf,
  notesOf,
  type Part,
  type Path,
  withGroups,
  withNotes,
  withValue,
} from './document.ts';
import type { Fragment } from './fragment.ts';
import { freshId, renamedReads } from './names.ts';
import { newNode } from './node-kinds.ts';
import { aligned, type Alignment, arranged, freePlace, graphOf, placesOf, withPlaces } from './placing.ts';
import { t } from '../words/words.ts';

export type Edit =
  | { type: 'add-node'; nodeType: string; at: Point | null; after: string | null }
  | { type: 'add-note'; at: Point }
  | { type: 'connect'; from: string; to: string }
  | { type: 'set'; path: Path; value: unknown }
  | { type: 'set-note'; id: string; text: string }
  | { type: 'set-group'; id: string; title: string }
  | { type: 'rename'; from: string; to: string }
  | { type: 'remove'; keys: ReadonlySet<string> }
  | { type: 'move'; to: ReadonlyMap<string, Point> }
  | { type: 'align'; nodes: ReadonlySet<string>; how: Alignment }
  | { type: 'arrange' }
  | { type: 'group'; nodes: ReadonlySet<string> }
  | { type: 'ungroup'; id: string }
  | { type: 'paste'; fragment: Fragment; at: Point | null }
  | { type: 'replace'; document: Doc };

export interface Edited {
  document: Doc;
  /** What is selected afterwards; as it was when left out. */
  select?: ReadonlySet<string>;
}

/** Things on the canvas have keys: `node:ID`, `edge:INDEX`, `note:ID`, `group:ID`. */
export const keyOf = (kind: 'node' | 'edge' | 'note' | 'group', id: string | number): string => `${kind}:${id}`;
export const idsOf = (keys: Iterable<string>, kind: 'node' | 'edge' | 'note' | 'group'): Set<string> =>
  new Set([...keys].filter((key) => key.startsWith(`${kind}:`)).map((key) => key.slice(kind.length + 1)));

/** Of the box a note is drawn in. */
export const NOTE_HEIGHT = 104;

/** How often a new loop may go round before anybody thought about it. */
const LOOP_MAX = 3;

export function applyEdit(document: Doc, edit: Edit): Edited {
  switch (edit.type) {
    case 'add-node':
      return addNode(document, edit);
    case 'add-note': {
      const id = freshId('note', new Set(notesOf(document).map((note) => note.id)));
      const next = withNotes(document, [
        ...notesOf(document),
        { id, text: '', at: freePlace(document, edit.at, NOTE_HEIGHT) },
      ]);
      return { document: next, select: new Set([keyOf('note', id)]) };
    }
    case 'connect':
      return connect(document, edit);
    case 'set':
      return { document: withValue(document, edit.path, edit.value) as Doc }; // a path below it leaves it a map
    case 'set-note':
      return {
        document: withNotes(
          document,
          notesOf(document).map((note) => (note.id === edit.id ? { ...note, text: edit.text } : note)),
        ),
      };
    case 'set-group':
      return {
        document: withGroups(
          document,
          groupsOf(document).map((group) => (group.id === edit.id ? { ...group, title: edit.title } : group)),
        ),
      };
    case 'rename':
      return rename(document, edit);
    case 'remove':
      return remove(document, edit.keys);
    case 'move':
      return { document: moved(document, edit.to) };
    case 'align': {
      const places = new Map([...placesOf(document)].filter(([id]) => edit.nodes.has(id)));
      return { document: withPlaces(document, aligned(places, edit.how)) };
    }
    case 'arrange':
      return { document: withPlaces(document, arranged(graphOf(document))) };
    case 'group': {
      const id = freshId('group', new Set(groupsOf(document).map((group) => group.id)));
      // A node is in one group at most: frames that cross each other say nothing.
      const others = groupsOf(document).map((group) => ({
        ...group,
        nodes: group.nodes.filter((node) => !edit.nodes.has(node)),
      }));
      const next = withGroups(document, [...others, { id, title: t('Group'), nodes: [...edit.nodes] }]);
      return { document: next, select: new Set([keyOf('group', id)]) };
    }
    case 'ungroup':
      return {
        document: withGroups(
          document,
          groupsOf(document).filter(({ id }) => id !== edit.id),
        ),
        select: new Set(),
      };
    case 'paste':
      return paste(document, edit);
    case 'replace':
      return { document: edit.document };
  }
}

function addNode(document: Doc, { nodeType, at, after }: Extract<Edit, { type: 'add-node' }>): Edited {
  const id = freshId(nodeType, idsIn(document));
  const places = placesOf(document);
  const before = after === null ? undefined : places.get(after);
  const last = [...places.values()].toSorted((a, b) => a.x - b.x).at(-1);
  const near = before ?? last;
  const place = at ?? freePlace(document, near ? { x: near.x + NODE_WIDTH + 56, y: near.y } : { x: 0, y: 0 });
  const placed = withPlaces(document, new Map());
  const nodes = Array.isArray(placed['nodes']) ? placed['nodes'] : [];
  const next = withPlaces({ ...placed, nodes: [...nodes, newNode(nodeType, id)] }, new Map([[id, place]]));
  const document2 = after === null || before === undefined ? next : connect(next, { from: after, to: id }).document;
  return { document: document2, select: new Set([keyOf('node', id)]) };
}

/** A second edge between two nodes is rarely meant: the one that is there is shown. An edge that closes a cycle is a loop. */
function connect(document: Doc, { from, to }: { from: string; to: string }): Edited {
  const all = edgesOf(document);
  const there = all.find((edge) => edge.from === from && edge.to === to);
  if (there) return { document, select: new Set([keyOf('edge', there.index)]) };
  const list = Array.isArray(document['edges']) ? document['edges'] : [];
  const edge = { from, to, ...(leadsTo(document, to, from) ? { max: LOOP_MAX } : {}) };
  // Placed first: another edge must not make the nodes jump.
  return {
    document: { ...withPlaces(document, new Map()), edges: [...list, edge] },
    select: new Set([keyOf('edge', list.length)]),
  };
}

/** True when `to` is `from` or can be reached from it, loop edges aside. */
export function leadsTo(document: Doc, from: string, to: string): boolean {
  const out = new Map<string, string[]>();
  for (const { from: a, to: b, edge } of edgesOf(document))
    if (typeof edge['max'] !== 'number') out.set(a, [...(out.get(a) ?? []), b]);
  const seen = new Set([from]);
  for (const node of seen) for (const next of out.get(node) ?? []) seen.add(next);
  return seen.has(to);
}

function rename(document: Doc, { from, to }: { from: string; to: string }): Edited {
  const names = new Map([[from, to]]);
  const end = (id: unknown): unknown => (id === from ? to : id);
  const list = (value: unknown, change: (part: Part) => Part): unknown =>
    Array.isArray(value) ? value.map((entry: unknown) => (isPart(entry) ? change(entry) : entry)) : value;
  const next: Doc = { ...document };
  next['nodes'] = list(document['nodes'], (node) => {
    const renamed = renamedReads(node, names) as Part; // a map stays one
    return node['id'] === from ? { ...renamed, id: to } : renamed;
  });
  if ('edges' in document)
    next['edges'] = list(document['edges'], (edge) => {
      const renamed = renamedReads(edge, names) as Part; // a map stays one
      return { ...renamed, from: end(edge['from']), to: end(edge['to']) };
    });
  if ('outputs' in document) next['outputs'] = renamedReads(document['outputs'], names, 'expression');
  if (isPart(document['layout']))
    next['layout'] = Object.fromEntries(
      Object.entries(document['layout']).map(([id, at]) => [id === from ? to : id, at]),
    );
  const groups = groupsOf(document).map((group) => ({
    ...group,
    nodes: group.nodes.map((id) => (id === from ? to : id)),
  }));
  return {
    document: groups.length > 0 ? withGroups(next, groups) : next,
    select: new Set([keyOf('node', to)]),
  };
}

function remove(document: Doc, keys: ReadonlySet<string>): Edited {
  const nodes = idsOf(keys, 'node');
  const edges = idsOf(keys, 'edge');
  const notes = idsOf(keys, 'note');
  const frames = idsOf(keys, 'group');
  // What stays, stays where it is.
  const before = nodes.size + edges.size > 0 ? withPlaces(document, new Map()) : document;
  let next: Doc = { ...before };
  if (Array.isArray(before['nodes']))
    next['nodes'] = before['nodes'].filter(
      (node: unknown) => !isPart(node) || typeof node['id'] !== 'string' || !nodes.has(node['id']),
    );
  if (Array.isArray(document['edges']))
    next['edges'] = document['edges'].filter(
      (edge: unknown, index) =>
        !edges.has(String(index)) &&
        !(isPart(edge) && (nodes.has(String(edge['from'])) || nodes.has(String(edge['to'])))),
    );
  if (isPart(before['layout']))
    next['layout'] = Object.fromEntries(Object.entries(before['layout']).filter(([id]) => !nodes.has(id)));
  const keptNotes = notesOf(document).filter(({ id }) => !notes.has(id));
  if (keptNotes.length < notesOf(document).length) next = withNotes(next, keptNotes);
  if (groupsOf(document).length > 0)
    next = withGroups(
      next,
      groupsOf(document)
        .filter(({ id }) => !frames.has(id))
        .map((group) => ({ ...group, nodes: group.nodes.filter((id) => !nodes.has(id)) })),
    );
  return { document: next, select: new Set() };
}

function moved(document: Doc, to: ReadonlyMap<string, Point>): Doc {
  const nodes = new Map(
    [...to].flatMap(([key, at]) => (key.startsWith('node:') ? [[key.slice('node:'.length), at] as const] : [])),
  );
  const next = nodes.size > 0 ? withPlaces(document, nodes) : document;
  const notes = notesOf(document);
  if (!notes.some(({ id }) => to.has(keyOf('note', id)))) return next;
  return withNotes(
    next,
    notes.map((note) => ({ ...note, at: to.get(keyOf('note', note.id)) ?? note.at })),
  );
}

const PASTE_GAP = 96; // below what was copied, so that both are seen

/** With fresh ids; what the pasted nodes read of each other follows. At a place: its upper left corner comes there. */
function paste(document: Doc, { fragment, at }: { fragment: Fragment; at: Point | null }): Edited {
  const taken = idsIn(document);
  const names = new Map<string, string>();
  for (const { node } of fragment.nodes) {
    const id = String(node['id']);
    const fresh = freshId(id, taken);
    taken.add(fresh);
    if (fresh !== id) names.set(id, fresh);
  }
  const corners = [...fragment.nodes.map((entry) => entry.at), ...fragment.notes.map((note) => note.at)];
  const left = Math.min(...corners.map(({ x }) => x));
  const top = Math.min(...corners.map(({ y }) => y));
  const bottom = Math.max(...corners.map(({ y }) => y)) + NODE_HEIGHT;
  const shift = at ? { x: at.x - left, y: at.y - top } : { x: 0, y: bottom - top + PASTE_GAP };
  const shifted = (point: Point): Point => ({ x: point.x + shift.x, y: point.y + shift.y });
  const called = (id: unknown): string => names.get(String(id)) ?? String(id);

  const nodes = fragment.nodes.map(({ node }) => {
    const { position: _, ...without } = node;
    return { ...(renamedReads(without, names) as Part), id: called(node['id']) }; // a map stays one
  });
  const edges = fragment.edges.map((edge) => ({
    ...(renamedReads(edge, names) as Part), // a map stays one
    from: called(edge['from']),
    to: called(edge['to']),
  }));
  const placed = withPlaces(document, new Map());
  const before = (key: 'nodes' | 'edges'): unknown[] => (Array.isArray(placed[key]) ? placed[key] : []);
  let next: Doc = { ...placed, nodes: [...before('nodes'), ...nodes] };
  if (edges.length > 0) next['edges'] = [...before('edges'), ...edges];
  next = withPlaces(next, new Map(fragment.nodes.map((entry) => [called(entry.node['id']), shifted(entry.at)])));
  const noteIds = new Set(notesOf(document).map(({ id }) => id));
  const notes = fragment.notes.map((note) => {
    const id = freshId(note.id, noteIds);
    noteIds.add(id);
    return { ...note, id, at: shifted(note.at) };
  });
  if (notes.length > 0) next = withNotes(next, [...notesOf(next), ...notes]);
  return {
    document: next,
    select: new Set([...nodes.map(({ id }) => keyOf('node', id)), ...notes.map(({ id }) => keyOf('note', id))]),
  };
}

const idsIn = (document: Doc): Set<string> => new Set(nodesOf(document).map(({ id }) => id));
