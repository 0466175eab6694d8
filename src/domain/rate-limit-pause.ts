/** How long an agent whose model limited it is left alone, before the next task tries whether the limit is lifted. Pure. */

/** A CLI has tried again for a while by itself before it gives up; most limits are lifted within minutes, some in hours. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 900_000;

/** After the `refusals`-th refusal in a row. */
export function rateLimitPauseMs(refusals: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, refusals - 1), LONGEST_PAUSE_MS);
}
