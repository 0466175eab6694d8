/** What a canvas shows first: all of a graph where that can be read, else where it begins; pure. */
import { NODE_HEIGHT, NODE_WIDTH, type Point } from '../workflows/graph-drawing.ts';

/** Smaller than this, the words on a node are dots. */
export const READABLE = 0.6;
/** Larger ones are looked at from afar first, to see their shape. */
const READ_UP_TO = 40; // nodes
/** As small as a graph is shown whole all the same. */
const WHOLE_FROM = 0.5;
/** Of the box; the rest is room around the nodes. */
const USED = 0.87;

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
  const [left, top] = [least(nodes, 'x'), least(nodes, 'y')];
  const within = (zoom: number): N[] => {
    const [right, bottom] = [left + (box.width * USED) / zoom, top + (box.height * USED) / zoom];
    return nodes.filter(({ position: { x, y } }) => x + NODE_WIDTH <= right && y + NODE_HEIGHT <= bottom);
  };
  if (within(WHOLE_FROM).length === nodes.length) return null;
  const first = within(READABLE);
  return first.length === 0 ? null : first;
}

function least(nodes: readonly Placed[], side: 'x' | 'y'): number {
  return Math.min(...nodes.map(({ position }) => position[side]));
}
