/** A workflow of another tool in a real browser: pasted, looked at, kept, allowed, executed. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage } from '../support/browser.ts';
import { makeHome, type Pointsman, removeHome, startPointsman } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;

beforeAll(async () => {
  home = makeHome();
  [database, browser] = await Promise.all([createTestDatabase(), openBrowser()]);
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
});

afterAll(async () => {
  await browser?.close();
  await removeHome(home);
  await database.drop();
});

test('what has no counterpart is told before it is kept; it is executed after somebody allowed what it uses', async () => {
  const { page } = await openPage(browser, { width: 1280, height: 800, theme: 'light' });
  await page.goto(server.signInLink);
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
  await page.goto(`${server.url}/workflows`);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Or paste it').fill(
    JSON.stringify({
      name: 'Brought along',
      nodes: [
        { name: 'Make', type: 'n8n-nodes-base.executeCommand', parameters: { command: 'echo made' } },
        { name: 'Sheet', type: 'n8n-nodes-base.googleSheets', parameters: {} },
      ],
      connections: { Make: { main: [[{ node: 'Sheet', type: 'main', index: 0 }]] } },
    }),
  );
  await dialog.getByRole('button', { name: 'See what it becomes', exact: true }).click();
  const report = dialog.getByRole('region', { name: 'What it becomes', exact: true });
  await report.getByText('/nodes/1').waitFor();
  expect(await report.textContent()).toContain('there is no such node here');
  expect((await server.request('GET', '/api/workflows')).body).toEqual([]);
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();

  await page.getByRole('heading', { level: 1, name: 'Brought along', exact: true }).waitFor();
  const banner = page.getByRole('region', { name: 'Imported, not trusted yet', exact: true });
  await banner.getByText('echo made').waitFor();
  await banner.getByRole('button', { name: 'Allow', exact: true }).click();
  await banner.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Execute', exact: true }).click();
  await page.getByRole('button', { name: 'Execute version 1', exact: true }).click();
  await page.waitForURL(/\/executions\//);
  expect((await server.request('GET', '/api/executions')).body).toMatchObject([{ name: 'Brought along' }]);
});
