/**
 * Pictures of pages that are kept, and compared with what the pages look like now. Text is drawn by the machine's own fonts
 * and Chromium, so they are compared only with the same Chromium, where a sample of text is drawn as it was when they were made.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pixelmatch from 'pixelmatch';
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { inject } from 'vitest';
import { loaded, settled } from './page-checks.ts';

const KEPT = path.resolve(import.meta.dirname, '../e2e/baselines');
const MADE_WITH = path.join(KEPT, 'made-with.json');
/** Where pictures that differ are left, with what differs in red. */
const DIFFERENT = path.join(os.tmpdir(), 'pointsman-baselines');
/** Less than one letter of text; the same page is drawn the same to the pixel. */
const MOST_DIFFERENT = 24;
/** How long a page may take until it looks as it should: on a busy machine what is drawn last comes late. */
const PATIENCE_MS = 10_000;

/** `npm test -- test/e2e/baselines-browser.test.ts --update=all`: pictures are then made anew. */
const updating = (): boolean => inject('updateBaselines');

/** Why pictures cannot be compared here; null where they can. When they are made anew, what they are made with is noted. */
export async function incomparable(browser: Browser): Promise<string | null> {
  const here = { chromium: browser.version(), text: await drawnText(browser) };
  if (updating()) {
    mkdirSync(KEPT, { recursive: true });
    writeFileSync(MADE_WITH, `${JSON.stringify(here, null, 2)}\n`);
    return null;
  }
  const then = JSON.parse(readFileSync(MADE_WITH, 'utf8')) as typeof here;
  const major = (version: string): string => version.split('.')[0] ?? '';
  if (major(here.chromium) !== major(then.chromium))
    return `here is Chromium ${here.chromium}; the pictures were made with ${then.chromium}`;
  return here.text === then.text
    ? null
    : 'the fonts of this machine draw text otherwise than where the pictures were made';
}

