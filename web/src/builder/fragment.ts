/** Part of a document as text for the clipboard, so that it can be pasted into another tab, and back; pure. */
import { type Doc, edgesOf, isPart, nodesOf, type Note, notesOf, type Part, pointOf } from './document.ts';
import { placesOf } from './placing.ts';
import type { Point } from '../workflows/graph-drawing.ts';

export interface Fragment {
  nodes: { node: Part; at: Point }[];
  edges: Part[];
  notes: Note[];
}

/** Edges go along when both of their ends do. Null: nothing of it is there. */
export function fragmentText(
  document: Doc,
  picked: { nodes: ReadonlySet<string>; notes: ReadonlySet<string> },
): string | null {
  const places = placesOf(document);
  const nodes = nodesOf(document).filter(({ id }) => picked.nodes.has(id));
  const notes = notesOf(document).filter(({ id }) => picked.notes.has(id));
  if (nodes.length === 0 && notes.length === 0) return null;
  return JSON.stringify(
    {
      nodes: nodes.map(({ node }) => node),
      edges: edgesOf(document)
        .filter(({ from, to }) => picked.nodes.has(from) && picked.nodes.has(to))
        .map(({ edge }) => edge),
      layout: Object.fromEntries(nodes.map(({ id }) => [id, [places.get(id)?.x ?? 0, places.get(id)?.y ?? 0]])),
      ...(notes.length > 0
        ? { metadata: { pointsman: { notes: notes.map((note) => ({ ...note, at: [note.at.x, note.at.y] })) } } }
        : {}),
    },
    null,
    2,
  );
}

/** A fragment, or a whole document: both have nodes. Null for any other text. */
export function readFragment(text: string): Fragment | null {
  if (!text.trimStart().startsWith('{')) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isPart(value)) return null;
  const places = placesOf(value);
  const nodes = nodesOf(value)
    .filter(({ node }) => typeof node['type'] === 'string')
    .map(({ id, node }) => ({ node, at: places.get(id) ?? pointOf(node['position']) ?? { x: 0, y: 0 } }));
  const ids = new Set(nodes.map(({ node }) => node['id']));
  const edges = edgesOf(value)
    .filter(({ from, to }) => ids.has(from) && ids.has(to))
    .map(({ edge }) => edge);
  const notes = notesOf(value);
  return nodes.length + notes.length > 0 ? { nodes, edges, notes } : null;
}
