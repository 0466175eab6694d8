/** Approvals: answered once, for exactly what was shown, in time, by somebody who may. */
import { expect, test } from 'vitest';
import type { InboxItem } from '../../../src/contract/inbox.ts';
import type { DescribedApi } from '../../support/described-api.ts';
import { until } from '../../support/pointsman-process.ts';

export function inboxApi(api: () => DescribedApi): void {
  test('an approval shows what it is about and is answered once', async () => {
    const item = await ask({ title: 'Ship?', body: 'All **green**' });
    expect(item).toMatchObject({
      type: 'approval',
      state: 'open',
      title: 'Ship?',
      payload: { nodeId: 'gate', body: 'All **green**' },
      choices: ['approve', 'reject'],
    });
    expect((await api().request('GET', `/api/inbox/${item.id}`)).body).toEqual(item);
    expect(await answer(item, { hash: `${item.hash.slice(0, -1)}x` })).toMatchObject({
      status: 409,
      body: { code: 'INBOX_ITEM_CHANGED' },
    });
    expect(await answer(item, { decision: 'allow' })).toMatchObject({
      status: 422,
      body: { code: 'DECISION_NOT_OFFERED', problems: [{ path: '/decision' }] },
    });
    expect(await answer(item, { decision: 'maybe' })).toMatchObject({ status: 422, body: { code: 'INVALID_REQUEST' } });
    expect((await api().request('POST', `/api/inbox/${item.id}/resolve`, { decision: 'approve' })).body).toMatchObject({
      status: 422,
      problems: [{ path: '/hash' }],
    });
    expect((await answer(item, { note: 'Looks right' })).body).toMatchObject({
      state: 'resolved',
      resolution: { decision: 'approve', by: 'local command line', note: 'Looks right' },
    });
    expect(await answer(item, {})).toMatchObject({ status: 409, body: { code: 'INBOX_ITEM_CLOSED' } });
    expect(await answer(item, { decision: 'reject' })).toMatchObject({
      status: 409,
      body: { code: 'INBOX_ITEM_CLOSED' },
    });
    expect(await outcome(item)).toMatchObject({
      status: 'succeeded',
      outputs: { decision: 'approve', by: 'local command line' },
    });
    expect((await api().request('GET', '/api/inbox?state=open')).body.map(({ id }: InboxItem) => id)).not.toContain(
      item.id,
    );
    expect(
      (await api().request('GET', '/api/inbox?state=resolved&type=approval')).body.map(({ id }: InboxItem) => id),
    ).toContain(item.id);
    expect((await api().request('GET', '/api/inbox?state=closed')).status).toBe(422);
  });

  test('of many answers at once exactly one counts', async () => {
    const item = await ask({ title: 'Race' });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_unused, index) => answer(item, { decision: index % 2 ? 'approve' : 'reject' })),
    );
    const taken = answers.filter(({ status }) => status === 200);
    expect(taken).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    const ended = await outcome(item);
    expect(ended.steps.at(-1).output ?? { decision: 'reject' }).toMatchObject({
      decision: taken[0]?.body.resolution.decision,
    });
  });

  test('a rejection without a branch of its own fails the execution', async () => {
    const item = await ask({ title: 'No?' });
    await answer(item, { decision: 'reject' });
    expect(await outcome(item)).toMatchObject({
      status: 'failed',
      error: { code: 'APPROVAL_REJECTED', nodeId: 'gate' },
    });
  });

  test('a form is checked before the answer counts', async () => {
    const item = await ask({
      title: 'Which?',
      form: {
        type: 'object',
        required: ['version'],
        properties: { version: { type: 'string' } },
        additionalProperties: false,
      },
    });
    expect(await answer(item, {})).toMatchObject({ status: 422, body: { code: 'INVALID_REQUEST' } });
    expect(await answer(item, { form: { version: 1 } })).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/form/version' }] },
    });
    expect((await answer(item, { form: { version: '1.2' } })).status).toBe(200);
    expect(await outcome(item)).toMatchObject({ outputs: { form: { version: '1.2' } } });
  });

  test('R7c: after its expiry nobody answers any more', async () => {
    const item = await ask({ title: 'Quick', expires: 'PT1S', onExpire: 'approve' });
    expect(item.expiresAt).toBeDefined();
    const ended = await outcome(item);
    expect(ended).toMatchObject({ status: 'succeeded', outputs: { decision: 'approve', by: null, expired: true } });
    expect(await answer(item, {})).toMatchObject({ status: 409, body: { code: 'INBOX_ITEM_CLOSED' } });
    expect((await api().request('GET', `/api/inbox/${item.id}`)).body).toMatchObject({ state: 'expired' });
  });

  test('with the execution cancelled its question is withdrawn', async () => {
    const item = await ask({ title: 'Never mind' });
    await api().request('POST', `/api/executions/${item.executionId}/cancel`);
    await outcome(item);
    expect((await api().request('GET', `/api/inbox/${item.id}`)).body).toMatchObject({ state: 'withdrawn' });
    expect(await answer(item, {})).toMatchObject({ status: 409, body: { code: 'INBOX_ITEM_CLOSED' } });
  });

  test('an approval for certain roles is answered by them alone', async () => {
    const { body: operator } = await api().request('POST', '/api/tokens', { name: 'approver', role: 'operator' });
    const item = await ask({ title: 'Admins only', roles: ['admin'] });
    const resolve = () =>
      api()
        .as(operator.token)
        .request('POST', `/api/inbox/${item.id}/resolve`, { decision: 'approve', hash: item.hash });
    expect(await resolve()).toMatchObject({ status: 403 });
    expect((await answer(item, {})).status).toBe(200);
  });

  async function ask(config: object): Promise<InboxItem & { executionId: string }> {
    const { body } = await api().request('POST', '/api/workflow/execute', {
      workflow: {
        nodes: [{ id: 'gate', type: 'approval', config }],
        outputs: {
          decision: 'nodes.gate.output.decision',
          by: 'nodes.gate.output.by',
          ...('form' in config ? { form: 'nodes.gate.output.form' } : {}),
          ...('expires' in config ? { expired: 'nodes.gate.output.expired' } : {}),
        },
      },
    });
    expect(body.id, JSON.stringify(body)).toBeDefined();
    return until('the question', async () =>
      (await api().request('GET', '/api/inbox?state=open&limit=200')).body.find(
        (item: InboxItem) => item.executionId === body.id,
      ),
    );
  }

  function answer(item: InboxItem, change: object) {
    return api().request('POST', `/api/inbox/${item.id}/resolve`, { decision: 'approve', hash: item.hash, ...change });
  }

  function outcome(item: { executionId: string }): Promise<any> {
    return until('the end', async () => {
      const { body } = await api().request('GET', `/api/executions/${item.executionId}`);
      return body.finishedAt ? body : null;
    });
  }
}
