/** A phone that is told of what waits in the inbox, with a real service worker and a push endpoint on loopback. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InboxItem } from '../../src/contract/inbox.ts';
import { PushNote } from '../../src/contract/push.ts';
import { openBrowser, openPage, type WatchedPage } from '../support/browser.ts';
import { type HttpEndpoint, httpEndpoint } from '../support/http-endpoint.ts';
import { openItem, resolveItem } from '../support/inbox.ts';
import { expectSound } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { decryptPush, type PushBrowser, pushBrowser } from '../support/push-browser.ts';
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

test('a phone is told of an item, opens it from the notification, and answers it', async () => {
  const service = await httpEndpoint();
  service.answer = (_, response) => response.writeHead(201).end();
  const own = pushBrowser();
  const watched = await signedIn('/inbox', 390, 'dark', { service, own });
  const { page, troubles, context } = watched;
  const hint = page.getByRole('complementary', { name: 'Notifications', exact: true });
  await hint.waitFor();
  await expectSound(page, 'inbox-hint-phone-dark');
  await hint.getByRole('button', { name: 'Turn on', exact: true }).click();
  await hint.waitFor({ state: 'detached' });
  await page.goto(`${server.url}/settings`);
  await page.getByText('You are told when something waits for you.').waitFor();
  await page.getByRole('button', { name: 'Failure', exact: true }).click();
  await page.getByRole('button', { name: 'Failure', exact: true, pressed: false }).waitFor();
  await page.getByText('Notifications', { exact: true }).scrollIntoViewIfNeeded();
  await expectSound(page, 'settings-notifications-phone-dark');

  const item = await ask('Deploy with password hunter2?', { body: 'Now?' });
  await until('the push', async () => service.seen.length > 0);
  const text = decryptPush(service.seen[0]?.bytes ?? Buffer.alloc(0), own);
  expect(PushNote.parse(JSON.parse(text))).toMatchObject({ item: item.id, title: 'Asks: approval wanted' });
  expect(text).not.toContain('hunter2');

  // From here the browser's own push machinery: as if its service had handed the text over.
  await deliver(page, text);
  const notifications = () =>
    page.evaluate(async () =>
      (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, tag, body }) => ({
        title,
        tag,
        body,
      })),
    );
  expect(await notifications()).toEqual([
    { title: 'Asks: approval wanted', tag: `inbox-${item.id}`, body: 'Nothing else waits for you.' },
  ]);
  const [worker] = context.serviceWorkers();
  await worker?.evaluate(async () => {
    const scope = globalThis as unknown as {
      registration: { getNotifications(): Promise<unknown[]> };
      NotificationEvent: new (type: string, init: object) => Event;
      dispatchEvent(event: Event): void;
    };
    const [notification] = await scope.registration.getNotifications();
    scope.dispatchEvent(new scope.NotificationEvent('notificationclick', { notification }));
  });
  await page.getByRole('heading', { name: 'Deploy with password hunter2?', exact: true }).waitFor();
  await expectSound(page, 'inbox-item-phone-dark');
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  // The list shows it too, and is hidden behind the item.
  await page.getByText('Approved by admin').filter({ visible: true }).first().waitFor();

  const next = await ask('And this?');
  await until('the second push', async () => service.seen.length > 1);
  await deliver(page, decryptPush(service.seen[1]?.bytes ?? Buffer.alloc(0), own));
  expect(await shownTags(page)).toContain(`inbox-${next.id}`);
  await resolveItem(server, next, { decision: 'approve' });
  await until('it to be closed', async () => (await notifications()).length === 0);
  expect(troubles).toEqual([]);
  await context.close();
  await service.close();
});

async function start(port: string): Promise<void> {
  const env = { POINTSMAN_DATABASE_URL: database.url, POINTSMAN_HTTP_ALLOW: '127.0.0.1', POINTSMAN_PORT: port };
  server = await startPointsman({ home, env });
}

async function ask(title: string, config: object = {}): Promise<InboxItem> {
  const workflow = {
    name: 'Asks',
    nodes: [{ id: 'gate', type: 'approval', config: { title, ...config } }],
  };
  const { body } = await server.request('POST', '/api/workflow/execute', { workflow });
  expect(body.id, JSON.stringify(body)).toBeDefined();
  return openItem(server, ({ executionId }) => executionId === body.id);
}

/** Subscribing gives an address on loopback: this machine has no push service of a browser's vendor. */
async function signedIn(
  address: string,
  width: 1440 | 390,
  theme: 'light' | 'dark',
  push: { service: HttpEndpoint; own: PushBrowser },
): Promise<WatchedPage> {
  const watched = await openPage(browser, { width, height: width === 390 ? 844 : 900, theme, storage });
  await watched.context.grantPermissions(['notifications'], { origin: server.url });
  await watched.context.addInitScript(() => localStorage.setItem('pointsman.first-run', 'away'));
  await watched.context.addInitScript(
    ({ endpoint, keys }) => {
      let on = sessionStorage.getItem('subscribed') !== null;
      const made = {
        endpoint,
        options: {},
        toJSON: () => ({ endpoint, keys }),
        unsubscribe: async () => true,
      } as unknown as PushSubscription;
      PushManager.prototype.subscribe = async () => {
        sessionStorage.setItem('subscribed', 'yes');
        on = true;
        return made;
      };
      PushManager.prototype.getSubscription = async () => (on ? made : null);
    },
    { endpoint: `${push.service.url}/send/phone`, keys: push.own.keys },
  );
  await watched.page.goto(`${server.url}${address}`);
  return watched;
}

