/** What was used, as the API reports it. */
import { expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';

export function usageApi(api: () => DescribedApi): void {
  test('has one entry for each day that was asked for, also for those on which nothing was used', async () => {
    const { status, body } = await api().request('GET', '/api/usage?from=2026-02-27&to=2026-03-02');
    expect(status).toBe(200);
    expect(body.entries.map(({ key }: { key: string }) => key)).toEqual([
      '2026-02-27',
      '2026-02-28',
      '2026-03-01',
      '2026-03-02',
    ]);
    expect(body).toMatchObject({ by: 'day', total: { inputTokens: 0, outputTokens: 0, cost: 0 } });
  });

  test('is of the last seven days when none are named, and by agent or workflow when asked', async () => {
    for (const by of ['day', 'agent', 'workflow']) {
      const { status, body } = await api().request('GET', `/api/usage?by=${by}`);
      expect(status).toBe(200);
      expect((Date.parse(body.to) - Date.parse(body.from)) / 86_400_000).toBe(6);
    }
  });

  test.each([
    ['from=2026-02-30', '/from'],
    ['from=2026-03-02&to=2026-03-01', '/from'],
    ['from=2020-01-01&to=2026-01-01', '/from'],
    ['by=hour', '/by'],
  ])('%s is refused at its field', async (query, path) => {
    const { status, body } = await api().request('GET', `/api/usage?${query}`);
    expect(status).toBe(422);
    expect(body.problems.map((problem: { path: string }) => problem.path)).toEqual([path]);
  });

  test('budgets of agents are set, shown, changed and removed, and need a limit', async () => {
    const make = (budget: unknown) =>
      api().request('POST', '/api/agents', {
        name: 'thrifty',
        kind: 'shell',
        workspace: { path: '/tmp' },
        budget,
      });
    for (const unfit of [{}, { usdPerDay: 0 }, { tokensPerDay: 1.5 }, { euros: 1 }])
      expect((await make(unfit)).status).toBe(422);
    const { body: agent } = await make({ usdPerDay: 5 });
    expect(agent.budget).toEqual({ usdPerDay: 5 });
    const change = async (budget: unknown) =>
      (await api().request('PATCH', `/api/agents/${agent.id}`, { budget })).body.budget;
    expect(await change({ tokensPerDay: 1000 })).toEqual({ tokensPerDay: 1000 });
    expect(await change(null)).toBeUndefined();
    await api().request('DELETE', `/api/agents/${agent.id}`);
  });
}
