/** What opens in the inbox on real rows, told over a real connection to a push service on loopback. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type HttpEndpoint, httpEndpoint, type SeenRequest } from '../../../test/support/http-endpoint.ts';
import { decryptPush, type PushBrowser, pushBrowser, vapidClaims } from '../../../test/support/push-browser.ts';
import { createHttpEgress } from '../../adapters/http-egress/http-egress.ts';
import { createPostgresEventBus } from '../../adapters/postgres/postgres-event-bus.ts';
import { createPostgresStore } from '../../adapters/postgres/postgres-store.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../../adapters/postgres/testing/migrated-database.ts';
import { agentRow } from '../../adapters/postgres/testing/rows.ts';
import { createSecretVault } from '../../adapters/secret-vault/secret-vault.ts';
import type { InboxItemType } from '../../contract/inbox.ts';
import { PushNote } from '../../contract/push.ts';
import { parseAllowEntry } from '../../domain/egress/allow-list.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventBus } from '../../ports/event-bus.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import type { Store } from '../../ports/store/store.ts';
import { inboxView } from '../inbox-view.ts';
import { deliverPushes, pauseMs } from './deliver-pushes.ts';
import { createPushSender } from './push-sender.ts';
import { subscribe } from './subscriptions.ts';

const OWNER = randomUUID();
const SECRET = 'curl -H "Authorization: Bearer hunter2"';
const silent = { debug() {}, info() {}, warn() {}, error() {} };

let database: MigratedDatabase;
let store: Store;
let bus: EventBus;
let service: HttpEndpoint;
let agentId: string;
let running: { close(): Promise<void> }[] = [];

/** Moved by hand; who sleeps wakes when enough has gone by. */
const time = { now: Date.parse('2026-03-01T10:00:00Z'), sleepers: new Set<() => void>() };
const clock: Clock = {
  now: () => new Date(time.now),
  sleep(ms, signal) {
    const until = time.now + ms;
    return new Promise((resolve) => {
      const end = (how: 'elapsed' | 'aborted') => {
        time.sleepers.delete(look);
        resolve(how);
      };
      const look = () => void (time.now >= until && end('elapsed'));
      time.sleepers.add(look);
      signal?.addEventListener('abort', () => end('aborted'), { once: true });
      if (signal?.aborted) end('aborted');
      else look();
    });
  },
};

beforeAll(async () => {
  database = await createMigratedDatabase();
  store = createPostgresStore(database);
  bus = await createPostgresEventBus({ pool: database.pool, connection: database.connection });
  await store.identity.insertUser({
    id: OWNER,
    name: 'ada',
    role: 'operator',
    permissions: [],
    passwordHash: null,
    disabled: false,
    createdAt: clock.now().toISOString(),
  });
  const agent = agentRow({ name: 'coder' });
  agentId = agent.id;
  await store.agents.insert(agent);
});
afterAll(async () => {
  await bus?.close();
  await database?.drop();
});
beforeEach(async () => {
  await database.pool.query('TRUNCATE inbox_items, push_subscriptions, push_deliveries, topics, events CASCADE');
  service = await httpEndpoint();
  service.answer = (_, response) => response.writeHead(201).end();
});
afterEach(async () => {
  await stop();
  await service.close();
});

test('an item is told once to each browser that wants its kind, however many processes look', async () => {
  const [phone, laptop] = [await subscribed('/phone'), await subscribed('/laptop', ['failure'])];
  deliver();
  deliver();
  const failure = await open({ type: 'failure' });
  await seen(2);
  const permission = await open({ type: 'permission', expiresAt: '2026-03-01T10:10:00.000Z' });
  await seen(3);
  await stop();
  expect(service.seen.map(({ url }) => url).toSorted()).toEqual(['/laptop', '/phone', '/phone']);
  expect(noteTo(laptop, '/laptop')).toMatchObject({ item: failure.id, title: 'coder: something failed', waiting: 1 });

  const last = service.seen.at(-1) as SeenRequest;
  expect(last).toMatchObject({
    method: 'POST',
    headers: {
      'content-encoding': 'aes128gcm',
      urgency: 'high',
      ttl: '600', // no longer than it can be answered
      topic: permission.id.replaceAll('-', ''),
    },
  });
  expect(vapidClaims(String(last.headers.authorization))).toMatchObject({
    key: (await store.push.keys())?.publicKey,
    claims: { aud: service.url, sub: 'https://team.example' },
  });
  const text = decryptPush(last.bytes, phone);
  expect(PushNote.parse(JSON.parse(text))).toEqual({
    version: 1,
    item: permission.id,
    title: 'coder asks for permission',
    body: '1 more item waits for you.',
    waiting: 2,
  });
  for (const secret of [SECRET, 'hunter2', permission.hash]) expect(text).not.toContain(secret);
});

test('neither address nor keys nor the private key are in the database as they are', async () => {
  const phone = await subscribed('/a-secret-address');
  deliver();
  await open({});
  await seen(1);
  const rows = await database.pool.query(
    `SELECT to_jsonb(s) AS row FROM push_subscriptions s UNION ALL SELECT to_jsonb(k) FROM push_keys k`,
  );
  const text = JSON.stringify(rows.rows);
  for (const secret of ['a-secret-address', phone.keys.p256dh, phone.keys.auth]) expect(text).not.toContain(secret);
  expect(rows.rows).toHaveLength(2);
});

test('what could not be sent is tried again with pauses, also by another process, and arrives once', async () => {
  const phone = await subscribed('/phone');
  service.answer = (_, response) => response.writeHead(503).end();
  deliver();
  const item = await open({});
  await seen(1);
  await waitsAgain(1);
  await stop();
  service.answer = (_, response) => response.writeHead(201).end();
  deliver();
  advance(pauseMs(1));
  await seen(2);
  await stop();
  expect(noteTo(phone, '/phone')).toMatchObject({ item: item.id });
  advance(24 * 60 * 60_000);
  deliver();
  await settledAs('sent');
  await stop();
  expect(service.seen).toHaveLength(2);
});

