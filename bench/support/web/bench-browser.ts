/** A Chromium for benchmarks: signed-in pages of the product, and bare pages beside them, with what each costs while it runs. */
import path from 'node:path';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { openBrowser } from '../../../test/support/browser.ts';
import type { Pointsman } from '../../../test/support/pointsman-process.ts';
import { quantile } from '../statistics.ts';
import type { Workload } from '../workload.ts';

const WIDTH = 1280;
const HEIGHT = 900;

export interface BenchBrowser {
  browser: Browser;
  /** A page of the product, at this address, in a context that is signed in and has nothing cached. */
  open(address: string): Promise<BenchPage>;
  /** A page that is only the given program of bench/support/web/bare, from the same address. */
  openBare(program: string, given: object): Promise<BenchPage>;
}

export interface BenchPage {
  page: Page;
  session: CDPSession;
  close(): Promise<void>;
}

/** Of one page over a time: what its main thread did, and what a person sees of it. */
export interface PageCost {
  /** Share of the time in which the main thread was at work. */
  busyPercent: number;
  scriptPercent: number;
  /** Style and layout. */
  layoutPercent: number;
  frameP50Ms: number;
  frameP99Ms: number;
  /** Tasks of more than 50 ms, and the longest of them. */
  longTasks: number;
  longestTaskMs: number;
}

export async function openBenchBrowser(workload: Workload, server: Pointsman): Promise<BenchBrowser> {
  // The bare page has no address on this machine's network, so Chromium would refuse its sockets.
  const browser = await openBrowser(['--disable-features=LocalNetworkAccessChecks']);
  workload.own(() => browser.close());
  const first = await browser.newContext();
  const page = await first.newPage();
  await page.goto(server.signInLink);
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
  const storage = await first.storageState();
  await first.close();

  const opened = async (context: BrowserContext, address: string): Promise<BenchPage> => {
    await context.addInitScript(watchFrames);
    const shown = await context.newPage();
    const session = await context.newCDPSession(shown);
    await session.send('Performance.enable');
    await shown.goto(server.url + address);
    return { page: shown, session, close: () => context.close() };
  };
  const context = () =>
    browser.newContext({ viewport: { width: WIDTH, height: HEIGHT }, storageState: storage, colorScheme: 'dark' });
  return {
    browser,
    open: async (address) => opened(await context(), address),
    async openBare(program, given) {
      const script = await bundled(program);
      const bare = await context();
      const body = `<!doctype html><meta charset="utf-8"><body><script type="application/json" id="given">${JSON.stringify(given)}</script><script type="module">${script.replaceAll('</script', '<\\/script')}</script>`;
      await bare.route(`${server.url}/bare`, (route) => route.fulfill({ contentType: 'text/html', body }));
      return opened(bare, '/bare');
    },
  };
}

export async function pageCost({ page, session }: BenchPage, overMs: number): Promise<PageCost> {
  await page.evaluate(() => (window.benchFrames = { frames: [], tasks: [] }));
  const before = await metrics(session);
  await page.waitForTimeout(overMs);
  const after = await metrics(session);
  const { frames, tasks } = await page.evaluate(() => window.benchFrames);
  const seconds = (after['Timestamp'] ?? 0) - (before['Timestamp'] ?? 0);
  const percent = (...names: string[]) =>
    (names.reduce((sum, name) => sum + (after[name] ?? 0) - (before[name] ?? 0), 0) / seconds) * 100;
  return {
    busyPercent: percent('TaskDuration'),
    scriptPercent: percent('ScriptDuration'),
    layoutPercent: percent('LayoutDuration', 'RecalcStyleDuration'),
    frameP50Ms: quantile(frames, 0.5),
    frameP99Ms: quantile(frames, 0.99),
    longTasks: tasks.length,
    longestTaskMs: Math.max(0, ...tasks),
  };
}

async function metrics(session: CDPSession): Promise<Record<string, number>> {
  const { metrics: found } = await session.send('Performance.getMetrics');
  return Object.fromEntries(found.map(({ name, value }) => [name, value]));
}

async function bundled(program: string): Promise<string> {
  const bundle = await rolldown({
    input: path.join(import.meta.dirname, 'bare', program),
    platform: 'browser',
    moduleTypes: { '.css': 'text' },
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false });
  await bundle.close();
  return output[0].code;
}

declare global {
  interface Window {
    benchFrames: { frames: number[]; tasks: number[] };
  }
}

/** Runs in the page, before everything else. */
function watchFrames(): void {
  window.benchFrames = { frames: [], tasks: [] };
  let last = performance.now();
  const frame = (now: number): void => {
    window.benchFrames.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.benchFrames.tasks.push(entry.duration);
  }).observe({ entryTypes: ['longtask'] });
}