/** Hands a text over as the browser's push service would, and waits until it is shown. */
async function deliver(page: Page, data: string): Promise<void> {
  const [worker] = page.context().serviceWorkers();
  if (!worker) throw new Error('there is no service worker');
  await worker.evaluate(() => {
    const scope = globalThis as unknown as WorkerScope;
    if (scope.pictures) return;
    scope.pictures = [];
    scope.steps = [];
    addEventListener('push', () => scope.steps.push('a push came'));
    const show = scope.registration.showNotification.bind(scope.registration);
    scope.registration.showNotification = async (title, { icon, badge, ...others }) => {
      scope.pictures?.push(String(icon), String(badge));
      scope.steps.push('asked to show');
      await show(title, { icon, badge, ...others });
      scope.steps.push('shown');
    };
  });
  const session = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const found = registrations.find(({ scopeURL, isDeleted }) => scopeURL.startsWith(server.url) && !isDeleted);
      if (found) resolve(found.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  const registrationId = await registered;
  const before = await shownTags(page);
  const steps = () => worker.evaluate(() => (globalThis as unknown as WorkerScope).steps);
  const shown = async () => (await steps()).filter((step) => step === 'shown').length;
  const shownBefore = await shown();
  await session.send('ServiceWorker.deliverPushMessage', { origin: server.url, registrationId, data });
  // Asked after too early, Chromium forgets the notification: it is stored then, and not yet on the screen.
  await until('the notification to be shown', async () => (await shown()) > shownBefore).catch(
    async (error: unknown) => {
      throw new Error(`${String(error)}; what the worker did: ${(await steps()).join(', ')}`, { cause: error });
    },
  );
  expect((await shownTags(page)).filter((tag) => !before.includes(tag))).toHaveLength(1);
  await session.detach();
  const pictures = await worker.evaluate(() => (globalThis as unknown as WorkerScope).pictures ?? []);
  for (const address of pictures) expect((await fetch(`${server.url}${address}`)).status, address).toBe(200);
  expect(pictures.length).toBeGreaterThan(0);
}

interface WorkerScope {
  registration: { showNotification(title: string, options: Record<string, unknown>): Promise<void> };
  pictures?: string[];
  /** For whoever has to find out why nothing was shown. */
  steps: string[];
}

function shownTags(page: Page): Promise<string[]> {
  return page.evaluate(async () =>
    (await (await navigator.serviceWorker.ready).getNotifications()).map(({ tag }) => tag),
  );
}
