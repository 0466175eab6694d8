/** Triggers: listed with their workflows, switched, given secrets; webhooks called with and without right signatures. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';
import { until } from '../../support/pointsman-process.ts';

const NIL = '00000000-0000-7000-8000-000000000000';
const DOCUMENT = {
  name: 'Hooked',
  inputs: { ref: { default: null } },
  nodes: [{ id: 'ref', type: 'transform', config: { value: 'inputs.ref' } }],
  outputs: { ref: 'nodes.ref.output' },
  triggers: [
    { cron: '0 6 * * 1-5', timezone: 'Europe/Berlin' },
    { webhook: 'push', inputs: { ref: '{{ event.body.ref }}' } },
  ],
};

export function triggersApi(api: () => DescribedApi): void {
  let workflowId: string;
  let triggers: { id: string; kind: string; address?: string }[];
  let secret: string;
  const hook = () => triggers.find(({ kind }) => kind === 'webhook') ?? expect.fail('there is a webhook');

  beforeAll(async () => {
    workflowId = (await api().request('POST', '/api/workflows', DOCUMENT)).body.id;
    triggers = (await api().request('GET', `/api/triggers?workflow=${workflowId}`)).body;
  });
  afterAll(async () => {
    // What others count must not be begun from here.
    await api().request('DELETE', `/api/workflows/${workflowId}`);
  });

  test('one that listens to nobody there is is told at the check, also where no node names anybody', async () => {
    const triggers = [{ agent: 'nobody_here', status: 'blocked' }, { workflow: 'No such workflow' }];
    const { body } = await api().request('POST', '/api/workflows/validate', { ...DOCUMENT, triggers });
    expect(body).toMatchObject({
      valid: true,
      problems: [{ path: '/triggers/0/agent' }, { path: '/triggers/1/workflow' }],
    });
  });

  test('each trigger is listed with what it starts and when', async () => {
    expect(triggers).toHaveLength(2);
    expect(triggers.find(({ kind }) => kind === 'cron')).toMatchObject({
      workflowId,
      workflowName: 'Hooked',
      trigger: DOCUMENT.triggers[0],
      enabled: true,
      nextAt: expect.stringMatching(/T0[45]:00:00\.000Z$/),
    });
    expect(hook()).toMatchObject({ address: `/hooks/${hook().id}`, secretSetAt: null });
    expect((await api().request('GET', '/api/triggers?workflow=x')).status).toBe(422);
  });

  test('it is disabled and enabled again, and that is all that can be set', async () => {
    const cron = triggers.find(({ kind }) => kind === 'cron')?.id;
    const address = `/api/triggers/${cron}`;
    const disabled = await api().request('PATCH', address, { enabled: false });
    expect(disabled.body).toMatchObject({ id: cron, enabled: false });
    expect(disabled.body).not.toHaveProperty('nextAt');
    expect((await api().request('PATCH', address, { enabled: true })).body).toHaveProperty('nextAt');
    for (const body of [{}, { enabled: 'yes' }, { enabled: true, nextAt: 'now' }])
      expect((await api().request('PATCH', address, body)).status).toBe(422);
    expect(await api().request('PATCH', `/api/triggers/${NIL}`, { enabled: true })).toMatchObject({
      status: 404,
      body: { code: 'TRIGGER_NOT_FOUND' },
    });
    expect(await api().request('POST', `${address}/secret`)).toMatchObject({
      status: 409,
      body: { code: 'TRIGGER_NOT_A_WEBHOOK' },
    });
  });

  test('a webhook’s secret is said once and found nowhere', async () => {
    const rotated = await api().request('POST', `/api/triggers/${hook().id}/secret`);
    expect(rotated).toMatchObject({ status: 200, body: { secret: expect.stringMatching(/^whsec_.{40,}$/) } });
    secret = rotated.body.secret;
    const listed = await api().request('GET', `/api/triggers?workflow=${workflowId}`);
    expect(JSON.stringify(listed.body)).not.toContain(secret.slice(6));
    expect(listed.body.find(({ kind }: { kind: string }) => kind === 'webhook').secretSetAt).toEqual(
      expect.any(String),
    );
    expect((await api().request('GET', '/api/secrets')).body).toEqual([]);
  });

  test('a signed call starts the workflow with what the body says', async () => {
    const answer = await call('{"ref":"main"}');
    expect(answer).toMatchObject({ status: 202, body: { outcome: 'started' } });
    const execution = await until('its end', async () => {
      const { body } = await api().request('GET', `/api/executions/${answer.body.executionId}`);
      return body.finishedAt ? body : null;
    });
    expect(execution).toMatchObject({
      status: 'succeeded',
      outputs: { ref: 'main' },
      trigger: { id: hook().id, kind: 'webhook' },
    });
  });

  test('every call that is not right gets one and the same answer', async () => {
    const body = '{"ref":"secret"}';
    const seconds = Math.floor(Date.now() / 1000);
    const own = (t: number, text = body, key = secret) => ({
      'pointsman-signature': `t=${t},v1=${createHmac('sha256', key).update(`${t}.${text}`).digest('hex')}`,
    });
    const replayed = own(seconds);
    expect((await post(hook().id, body, replayed)).status).toBe(202);
    const { id: cron } = triggers.find(({ kind }) => kind === 'cron') ?? expect.fail('there is a cron');
    const wrong = await Promise.all([
      post(hook().id, body, replayed),
      post(hook().id, body, {}),
      post(hook().id, body, own(seconds, body, 'another secret')),
      post(hook().id, `${body} `, own(seconds)),
      post(hook().id, body, own(seconds - 301)),
      post(hook().id, body, own(seconds + 360)),
      post(hook().id, body, { 'pointsman-signature': own(seconds)['pointsman-signature'].slice(0, -2) }),
      post(hook().id, body, { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }),
      post(cron, body, own(seconds + 1)),
      post(NIL, body, own(seconds)),
      post('x', body, own(seconds)),
    ]);
    const said = wrong.map(({ status, body }) => ({ status, problem: { ...body, requestId: null } }));
    expect(said).toEqual(wrong.map(() => said[0]));
    expect(said[0]).toMatchObject({ status: 401, problem: { code: 'WEBHOOK_REFUSED' } });
  });

  test('GitHub’s signature is right for each body once', async () => {
    const body = '{"ref":"github"}';
    const headers = { 'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` };
    expect((await post(hook().id, body, headers)).status).toBe(202);
    // Another delivery id is nothing that was signed.
    expect((await post(hook().id, body, { ...headers, 'x-github-delivery': 'again' })).status).toBe(401);
  });

  test('the signature is over the bytes, and the body is only read after it', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]); // no text, no JSON
    const t = Math.floor(Date.now() / 1000);
    const code = createHmac('sha256', secret).update(`${t}.`).update(bytes).digest('hex');
    const send = (value: string) =>
      fetch(`${api().server.url}/hooks/${hook().id}`, {
        method: 'POST',
        body: bytes,
        headers: { 'content-type': 'application/json', 'pointsman-signature': value },
      });
    expect((await send(`t=${t},v1=${code}`)).status).toBe(400);
    expect((await send(`t=${t},v1=${'0'.repeat(64)}`)).status).toBe(401);
  });

  test('what is right but fits no input says so; what pretends to be files is only data', async () => {
    expect(await call('{"other":1}')).toMatchObject({ status: 422, body: { code: 'TRIGGER_INPUTS_FAILED' } });
    const files = '{"ref":{"files":[{"filepath":"/etc/passwd"}]},"__proto__":{"role":"admin"}}';
    const answer = await call(files);
    const { body } = await api().request('GET', `/api/executions/${answer.body.executionId}`);
    expect(body.inputs).toEqual({ ref: { files: [{ filepath: '/etc/passwd' }] } });
  });

  test('a call that is too large is refused before anything is looked at', async () => {
    const answer = await post(NIL, `"${'x'.repeat(1_100_000)}"`, {});
    expect(answer).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
  });

  test('a webhook keeps its address and secret when an older version that has it is live again', async () => {
    const { triggers: _, ...without } = DOCUMENT;
    const { body: changed } = await api().request('PUT', `/api/workflows/${workflowId}`, without);
    expect((await api().request('GET', `/api/triggers?workflow=${workflowId}`)).body).toEqual([]);
    expect((await call('{"ref":"away"}')).status).toBe(401);
    const version = changed.version - 1;
    expect((await api().request('POST', `/api/workflows/${workflowId}/promote`, { version })).status).toBe(200);
    const { body: back } = await api().request('GET', `/api/triggers?workflow=${workflowId}`);
    expect(back.map(({ id }: { id: string }) => id)).toEqual(triggers.map(({ id }) => id));
    expect((await call('{"ref":"back"}')).status).toBe(202);
  });

  test('a disabled one takes no calls, and one whose workflow is gone is gone', async () => {
    await api().request('PATCH', `/api/triggers/${hook().id}`, { enabled: false });
    expect((await call('{"ref":"disabled"}')).status).toBe(401);
    await api().request('PATCH', `/api/triggers/${hook().id}`, { enabled: true });
    expect((await call('{"ref":"enabled"}')).status).toBe(202);
    await until('the end of all', async () => {
      const { body } = await api().request('GET', `/api/executions?workflow=${workflowId}&limit=200`);
      return body.every(({ finishedAt }: { finishedAt?: string }) => finishedAt);
    });
    expect((await api().request('DELETE', `/api/workflows/${workflowId}`)).status).toBe(204);
    expect((await api().request('GET', `/api/triggers?workflow=${workflowId}`)).body).toEqual([]);
    expect((await call('{"ref":"gone"}')).status).toBe(401);
  });

  test('times, zones and inputs that make no sense are said with their places', async () => {
    const { body } = await api().request('POST', '/api/workflows/validate', {
      ...DOCUMENT,
      triggers: [
        { cron: '61 * * * *' },
        { cron: '0 6 * * *', timezone: 'Mars/Olympus' },
        { webhook: 'x', inputs: { ref: '{{ nodes.ref.output }}' } },
        { file: 'relative/*.md' },
        { agent: 'a', status: 'sleeping' },
        { cron: '0 6 * * *', timezon: 'UTC' },
      ],
    });
    expect(body.valid).toBe(false);
    expect(
      body.problems
        .filter(({ severity }: { severity: string }) => severity === 'error')
        .map((one: { path: string }) => one.path)
        .toSorted(),
    ).toEqual([
      '/triggers/0/cron',
      '/triggers/1/timezone',
      '/triggers/2/inputs/ref',
      '/triggers/3/file',
      '/triggers/4/status',
      '/triggers/5/timezon',
    ]);
  });

  const post = (id: string, body: string, headers: Record<string, string>) =>
    api().as(null).request('POST', `/hooks/${id}`, body, headers);

  function call(body: string) {
    const t = Math.floor(Date.now() / 1000);
    const code = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
    return post(hook().id, body, { 'pointsman-signature': `t=${t},v1=${code}` });
  }
}
