import { describe, expect, it } from 'vitest';
import { boxHeight, placeAt, scrolledTo } from './scroll-place.ts';

const small = { whole: 40_000, height: 400 };
const tall = { whole: 100_000_000, height: 400 };

describe('a scrolled place', () => {
  it('is what the browser says while the content is no taller than it can be', () => {
    expect(boxHeight(small)).toBe(40_000);
    expect(scrolledTo({ top: 0, at: 0 }, 1_234, small)).toEqual({ top: 1_234, at: 1_234 });
    expect(placeAt(50_000, small)).toEqual({ top: 39_600, at: 39_600 });
  });
  it('moves by the wheel line by line also in the middle of five million lines', () => {
    const middle = placeAt(50_000_000, tall);
    expect(scrolledTo(middle, middle.top + 60, tall)).toEqual({ top: middle.top + 60, at: 50_000_060 });
  });
  it('follows the dragged scrollbar by share, and reaches both ends', () => {
    const box = boxHeight(tall);
    expect(scrolledTo({ top: 0, at: 0 }, (box - 400) / 2, tall).at).toBe((tall.whole - 400) / 2);
    expect(scrolledTo({ top: 0, at: 0 }, box - 400, tall).at).toBe(tall.whole - 400);
    expect(scrolledTo(placeAt(9_000_000, tall), 0, tall).at).toBe(0);
  });
});
