/** What no request gets past: forms of bodies, unknown and server-owned fields, ids of nothing. */
import { expect, test } from 'vitest';
import { type DescribedApi, type Operation } from '../../support/described-api.ts';

const NIL = '00000000-0000-7000-8000-000000000000';
const BODIES: Record<string, object> = {
  updateAgent: { role: 'x' },
  createTask: { prompt: 'true' },
  sendInput: { text: 'x' },
  resolveInboxItem: { decision: 'approve', hash: 'x' },
  resolveIncident: { note: 'x' },
  trustWorkflow: { hash: 'x' },
  updateWorkflow: { nodes: [{ id: 'a', type: 'condition', config: {} }] },
  promoteWorkflow: { version: 1 },
  executeWorkflow: {},
  signalExecution: { name: 'x' },
  forkExecution: { checkpoint: 'x' },
  updateTrigger: { enabled: true },
  replayExecution: { version: 1 },
  updateUser: { role: 'viewer' },
  updatePushSubscription: { kinds: [] },
  putPreference: { value: 1 },
};

export function bodiesApi(api: () => DescribedApi, workspace: () => string): void {
  const agent = (more: object) => ({ name: 'never made', kind: 'shell', workspace: { path: workspace() }, ...more });

  test.each([
    'id',
    'status',
    'createdAt',
    'seat',
    'host',
    'sessionName',
    'cpu',
    'currentTask',
    'constructor',
    'toString',
    'nonsense',
    'a/b~c',
  ])('the field %s of a new agent is not the client’s to set', async (field) => {
    const refused = await api().request('POST', '/api/agents', agent({ [field]: 'x' }));
    expect(refused).toMatchObject({ status: 422, body: { code: 'INVALID_REQUEST' } });
    expect(refused.body.problems).toMatchObject([
      { path: `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`, code: 'UNKNOWN_FIELD', severity: 'error' },
    ]);
  });

  test('fields inside fields are known too', async () => {
    expect(
      (await api().request('POST', '/api/agents', agent({ workspace: { path: workspace(), branch: 'x' } }))).body
        .problems,
    ).toMatchObject([{ path: '/workspace/branch' }]);
    expect(
      (await api().request('POST', '/api/tokens', { name: 'x', role: 'viewer', token: 'mine' })).body.problems,
    ).toMatchObject([{ path: '/token' }]);
    expect(
      (
        await api().request('POST', '/api/users', { name: 'x', role: 'viewer', id: NIL, disabled: false })
      ).body.problems.map(({ path }: { path: string }) => path),
    ).toEqual(['/id', '/disabled']);
    expect(
      (
        await api().request('POST', '/api/workflow/execute', {
          workflow: { nodes: [{ id: 'a', type: 'condition', config: {} }] },
          status: 'succeeded',
        })
      ).body.problems,
    ).toMatchObject([{ path: '/status' }]);
    expect((await api().request('PUT', '/api/state/a/b', { value: 1, version: 7 })).body.problems).toMatchObject([
      { path: '/version' },
    ]);
  });

  test.each([
    '{"name":"x","__proto__":{"role":"admin"}}',
    '{"name":"x","workspace":{"__proto__":{"path":"/"}}}',
    '{"__proto__":null}',
  ])('a prototype cannot be sent: %s', async (body) => {
    for (const address of ['/api/agents', '/api/users', '/api/tokens', '/api/workflow/execute'])
      expect([400, 422]).toContain((await api().request('POST', address, body)).status);
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  test('every id of nothing is 404, also one that is no id', async () => {
    const withId = api().operations.filter(({ path }) => path.includes('{id}'));
    expect(withId.length).toBeGreaterThan(30);
    for (const operation of withId) {
      for (const id of [
        NIL,
        'x',
        '0',
        '-1',
        '%00',
        '%2e%2e',
        "'%3b--",
        'null',
        'a'.repeat(250),
        NIL.toUpperCase().replace('7', 'Z'),
      ]) {
        const answer = await call(operation, id);
        expect(answer.status, `${operation.operationId} ${id}: ${JSON.stringify(answer.body)}`).toBe(404);
        expect(answer.body).toMatchObject({ status: 404, code: expect.stringMatching(/NOT_FOUND$/) });
      }
    }
  });

  test('a body that cannot be read is 400, and says why', async () => {
    for (const body of ['{', '{"a":1,}', '{"a":1}x', "{'a':1}", 'NaN'])
      expect(await api().request('POST', '/api/agents', body), body).toMatchObject({
        status: 400,
        body: { code: 'MALFORMED_BODY' },
      });
  });

  test('a body of another form is refused as such', async () => {
    for (const body of ['null', '[]', '"text"', '7', ''])
      expect((await api().request('POST', '/api/agents', body)).status, body).toBe(422);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/octet-stream',
    'application/json-patch+json',
    'text/json',
  ])('a body as %s is 415', async (type) => {
    for (const address of ['/api/agents', '/api/auth/login', '/api/workflows', '/api/auth/exchange']) {
      expect(await api().request('POST', address, '{"name":"x"}', { 'content-type': type }), address).toMatchObject({
        status: 415,
        body: { code: 'UNSUPPORTED_MEDIA_TYPE' },
      });
    }
  });

  test('garbage after a content type is no content type', async () => {
    for (const type of ['application/json garbage', 'application/jsonx', 'application/json, text/plain'])
      expect(
        (await api().request('POST', '/api/agents', JSON.stringify(agent({ nonsense: 1 })), { 'content-type': type }))
          .status,
        type,
      ).toBe(415);
    expect(
      (
        await api().request('POST', '/api/agents', JSON.stringify(agent({ nonsense: 1 })), {
          'content-type': 'application/json; charset=utf-8',
        })
      ).status,
    ).toBe(422);
  });

  test('10 MB are too much, told by length or not', async () => {
    const large = JSON.stringify(agent({ instructions: 'x'.repeat(10 * 1024 * 1024) }));
    expect(await api().request('POST', '/api/agents', large)).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE' },
    });
    async function* pieces() {
      for (let sent = 0; sent < large.length; sent += 65_536) yield Buffer.from(large.slice(sent, sent + 65_536));
    }
    const answer = await fetch(`${api().server.url}/api/agents`, {
      method: 'POST',
      body: pieces(),
      duplex: 'half',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${api().server.token}` },
    } as unknown as RequestInit).catch(() => null);
    if (answer) expect(answer.status).toBe(413); // or the connection was cut
    expect((await api().request('GET', '/healthz')).status).toBe(200);
  });

  test('what does not exist is 404 in the form of every error', async () => {
    for (const [method, address] of [
      ['GET', '/api/nothing'],
      ['DELETE', '/api/agents'],
      ['PUT', '/api/me'],
      ['POST', '/nothing'],
      ['GET', '/api/agents/'],
      ['GET', '//api/agents'],
      ['GET', '/api//agents'],
    ] as const) {
      const { status, body, headers } = await api().request(method, address);
      expect([404, 405], `${method} ${address}`).toContain(status);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(body).toMatchObject({
        type: expect.any(String),
        title: expect.any(String),
        status,
        detail: expect.any(String),
        code: expect.any(String),
        requestId: expect.any(String),
      });
    }
  });

  async function call(operation: Operation, id: string) {
    const address = operation.path.replace('{id}', id).replace('{version}', '1');
    return api().request(operation.method, address, BODIES[operation.operationId]);
  }
}
