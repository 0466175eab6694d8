/** What every page of the app has to be, whatever is on it; and pictures of it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from './pointsman-process.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** With a directory in it, the pages are also kept as pictures there. */
export const pictures = process.env['TEST_SCREENSHOTS'];

/** What is called good: https://web.dev/articles/cls. */
const MOST_SHIFT = 0.1;

/**
 * It does not scroll sideways, has no serious accessibility fault, and nothing jumped while it came. Kept as a picture under
 * this name. `where`: a selector of what is looked through for such faults, where the whole page is very long.
 */
export async function expectSound(page: Page, name: string, where?: string): Promise<void> {
  await settled(page);
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    `${name} scrolls sideways`,
  ).toBeLessThanOrEqual(0);
  expect(await accessibilityFaults(page, where), name).toEqual([]);
  const { score, moved } = await layoutShift(page);
  expect(score, `${name} moved under the eye: ${moved.join('; ')}`).toBeLessThanOrEqual(MOST_SHIFT);
  await keepPicture(page, name);
}

/** Fonts are there, nothing more is being loaded or drawn, and nothing fades in: half faded, no text has its contrast. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('load');
  await page.evaluate(() => document.fonts.ready);
  let before = '';
  await until('the page to hold still', async () => {
    const now = await page.evaluate(
      () => `${document.querySelectorAll('*').length} ${document.querySelectorAll('[role=progressbar]').length}`,
    );
    const still = now === before;
    before = now;
    return still;
  });
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
        .map(({ finished }) => finished),
    ),
  );
}

interface ShiftEntry extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
  sources: { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
}

/**
 * The cumulative layout shift since the page was loaded, as browsers count it: the worst burst of what moved without
 * having been asked to. A burst ends after a second of rest, and lasts five seconds at most.
 */
export async function layoutShift(page: Page): Promise<{ score: number; moved: string[] }> {
  return page.evaluate(async () => {
    const entries = await new Promise<ShiftEntry[]>((resolve) => {
      const seen: PerformanceEntry[] = [];
      const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()));
      observer.observe({ type: 'layout-shift', buffered: true });
      // What was before is told in a task of its own; two frames later it has been.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          seen.push(...observer.takeRecords());
          observer.disconnect();
          resolve((seen as ShiftEntry[]).filter(({ hadRecentInput }) => !hadRecentInput));
        }),
      );
    });
    const bursts: ShiftEntry[][] = [];
    for (const entry of entries) {
      const burst = bursts.at(-1);
      const [first] = burst ?? [];
      const last = burst?.at(-1);
      if (
        burst &&
        first &&
        last &&
        entry.startTime - last.startTime < 1_000 &&
        entry.startTime - first.startTime < 5_000
      )
        burst.push(entry);
      else bursts.push([entry]);
    }
    const scored = bursts.map((burst) => ({ burst, score: burst.reduce((sum, { value }) => sum + value, 0) }));
    const worst = scored.toSorted((a, b) => b.score - a.score)[0];
    const place = ({ x, y, width, height }: DOMRectReadOnly): string =>
      [x, y, width, height].map((each) => Math.round(each)).join(' ');
    const moved = (worst?.burst ?? []).map(
      ({ value, startTime, sources }) =>
        `${value.toFixed(3)} at ${Math.round(startTime)} ms: ${sources
          .map(({ node, previousRect, currentRect }) => {
            const element = node instanceof Element ? node : node?.parentElement;
            return `${element?.tagName.toLowerCase() ?? 'gone'}.${element?.className ?? ''} ${place(previousRect)} → ${place(currentRect)}`;
          })
          .join(', ')}`,
    );
    return { score: worst?.score ?? 0, moved };
  });
}

/** `where`: a selector; the whole page without. */
export async function accessibilityFaults(page: Page, where?: string): Promise<string[]> {
  // Injected through the debugger, which the page's content security policy does not concern.
  const violations = await page.evaluate(
    `${axeSource}; axe.run(${where === undefined ? 'document' : JSON.stringify(where)}, { resultTypes: ['violations'] }).then((result) => result.violations.map(({ id, impact, nodes }) => ({ id, impact, html: nodes.map((node) => node.html.slice(0, 160) + ' | ' + (node.any[0]?.message ?? '')).slice(0, 3) })))`,
  );
  return (violations as { id: string; impact: string; html: string[] }[])
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, html }) => `${id}: ${html.join(' ')}`);
}

/** Nothing says any more that it is loading; where something still does after a while, the page is taken as it is. */
export async function loaded(page: Page): Promise<void> {
  const loading = page.locator('[aria-busy=true]');
  await until('the page to be loaded', async () => (await loading.count()) === 0, 5_000).catch(() => undefined);
}

export async function keepPicture(page: Page, name: string): Promise<void> {
  if (!pictures) return;
  await loaded(page);
  mkdirSync(pictures, { recursive: true });
  await page.screenshot(); // without a graphics card the first one may catch parts that are not drawn yet
  await page.screenshot({ path: path.join(pictures, `${name}.png`) });
}
