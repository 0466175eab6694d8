/** A creation that is repeated with its key happens once. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';
import { shellAgent } from '../../support/shell-agents.ts';

const DOCUMENT = { name: 'Once', nodes: [{ id: 'gate', type: 'approval', config: { title: 'Once?' } }] };

export function idempotencyApi(api: () => DescribedApi, workspace: () => string): void {
  test.each([
    [
      'agents',
      '/api/agents',
      () => ({ name: 'made once', kind: 'shell', workspace: { path: workspace() } }),
      '/api/agents?limit=200',
    ],
    ['workflows', '/api/workflows', () => DOCUMENT, '/api/workflows?limit=200'],
    ['inline executions', '/api/workflow/execute', () => ({ workflow: DOCUMENT }), '/api/executions?limit=200'],
    ['users', '/api/users', () => ({ name: 'Made once', role: 'viewer' }), '/api/users?limit=200'],
  ])(
    '%s: the repetition has the same answer and no second effect; another body is refused',
    async (_what, address, body, list) => {
      const key = { 'idempotency-key': randomUUID() };
      const count = async () => (await api().request('GET', list)).body.length;
      const before = await count();
      const first = await api().request('POST', address, body(), key);
      expect(first.status, JSON.stringify(first.body)).toBeLessThan(300);
      const second = await api().request('POST', address, body(), key);
      expect(second.status).toBe(first.status);
      expect(second.body).toEqual(first.body);
      expect(await count()).toBe(before + 1);
      const changed = 'workflow' in body() ? { ...body(), inputs: {} } : { ...body(), name: 'another' };
      expect(await api().request('POST', address, changed, key)).toMatchObject({
        status: 409,
        body: { code: 'IDEMPOTENCY_KEY_REUSED' },
      });
      expect(await count()).toBe(before + 1);
    },
  );

  test('tasks, executions of saved workflows and signals happen once', async () => {
    const agent = await shellAgent(api().server, 'once', { workspace: { path: workspace() } });
    const twice = async (address: string, body: object) => {
      const key = { 'idempotency-key': randomUUID() };
      const answers = [
        await api().request('POST', address, body, key),
        await api().request('POST', address, body, key),
      ];
      expect(answers[0]?.status).toBe(202);
      expect(answers[1]?.body).toEqual(answers[0]?.body);
      return answers[0]?.body;
    };
    const task = await twice(`/api/agents/${agent.id}/tasks`, { prompt: 'echo once' });
    expect(
      (await api().request('GET', `/api/agents/${agent.id}/tasks`)).body.map(({ id }: { id: string }) => id),
    ).toEqual([task.id]);
    const { body: workflow } = await api().request('POST', '/api/workflows', DOCUMENT);
    const execution = await twice(`/api/workflows/${workflow.id}/execute`, {});
    expect(
      (await api().request('GET', `/api/executions?workflow=${workflow.id}`)).body.map(({ id }: { id: string }) => id),
    ).toEqual([execution.id]);
    await twice(`/api/executions/${execution.id}/signals`, { name: 'x' });
    await api().request('DELETE', `/api/agents/${agent.id}`);
  });

  test('of those that come at once one has the effect', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => api().request('POST', '/api/workflows', { ...DOCUMENT, name: 'At once' }, key)),
    );
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id)).size).toBe(1);
    expect(
      (await api().request('GET', '/api/workflows?limit=200')).body.filter(
        ({ name }: { name: string }) => name === 'At once',
      ),
    ).toHaveLength(1);
  });

  test('a request that failed may be corrected under its key; another person’s key is another key', async () => {
    const key = { 'idempotency-key': randomUUID() };
    expect((await api().request('POST', '/api/users', { name: 'Corrected', role: 'king' }, key)).status).toBe(422);
    expect((await api().request('POST', '/api/users', { name: 'Corrected', role: 'viewer' }, key)).status).toBe(201);
    const { body: other } = await api().request('POST', '/api/tokens', { name: 'second admin', role: 'admin' });
    expect(
      (await api().as(other.token).request('POST', '/api/users', { name: 'Of another', role: 'viewer' }, key)).status,
    ).toBe(201);
    expect(
      (await api().request('POST', '/api/users', { name: 'x', role: 'viewer' }, { 'idempotency-key': 'x'.repeat(201) }))
        .status,
    ).toBe(422);
  });
}
