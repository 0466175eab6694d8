/** A timeout of any length: timers of Node end at 2^31 ms, which is less than 25 days. */

const LONGEST_MS = 2 ** 31 - 1;

export function longTimeout(run: () => void, ms: number): { clear(): void } {
  let timer: NodeJS.Timeout;
  const arm = (left: number) => {
    timer = setTimeout(() => (left > LONGEST_MS ? arm(left - LONGEST_MS) : run()), Math.min(left, LONGEST_MS));
  };
  arm(Math.max(0, ms));
  return { clear: () => clearTimeout(timer) };
}
