/** A real Chromium, and a page that remembers everything that went wrong in it. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `TEST_SLOWNESS=6`: every page has a sixth of its processor, and what only works on a fast machine fails. */
const SLOWNESS = Number(process.env['TEST_SLOWNESS'] ?? 1);

/** `args`: of Chromium, besides those that keep it quiet. */
export async function openBrowser(args: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? PLACES.find((place) => existsSync(place));
  if (!executablePath)
    throw new Error('Chromium was not found. Install it (Debian: apt-get install chromium) or name it in CHROMIUM.');
  return chromium.launch({ executablePath, headless: true, args: [...QUIET, ...args] });
}

/** The page gets one part in `rate` of the processor; 1 gives it back. */
export async function slowDown(page: Page, rate: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate });
}

export interface WatchedPage {
  page: Page;
  context: BrowserContext;
  /** Console errors, uncaught exceptions and violations of the content security policy. */
  troubles: string[];
}

export async function openPage(
  browser: Browser,
  options: {
    width: number;
    height: number;
    theme: 'light' | 'dark';
    storage?: Awaited<ReturnType<BrowserContext['storageState']>>;
  },
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: options.width, height: options.height },
    colorScheme: options.theme,
    reducedMotion: 'reduce',
    ...(options.storage ? { storageState: options.storage } : {}),
  });
  const page = await context.newPage();
  if (SLOWNESS > 1) await slowDown(page, SLOWNESS);
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(error.message));
  return { page, context, troubles };
}
