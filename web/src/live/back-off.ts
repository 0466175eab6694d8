/** Milliseconds to wait before an attempt, from 1: doubling from 0.25 s to 8 s, with a spread so that many do not return at once. */
export function backOffMs(attempt: number, random: number): number {
  const whole = Math.min(8_000, 250 * 2 ** (attempt - 1));
  return Math.round(whole * (0.6 + 0.4 * random));
}
