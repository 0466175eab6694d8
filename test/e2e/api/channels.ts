/** Channels: made over secrets, listed, tried against a receiver on loopback, removed; refused where they make no sense. */
import { expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';
import { httpEndpoint } from '../../support/http-endpoint.ts';

export function channelsApi(api: () => DescribedApi): void {
  test('a channel is made, replaced, listed, tried and removed', async () => {
    const receiver = await httpEndpoint();
    await api().request('PUT', '/api/secrets/CHANNEL_KEY', { value: 'signing-key' });
    await api().request('PUT', '/api/secrets/CHANNEL_URL', { value: `${receiver.url}/slack` });
    const hook = { kind: 'webhook', url: `${receiver.url}/hook`, secret: 'CHANNEL_KEY' };
    expect(await api().request('PUT', '/api/channels/deploys', hook)).toMatchObject({
      status: 200,
      body: { name: 'deploys', ...hook },
    });
    const slack = { kind: 'slack', url: 'secret:CHANNEL_URL' };
    expect((await api().request('PUT', '/api/channels/deploys', slack)).body).not.toHaveProperty('secret');
    await api().request('PUT', '/api/channels/a.hook', hook);
    expect((await api().request('GET', '/api/channels')).body).toMatchObject([{ name: 'a.hook' }, { name: 'deploys' }]);

    expect(await api().request('POST', '/api/channels/a.hook/test')).toMatchObject({
      status: 200,
      body: { channel: 'a.hook', kind: 'webhook', status: 200 },
    });
    expect(receiver.seen).toMatchObject([
      { url: '/hook', headers: { 'webhook-signature': expect.stringMatching(/^v1,/) } },
    ]);
    receiver.answer = (_, response) => response.writeHead(404).end('no_team');
    const refused = await api().request('POST', '/api/channels/deploys/test');
    expect(refused).toMatchObject({ status: 409, body: { code: 'CHANNEL_REFUSED' } });
    expect(refused.body.detail).toContain('no_team');
    await receiver.close();
    expect(await api().request('POST', '/api/channels/deploys/test')).toMatchObject({
      status: 409,
      body: { code: 'HTTP_UNREACHABLE' },
    });

    for (const name of ['deploys', 'a.hook'])
      expect((await api().request('DELETE', `/api/channels/${name}`)).status).toBe(204);
    for (const [method, address] of [
      ['DELETE', '/api/channels/deploys'],
      ['POST', '/api/channels/deploys/test'],
    ] as const)
      expect(await api().request(method, address)).toMatchObject({ status: 404, body: { code: 'CHANNEL_NOT_FOUND' } });
    for (const name of ['CHANNEL_KEY', 'CHANNEL_URL']) await api().request('DELETE', `/api/secrets/${name}`);
  });

  test('a channel has a name, secrets that are stored, and for Slack an address that is one', async () => {
    const put = async (name: string, body: object) => (await api().request('PUT', `/api/channels/${name}`, body)).body;
    const hook = { kind: 'webhook', url: 'https://in.example/', secret: 'NONE' };
    expect(await put('-x', hook)).toMatchObject({ status: 422, problems: [{ path: '/name' }] });
    expect(await put('x', hook)).toMatchObject({
      status: 422,
      problems: [{ path: '/secret', code: 'SECRET_NOT_FOUND' }],
    });
    expect(await put('x', { kind: 'slack', url: 'https://hooks.slack.com/services/T/B/x' })).toMatchObject({
      problems: [{ path: '/url' }],
    });
    for (const url of ['ftp://x/', 'https://user:word@x/', 'secret:no-dash'])
      expect(await put('x', { ...hook, url }), url).toMatchObject({ status: 422 });
    expect(await put('x', { kind: 'webhook', url: 'https://x/' })).toMatchObject({ problems: [{ path: '/secret' }] });
  });
}
