/** Web push over REST: a browser subscribes, is tried, changes its mind and leaves; nobody touches those of others. */
import { expect, test } from 'vitest';
import { PushNote } from '../../../src/contract/push.ts';
import type { DescribedApi } from '../../support/described-api.ts';
import { httpEndpoint } from '../../support/http-endpoint.ts';
import { decryptPush, pushBrowser, vapidClaims } from '../../support/push-browser.ts';

export function pushApi(api: () => DescribedApi): void {
  test('a browser subscribes, is tried, chooses its kinds and leaves', async () => {
    const service = await httpEndpoint();
    service.answer = (_, response) => response.writeHead(201).end();
    const browser = pushBrowser();
    const { publicKey } = (await api().request('GET', '/api/push/key')).body;
    const wanted = { endpoint: `${service.url}/send/1`, keys: browser.keys, device: 'Firefox on Android' };
    const { status, body: made } = await api().request('PUT', '/api/push/subscriptions', wanted);
    expect(status).toBe(200);
    expect(made).toMatchObject({
      device: 'Firefox on Android',
      service: new URL(service.url).host,
      kinds: ['permission', 'question', 'approval', 'failure', 'budget'],
    });
    expect(JSON.stringify(made)).not.toContain('/send/1');

    const again = await api().request('PUT', '/api/push/subscriptions', { ...wanted, device: 'Phone' });
    expect(again.body).toMatchObject({ id: made.id, device: 'Phone' });
    const address = `/api/push/subscriptions/${made.id}`;
    expect((await api().request('PATCH', address, { kinds: ['approval'] })).body.kinds).toEqual(['approval']);
    expect((await api().request('GET', '/api/push/subscriptions')).body).toMatchObject([
      { id: made.id, device: 'Phone', kinds: ['approval'] },
    ]);

    expect((await api().request('POST', `${address}/test`)).status).toBe(204);
    const [sent] = service.seen;
    expect(vapidClaims(String(sent?.headers.authorization))).toMatchObject({
      key: publicKey,
      claims: { aud: service.url, sub: expect.stringMatching(/^(mailto|https):/) },
    });
    const note = PushNote.parse(JSON.parse(decryptPush(sent?.bytes ?? Buffer.alloc(0), browser)));
    expect(note).toMatchObject({ item: null, title: 'Notifications work' });

    service.answer = (_, response) => response.writeHead(403).end('wrong key');
    const refused = await api().request('POST', `${address}/test`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'PUSH_REFUSED' } });
    expect(refused.body.detail).toContain('wrong key');

    const stranger = (await api().request('POST', '/api/tokens', { name: 'stranger', role: 'admin' })).body.token;
    for (const [method, place, body] of [
      ['PATCH', address, { kinds: [] }],
      ['POST', `${address}/test`, undefined],
      ['DELETE', address, undefined],
    ] as const)
      expect(await api().as(stranger).request(method, place, body)).toMatchObject({
        status: 404,
        body: { code: 'PUSH_SUBSCRIPTION_NOT_FOUND' },
      });
    expect((await api().as(stranger).request('GET', '/api/push/subscriptions')).body).toEqual([]);

    expect((await api().request('DELETE', address)).status).toBe(204);
    expect((await api().request('DELETE', address)).status).toBe(404);
    await service.close();
  });

  test('a browser that has unsubscribed is forgotten when it is tried', async () => {
    const service = await httpEndpoint();
    service.answer = (_, response) => response.writeHead(410).end();
    const { body } = await api().request('PUT', '/api/push/subscriptions', {
      endpoint: `${service.url}/gone`,
      keys: pushBrowser().keys,
      device: 'Old phone',
    });
    expect(await api().request('POST', `/api/push/subscriptions/${body.id}/test`)).toMatchObject({ status: 404 });
    expect((await api().request('GET', '/api/push/subscriptions')).body).toEqual([]);
    await service.close();
  });

  test('keys that are no keys, addresses that are none and kinds twice are refused at their field', async () => {
    const { keys } = pushBrowser();
    const good = { endpoint: 'https://push.example/1', keys, device: 'x' };
    const put = async (change: object) =>
      (await api().request('PUT', '/api/push/subscriptions', { ...good, ...change })).body;
    const noPoint = Buffer.alloc(65, 4).toString('base64url');
    expect(await put({ keys: { ...keys, p256dh: noPoint } })).toMatchObject({ problems: [{ path: '/keys/p256dh' }] });
    expect(await put({ keys: { ...keys, auth: 'short' } })).toMatchObject({ problems: [{ path: '/keys/auth' }] });
    expect(await put({ endpoint: 'ftp://push.example/' })).toMatchObject({ problems: [{ path: '/endpoint' }] });
    expect(await put({ kinds: ['approval', 'approval'] })).toMatchObject({ problems: [{ path: '/kinds' }] });
    expect(await put({ device: ' ' })).toMatchObject({ problems: [{ path: '/device' }] });
  });
}
