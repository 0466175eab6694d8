/** People, tokens and sessions, as requests; what keeps others out is in safety.test.ts. */
import { expect, test } from 'vitest';
import type { DescribedApi } from '../../support/described-api.ts';

export function authApi(api: () => DescribedApi): void {
  test('a token says who it is, and is shown once', async () => {
    expect((await api().request('GET', '/api/me')).body).toMatchObject({
      name: 'local command line',
      role: 'admin',
      via: 'token',
      permissions: expect.arrayContaining(['administer', 'workflow.commands']),
    });
    const created = await api().request('POST', '/api/tokens', {
      name: 'for a program',
      role: 'viewer',
      expiresAt: '2100-01-01T00:00:00Z',
    });
    expect(created).toMatchObject({
      status: 201,
      body: { name: 'for a program', role: 'viewer', token: expect.stringMatching(/^pm_/) },
    });
    expect((await api().as(created.body.token).request('GET', '/api/me')).body).toMatchObject({
      name: 'for a program',
      role: 'viewer',
      permissions: ['read'],
    });
    const { body: list } = await api().request('GET', '/api/tokens');
    expect(list.map(({ id }: { id: string }) => id)).toContain(created.body.id);
    expect(JSON.stringify(list)).not.toContain(created.body.token);
    expect((await api().request('DELETE', `/api/tokens/${created.body.id}`)).status).toBe(204);
    expect((await api().as(created.body.token).request('GET', '/api/me')).status).toBe(401);
    expect((await api().request('DELETE', `/api/tokens/${created.body.id}`)).status).toBe(404);
    expect((await api().request('GET', '/api/tokens')).body.map(({ id }: { id: string }) => id)).not.toContain(
      created.body.id,
    );
  });

  test('a token that has expired is none', async () => {
    const { body } = await api().request('POST', '/api/tokens', {
      name: 'old',
      role: 'admin',
      expiresAt: '2001-01-01T00:00:00Z',
    });
    expect((await api().as(body.token).request('GET', '/api/me')).status).toBe(401);
  });

  test('a person is added, signs in with a password, renews the session and leaves', async () => {
    const password = 'correct horse battery';
    const created = await api().request('POST', '/api/users', { name: 'Grace', role: 'operator', password });
    expect(created).toMatchObject({
      status: 201,
      body: { name: 'Grace', role: 'operator', hasPassword: true, disabled: false },
    });
    expect(JSON.stringify(created.body)).not.toContain(password);
    expect((await api().request('POST', '/api/users', { name: 'Grace', role: 'viewer' })).status).toBe(409);
    expect((await api().request('GET', '/api/users')).body.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['admin', 'Grace']),
    );
    const login = await api()
      .as(null)
      .request('POST', '/api/auth/login', { name: 'Grace', password }, { authorization: '' });
    expect(login).toMatchObject({ status: 200, body: { name: 'Grace', via: 'session' } });
    const renewed = await api()
      .as(null)
      .request('POST', '/api/auth/refresh', undefined, { cookie: cookies(login.headers) });
    expect(renewed).toMatchObject({ status: 200, body: { name: 'Grace' } });
    expect((await withCookie(renewed.headers, 'GET', '/api/me')).status).toBe(200);
    expect((await withCookie(renewed.headers, 'POST', '/api/auth/logout')).status).toBe(204);
    expect((await withCookie(renewed.headers, 'GET', '/api/me')).status).toBe(401);
  });

  test('a person changes role, and the only administrator stays one', async () => {
    const { body: users } = await api().request('GET', '/api/users');
    const admin = users.find(({ name }: { name: string }) => name === 'admin');
    const { body: other } = await api().request('POST', '/api/users', { name: 'Linus', role: 'viewer' });
    expect(
      (await api().request('PATCH', `/api/users/${other.id}`, { role: 'operator', permissions: ['workflow.commands'] }))
        .body,
    ).toMatchObject({ role: 'operator', permissions: ['workflow.commands'] });
    for (const change of [{ role: 'viewer' }, { disabled: true }])
      expect((await api().request('PATCH', `/api/users/${admin.id}`, change)).status).toBe(403);
    expect((await api().request('PATCH', `/api/users/${other.id}`, { permissions: ['administer'] })).status).toBe(422);
    expect((await api().request('PATCH', `/api/users/${other.id}`, { password: 'short' })).body).toMatchObject({
      status: 422,
      problems: [{ path: '/password' }],
    });
  });

  test('a sign-in code becomes a session once', async () => {
    const { body } = await api().request('POST', '/api/auth/links');
    expect(Date.parse(body.expiresAt) - Date.now()).toBeLessThanOrEqual(600_000);
    expect((await api().as(null).request('POST', '/api/auth/exchange', { code: body.code })).body).toMatchObject({
      name: 'admin',
      via: 'session',
    });
    expect(await api().as(null).request('POST', '/api/auth/exchange', { code: body.code })).toMatchObject({
      status: 401,
      body: { code: 'CODE_USED_OR_EXPIRED' },
    });
  });

  test('an address for another page is made by operators, for what is there', async () => {
    const parents = ['http://localhost:8501'];
    const { body, status } = await api().request('POST', '/api/embeds', { show: 'overview', parents });
    expect(status).toBe(201);
    expect(body.url).toMatch(/\/embed\/[\w-]+\.[\w-]+#key=[\w-]+$/);
    expect((await api().request('POST', '/api/embeds', { show: 'overview', parents: ['*'] })).status).toBe(422);
    const { body: log } = await api().request('GET', '/api/audit?action=embed.create&limit=1');
    expect(log).toMatchObject([{ subject: body.id, detail: { show: 'overview', parents } }]);
    const listed = async () => (await api().request('GET', '/api/embeds')).body.map(({ id }: { id: string }) => id);
    expect(await listed()).toContain(body.id);
    expect((await api().request('DELETE', `/api/embeds/${body.id}`)).status).toBe(204);
    expect(await listed()).not.toContain(body.id);
  });

  /** Only the cookie; an empty authorization header would be a credential. */
  async function withCookie(from: Headers, method: string, address: string): Promise<Response> {
    return fetch(`${api().server.url}${address}`, { method, headers: { cookie: cookies(from) } });
  }
}

function cookies(headers: Headers): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}
