import { describe, expect, it } from 'vitest';
import { FontSearch, LEAST_PX, type Question } from './font-size.ts';

/** What a grid takes: cells of whole device pixels. */
function drawn({ cols, rows }: Question, size: number, { shape = [0.6, 1.2], pixel = 1 } = {}) {
  const [wide = 0, high = 0] = shape;
  const whole = (length: number) => Math.max(1, Math.round(length / pixel)) * pixel;
  return { now: size, width: cols * whole(size * wide), height: rows * whole(size * high) };
}

/** All sizes that are drawn until one stays. */
function search(question: Question, { from = 12, look = {}, of = new FontSearch() } = {}): number[] {
  const sizes = [from];
  for (;;) {
    const now = sizes.at(-1) ?? 0;
    const next = of.next(question, drawn(question, now, look));
    if (next === now) return sizes;
    if (sizes.length > 50) throw new Error(`it goes on and on: ${sizes.join(' ')}`);
    sizes.push(next);
  }
}

const finely = { pixel: 0.001 };
const found = (question: Question, options = {}) => search(question, options).at(-1);

describe('the size of a terminal’s letters', () => {
  it('fits both ways and stays within readable bounds', () => {
    const grid = { cols: 120, rows: 40, least: LEAST_PX };
    expect(found({ width: 720, height: 2000, ...grid }, { look: finely })).toBe(10);
    expect(found({ width: 2000, height: 480, ...grid }, { look: finely })).toBe(10);
    expect(found({ width: 9000, height: 9000, ...grid })).toBe(15);
    expect(found({ width: 10, height: 10, ...grid })).toBe(4);
    expect(found({ width: 10, height: 10, ...grid, least: 11 })).toBe(11);
  });

  it('comes to rest for every box, within it, and no larger size that was tried fitted', () => {
    for (let width = 300; width < 1300; width += 7)
      for (const pixel of [1, 0.5, 1 / 3]) {
        const question = { width, height: width * 0.6, cols: 120, rows: 40, least: LEAST_PX };
        const sizes = search(question, { look: { pixel } });
        const last = sizes.at(-1) ?? 0;
        const fits = (size: number): boolean => {
          const now = drawn(question, size, { pixel });
          return now.width <= question.width && now.height <= question.height;
        };
        expect(sizes.length, `${width} px: ${sizes.join(' ')}`).toBeLessThanOrEqual(6);
        expect(fits(last) || last === LEAST_PX, `${width} px: ${sizes.join(' ')}`).toBe(true);
        expect(sizes.filter((size) => size > last && fits(size))).toEqual([]);
      }
  });

  it('is looked for anew when the box is another, and stays as long as it is the same', () => {
    const of = new FontSearch();
    const small = { width: 500, height: 400, cols: 80, rows: 24, least: LEAST_PX };
    const large = { ...small, width: 900, height: 700 };
    const first = found(small, { of });
    const second = found(large, { of, from: first });
    expect(second).toBeGreaterThan(first ?? 0);
    const again = found(small, { of, from: second });
    expect(again).toBeLessThan(second ?? 0);
    expect(search(small, { of, from: again })).toEqual([again]);
  });
});
