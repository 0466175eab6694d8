/** The `?` sheet in a real browser: on each page what its keys do, and nothing that they do not. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage } from '../support/browser.ts';
import { expectSound } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { shellAgent } from '../support/shell-agents.ts';

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let page: Page;
let troubles: string[];
let agentId: string;
let workflowId: string;
let executionId: string;

beforeAll(async () => {
  home = makeHome();
  const workspace = path.join(home, 'shop');
  mkdirSync(workspace);
  [database, browser] = await Promise.all([createTestDatabase(), openBrowser()]);
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  agentId = (await shellAgent(server, 'tester', { workspace: { path: workspace } })).id;
  const saved = await server.request('POST', '/api/workflows', {
    name: 'Ship',
    nodes: [{ id: 'ask', type: 'approval', config: { title: 'Ship it?' } }],
  });
  workflowId = saved.body.id;
  executionId = (await server.request('POST', `/api/workflows/${workflowId}/execute`, {})).body.id;
  await until('the approval', async () => (await server.request('GET', '/api/inbox')).body.length === 1);
  ({ page, troubles } = await openPage(browser, { width: 1280, height: 800, theme: 'light' }));
  await page.goto(server.signInLink);
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
});

afterAll(async () => {
  await browser?.close();
  await server?.kill('SIGTERM');
  await removeHome(home);
  await database.drop();
});

type Sheet = Record<string, Record<string, string>>;

/** By group, then by key, what it does. */
async function sheetOf(address: string, ready: string): Promise<Sheet> {
  await page.goto(server.url + address);
  await page.locator(ready).first().waitFor();
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: /Keyboard shortcuts/ });
  await dialog.waitFor();
  return dialog
    .locator('section')
    .evaluateAll((sections) =>
      Object.fromEntries(
        sections.map((section) => [
          section.querySelector('h3')?.textContent ?? '',
          Object.fromEntries(
            [...section.querySelectorAll('[data-keys]')].map((keys) => [
              keys.getAttribute('data-keys') ?? '',
              keys.closest('div')?.querySelector('dt')?.textContent ?? '',
            ]),
          ),
        ]),
      ),
    );
}

