/** Which lines of a log are in sight, and how it is moved: by the person, to a line, or with the newest one. */
import { type RefObject, type UIEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { boxHeight, placeAt, type ScrollPlace, scrolledTo } from './scroll-place.ts';

export const ROW_PX = 20;
const OVERSCAN = 20;
const AT_REST_MS = 150;

interface Options {
  total: number;
  /** Lines are as high as their text: a step of the scrollbar is still one line. */
  wrap: boolean;
  follow: boolean;
  onFollow: (follow: boolean) => void;
}

export interface LogScroll {
  box: RefObject<HTMLDivElement | null>;
  rows: RefObject<HTMLDivElement | null>;
  /** Of the element that gives the scrollbar its length. */
  height: number;
  first: number;
  last: number;
  /** Rows hang on the lower end instead of the upper one. */
  fromEnd: boolean;
  onScroll: (event: UIEvent<HTMLDivElement>) => void;
  show: (index: number) => void;
}

export function useLogScroll({ total, wrap, follow, onFollow }: Options): LogScroll {
  const box = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(400);
  const [moved, setMoved] = useState<ScrollPlace>({ top: 0, at: 0 });
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  // Wrapped, the last line can be scrolled up to the upper end, for nobody knows how high the others are.
  const whole = wrap ? total * ROW_PX + Math.max(0, height - ROW_PX) : total * ROW_PX;
  const extent = { whole, height };
  const fromEnd = wrap && follow;
  const place = follow ? placeAt(whole, extent) : moved;

  const move = useCallback((to: ScrollPlace) => {
    setMoved(to);
    if (box.current && Math.abs(box.current.scrollTop - to.top) >= 1) box.current.scrollTop = to.top;
  }, []);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void => setHeight(element.clientHeight);
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    return () => {
      resized.disconnect();
      clearTimeout(rest.current);
    };
  }, []);
  useLayoutEffect(() => {
    if (follow && box.current) box.current.scrollTop = place.top;
  }, [follow, place.top]);

  function onScroll({ currentTarget }: UIEvent<HTMLDivElement>): void {
    const top = Math.max(0, currentTarget.scrollTop);
    const atEnd = boxHeight(extent) - top - height < ROW_PX * 1.5;
    if (follow) {
      if (atEnd || top >= place.top) return setMoved(place);
      onFollow(false);
      // What is in sight stays there when rows hang on the upper end again.
      const upper = fromEnd ? upperRow(currentTarget) : null;
      if (upper !== null) return move(placeAt(upper * ROW_PX, extent));
    } else if (atEnd && !wrap && top > place.top) onFollow(true);
    const next = scrolledTo(place, top, extent);
    setMoved(next);
    clearTimeout(rest.current);
    // Once it is at rest the scrollbar is put where its share says, so that it never ends before the log does.
    rest.current = setTimeout(() => move(placeAt(next.at, extent)), AT_REST_MS);
  }

  const size = Math.ceil(height / ROW_PX);
  const upper = Math.floor(place.at / ROW_PX);
  const first = Math.max(0, fromEnd ? total - size - OVERSCAN : wrap ? upper : upper - OVERSCAN);
  const last = Math.min(total, fromEnd ? total : upper + size + OVERSCAN);
  useLayoutEffect(() => {
    const element = rows.current;
    if (!element || fromEnd) return;
    const part = wrap ? ((place.at % ROW_PX) / ROW_PX) * (element.firstElementChild?.clientHeight ?? ROW_PX) : 0;
    // Moved, not laid out anew: nothing else has to be looked at, and to the browser nothing jumps.
    element.style.transform = `translateY(${wrap ? place.top - part : place.top + first * ROW_PX - place.at}px)`;
  });

  return {
    box,
    rows,
    height: boxHeight(extent),
    first,
    last,
    fromEnd,
    onScroll,
    show: (index) => move(placeAt(index * ROW_PX - (wrap ? 0 : height / 3), extent)),
  };
}

function upperRow(box: HTMLElement): number | null {
  const edge = box.getBoundingClientRect().top;
  const row = [...box.querySelectorAll<HTMLElement>('[data-index]')].find(
    (one) => one.getBoundingClientRect().bottom > edge,
  );
  return row ? Number(row.dataset['index']) : null;
}
