/** Sessions, tokens and sign-in: what proves an identity, for how long, and what ends it. */
import { createHmac, randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSocket } from '../support/live-socket.ts';
import { makeHome, type Pointsman, removeHome, startPointsman } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { sessionOf, signIn } from '../support/sign-in.ts';

const PASSWORD = 'a password of some length';

let home: string;
let database: TestDatabase;
let server: Pointsman;
const secrets: string[] = [PASSWORD];

beforeAll(async () => {
  home = makeHome();
  database = await createTestDatabase();
  server = await start();
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

describe('the sign-in link', () => {
  test('works once; its cookies are for the server alone', async () => {
    const code = new URL(server.signInLink).hash.replace('#code=', '');
    secrets.push(code);
    expect(server.signInLink).toMatch(/\/#code=[\w-]{20,}$/);
    const answer = await exchange(code);
    expect(answer.status).toBe(200);
    const set = answer.headers.getSetCookie();
    expect(set).toHaveLength(2);
    for (const cookie of set) expect(cookie).toMatch(/; HttpOnly/);
    for (const cookie of set) expect(cookie).toMatch(/; SameSite=Strict/);
    expect(set.find((cookie) => cookie.startsWith('pointsman_refresh='))).toContain('Path=/api/auth');
    expect(await answer.text()).not.toContain(set[0]?.split(/[=;]/)[1]);
    expect((await exchange(code)).status).toBe(401);
  });

  test.each([[null], [''], [[]], [{}], [7], ['wrong'], ['x'.repeat(300)]])('is not opened by %j', async (code) => {
    expect([401, 422]).toContain((await exchange(code)).status);
  });
});

describe('a session', () => {
  test('is not made of another key, algorithm, audience, issuer or time', async () => {
    const { cookie, set } = await signIn(server);
    const jwt = /pointsman_session=([^;]+)/.exec(cookie)?.[1] ?? '';
    secrets.push(jwt, ...set.map((one) => decodeURIComponent(one.split(/[=;]/)[1] ?? '')));
    const [head = '', body = '', signature = ''] = jwt.split('.');
    const header = decode(head);
    const claims = decode(body);
    const key = Buffer.from(readFileSync(path.join(home, 'keys', 'session-key'), 'utf8').trim(), 'base64url');
    expect(await sessionStatus(sign(header, claims, key)), 'the key of this test signs as the server does').toBe(200);
    expect(header).toMatchObject({ alg: 'HS256', kid: expect.any(String) });
    expect(claims['exp'] as number).toBeLessThanOrEqual(Date.now() / 1000 + 900);
    const now = Math.floor(Date.now() / 1000);
    const forged: [string, string][] = [
      ['no signature', `${head}.${body}.`],
      ['alg none', `${encode({ ...header, alg: 'none' })}.${body}.`],
      ['alg none with the signature', `${encode({ ...header, alg: 'none' })}.${body}.${signature}`],
      ['another key', sign(header, claims, Buffer.alloc(32, 1))],
      ['another kid', sign({ ...header, kid: 'other' }, claims, key)],
      ['no kid', sign({ alg: 'HS256' }, claims, key)],
      ['a kid that is a path', sign({ ...header, kid: '../../dev/null' }, claims, Buffer.alloc(0))],
      ['another algorithm', sign({ ...header, alg: 'HS384' }, claims, key, 'sha384')],
      ['expired', sign(header, { ...claims, exp: now - 60 }, key)],
      ['not yet', sign(header, { ...claims, nbf: now + 600 }, key)],
      ['no end', sign(header, { ...claims, exp: undefined }, key)],
      ['another audience', sign(header, { ...claims, aud: 'somebody-else' }, key)],
      ['another issuer', sign(header, { ...claims, iss: 'somebody-else' }, key)],
      ['another session', sign(header, { ...claims, sid: randomUUID() }, key)],
      ['a session that is no id', sign(header, { ...claims, sid: "' OR 1=1 --" }, key)],
      ['other claims', `${head}.${encode({ ...claims, sub: randomUUID(), role: 'admin' })}.${signature}`],
    ];
    for (const [what, token] of forged) expect(await sessionStatus(token), what).toBe(401);
    expect(
      (await server.request('GET', '/api/me', undefined, { authorization: `Bearer ${jwt}` })).status,
      'a session is no bearer',
    ).toBe(401);
  });

  test('is renewed with a secret that changes; an old one used again ends it', async () => {
    const first = await signIn(server);
    const renewed = await refresh(first.cookie);
    expect(renewed.status).toBe(200);
    const second = sessionOf(server, renewed.headers.getSetCookie());
    const refreshOf = (cookie: string) => /pointsman_refresh=([^;]+)/.exec(cookie)?.[1];
    expect(refreshOf(second.cookie)).not.toBe(refreshOf(first.cookie));
    const third = sessionOf(server, (await refresh(second.cookie)).headers.getSetCookie());
    expect((await third.request('GET', '/api/me')).status).toBe(200);
    // Two rotations ago: no second tab can have that.
    expect((await refresh(first.cookie)).status).toBe(401);
    expect((await third.request('GET', '/api/me')).status).toBe(401);
    expect((await refresh(third.cookie)).status).toBe(401);
    for (const value of ['', 'x', `${randomUUID()}.x`, `${refreshOf(third.cookie)}x`])
      expect((await refresh(`pointsman_refresh=${value}`)).status).toBe(401);
  });

  test('ends at once with its logout, and its open WebSocket within a second', async () => {
    const session = await signIn(server);
    const socket = await openSocket(server, '/ws/updates', { cookie: session.cookie, origin: server.url });
    socket.send({ type: 'subscribe', topic: 'agents' });
    await socket.next({ type: 'snapshot' });
    const left = await session.request('POST', '/api/auth/logout');
    const begin = Date.now();
    expect(left.status).toBe(204);
    expect(left.headers['clear-site-data']).toBeDefined();
    expect((await session.request('GET', '/api/me')).status).toBe(401);
    expect((await refresh(session.cookie)).status).toBe(401);
    expect(await socket.closed).toMatchObject({ code: 4401 });
    expect(Date.now() - begin).toBeLessThan(1_000);
  });

  test('lives on in a server that was started again', async () => {
    const session = await signIn(server);
    await server.kill('SIGKILL');
    const { port } = new URL(server.url);
    server = await start({ POINTSMAN_PORT: port });
    expect((await sessionOf(server, session.set).request('GET', '/api/me')).status).toBe(200);
  });
});

describe('rights that are taken away', () => {
  test('close the sockets of a revoked token within a second', async () => {
    const { body } = await server.request('POST', '/api/tokens', { name: 'short lived', role: 'operator' });
    secrets.push(body.token);
    const socket = await openSocket(server, '/ws/updates', { authorization: `Bearer ${body.token}` });
    const begin = Date.now();
    await server.request('DELETE', `/api/tokens/${body.id}`);
    expect(await socket.closed).toMatchObject({ code: 4401 });
    expect(Date.now() - begin).toBeLessThan(1_000);
    expect((await server.request('GET', '/api/me', undefined, { authorization: `Bearer ${body.token}` })).status).toBe(
      401,
    );
  });

  test.each([
    ['demoted', { role: 'viewer' }],
    ['disabled', { disabled: true }],
    ['given another password', { password: 'another password' }],
  ])('close the sockets of a person who is %s', async (what, change) => {
    const { body: user } = await server.request('POST', '/api/users', {
      name: `person ${what}`,
      role: 'operator',
      password: PASSWORD,
    });
    const session = await signIn(server, { name: user.name, password: PASSWORD });
    const socket = await openSocket(server, '/ws/updates', { cookie: session.cookie, origin: server.url });
    const begin = Date.now();
    expect((await server.request('PATCH', `/api/users/${user.id}`, change)).status).toBe(200);
    await socket.closed;
    expect(Date.now() - begin).toBeLessThan(1_000);
    expect((await session.request('PUT', '/api/state/a/b', { value: 1 })).status).toBe(401);
    if ('disabled' in change)
      await expect(signIn(server, { name: user.name, password: PASSWORD })).rejects.toThrow('401');
  });
});

describe('secrets', () => {
  test('lie only where they must, readable by nobody else', async () => {
    secrets.push(server.token);
    expect(mode(home)).toBe(0o700);
    expect(mode(path.join(home, 'token'))).toBe(0o600);
    for (const name of readdirSync(path.join(home, 'keys')))
      expect(mode(path.join(home, 'keys', name)), name).toBe(0o600);
    const client = new Client({ ...database.connection, password: '', ssl: false });
    await client.connect();
    const { rows: tables } = await client.query(
      `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables as { name: string }[]) {
      const { rows } = await client.query(`SELECT t::text AS row FROM ${name} t`);
      for (const { row } of rows as { row: string }[])
        for (const secret of secrets) expect(row.includes(secret), `${name} holds a secret in clear`).toBe(false);
    }
    await client.end();
    const log = readFileSync(path.join(home, 'server.log'), 'utf8');
    for (const secret of secrets) expect(log.includes(secret)).toBe(false);
    for (const secret of secrets) expect(execFileSync('ps', ['axww', '-o', 'args']).includes(secret)).toBe(false);
  });
});

/** Last: afterwards this address has to wait. */
describe('guessing', () => {
  test('is slowed down, for known and unknown names alike, and says for how long', async () => {
    await server.request('POST', '/api/users', { name: 'Guessed', role: 'viewer', password: PASSWORD });
    const answers: Response[] = [];
    for (let number = 0; number < 20; number += 1)
      answers.push(await login(number % 2 ? 'Guessed' : 'Nobody', `wrong ${number}`, `10.0.0.${number}`));
    const statuses = answers.map(({ status }) => status);
    expect(statuses[0]).toBe(401);
    expect(statuses.slice(-5)).toEqual([429, 429, 429, 429, 429]);
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await login('Guessed', PASSWORD)).status).toBe(429);
    const bodies = (await Promise.all(answers.slice(0, 2).map((answer) => answer.json()))) as object[];
    expect({ ...bodies[0], requestId: '' }).toEqual({ ...bodies[1], requestId: '' });
    // Who is signed in already goes on.
    expect((await server.request('GET', '/api/me')).status).toBe(200);
  });
});

function start(env: Record<string, string> = {}): Promise<Pointsman> {
  return startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url, ...env } });
}

function exchange(code: unknown): Promise<Response> {
  return fetch(`${server.url}/api/auth/exchange`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
}

function login(name: string, password: string, forwardedFor = '10.1.1.1'): Promise<Response> {
  return fetch(`${server.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': forwardedFor },
    body: JSON.stringify({ name, password }),
  });
}

function refresh(cookie: string): Promise<Response> {
  return fetch(`${server.url}/api/auth/refresh`, { method: 'POST', headers: { cookie } });
}

async function sessionStatus(jwt: string): Promise<number> {
  return (await fetch(`${server.url}/api/me`, { headers: { cookie: `pointsman_session=${jwt}` } })).status;
}

function sign(header: object, claims: object, key: Buffer, hash = 'sha256'): string {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${createHmac(hash, key).update(content).digest('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}

function mode(file: string): number {
  return statSync(file).mode & 0o777;
}