async function closed(): Promise<void> {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

const ADDRESS: Record<string, RegExp> = {
  Overview: /\/$/,
  'Wall of terminals': /\/wall$/,
  Inbox: /\/inbox/,
  Workflows: /\/workflows$/,
  Desk: /\/desk$/,
  Executions: /\/executions$/,
  Usage: /\/usage/,
  Settings: /\/settings$/,
};

test('what the sheet says works everywhere does what it says', async () => {
  const { Everywhere: everywhere = {} } = await sheetOf('/settings', 'h1');
  await expectSound(page, 'shortcuts-settings-1280-light');
  await closed();
  const lead = Object.entries(everywhere).filter(([keys]) => keys.startsWith('g '));
  expect(lead.map(([, what]) => what).toSorted()).toEqual(Object.keys(ADDRESS).toSorted());
  for (const [keys, what] of lead) {
    for (const key of keys.split(' ')) await page.keyboard.press(key);
    await page.waitForURL(ADDRESS[what] ?? /never/);
  }
  const dark = () => page.locator(':root').getAttribute('data-theme');
  const before = await dark();
  await page.keyboard.press('t');
  await page.keyboard.press('t');
  await until('the other theme', async () => (await dark()) !== before);
  await page.keyboard.press('t');
  await page.keyboard.press('t');
  await until('the theme of before', async () => (await dark()) === before);
  const rest = Object.entries(everywhere).filter(([keys]) => !keys.startsWith('g ') && keys !== 't t');
  expect(rest).toEqual([
    ['mod+k', 'Search and commands'],
    ['?', 'This sheet'],
  ]);
});

test('each page shows the groups of what is on it, and no other', async () => {
  const pages: [address: string, ready: string, groups: string[]][] = [
    ['/', '.ag-row', ['Overview']],
    ['/wall', 'main button[aria-pressed=false]', ['Wall']],
    ['/inbox', 'article', ['Inbox', 'Decision']],
    [`/agents/${agentId}`, '.xterm-rows', ['Agent', 'Terminal']],
    ['/agents/new', 'form', ['New agent']],
    [`/workflows/${workflowId}`, '.react-flow__node', ['Workflow']],
    [`/workflows/${workflowId}/edit`, '.react-flow__node', ['Workflow builder']],
    ['/workflows', 'main a', ['Workflows']],
    ['/executions', '[data-id]', ['Executions']],
    [`/executions/${executionId}`, 'article', ['Execution', 'Log', 'Decision']],
    [`/executions/${executionId}?view=timeline&tab=data`, '[role=listbox]', ['Execution', 'Timeline', 'Decision']],
    ['/usage', 'h1', []],
  ];
  for (const [address, ready, groups] of pages) {
    const sheet = await sheetOf(address, ready);
    expect(Object.keys(sheet), address).toEqual([...groups, 'Everywhere']);
    await closed();
  }
});

test('a key is shown where it does something, in the words of what it would do', async () => {
  const builder = (await sheetOf(`/workflows/${workflowId}/edit`, '.react-flow__node'))['Workflow builder'];
  expect(builder).toMatchObject({ n: 'Add a node, connected to the selected one', 'mod+s': 'Save', 'mod+z': 'Undo' });
  await expectSound(page, 'shortcuts-builder-1280-light');
  await closed();
  await page.keyboard.press('n');
  await page.getByRole('dialog', { name: 'Add a node', exact: true }).waitFor();
  await closed();

  const execution = await sheetOf(`/executions/${executionId}`, 'article');
  expect(execution['Decision']).toMatchObject({ a: 'Approve', d: 'Reject', e: 'Write: the form, or a note' });
  expect(execution['Execution']).not.toHaveProperty('r'); // it has not ended, so there is nothing to retry from
  await closed();
  // Of two that want `/`, the one that gets it is shown.
  expect(execution['Log']).toHaveProperty('/');
  await page.keyboard.press('/');
  await until('the focus in the search of the log', async () =>
    page.getByLabel('Find in the log').evaluate((field) => field === document.activeElement),
  );
  // Here every key is text.
  await page.keyboard.type('?g o');
  expect(await page.getByLabel('Find in the log').inputValue()).toBe('?g o');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('j');
  expect(await page.getByLabel('Find in the log').inputValue()).toBe('j');
  expect(new URL(page.url()).pathname).toBe(`/executions/${executionId}`);
  expect(await page.getByRole('dialog').count()).toBe(0);
  expect(troubles).toEqual([]);
});

test('another key is chosen in the sheet, does the same from then on, and is kept; one that is taken is refused', async () => {
  await sheetOf(`/workflows/${workflowId}/edit`, '.react-flow__node');
  const sheet = page.getByRole('dialog', { name: /Keyboard shortcuts/ });
  const button = () => sheet.getByTitle('Choose another key for “Add a node, connected to the selected one”').first();
  await button().click();
  await page.keyboard.press('c');
  await page.keyboard.press('Enter');
  await sheet.getByText('c is taken: Add a note').waitFor();
  await button().click();
  await sheet.getByText(/Press one key and Enter/).waitFor();
  await expectSound(page, 'shortcuts-choosing-1280-light');
  await page.keyboard.press('i');
  await page.keyboard.press('Enter');
  await sheet.locator('[data-keys=i]').waitFor();
  await closed();
  await page.getByRole('button', { name: 'Add', exact: true }).hover();
  expect(await page.getByRole('button', { name: 'Add', exact: true }).getAttribute('title')).toBe('Add a node (i)');
  await page.keyboard.press('n');
  await page.keyboard.press('i');
  await page.getByRole('dialog', { name: 'Add a node', exact: true }).waitFor();
  await closed();

  await page.reload();
  await page.locator('.react-flow__node').first().waitFor();
  await page.keyboard.press('i');
  await page.getByRole('dialog', { name: 'Add a node', exact: true }).waitFor();
  await closed();
  await page.keyboard.press('?');
  await button().click();
  await page.keyboard.press('Backspace');
  await sheet.locator('[data-keys=n]').waitFor();
  await closed();
  await page.keyboard.press('n');
  await page.getByRole('dialog', { name: 'Add a node', exact: true }).waitFor();
  await closed();
  expect(troubles).toEqual([]);
});

test('who goes to another page by mouse is there too, without a frame around its title', async () => {
  await page.goto(`${server.url}/settings`);
  await page
    .getByRole('navigation', { name: 'Main', exact: true })
    .getByRole('link', { name: /^Workflows/ })
    .click();
  const title = page.getByRole('heading', { level: 1, name: 'Workflows', exact: true });
  await until('the focus at its title', async () => title.evaluate((element) => element === document.activeElement));
  expect(await title.evaluate((element) => element.matches(':focus-visible'))).toBe(false);
});

test('who may only look is shown no key for what they may not do', async () => {
  const created = await server.request('POST', '/api/users', {
    name: 'vera',
    role: 'viewer',
    password: 'a long enough one',
  });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const operator = page;
  const opened = await openPage(browser, { width: 1280, height: 800, theme: 'dark' });
  ({ page, troubles } = opened);
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('Name').fill('vera');
  await page.getByLabel('Password').fill('a long enough one');
  await page.keyboard.press('Enter');
  await page.locator('.ag-row').first().waitFor();
  const { Overview: overview = {} } = await sheetOf('/', '.ag-row');
  expect(Object.keys(overview).toSorted()).toEqual(['/', 'ArrowDown', 'Enter', 'j']);
  expect(Object.keys(await sheetOf(`/executions/${executionId}`, 'article'))).toEqual([
    'Execution',
    'Log',
    'Everywhere',
  ]);
  expect(Object.keys(await sheetOf(`/workflows/${workflowId}/edit`, '.react-flow__node'))).toEqual([
    'Workflow builder',
    'Everywhere',
  ]);
  expect((await sheetOf(`/agents/${agentId}`, '.xterm-rows'))['Terminal']).toBeUndefined();
  expect(troubles).toEqual([]);
  await opened.context.close();
  page = operator;
});
