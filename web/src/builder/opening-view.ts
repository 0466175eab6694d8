/** What a canvas shows first: all of a graph where that can be read, else where it begins; pure. */
import { NODE_HEIGHT, NODE_WIDTH, type Point } from '../workflows/graph-drawing.ts';

/** Smaller than this, the words on a node are dots. */
export const READABLE = 0.6;
/** Larger ones are looked at from afar first, to see their shape. */
const READ_UP_TO = 40; // nodes
/** Of the box; the rest is room around the nodes. */
const USED = 0.75;

interface Placed {
  id: string;
  position: Point;
}

/** The nodes to be fitted into the box; null for all of them. */
export function openingNodes<N extends Placed>(
  nodes: readonly N[],
  box: { width: number; height: number },
): N[] | null {
  if (nodes.length === 0 || nodes.length > READ_UP_TO) return null;
  const left = Math.min(...nodes.map(({ position }) => position.x));
  const top = Math.min(...nodes.map(({ position }) => position.y));
  const right = left + (box.width * USED) / READABLE;
  const bottom = top + (box.height * USED) / READABLE;
  const first = nodes.filter(({ position: { x, y } }) => x + NODE_WIDTH <= right && y + NODE_HEIGHT <= bottom);
  return first.length === 0 || first.length === nodes.length ? null : first;
}
