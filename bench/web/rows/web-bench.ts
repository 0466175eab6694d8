/** What a row of the web benchmarks is given: a server, its database, pages of the product and bare pages beside them. */
import type pg from 'pg';
import type { CDPSession, Page } from 'playwright-core';
import type { Pointsman } from '../../../test/support/pointsman-process.ts';
import type { Workload } from '../../support/workload.ts';

export interface ShownPage {
  page: Page;
  session: CDPSession;
  close(): Promise<void>;
}

export interface WebBench {
  workload: Workload;
  server: Pointsman;
  /** Of the server's own database, for what cannot be made by waiting for it. */
  client: pg.Client;
  browser: {
    /** A page of the product, signed in, nothing cached. */
    open(address: string): Promise<ShownPage>;
    /** A page that is only this program of bench/support/web/bare. */
    openBare(program: string, given: object): Promise<ShownPage>;
  };
}

/** Times between two frames while something is done, and the share of the main thread that it took. */
export async function whileDone(
  { page, session }: ShownPage,
  work: () => Promise<void>,
): Promise<{ frames: number[]; busyPercent: number }> {
  await session.send('Performance.enable');
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
