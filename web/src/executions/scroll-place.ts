/**
 * Where in a very tall content a box is scrolled to; pure. Browsers make no element taller than some ten million pixels,
 * so a taller content has a box of this height: small steps move by as much as they say, a dragged scrollbar by share.
 */
export interface ScrollPlace {
  /** As the browser says. */
  top: number;
  /** In the whole content. */
  at: number;
}

export interface Extent {
  /** Pixels of the whole content. */
  whole: number;
  /** Pixels in sight. */
  height: number;
}

const TALLEST_PX = 8_000_000; // half of what the strictest browser makes

export const boxHeight = ({ whole }: Extent): number => Math.min(whole, TALLEST_PX);

export function scrolledTo(was: ScrollPlace, top: number, extent: Extent): ScrollPlace {
  if (extent.whole <= TALLEST_PX) return { top, at: top };
  const step = top - was.top;
  const { height } = extent;
  const inside = top > height && top < TALLEST_PX - 2 * height;
  if (inside && Math.abs(step) < height * 2) return { top, at: within(was.at + step, extent) };
  return { top, at: within((top / (TALLEST_PX - height)) * farthest(extent), extent) };
}

/** The place of the box's scrollbar for a place in the content: where a drag goes on from. */
export function placeAt(at: number, extent: Extent): ScrollPlace {
  const inside = within(at, extent);
  if (extent.whole <= TALLEST_PX) return { top: inside, at: inside };
  return { top: Math.round((inside / farthest(extent)) * (TALLEST_PX - extent.height)), at: inside };
}

const farthest = ({ whole, height }: Extent): number => Math.max(0, whole - height);
const within = (at: number, extent: Extent): number => Math.max(0, Math.min(at, farthest(extent)));
