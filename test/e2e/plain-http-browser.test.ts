/** The app by a name of the network and without https, where browsers keep some of their functions back. */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import { openBrowser, openPage, type WatchedPage } from '../support/browser.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { shellAgent } from '../support/shell-agents.ts';

const NAME = 'pointsman.test';

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let agent: Agent;
let opened: WatchedPage;
let address: string;

beforeAll(async () => {
  home = makeHome();
  const port = await freePort();
  address = `http://${NAME}:${port}`;
  [database, browser] = await Promise.all([
    createTestDatabase(),
    openBrowser([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`]),
  ]);
  server = await startPointsman({
    home,
    url: `http://127.0.0.1:${port}`,
    env: {
      POINTSMAN_DATABASE_URL: database.url,
      POINTSMAN_PORT: String(port),
      POINTSMAN_PUBLIC_URL: address,
    },
  });
  const workspace = path.join(home, 'shop');
  mkdirSync(workspace);
  agent = await shellAgent(server, 'api', { workspace: { path: workspace } });
  opened = await openPage(browser, { width: 1440, height: 900, theme: 'light' });
  await opened.page.goto(server.signInLink);
  await opened.page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
});

afterAll(async () => {
  await browser?.close();
  await server?.kill('SIGTERM');
  await removeHome(home);
  await database.drop();
});

/** Free a moment ago: the address has to be known to the server before it listens. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Chromium says of each page that a header for https is ignored here; nothing else. */
const troubles = () => opened.troubles.filter((text) => !text.includes('Cross-Origin-Opener-Policy header'));

test('a task is given, a desk is made and kept', async () => {
  const { page } = opened;
  // What this file is about: Chromium trusts neither the name nor the connection.
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await page.goto(`${address}/agents/${agent.id}`);
  await page.getByLabel('Command line').fill('echo it was said');
  await page.keyboard.press('Enter');
  await page.getByText('it was said').filter({ visible: true }).first().waitFor();
  await until('the field to be empty again', async () => (await page.getByLabel('Command line').inputValue()) === '');

  await page.goto(`${address}/desk`);
  await page.getByRole('button', { name: 'Begin with this', exact: true }).click();
  await page.getByRole('tab', { name: /^api/ }).waitFor();
  await page.getByRole('button', { name: 'Desk', exact: true }).click();
  await page.getByLabel('Name of another desk').fill('Night');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Night', exact: true }).waitFor();
  expect(troubles()).toEqual([]);
});

test('what is copied is in the clipboard', async () => {
  const { page } = opened;
  await page.goto(`${address}/settings`);
  await page.getByLabel('Name of a new token').fill('ci');
  await page.keyboard.press('Enter');
  const token = await page.locator('code', { hasText: /^pm/ }).innerText();
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByText('Copied').waitFor();
  await page.goto(`${address}/agents/${agent.id}`);
  await page.getByLabel('Command line').press('Control+v');
  expect(await page.getByLabel('Command line').inputValue()).toBe(token);
  expect(troubles()).toEqual([]);
});
