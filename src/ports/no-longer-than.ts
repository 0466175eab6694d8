/** Waits for something outside that may never come. */

/** Until `work` has ended, but no longer than `ms`; which of the two it was is not told. What `work` throws in time is thrown. */
export async function noLongerThan(ms: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
