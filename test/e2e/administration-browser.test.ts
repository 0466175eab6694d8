/** What an administrator keeps in order, in the browser: people, secrets, channels, shared state, configuration, the audit. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage } from '../support/browser.ts';
import { expectSound } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let page: Page;
let troubles: string[];
/** Takes what channels send. */
let receiver: Server;
let received = 0;

beforeAll(async () => {
  home = makeHome();
  database = await createTestDatabase();
  receiver = createServer((request, response) => {
    received++;
    request.resume();
    response.end('ok');
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  [server, browser] = await Promise.all([
    startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url, POINTSMAN_HTTP_ALLOW: '127.0.0.1' } }),
    openBrowser(),
  ]);
  ({ page, troubles } = await openPage(browser, { width: 1440, height: 900, theme: 'light' }));
  await page.goto(server.signInLink);
  await page.getByRole('heading', { level: 1, name: 'Overview', exact: true }).waitFor();
});

afterAll(async () => {
  await browser?.close();
  receiver.close();
  await removeHome(home);
  await database.drop();
});

async function open(tab: string): Promise<void> {
  await page.goto(`${server.url}/settings/administration?tab=${tab}`);
  await page.getByRole('heading', { level: 1, name: 'Administration', exact: true }).waitFor();
}

test('a person is added, given another role, switched off and on', async () => {
  await open('people');
  await page.getByLabel('Name of a new person').fill('ada');
  await page.getByLabel('Password of a new person').fill('a long enough one');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByLabel('Role of ada').selectOption('viewer');
  await page.getByText('ada is viewer now').waitFor();
  const row = page.getByRole('listitem').filter({ hasText: 'ada' });
  await row.getByRole('button', { name: 'Switch off', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Switch off', exact: true }).click();
  await row.getByRole('button', { name: 'Switch on', exact: true }).waitFor();
  const ada = async () =>
    ((await server.request('GET', '/api/users')).body as { name: string; role: string; disabled: boolean }[]).find(
      ({ name }) => name === 'ada',
    );
  expect(await ada()).toMatchObject({ role: 'viewer', disabled: true });
  await row.getByRole('button', { name: 'Switch on', exact: true }).click();
  await until('ada to be back', async () => (await ada())?.disabled === false);
  // Nobody locks themselves out.
  expect(await page.getByLabel('Role of admin').isDisabled()).toBe(true);
});

test('a secret goes in and is not seen again; a channel that it signs is tried', async () => {
  await open('secrets');
  await page.getByLabel('Name of the secret').fill('SIGN');
  await page.getByLabel('Value of the secret').fill('do not show me');
  await page.getByRole('button', { name: 'Store', exact: true }).click();
  await page.getByText('SIGN is stored').waitFor();
  await page.getByRole('listitem').filter({ hasText: 'SIGN' }).waitFor();
  expect(await page.content()).not.toContain('do not show me');

  await open('channels');
  await page.getByLabel('Name of the channel').fill('team');
  await page
    .getByLabel('Address of the channel')
    .fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`);
  await page.getByLabel('Name of the secret that signs').fill('SIGN');
  await page.getByRole('button', { name: 'Store', exact: true }).click();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByText('team has taken a message').waitFor();
  expect(received).toBe(1);
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('No channel is named.').waitFor();
});

test('shared state is written as JSON, and what somebody changed meanwhile is not written over', async () => {
  await open('state');
  await page.getByLabel('Namespace', { exact: true }).fill('team');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByLabel('Key', { exact: true }).fill('motto');
  await page.getByLabel('Value as JSON').fill('calm');
  await page.getByRole('button', { name: 'Store', exact: true }).click();
  await page.getByText('The value is not JSON').waitFor();
  await page.getByLabel('Value as JSON').fill('"calm"');
  await page.getByRole('button', { name: 'Store', exact: true }).click();
  await page.getByText('motto is stored').waitFor();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await server.request('PUT', '/api/state/team/motto', { value: 'fast' });
  await page.getByLabel('Value as JSON').fill('"slow"');
  await page.getByRole('button', { name: 'Store', exact: true }).click();
  await page.getByText('Somebody changed this value meanwhile').waitFor();
  await page.getByRole('link', { name: 'All namespaces', exact: true }).click();
  await page.getByText('1 value, changed').waitFor();
  await expectSound(page, 'administration-namespaces-1440-light');
  await page.getByRole('link', { name: 'team', exact: true }).click();
  await page.getByText('motto', { exact: true }).waitFor();
  expect((await server.request('GET', '/api/state/team/motto')).body.value).toBe('fast');
  // The refusal is told by the browser too; nothing else is.
  expect(troubles.filter((trouble) => !trouble.includes('412'))).toEqual([]);
});

test('the configuration tells its secrets to nobody, and the audit is filtered and proved', async () => {
  await open('machines');
  await page.getByRole('rowheader', { name: /^database_url/ }).waitFor();
  expect(await page.content()).not.toContain(database.url);
  await open('audit');
  await page.getByLabel('What', { exact: true }).fill('secret');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await until('the secrets alone', async () => {
    const actions = await page.locator('summary code').allTextContents();
    return actions.length > 0 && actions.every((action) => action.startsWith('secret.'));
  });
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await page.getByText(/^Intact: \d+ entries/).waitFor();

  await server.request('POST', '/api/agents', { name: 'auditor', kind: 'shell', workspace: { path: '/' } });
  await page.reload();
  await page.locator('summary', { hasText: 'agent.create' }).getByText('auditor', { exact: true }).click();
  await page
    .getByText(/^Entry \d+, by .+, on [0-9a-f-]{36}$/)
    .filter({ visible: true })
    .waitFor();
  await expectSound(page, 'administration-audit-1440-light');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.reload();
  await until('the chosen tab in sight', async () => {
    const box = await page.getByRole('tab', { name: 'Audit', exact: true }).boundingBox();
    return box !== null && box.x >= 0 && box.x + box.width <= 390;
  });
  await expectSound(page, 'administration-audit-390-light');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole('link', { name: 'Open auditor', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'auditor', exact: true }).waitFor();
});

test('what the configuration sets says which key of which file changes it, and what comes before the file', async () => {
  const file = path.join(home, 'pointsman.yaml');
  troubles.length = 0; // of the tests before, which are refused something on purpose
  await open('retention');
  await page.getByText(`to change it, write keep_executions_days in ${file} and start the server again.`).waitFor();
  await expectSound(page, 'administration-retention-1440-light');
  await open('machines');
  await page.getByText(`To change a setting, write it in ${file}`).waitFor();
  await page.getByText('from its variable; usually none').waitFor();
  await expectSound(page, 'administration-machines-1440-light');

  await page.goto('about:blank'); // it would tell of a server that is gone
  await server.kill('SIGTERM');
  const env = { POINTSMAN_DATABASE_URL: database.url, POINTSMAN_KEEP_EXECUTIONS_DAYS: '30' };
  server = await startPointsman({ home, env });
  await open('retention');
  await page
    .getByText('it is set by the variable POINTSMAN_KEEP_EXECUTIONS_DAYS, which comes before the file')
    .waitFor();
  await page
    .locator('span')
    .filter({ hasText: /^30 days$/ })
    .waitFor();
  expect(troubles).toEqual([]);
});