/** Holds the page against the picture of this name, until they agree or patience ends; null when they agree. */
export async function difference(page: Page, name: string): Promise<string | null> {
  const file = path.join(KEPT, `${name}.png`);
  await loaded(page);
  await settled(page);
  await page.evaluate(steadyText, { host: os.hostname(), user: os.userInfo().homedir });
  if (updating()) {
    writeFileSync(file, PNG.sync.write(await stillPicture(page), { deflateLevel: 9, colorType: 2 }));
    return null;
  }
  if (!existsSync(file)) return `${name}: there is no such picture yet; make it with --update=all`;
  const wanted = PNG.sync.read(readFileSync(file));
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await picture(page);
    const found = compare(wanted, seen);
    if (found === null) return null;
    if (Date.now() > end) {
      mkdirSync(DIFFERENT, { recursive: true });
      const place = path.join(DIFFERENT, name);
      writeFileSync(`${place}.png`, PNG.sync.write(seen));
      if (found.drawn) writeFileSync(`${place}-difference.png`, PNG.sync.write(found.drawn));
      return `${name}: ${found.words}; see ${place}.png`;
    }
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

function compare(wanted: PNG, seen: PNG): { words: string; drawn?: PNG } | null {
  if (wanted.width !== seen.width || wanted.height !== seen.height)
    return { words: `it is ${seen.width}×${seen.height}, not ${wanted.width}×${wanted.height}` };
  const drawn = new PNG({ width: seen.width, height: seen.height });
  const count = pixelmatch(wanted.data, seen.data, drawn.data, seen.width, seen.height, { threshold: 0.1 });
  return count > MOST_DIFFERENT ? { words: `${count} pixels differ`, drawn } : null;
}

/** What is drawn by amounts of the moment: screens of terminals, processor and memory, bars, days. */
const UNSEEN = `
  .xterm, .ag-cell[col-id=cpu] span, [style*='scaleX'],
  [style*='left:']:not(.react-flow, .react-flow *, .ag-root-wrapper *) { visibility: hidden !important; }
  input[type=date] { color: transparent !important; }`;

/** As it looks, in 32 shades of each colour: a smaller file, and to the eye the same. */
async function picture(page: Page): Promise<PNG> {
  const image = PNG.sync.read(await page.screenshot({ animations: 'disabled', caret: 'hide', style: UNSEEN }));
  for (let at = 0; at < image.data.length; at += 1) {
    if (at % 4 === 3) continue; // opacity
    image.data[at] = Math.round((Math.round(((image.data[at] ?? 0) * 31) / 255) * 255) / 31);
  }
  return image;
}

/** The same twice in a row. */
async function stillPicture(page: Page): Promise<PNG> {
  for (let before = await picture(page); ;) {
    await page.waitForTimeout(500);
    const now = await picture(page);
    if (compare(before, now) === null) return now;
    before = now;
  }
}

async function drawnText(browser: Browser): Promise<string> {
  const context = await browser.newContext({ viewport: { width: 800, height: 240 } });
  const page = await context.newPage();
  const tokens = readFileSync(path.resolve(KEPT, '../../../web/src/ui/tokens.css'), 'utf8');
  const sample = 'Hamburgefonstiv 0123456789 →✓… ÄÖÜ (){}[] && ==';
  await page.setContent(
    `<style>${tokens}</style>${[13, 14, 18].map((size) => `<p style="font-size:${size}px">${sample} <b>${sample}</b> <code style="font-family:var(--mono)">${sample}</code></p>`).join('')}`,
  );
  const { data } = PNG.sync.read(await page.screenshot());
  await context.close();
  return createHash('sha256').update(data).digest('hex');
}

/**
 * In the page: whatever is another from run to run – ages, durations, sizes, dates, ids, places – is written the same each
 * time, also when the page writes it anew.
 */
function steadyText({ host, user }: { host: string; user: string }): void {
  const rules: [RegExp, string][] = [
    [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/g, '01234567-89ab-7def-8123-456789abcdef'],
    [/\b(?=[a-f]*\d)[\da-f]{6}\b/g, '0a1b2c'],
    [/\b[\da-f]{64}\b/g, '0123456789abcdef'.repeat(4)],
    [/\bhost-[\da-f]{8}\b/g, 'host-0a1b2c3d'],
    [/pointsman-e2e-\w{6}/g, 'pointsman-e2e-000000'],
    [
      /\b(?:[A-Z][a-z]{2} \d{1,2}, \d{4}|\d{4}-\d\d-\d\d|[A-Z][a-z]{2} \d{1,2}(?= |$)|\d{1,2} [A-Z][a-z]{2}\b)/g,
      'Jan 1, 2026',
    ],
    [/\b\d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?\b/g, '12:00'],
    [/\b\d+(?:\.\d+)? ?(?:ms|s|m|h|d)\b(?: \d+ ?(?:ms|s|m|h)\b)*/g, '1 m'],
    [/\b\d+(?:\.\d+)? (?:B|kB|MB|GB)\b/g, '1 MB'],
    [/\b\d+(?:\.\d+)? %/g, '1 %'],
    [/\b127\.0\.0\.1:\d+\b/g, '127.0.0.1:8001'],
    // A slow shell is looked at before its first prompt.
    [/the shell has not shown its first prompt/g, 'its session was opened'],
  ];
  const steady = (node: Text): void => {
    const text = rules.reduce((words, [pattern, same]) => words.replace(pattern, same), node.data);
    const told = text.replaceAll(host, 'host').replaceAll(user, '/home/operator');
    if (told !== node.data) node.data = told;
  };
  const all = (root: Node): void => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    if (root instanceof Text) steady(root);
    while (walker.nextNode()) if (walker.currentNode instanceof Text) steady(walker.currentNode);
  };
  all(document.body);
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) for (const node of [target, ...addedNodes]) all(node);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}

/** What was left of an earlier run would be taken for one of this. */
export function forgetDifferences(): void {
  rmSync(DIFFERENT, { recursive: true, force: true });
}
