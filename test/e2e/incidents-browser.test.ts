/** Incidents in a real browser: seen while they are open, taken, resolved with a note, and live all the while. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage } from '../support/browser.ts';
import { expectSound } from '../support/page-checks.ts';
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

test('a failure shows up by itself, is taken and resolved', async () => {
  const { page, context, troubles } = await openPage(browser, { width: 1440, height: 900, theme: 'light' });
  await page.goto(server.signInLink);
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
  const place = page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: /^Incidents/ });
  expect(await place.count()).toBe(0);

  const nodes = [{ id: 'build', type: 'shell', config: { command: 'exit 3' } }];
  await server.request('POST', '/api/workflow/execute?wait=30', { workflow: { name: 'Nightly', nodes } });
  await place.click();
  const row = page.getByRole('listitem').filter({ hasText: '“build” of “Nightly” failed' });
  await row.getByText('Alert', { exact: true }).waitFor();
  await expectSound(page, 'incidents-1440-light');

  await row.getByRole('button', { name: /^Take/ }).click();
  await row.getByText(/taken by/).waitFor();
  await row.getByRole('button', { name: /^Resolve/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('What it was, or what was done').fill('the disk was full');
  await expectSound(page, 'incident-resolve-1440-light');
  await dialog.getByRole('button', { name: 'Resolve', exact: true }).click();
  await page.getByText('Nothing is wrong').waitFor();
  await row.getByText('the disk was full').waitFor();
  await place.waitFor({ state: 'detached' });
  expect(troubles).toEqual([]);

  const small = await openPage(browser, {
    width: 390,
    height: 844,
    theme: 'dark',
    storage: await context.storageState(),
  });
  await small.page.goto(`${server.url}/settings`);
  await small.page.getByRole('link', { name: /^Incidents/ }).click();
  await small.page.getByText('the disk was full').waitFor();
  await expectSound(small.page, 'incidents-390-dark');
  expect(small.troubles).toEqual([]);
});
