/** Triggers in a real browser: what they listen to, the secret of a webhook, and whether they start anything. */
import { createHmac } from 'node:crypto';
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

test('a webhook is given its secret, called with it, and switched off', async () => {
  const { body: workflow } = await server.request('POST', '/api/workflows', {
    name: 'On push',
    nodes: [{ id: 'a', type: 'transform', config: { value: '1' } }],
    triggers: [{ webhook: 'push' }, { cron: '0 6 * * 1-5', timezone: 'Europe/Berlin' }],
  });
  const { page, troubles } = await openPage(browser, { width: 390, height: 844, theme: 'dark' });
  await page.goto(server.signInLink);
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
  await page.goto(`${server.url}/workflows/${workflow.id}`);
  await page.getByRole('tab', { name: /^Triggers/ }).click();
  await page.getByText('At 0 6 * * 1-5, Europe/Berlin').waitFor();

  await page.getByRole('button', { name: 'Give it a secret', exact: true }).click();
  const shown = page.getByRole('status').filter({ hasText: 'it is not shown again' });
  await shown.waitFor();
  const [secret = '', address = ''] = await shown.locator('code').allTextContents();
  await expectSound(page, 'trigger-secret-390-dark');
  await shown.getByRole('button', { name: 'Done', exact: true }).click();
  await shown.waitFor({ state: 'detached' });

  const call = async (): Promise<number> => {
    const at = Math.floor(Date.now() / 1000);
    const body = JSON.stringify({ from: 'test', nonce: Math.random() });
    const code = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
    const headers = { 'content-type': 'application/json', 'pointsman-signature': `t=${at},v1=${code}` };
    return (await server.request('POST', new URL(address).pathname, body, headers)).status;
  };
  expect(await call()).toBe(202);
  await page.reload();
  await page.getByRole('link', { name: 'execution', exact: true }).waitFor();

  await page.getByRole('button', { name: 'Disable: Webhook push', exact: true }).click();
  await page.getByRole('button', { name: 'Enable: Webhook push', exact: true }).waitFor();
  expect(await call()).toBe(401);
  await expectSound(page, 'trigger-disabled-390-dark');
  expect(troubles).toEqual([]);
});
