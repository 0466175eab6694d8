/** A session that a person runs, adopted in a real browser. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage } from '../support/browser.ts';
import { ownSession, type OwnSession } from '../support/own-session.ts';
import { accessibilityFaults, keepPicture, settled } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let own: OwnSession;

beforeAll(async () => {
  home = makeHome();
  const workspace = path.join(home, 'shop');
  mkdirSync(workspace);
  [database, browser] = await Promise.all([createTestDatabase(), openBrowser()]);
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  own = ownSession({ home: path.join(home, 'person'), cwd: workspace });
});

afterAll(async () => {
  await browser?.close();
  await own.end();
  await removeHome(home);
  await database.drop();
});

test('an administrator adopts a session on the overview, and is told what it can do before its restart', async () => {
  const { page, troubles } = await openPage(browser, { width: 1280, height: 800, theme: 'light' });
  await page.goto(server.signInLink);
  await page.getByRole('button', { name: 'Adopt a session', exact: true }).click();
  const adopt = page.getByRole('button', { name: `Adopt own work, process ${own.pid}`, exact: true });
  await adopt.waitFor();
  await settled(page);
  await keepPicture(page, 'adopt-dialog');
  expect(await accessibilityFaults(page, '[role=dialog]')).toEqual([]);
  await adopt.click();
  await page.getByRole('heading', { name: 'own work', exact: true }).waitFor();
  await page.getByText('is only observed').waitFor();
  expect(await page.getByRole('button', { name: /interrupt/i }).count()).toBe(0);
  own.tells({ status: 'waiting', waitingFor: 'permission prompt' });
  // Said as its reason, and a moment later among the evidence for it too.
  await page.getByText('waits in its own terminal for: permission prompt').filter({ visible: true }).first().waitFor();
  await keepPicture(page, 'adopted-agent');
  expect(troubles).toEqual([]);
});
