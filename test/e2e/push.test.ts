/** Web push of a whole server: what opens in the inbox reaches a browser over the wire, once, whatever is killed meanwhile. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InboxItem } from '../../src/contract/inbox.ts';
import { PushNote } from '../../src/contract/push.ts';
import { httpEndpoint } from '../support/http-endpoint.ts';
import { openItem } from '../support/inbox.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { decryptPush, type PushBrowser, pushBrowser, vapidClaims } from '../support/push-browser.ts';

let home: string;
let database: TestDatabase;
let server: Pointsman;

beforeAll(async () => {
  home = makeHome();
  database = await createTestDatabase();
  await start();
});
afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

test('a push outlives a killed server and a push service that was away, and comes once', async () => {
  const away = await httpEndpoint();
  await away.close();
  const browser = pushBrowser();
  const endpoint = `http://127.0.0.1:${away.port}/send/phone`;
  const { publicKey } = (await server.request('GET', '/api/push/key')).body;
  const subscribed = await server.request('PUT', '/api/push/subscriptions', {
    endpoint,
    keys: browser.keys,
    device: 'Phone',
  });
  expect(subscribed.status, JSON.stringify(subscribed.body)).toBe(200);

  const first = await ask('Deploy with password hunter2?');
  await until('a try', async () => readFileSync(path.join(home, 'server.log'), 'utf8').includes('a push was not sent'));
  await server.kill();

  const service = await httpEndpoint(away.port);
  service.answer = (_, response) => response.writeHead(201).end();
  await start();
  await until('the push', async () => service.seen.length > 0);
  const [sent] = service.seen;
  expect(sent).toMatchObject({ url: '/send/phone', headers: { topic: first.id.replaceAll('-', '') } });
  expect(vapidClaims(String(sent?.headers.authorization)).key).toBe(publicKey);
  const note = read(sent?.bytes, browser);
  expect(note).toMatchObject({ item: first.id, title: 'Asks: approval wanted', waiting: 1 });
  expect(JSON.stringify(note)).not.toContain('hunter2');

  await server.kill();
  await start();
  const second = await ask('And now?');
  await until('the second push', async () => service.seen.length > 1);
  expect(service.seen.map(({ bytes }) => read(bytes, browser).item)).toEqual([first.id, second.id]);
  await service.close();
});

async function start(): Promise<void> {
  const env = { POINTSMAN_DATABASE_URL: database.url, POINTSMAN_HTTP_ALLOW: '127.0.0.1' };
  server = await startPointsman({ home, env });
}

async function ask(title: string): Promise<InboxItem> {
  const workflow = { name: 'Asks', nodes: [{ id: 'gate', type: 'approval', config: { title } }] };
  const { body } = await server.request('POST', '/api/workflow/execute', { workflow });
  return openItem(server, ({ executionId }) => executionId === body.id);
}

function read(bytes: Buffer | undefined, browser: PushBrowser): PushNote {
  return PushNote.parse(JSON.parse(decryptPush(bytes ?? Buffer.alloc(0), browser)));
}