test('a service that says when is not asked before', async () => {
  await subscribed('/phone');
  service.answer = (_, response) => response.writeHead(429, { 'retry-after': '120' }).end();
  deliver();
  await open({});
  await waitsAgain(1);
  expect((await store.push.nextAgain(clock.now().toISOString())) ?? '').toBe(
    new Date(time.now + 120_000).toISOString(),
  );
});

test('what may have arrived is not sent a second time', async () => {
  await subscribed('/phone');
  service.answer = (_, response) => void response.socket?.destroy();
  deliver();
  await open({});
  await settledAs('unknown');
  service.answer = (_, response) => response.writeHead(201).end();
  await stop();
  advance(60 * 60_000);
  // As a process leaves it that is killed with the request on its way.
  await database.pool.query(`UPDATE push_deliveries SET status = 'sending'`);
  deliver();
  await subscribed('/other');
  await open({});
  await seen(3);
  await stop();
  expect(service.seen.filter(({ url }) => url === '/phone')).toHaveLength(2);
});

test.each([404, 410])('a browser that is gone (%i) is forgotten', async (status) => {
  await subscribed('/phone');
  service.answer = (_, response) => response.writeHead(status).end();
  deliver();
  await open({});
  await seen(1);
  await eventually(async () => (await store.push.of(OWNER)).length === 0);
});

test('what was answered before it could be sent, and what somebody may no longer see, is told to nobody', async () => {
  await subscribed('/phone');
  const answered = await open({});
  await store.inbox.close(answered.id, { state: 'resolved' });
  await open({ expiresAt: new Date(time.now).toISOString() });
  await store.identity.updateUser(OWNER, { disabled: true });
  await open({});
  expect(await store.push.claim(clock.now().toISOString(), 10)).toEqual([]);
  await store.identity.updateUser(OWNER, { disabled: false });
  expect(await store.push.claim(clock.now().toISOString(), 10)).toHaveLength(1);
});

test('whoever subscribes, or chooses other kinds, is told of what opens from then on', async () => {
  await open({});
  advance(1000);
  await subscribed('/phone', ['failure']);
  await open({ type: 'approval' });
  advance(1000);
  const [subscription] = await store.push.of(OWNER);
  await store.push.setKinds(subscription?.id ?? '', OWNER, { kinds: ['approval'], at: clock.now().toISOString() });
  expect(await store.push.claim(clock.now().toISOString(), 10)).toEqual([]);
  const next = await open({ type: 'approval' });
  expect(await store.push.claim(clock.now().toISOString(), 10)).toMatchObject([{ itemId: next.id }]);
});

test('of one owner’s browsers the oldest make room', async () => {
  for (let n = 0; n < 22; n++) {
    advance(1);
    await subscribed(`/${n}`);
  }
  expect(await store.push.of(OWNER)).toHaveLength(20);
});

function deliver(): void {
  const context = { store, bus, clock, log: silent, secrets: vault() };
  const egress = createHttpEgress({
    allow: [parseAllowEntry('127.0.0.1')].filter((entry) => entry !== null),
    ownPort: () => null,
  });
  running.push(deliverPushes(context, createPushSender(context, { egress, contact: 'https://team.example' })));
}

async function stop(): Promise<void> {
  const ending = running;
  running = [];
  await Promise.all(ending.map((each) => each.close()));
}

function vault() {
  return createSecretVault({ store: store.secrets, masterKey: Buffer.alloc(32, 7) });
}

async function subscribed(path: string, kinds?: InboxItemType[]): Promise<PushBrowser> {
  const browser = pushBrowser();
  await subscribe(
    { store, secrets: vault(), clock, ids: { next: randomUUID } },
    {
      ownerId: OWNER,
      body: { endpoint: `${service.url}${path}`, keys: browser.keys, device: 'a device', ...(kinds ? { kinds } : {}) },
    },
  );
  return browser;
}

async function open(change: Partial<InboxRecord>): Promise<InboxRecord> {
  const item: InboxRecord = {
    id: randomUUID(),
    type: 'permission',
    state: 'open',
    title: `coder asks to use Bash: ${SECRET}`,
    payload: { command: SECRET },
    hash: 'sha256-of-it',
    agentId,
    choices: ['allow', 'deny'],
    createdAt: clock.now().toISOString(),
    effectKey: null,
    roles: null,
    form: null,
    requestId: null,
    ...change,
  };
  await store.transaction(async (transaction) => {
    await transaction.inbox.open(item);
    transaction.publish({ topic: 'inbox', event: 'inbox.opened', data: inboxView(item) });
  });
  return item;
}

function noteTo(browser: PushBrowser, path: string): unknown {
  const request = service.seen.findLast(({ url }) => url === path);
  return JSON.parse(decryptPush(request?.bytes ?? Buffer.alloc(0), browser));
}

function advance(ms: number): void {
  time.now += ms;
  for (const look of time.sleepers) look();
}

const seen = (count: number) => eventually(async () => service.seen.length >= count);
const settledAs = (status: string) => eventually(async () => (await count(status)) > 0);
const waitsAgain = (many: number) => eventually(async () => (await count('again')) === many);

async function count(status: string): Promise<number> {
  const { rows } = await database.pool.query('SELECT count(*)::int AS n FROM push_deliveries WHERE status = $1', [
    status,
  ]);
  return rows[0].n;
}

async function eventually(fits: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await fits()) return;
    await sleep(20);
  }
  throw new Error('waited 10 s in vain');
}
