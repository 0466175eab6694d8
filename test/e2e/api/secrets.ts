/** Stored secrets: put, listed without a value, used by an agent's environment, removed. */
import { expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';
import { finishedTask, giveTask, untilAgent } from '../../support/shell-agents.ts';

export function secretsApi(api: () => DescribedApi, workspace: () => string): void {
  test('a secret is stored, replaced, listed without its value, and removed', async () => {
    const value = 'sk-top-secret';
    expect(await api().request('PUT', '/api/secrets/API_KEY', { value })).toMatchObject({
      status: 200,
      body: { name: 'API_KEY' },
    });
    expect((await api().request('PUT', '/api/secrets/API_KEY', { value: `${value}-2` })).status).toBe(200);
    const listed = (await api().request('GET', '/api/secrets')).body;
    expect(listed).toMatchObject([{ name: 'API_KEY' }]);
    expect(JSON.stringify(listed)).not.toContain(value);
    expect((await api().request('DELETE', '/api/secrets/API_KEY')).status).toBe(204);
    expect(await api().request('DELETE', '/api/secrets/API_KEY')).toMatchObject({
      status: 404,
      body: { code: 'SECRET_NOT_FOUND' },
    });
  });

  test('an agent gets the value in its environment, and nobody else sees it', async () => {
    const value = 'geheim-🔑 with spaces';
    await api().request('PUT', '/api/secrets/DEPLOY_KEY', { value });
    const created = await api().request('POST', '/api/agents', {
      name: 'deployer',
      kind: 'shell',
      autostart: true,
      workspace: { path: workspace() },
      env: { KEY: 'secret:DEPLOY_KEY' },
    });
    expect(created.status, JSON.stringify(created.body)).toBe(201);
    await untilAgent(api(), created.body.id, 'idle');
    const task = await finishedTask(api(), (await giveTask(api(), created.body.id, 'echo "<$KEY>"')).id);
    expect(task.result?.text).toContain(`<${value}>`);
    expect(JSON.stringify((await api().request('GET', `/api/agents/${created.body.id}`)).body)).not.toContain(value);
    // Removed while in use: it goes on, and says at its next start what is missing.
    await api().request('DELETE', '/api/secrets/DEPLOY_KEY');
    expect((await api().request('POST', `/api/agents/${created.body.id}/restart`)).status).toBe(202);
    const crashed = await untilAgent(api(), created.body.id, 'crashed');
    expect(crashed.statusReason).toContain('pointsman secrets set DEPLOY_KEY');
    expect((await api().request('DELETE', `/api/agents/${created.body.id}`)).status).toBe(204);
  });

  test('a secret that is not stored is refused where it is named', async () => {
    const agent = { name: 'hopeful', kind: 'shell', workspace: { path: workspace() }, env: { KEY: 'secret:NONE' } };
    expect(await api().request('POST', '/api/agents', agent)).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/env/KEY', code: 'SECRET_NOT_FOUND' }] },
    });
  });

  test('a name and a value must be what an environment can hold', async () => {
    expect(await api().request('PUT', '/api/secrets/no-dash', { value: 'x' })).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/name' }] },
    });
    expect(await api().request('PUT', '/api/secrets/NUL', { value: 'a\u0000b' })).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/value' }] },
    });
  });
}
