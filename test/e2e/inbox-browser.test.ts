/** The inbox in a real browser, on a desk and on a phone: answered by keyboard alone, and many at once. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { InboxItem } from '../../src/contract/inbox.ts';
import { openBrowser, openPage, type WatchedPage } from '../support/browser.ts';
import { openItem, resolveItem } from '../support/inbox.ts';
import { expectSound } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { shellAgent } from '../support/shell-agents.ts';

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let storage: Awaited<ReturnType<WatchedPage['context']['storageState']>>;

beforeAll(async () => {
  home = makeHome();
  [database, browser] = await Promise.all([createTestDatabase(), openBrowser()]);
  await start('0');
  const workspace = path.join(home, 'workspace');
  mkdirSync(workspace);
  await shellAgent(server, 'coder', { workspace: { path: workspace } });
  const { page, context } = await openPage(browser, { width: 1440, height: 900, theme: 'light' });
  await page.goto(server.signInLink);
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
  storage = await context.storageState();
  await context.close();
});
afterAll(async () => {
  await browser?.close();
  await removeHome(home);
  await database.drop();
});
beforeEach(async () => {
  for (const item of (await server.request<InboxItem[]>('GET', '/api/inbox?state=open&limit=200')).body)
    await resolveItem(server, item, { decision: item.choices.includes('reject') ? 'reject' : 'fail' });
});

test('an approval is filled in and given by keyboard alone', async () => {
  const form = {
    type: 'object',
    required: ['version', 'checks'],
    properties: {
      version: { type: 'string', title: 'Version', pattern: '^\\d+\\.\\d+$', description: 'As 1.2' },
      checks: { type: 'array', title: 'Checks', items: { enum: ['lint', 'test', 'build'] }, minItems: 1 },
      percent: { type: 'integer', title: 'Percent of the users', minimum: 1, maximum: 100, default: 10 },
      size: {
        title: 'Machines',
        oneOf: [
          { const: 's', title: 'Small' },
          { const: 'l', title: 'Large' },
        ],
        default: 's',
      },
      hosts: { type: 'array', title: 'Hosts', items: { type: 'string' }, description: 'Where to begin' },
    },
  };
  await ask('First?');
  const item = await ask('Release the storefront?', { body: 'All checks are green.', form, expires: 'PT20M' });
  const { page, troubles, context } = await signedIn('/', 1440, 'light');
  await page
    .getByRole('link', { name: /^Inbox/ })
    .first()
    .waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  await page.getByRole('heading', { name: 'First?', exact: true }).waitFor();
  expect(await page.title()).toBe('(2) Inbox · Pointsman');
  expect(decodeURIComponent((await page.locator('link[rel=icon]').getAttribute('href')) ?? '')).toContain('>2<');

  await page.keyboard.press('j');
  await page.getByRole('heading', { name: 'Release the storefront?', exact: true }).waitFor();
  expect(new URL(page.url()).searchParams.get('item')).toBe(item.id);
  await page.keyboard.press('a');
  await page.getByText('Version is needed').waitFor();
  await page.getByText('Checks is needed').waitFor();
  // The keys of stored JSON are in the database's order, and so are the fields: the checks come before the version.
  const focused = () => page.evaluate(() => document.activeElement?.closest('label')?.textContent ?? '');
  expect(await focused()).toBe('lint');
  await page.keyboard.press('Space');
  for (let times = 0; times < 4; times++) await page.keyboard.press('Tab');
  await page.keyboard.type('one');
  await page.keyboard.press('Control+Enter');
  await page.getByText('Must match').waitFor();
  await expectSound(page, 'inbox-form-desktop-light');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('1.2');
  await page.keyboard.press('Escape');
  await page.keyboard.press('a');
  await page.getByText('Approved by admin').filter({ visible: true }).first().waitFor();
  expect((await server.request('GET', `/api/inbox/${item.id}`)).body).toMatchObject({
    state: 'resolved',
    resolution: { decision: 'approve', by: 'admin' },
  });
  const execution = await until('the end', async () => {
    const { body } = await server.request('GET', `/api/executions/${item.executionId}`);
    return body.finishedAt ? body : null;
  });
  expect(execution.outputs.form).toEqual({ version: '1.2', checks: ['lint'], percent: 10, size: 's' });

  await page.keyboard.press('h');
  await page.getByRole('combobox', { name: 'Who answered', exact: true }).waitFor();
  await page.getByRole('combobox', { name: 'Who answered', exact: true }).selectOption('admin');
  await page.getByRole('button', { name: /Release the storefront/ }).waitFor();
  await expectSound(page, 'inbox-history-desktop-light');
  expect(troubles).toEqual([]);
  await context.close();
});

test('what somebody else answers is told at once, and no other item slips under the key', async () => {
  const [first] = [await ask('Mine?'), await ask('Next?')];
  const { page, troubles, context } = await signedIn('/inbox', 1440, 'dark');
  await page.getByRole('heading', { name: 'Mine?', exact: true }).waitFor();
  await resolveItem(server, first, { decision: 'approve', note: 'Looked at it on the train' });
  await page.getByText('Approved by local command line').filter({ visible: true }).first().waitFor();
  await page.getByText('a moment ago').filter({ visible: true }).first().waitFor();
  await page.keyboard.press('a');
  expect((await server.request('GET', '/api/inbox?state=open')).body).toMatchObject([{ title: 'Next?' }]);
  await expectSound(page, 'inbox-answered-elsewhere-desktop-dark');
  await page.keyboard.press('j');
  await page.getByRole('heading', { name: 'Next?', exact: true }).waitFor();
  expect(troubles).toEqual([]);
  await context.close();
});

test('several are answered alike after each was shown; one that changed meanwhile is told apart', async () => {
  const items = [await ask('One?'), await ask('Two?'), await ask('Three?'), await ask('Formed?', { form: NAME_FORM })];
  const { page, troubles, context } = await signedIn('/inbox', 1440, 'dark');
  await page.getByRole('heading', { name: 'One?', exact: true }).waitFor();
  for (const { title } of items) {
    await page.getByRole('heading', { name: title, exact: true }).waitFor();
    await page.keyboard.press('x');
    await page.keyboard.press('j');
  }
  const together = page.getByRole('region', { name: 'Selected items', exact: true });
  await together.getByText('4 selected').waitFor();
  expect(await together.getByRole('button', { name: /approve…/i }).count()).toBe(0);
  await page.keyboard.press('x');
  await together.getByRole('button', { name: 'Approve…', exact: true }).click();
  const dialog = page.getByRole('dialog');
  for (const title of ['One?', 'Two?', 'Three?'])
    await dialog.getByRole('heading', { name: title, exact: true }).waitFor();
  await expectSound(page, 'inbox-bulk-desktop-dark');
  await resolveItem(server, items[1] as InboxItem, { decision: 'reject' });
  await dialog.getByRole('button', { name: 'Approve 3', exact: true }).click();
  await dialog.getByText('Approved: 2 of 3').waitFor();
  await dialog.getByText(/answered “reject” by local command line/).waitFor();
  await expectSound(page, 'inbox-bulk-done-desktop-dark');
  const after = await Promise.all(items.map(({ id }) => server.request('GET', `/api/inbox/${id}`)));
  expect(after.map(({ body }) => body.resolution?.decision)).toEqual(['approve', 'reject', 'approve', undefined]);
  // The refused one is an answer of the server, which browsers write to the console.
  expect(troubles.filter((text) => !text.includes('409'))).toEqual([]);
  await context.close();
});

test('the first steps say what is done, lead to what is not, and are put away and brought back', async () => {
  const { page, troubles, context } = await signedIn('/', 1440, 'light', true);
  const steps = page.getByRole('region', { name: 'First steps', exact: true });
  await steps.getByText(/Installation checked, (done|to do)/).waitFor();
  await steps.getByText('An agent, done').waitFor();
  await expectSound(page, 'first-steps-desktop-light');
  await steps.getByRole('button', { name: 'Put the first steps away', exact: true }).click();
  await steps.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await steps.getByRole('link', { name: 'Turn them on', exact: true }).click();
  await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor();
  await page.getByRole('radio', { name: 'Compact', exact: true }).click();
  await page.reload();
  await page.locator(':root[data-density=compact]').waitFor();
  await page.getByRole('radio', { name: 'Compact', exact: true, checked: true }).waitFor();
  await expectSound(page, 'settings-desktop-light');
  expect(troubles).toEqual([]);
  await context.close();
});

test('the installed app says calmly that the server is away, and goes on when it is back', async () => {
  const { page, context } = await signedIn('/inbox', 390, 'light');
  const manifest = await (await fetch(`${server.url}/manifest.webmanifest`)).json();
  expect(manifest).toMatchObject({ display: 'standalone', start_url: '/inbox' });
  for (const { src } of manifest.icons) expect((await fetch(`${server.url}${src}`)).status, src).toBe(200);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await until('the worker to have the page', () => page.evaluate(() => navigator.serviceWorker.controller !== null));
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const shelves = await Promise.all(
      names.map(async (name) => (await (await caches.open(name)).keys()).map((r) => r.url)),
    );
    return shelves.flat().map((url) => new URL(url).pathname);
  });
  expect(kept.toSorted()).toEqual(['/favicon.svg', '/offline.html', '/offline.js']);
  await server.kill('SIGTERM');
  await page.reload();
  await page.getByRole('heading', { name: 'Pointsman does not answer', exact: true }).waitFor();
  await expectSound(page, 'offline-phone-light');
  await start(new URL(server.url).port);
  await page.getByRole('heading', { name: 'Inbox', exact: true }).waitFor();
  await context.close();
});

const NAME_FORM = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };

async function start(port: string): Promise<void> {
  const env = { POINTSMAN_DATABASE_URL: database.url, POINTSMAN_HTTP_ALLOW: '127.0.0.1', POINTSMAN_PORT: port };
  server = await startPointsman({ home, env });
}

async function ask(title: string, config: object = {}): Promise<InboxItem> {
  const workflow = {
    name: 'Asks',
    nodes: [{ id: 'gate', type: 'approval', config: { title, ...config } }],
    outputs: 'form' in config ? { form: 'nodes.gate.output.form' } : {},
  };
  const { body } = await server.request('POST', '/api/workflow/execute', { workflow });
  expect(body.id, JSON.stringify(body)).toBeDefined();
  return openItem(server, ({ executionId }) => executionId === body.id);
}

async function signedIn(
  address: string,
  width: 1440 | 390,
  theme: 'light' | 'dark',
  firstRun = false,
): Promise<WatchedPage> {
  const watched = await openPage(browser, { width, height: width === 390 ? 844 : 900, theme, storage });
  await watched.context.grantPermissions(['notifications'], { origin: server.url });
  if (!firstRun) await watched.context.addInitScript(() => localStorage.setItem('pointsman.first-run', 'away'));
  await watched.page.goto(`${server.url}${address}`);
  return watched;
}
