/** What a page cost while something was done to it, as a person sees it: its frames. */
import type { BenchPage } from './bench-browser.ts';

/** Times between two frames while something is done, and the share of the main thread that it took. */
export async function whileDone(
  { page, session }: BenchPage,
  work: () => Promise<void>,
): Promise<{ frames: number[]; busyPercent: number }> {
  const metrics = async () => {
    const { metrics: found } = await session.send('Performance.getMetrics');
    return new Map(found.map(({ name, value }) => [name, value]));
  };
  await page.evaluate(() => {
    const seen = { on: true, frames: [] as number[] };
    Object.assign(window, { benchSeen: seen });
    let last = performance.now();
    requestAnimationFrame(function frame(now) {
      seen.frames.push(now - last);
      last = now;
      if (seen.on) requestAnimationFrame(frame);
    });
  });
  const before = await metrics();
  await work();
  const after = await metrics();
  const frames = await page.evaluate(() => {
    const { benchSeen } = window as unknown as { benchSeen: { on: boolean; frames: number[] } };
    benchSeen.on = false;
    return benchSeen.frames;
  });
  const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  return { frames: frames.slice(1), busyPercent: (grown('TaskDuration') / grown('Timestamp')) * 100 };
}
