/** Chance that repeats itself: the same seed walks the same way. */

export interface Chance {
  /** At least 0, below 1. */
  fraction(): number;
  between(least: number, most: number): number;
  is(probability: number): boolean;
  /** One of them, each as often as its weight says. */
  weighted<T extends { weight: number }>(choices: readonly T[]): T;
}

export function seededChance(seed: number): Chance {
  let state = seed >>> 0;
  // mulberry32: small, and good enough to choose scenes.
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    fraction,
    between: (least, most) => least + fraction() * (most - least),
    is: (probability) => fraction() < probability,
    weighted(choices) {
      let left = fraction() * choices.reduce((sum, one) => sum + one.weight, 0);
      for (const one of choices) {
        left -= one.weight;
        if (left < 0) return one;
      }
      const last = choices.at(-1);
      if (!last) throw new Error('nothing to choose from');
      return last;
    },
  };
}
