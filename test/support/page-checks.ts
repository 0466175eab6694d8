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

/** It does not scroll sideways, and has no serious accessibility fault. Kept as a picture under this name. */
export async function expectSound(page: Page, name: string): Promise<void> {
  await settled(page);
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    `${name} scrolls sideways`,
  ).toBeLessThanOrEqual(0);
  expect(await accessibilityFaults(page), name).toEqual([]);
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

export async function keepPicture(page: Page, name: string): Promise<void> {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot(); // without a graphics card the first one may catch parts that are not drawn yet
  await page.screenshot({ path: path.join(pictures, `${name}.png`) });
}
