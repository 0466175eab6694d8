/** Pages of every list: a limit, a cursor in the Link header, everything once. */
import { beforeAll, expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';

const LISTS = [
  '/api/agents',
  '/api/definitions',
  '/api/workflows',
  '/api/executions',
  '/api/triggers',
  '/api/inbox',
  '/api/users',
  '/api/tokens',
  '/api/embeds',
  '/api/state',
  '/api/state/lists',
];

export function listsApi(api: () => DescribedApi): void {
  beforeAll(async () => {
    for (const number of [1, 2, 3, 4, 5]) {
      const document = {
        name: `List ${number}`,
        triggers: [{ webhook: `list ${number}` }],
        nodes: [{ id: 'gate', type: 'approval', config: { title: `List ${number}?` } }],
      };
      const { body: workflow } = await api().request('POST', '/api/workflows', document);
      await api().request('POST', `/api/workflows/${workflow.id}/execute`, {});
      await api().request('POST', '/api/agents', { name: `list ${number}`, kind: 'shell', workspace: { path: '/' } });
      await api().request('POST', '/api/users', { name: `List ${number}`, role: 'viewer' });
      await api().request('POST', '/api/tokens', { name: `list ${number}`, role: 'viewer' });
      await api().request('POST', '/api/embeds', { show: 'overview', parents: [`http://list-${number}.example`] });
      await api().request('PUT', `/api/definitions/list${number}`, {
        text: `---\nname: list${number}\ndescription: Is listed.\n---\n`,
      });
      await api().request('PUT', `/api/state/lists/key${number}`, { value: number });
      await api().request('PUT', `/api/state/list${number}/key`, { value: number });
    }
  });

  test.each(LISTS)('%s shows everything once, page by page', async (address) => {
    const whole = (await api().request('GET', `${address}?limit=200`)).body as object[];
    expect(whole.length).toBeGreaterThanOrEqual(5);
    const seen: object[] = [];
    let next: string | undefined = `${address}?limit=2`;
    while (next) {
      const page = await api().request('GET', next);
      expect(page.status).toBe(200);
      expect(page.body.length).toBeLessThanOrEqual(2);
      expect(page.body.length).toBeGreaterThan(0);
      seen.push(...page.body);
      next = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
      if (next) expect(new URL(next, api().server.url).searchParams.get('limit')).toBe('2');
    }
    const idOf = (item: object) =>
      Object.entries(item).find(([field]) => ['id', 'key', 'file', 'namespace'].includes(field));
    expect(seen.map(idOf)).toEqual(whole.map(idOf));
  });

  test('a filter stays with its pages', async () => {
    const first = await api().request('GET', '/api/inbox?state=open&type=approval&limit=2');
    const next = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect(next).toContain('state=open');
    expect(next).toContain('type=approval');
  });

  test.each(LISTS)(
    '%s refuses a limit or parameter that is none, and survives a cursor that is none',
    async (address) => {
      for (const query of ['limit=0', 'limit=201', 'limit=-1', 'limit=ten', 'limit=1.5'])
        expect((await api().request('GET', `${address}?${query}`)).body, query).toMatchObject({
          status: 422,
          problems: [{ path: '/limit' }],
        });
      expect((await api().request('GET', `${address}?page=2`)).body).toMatchObject({
        status: 422,
        problems: [{ path: '/page', code: 'UNKNOWN_FIELD' }],
      });
      for (const cursor of ['x', '%00', "' OR 1=1 --", '00000000-0000-0000-0000-000000000000', '9'.repeat(400)]) {
        const answer = await api().request('GET', `${address}?cursor=${encodeURIComponent(cursor)}`);
        expect([200, 422], `${cursor}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
      }
    },
  );
}
