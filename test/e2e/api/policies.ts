/** Rules that answer permission requests: added, listed, removed, and refused where they make no sense. */
import { expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';

export function policiesApi(api: () => DescribedApi): void {
  test('a rule is added, listed and removed', async () => {
    const rule = { effect: 'deny', tool: 'Bash', pattern: 'git push*', note: 'releases push' };
    const created = await api().request('POST', '/api/policies', rule);
    expect(created).toMatchObject({ status: 201, body: rule });
    expect((await api().request('GET', '/api/policies')).body).toContainEqual(created.body);
    expect((await api().request('DELETE', `/api/policies/${created.body.id}`)).status).toBe(204);
    expect((await api().request('GET', '/api/policies')).body).not.toContainEqual(created.body);
    expect(await api().request('DELETE', `/api/policies/${created.body.id}`)).toMatchObject({
      status: 404,
      body: { code: 'POLICY_NOT_FOUND' },
    });
  });

  test('a rule names an effect that exists, an agent that exists, and not an agent and a role', async () => {
    const refused = async (rule: object) => (await api().request('POST', '/api/policies', rule)).body;
    expect(await refused({ effect: 'maybe', tool: 'Bash' })).toMatchObject({ problems: [{ path: '/effect' }] });
    const agentId = '0199a000-0000-7000-8000-000000000000';
    expect(await refused({ effect: 'deny', tool: 'Bash', agentId })).toMatchObject({
      code: 'AGENT_NOT_FOUND',
      problems: [{ path: '/agentId' }],
    });
    expect(await refused({ effect: 'deny', tool: 'Bash', agentId, role: 'Tester' })).toMatchObject({
      problems: [{ path: '/role' }],
    });
  });
}
