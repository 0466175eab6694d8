/** The web app in a language that marks every word it translates: what stands on a page without marks is no word of ours. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage } from '../support/browser.ts';
import { settled } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const PROPER_NAMES = new Set(['LangGraph', 'YAML']);
/** A moment, an amount, or an example of a path. */
const VALUE = /^([A-Z][a-z]{2} \d{1,2}, \d{4}, .*|[\d.]+ [kMGT]?i?B( free)?|\/home\/\S+)$/;

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;

beforeAll(async () => {
  home = makeHome();
  [database, browser] = await Promise.all([createTestDatabase(), openBrowser()]);
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url, POINTSMAN_DEMO: 'on' } });
});

afterAll(async () => {
  await browser?.close();
  await server?.kill('SIGTERM');
  await removeHome(home);
  await database.drop();
});

test('every page says its words through the catalogue of the reader’s language', async () => {
  const execution = await until('the sample to wait for approval', async () =>
    (await server.request<{ id: string; status: string; workflowId: string }[]>('GET', '/api/executions')).body.find(
      ({ status }) => status === 'waiting',
    ),
  );
  const agents = (await server.request<{ id: string }[]>('GET', '/api/agents')).body.map(({ id }) => id);
  const { page, context } = await openPage(browser, { width: 1440, height: 900, theme: 'light' });
  await context.addInitScript(() => localStorage.setItem('pointsman.language', 'en-XA'));
  await page.goto(server.signInLink);
  await page.getByRole('heading', { name: '⟦Overview⟧', exact: true }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('en-XA');
  const data = await whatIsKnown(execution.id, execution.workflowId, agents);
  const forgotten = new Set<string>();
  for (const address of [
    '/',
    '/inbox',
    '/inbox?history=1',
    `/agents/${agents[0]}`,
    '/agents/new',
    '/wall',
    '/desk',
    '/workflows',
    `/workflows/${execution.workflowId}`,
    `/workflows/${execution.workflowId}/edit`,
    '/workflows/new',
    '/executions',
    `/executions/${execution.id}`,
    '/usage',
    '/incidents',
    '/settings',
    '/settings/administration',
    '/settings/definitions',
  ]) {
    await page.goto(server.url + address);
    await page
      .getByRole('heading', { level: 1 })
      .first()
      .waitFor({ timeout: 5000 })
      .catch(() => console.log('NO H1', address));
    if (address === '/') await page.getByRole('gridcell').first().waitFor();
    await settled(page);
    for (const text of await unmarked(page)) if (!isData(text, data)) forgotten.add(`${address}: ${text}`);
  }
  expect([...forgotten]).toEqual([]);
  await context.close();
});

/** Everything that programs and people have said here, and the names of the fields of a workflow. */
async function whatIsKnown(execution: string, workflow: string, agents: string[]): Promise<string> {
  const addresses = [
    'agents',
    ...agents.flatMap((id) => [`agents/${id}`, `agents/${id}/explain`, `agents/${id}/screen`]),
    'definitions',
    'doctor',
    'executions',
    `executions/${execution}`,
    `executions/${execution}/logs`,
    'hosts',
    'inbox',
    'me',
    'openapi.json',
    'settings',
    'tokens',
    'users',
    'workflow.schema.json',
    `workflows/${workflow}`,
  ];
  const answers = await Promise.all(
    addresses.map(async (address) => {
      const { status, body } = await server.request('GET', `/api/${address}`);
      if (status !== 200) throw new Error(`${address} was answered ${status}`);
      return JSON.stringify(body);
    }),
  );
  return simple(answers.join(' '));
}

/** Without case, and without what stands between words. */
function simple(text: string): string {
  return text.replaceAll(/(?:\\n|[^\p{L}\p{N}])+/gu, ' ').toLowerCase();
}

function isData(text: string, data: string): boolean {
  return (
    PROPER_NAMES.has(text) ||
    VALUE.test(text) ||
    text.split(/[·,→\n]/).every((part) => VALUE.test(part.trim()) || data.includes(simple(part).trim()))
  );
}

/** What is read on the page and stands between no marks: words of programs and people, and those that were forgotten. */
async function unmarked(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = new Set<string>();
    /** Keeps what is outside of all marks; `depth` of them are open where the text begins. */
    const outside = (text: string, depth: number) => {
      let kept = '';
      for (const letter of text) {
        if (letter === '⟦') depth += 1;
        else if (letter === '⟧') depth -= 1;
        else if (depth === 0) kept += letter;
      }
      return { kept: kept.trim(), depth };
    };
    const isWord = (text: string) => /\p{L}{2}/u.test(text);
    let depth = 0;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node instanceof Element ? node : node.parentElement;
      if (!element || element.closest('code, kbd, pre, samp, noscript, script, style, svg, textarea, .xterm')) continue;
      if (node instanceof Element) {
        for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
          const { kept } = outside(node.getAttribute(name) ?? '', 0);
          if (isWord(kept)) found.add(kept);
        }
        continue;
      }
      const read = outside(node.textContent ?? '', depth);
      depth = read.depth;
      if (isWord(read.kept)) found.add(read.kept);
    }
    return [...found];
  });
}
