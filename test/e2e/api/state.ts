/** Shared state: values with versions. */
import { expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';

export function stateApi(api: () => DescribedApi): void {
  test('a value is set, read, changed only from the version that was read, and removed', async () => {
    const address = '/api/state/team.notes/today';
    const first = await api().request('PUT', address, { value: { done: [1, null, 'ünï'] } });
    expect(first).toMatchObject({ status: 200, body: { value: { done: [1, null, 'ünï'] }, version: 1 } });
    const read = await api().request('GET', address);
    expect(read.body).toEqual(first.body);
    expect(read.headers.get('etag')).toBe('"1"');
    expect((await api().request('PUT', address, { value: 2 }, { 'if-match': '"1"' })).body).toMatchObject({
      value: 2,
      version: 2,
    });
    expect(await api().request('PUT', address, { value: 3 }, { 'if-match': '"1"' })).toMatchObject({
      status: 412,
      body: { code: 'VERSION_CONFLICT' },
    });
    expect(await api().request('DELETE', address, undefined, { 'if-match': '"1"' })).toMatchObject({ status: 412 });
    expect((await api().request('GET', address)).body).toMatchObject({ value: 2, version: 2 });
    expect(await api().request('PUT', '/api/state/team.notes/absent', { value: 1 }, { 'if-match': '1' })).toMatchObject(
      { status: 412 },
    );
    expect((await api().request('DELETE', address, undefined, { 'if-match': '2' })).status).toBe(204);
    expect(await api().request('GET', address)).toMatchObject({ status: 404, body: { code: 'STATE_NOT_FOUND' } });
    expect((await api().request('DELETE', address)).status).toBe(404);
  });

  test('one of two writers from the same version wins', async () => {
    const address = '/api/state/race/key';
    await api().request('PUT', address, { value: 0 });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_unused, index) =>
        api().request('PUT', address, { value: index + 1 }, { 'if-match': '1' }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array.from({ length: 7 }, () => 412),
    ]);
  });

  test('null and false are values; no value is none', async () => {
    for (const value of [null, false, 0, ''])
      expect((await api().request('PUT', '/api/state/plain/key', { value })).body.value).toBe(value);
    expect(await api().request('PUT', '/api/state/plain/key', {})).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/value' }] },
    });
    expect(await api().request('PUT', '/api/state/plain/key', { value: 1 }, { 'if-match': 'soon' })).toMatchObject({
      status: 422,
    });
  });

  test('a namespace lists its keys in order, page by page', async () => {
    for (const key of ['b', 'a', 'c']) await api().request('PUT', `/api/state/paged/${key}`, { value: key });
    const first = await api().request('GET', '/api/state/paged?limit=2');
    expect(first.body.map(({ key }: { key: string }) => key)).toEqual(['a', 'b']);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1];
    const second = await api().request('GET', next ?? '');
    expect(second.body).toMatchObject([{ key: 'c', value: 'c', version: 1 }]);
    expect(second.headers.get('link')).toBeNull();
    expect((await api().request('GET', '/api/state/nothing.here')).body).toEqual([]);
  });

  test('the namespaces that have values are listed; one without any is gone', async () => {
    const named = async () =>
      (await api().request('GET', '/api/state?limit=200')).body.filter(
        ({ namespace }: { namespace: string }) => namespace === 'counted',
      );
    for (const key of ['a', 'b']) await api().request('PUT', `/api/state/counted/${key}`, { value: key });
    expect(await named()).toEqual([{ namespace: 'counted', entries: 2, updatedAt: expect.stringMatching(/Z$/) }]);
    for (const key of ['a', 'b']) await api().request('DELETE', `/api/state/counted/${key}`);
    expect(await named()).toEqual([]);
  });

  test.each(['..', '%2e%2e', '.hidden', 'a%2fb', 'a%00b', 'a'.repeat(201), 'ümlaut'])(
    'the name %s is none',
    async (name) => {
      expect((await api().server.request('PUT', `/api/state/namespace/${name}`, { value: 1 })).status).toBe(404);
    },
  );
}
