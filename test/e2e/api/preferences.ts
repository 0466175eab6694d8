/** Preferences: everybody's own, with a version that two tabs cannot pass each other by. */
import { expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';

export function preferencesApi(api: () => DescribedApi): void {
  const address = '/api/me/preferences/desks';
  const someone = async () => {
    const { body } = await api().request('POST', '/api/tokens', { name: 'somebody', role: 'viewer' });
    return api().as(body.token);
  };

  test('a viewer keeps a preference, reads it, and changes it only from the version that was read', async () => {
    const person = await someone();
    const none = await person.request('GET', address);
    expect(none).toMatchObject({ status: 200, body: { value: null, version: 0, updatedAt: null } });
    expect(none.headers.get('etag')).toBe('"0"');
    const first = await person.request('PUT', address, { value: { desks: ['ünï'] } }, { 'if-match': '"0"' });
    expect(first).toMatchObject({ status: 200, body: { value: { desks: ['ünï'] }, version: 1 } });
    expect((await person.request('GET', address)).body).toEqual(first.body);
    const second = await person.request('PUT', address, { value: null }, { 'if-match': '"1"' });
    expect(second).toMatchObject({ status: 200, body: { value: null, version: 2 } });
    for (const old of ['"0"', '"1"', '"7"'])
      expect(await person.request('PUT', address, { value: 3 }, { 'if-match': old })).toMatchObject({
        status: 412,
        body: { code: 'VERSION_CONFLICT' },
      });
    expect((await person.request('PUT', address, { value: 3 })).body).toMatchObject({ value: 3, version: 3 });
  });

  test('one of several tabs that begin at the same version wins, also at the first', async () => {
    const person = await someone();
    for (const version of ['0', '1']) {
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_unused, tab) =>
          person.request('PUT', address, { value: tab }, { 'if-match': version }),
        ),
      );
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412, 412, 412]);
    }
  });

  test('nobody sees what another has set up', async () => {
    const [one, other] = await Promise.all([someone(), someone()]);
    await one.request('PUT', address, { value: 'mine' });
    expect((await other.request('GET', address)).body).toMatchObject({ value: null, version: 0 });
    await other.request('PUT', address, { value: 'theirs' });
    expect((await one.request('GET', address)).body).toMatchObject({ value: 'mine', version: 1 });
  });

  test('what is too large, missing or has a name of its own is refused', async () => {
    const person = await someone();
    for (const body of [{ value: 'x'.repeat(100_000) }, {}])
      expect(await person.request('PUT', address, body)).toMatchObject({
        status: 422,
        body: { problems: [{ path: '/value' }] },
      });
    for (const key of ['other', 'Desks', '__proto__', '%00'])
      expect((await person.request('PUT', `/api/me/preferences/${key}`, { value: 1 })).status).toBe(404);
  });
}
