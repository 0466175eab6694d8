/** Three journeys of an operator without a mouse: nothing here clicks, and nothing gives the focus to anything but a key. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage } from '../support/browser.ts';
import { expectFocus, focusOf, tabTo } from '../support/keyboard.ts';
import { keepPicture, settled } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { signIn } from '../support/sign-in.ts';
import { giveTask, shellAgent, untilAgent } from '../support/shell-agents.ts';

let home: string;
let workspace: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let cookies: { name: string; value: string; url: string }[];

beforeAll(async () => {
  home = makeHome();
  workspace = path.join(home, 'shop');
  mkdirSync(workspace);
  [database, browser] = await Promise.all([createTestDatabase(), openBrowser()]);
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  cookies = (await signIn(server)).cookie.split('; ').map((cookie) => {
    const [name = '', ...value] = cookie.split('=');
    return { name, value: value.join('='), url: server.url };
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.kill('SIGTERM');
  await removeHome(home);
  await database.drop();
});

const size = { width: 1280, height: 800, theme: 'light' } as const;
const seen = (page: Page, name: string) => settled(page).then(() => keepPicture(page, name));

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

async function signedIn(address: string) {
  const opened = await openPage(browser, size);
  await opened.context.addCookies(cookies);
  await opened.page.goto(server.url + address);
  await opened.page.getByRole('heading', { level: 1 }).first().waitFor();
  return opened;
}

test('first run: from the sign-in link over the first steps to an agent, a workflow and an execution that succeeds', async () => {
  const { page, context, troubles } = await openPage(browser, size);
  await page.goto(server.signInLink);
  await page.getByRole('region', { name: 'First steps', exact: true }).waitFor();
  await page.getByText('No agents yet').waitFor();

  await tabTo(page, /^Put the first steps away$/);
  await tabTo(page, /^Add an agent$/);
  await press(page, 'Enter');
  await page.getByRole('heading', { level: 1, name: 'Add an agent', exact: true }).waitFor();
  await expectFocus(page, /^Add an agent$/);
  expect(new URL(page.url()).pathname).toBe('/agents/new');
  await tabTo(page, /^Claude Code/);
  await press(page, 'ArrowUp');
  await expectFocus(page, /^Shell/);
  await tabTo(page, /^Name/);
  await page.keyboard.type('builder');
  await tabTo(page, /^Working directory/);
  await page.keyboard.type(workspace);
  await press(page, 'Control+Enter');
  await page.getByText('builder is there').waitFor();
  await expectFocus(page, /^builder$/);

  await press(page, 'g', 'o');
  await expectFocus(page, /^Overview$/);
  await page.getByText('1 agent', { exact: true }).waitFor();
  await tabTo(page, /^Open the workflows$/);
  await press(page, 'Enter');
  await expectFocus(page, /^Workflows$/);
  await press(page, 'n');
  await expectFocus(page, /^New workflow$/);
  await tabTo(page, /^An empty canvas/);
  await press(page, 'Enter');
  await page.getByText('Put in the first node').waitFor();
  await expectFocus(page, /./);

  await press(page, 'n');
  await page.getByRole('dialog', { name: 'Add a node', exact: true }).waitFor();
  await page.keyboard.type('agent');
  await press(page, 'Enter');
  await expectFocus(page, /^Agent/);
  await page.keyboard.type('builder');
  await tabTo(page, /^Prompt/);
  await page.keyboard.type('echo built-$((6*7))');
  await page.getByText('Valid', { exact: true }).waitFor();
  await press(page, 'Escape');
  await expectFocus(page, /./);
  await press(page, 'e');
  await expectFocus(page, /^What changed/);
  await press(page, 'Enter');
  await expectFocus(page, /^Execute version 1$/);
  await press(page, 'Enter');
  await page.waitForURL(/\/executions\//);
  await page.getByText('Succeeded').filter({ visible: true }).first().waitFor();
  await expectFocus(page, /^New workflow$/);
  await press(page, 'j');
  await page.getByText('built-42').filter({ visible: true }).first().waitFor();
  await seen(page, 'keyboard-first-run');
  await press(page, 'g', 'o');
  const steps = page.getByRole('region', { name: 'First steps', exact: true });
  await steps.getByText('1 execution', { exact: true }).waitFor();
  await expectFocus(page, /^Overview$/);
  // What had the focus goes away with all that is around it.
  await tabTo(page, /^Put the first steps away$/);
  await press(page, 'Enter');
  await steps.waitFor({ state: 'detached' });
  await expectFocus(page, /^Overview$/);
  expect(troubles).toEqual([]);
  await context.close();
});

test('take over an agent: it is found from another page, typed to, given back, and left', async () => {
  const agent = await shellAgent(server, 'asker', { workspace: { path: workspace } });
  const task = await giveTask(server, agent.id, 'read -r line; echo "got <$line>"; sleep 600');
  await untilAgent(server, agent.id, 'working');
  const screen = async () => (await server.request('GET', `/api/agents/${agent.id}/screen`)).body.screen as string;
  const { page, context, troubles } = await signedIn('/settings');
  await press(page, 'Control+k');
  await expectFocus(page, /^Search$/);
  await press(page, 'Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await expectFocus(page, /^Settings$/);

  await press(page, 'Control+k');
  await expectFocus(page, /^Search$/);
  await page.keyboard.type('working');
  await page.getByRole('option', { name: /^asker/ }).waitFor();
  await press(page, 'Enter');
  await page.waitForURL(/\/agents\//);
  await page
    .getByRole('region', { name: 'Terminal of asker', exact: true })
    .getByText('Live', { exact: true })
    .waitFor();
  await expectFocus(page, /^asker$/);
  await press(page, 's');
  await page.getByText('You hold the seat').waitFor();
  await expectFocus(page, /terminal/i);
  // Keys that would lead to other pages or open something are text for the program.
  await page.keyboard.type('g o ? s t t');
  await press(page, 'Enter');
  await until('the program to answer', async () => (await screen()).includes('got <g o ? s t t>'));
  expect(new URL(page.url()).pathname).toBe(`/agents/${agent.id}`);
  expect(await page.getByRole('dialog').count()).toBe(0);
  await seen(page, 'keyboard-seat-held');
  await press(page, 'Shift+Escape');
  await expectFocus(page, /^Give it up$/);
  await press(page, 'Enter');
  await page.getByText('Nobody holds the seat').waitFor();
  await expectFocus(page, /^Take the seat$/);

  // Back in it by Tab: without the seat it neither keeps the keys nor the focus.
  await tabTo(page, /terminal/i);
  await press(page, 's');
  await page.getByText('You hold the seat').waitFor();
  await press(page, 'Shift+Escape', 'Enter');
  await page.getByText('Nobody holds the seat').waitFor();
  await tabTo(page, /terminal/i);
  await press(page, 'Tab');
  await expectFocus(page, /^Command line$/);
  // In a text field too a shortcut is text; Escape leads back to the page.
  await press(page, 'g', 'o');
  expect(await page.getByLabel('Command line').inputValue()).toBe('go');
  await press(page, 'Escape');
  await expectFocus(page, /^asker$/);
  await press(page, 'g', 'o');
  await expectFocus(page, /^Overview$/);
  expect((await server.request('GET', `/api/tasks/${task.id}`)).body.status).toBe('running');
  expect(troubles).toEqual([]);
  await context.close();
});

test('find out why an execution failed, and fork it with another input: the new one succeeds', async () => {
  const { body: failed } = await server.request('POST', '/api/workflow/execute', {
    workflow: {
      name: 'Nightly',
      inputs: { gate: { type: 'string', default: 'shut' } },
      nodes: [
        { id: 'fetch', type: 'shell', config: { command: ['echo', 'fetched'] } },
        {
          id: 'check',
          type: 'shell',
          config: { command: ['sh', '-c', 'echo the gate is {{ inputs.gate }}; test {{ inputs.gate }} = open'] },
        },
      ],
      edges: [{ from: 'fetch', to: 'check' }],
    },
  });
  const statusOf = async (id: string) => (await server.request('GET', `/api/executions/${id}`)).body.status as string;
  await until('its end', async () => (await statusOf(failed.id)) === 'failed');
  const { page, context, troubles } = await signedIn('/');
  await press(page, 'g', 'e');
  await expectFocus(page, /^Executions$/);
  await page.getByText('Nightly').filter({ visible: true }).first().waitFor();
  await press(page, 'j');
  await expectFocus(page, /Nightly.*Failed|Failed.*Nightly/);
  await press(page, 'Enter');
  await page.waitForURL(new RegExp(`/executions/${failed.id}`));
  await expectFocus(page, /^Nightly$/);
  await page.getByRole('alert').filter({ hasText: 'check' }).waitFor();

  await press(page, 'j', 'j');
  await page.getByRole('tab', { name: 'Step check', exact: true }).waitFor();
  await page.locator('code', { hasText: 'NON_ZERO_EXIT' }).waitFor();
  await press(page, 'l');
  await page.getByText('the gate is shut').waitFor();
  await seen(page, 'keyboard-failed-log');

  await press(page, 'c');
  await page
    .getByRole('button', { name: /^Fork from checkpoint/ })
    .first()
    .waitFor();
  await tabTo(page, /^Fork from checkpoint \d+, Running$/);
  const button = (await focusOf(page)).name;
  await press(page, 'Enter');
  await page.getByRole('dialog').waitFor();
  await press(page, 'Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await expectFocus(page, new RegExp(`^${button}$`));
  await press(page, 'Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo(page, /^Input gate/);
  await press(page, 'Control+a');
  await page.keyboard.type('open');
  await tabTo(page, /^Fork$/);
  await press(page, 'Enter');
  await page.getByRole('link', { name: `fork of ${failed.id.slice(-6)}`, exact: true }).waitFor();
  await page.getByText('Succeeded').filter({ visible: true }).first().waitFor();
  await expectFocus(page, /^Nightly$/);
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  expect(id).not.toBe(failed.id);
  await until('its end', async () => (await statusOf(id)) === 'succeeded');
  expect(await statusOf(failed.id)).toBe('failed');
  await seen(page, 'keyboard-fork');

  // A button that has switched itself off hands the focus to the part that it is in.
  await press(page, 'v');
  await tabTo(page, /^Zoom in$/);
  await press(page, 'Enter');
  await tabTo(page, /^Zoom out$/, 'Shift+Tab');
  await press(page, 'Enter');
  await expectFocus(page, /^Graph Timeline/);
  expect(troubles).toEqual([]);
  await context.close();
});
