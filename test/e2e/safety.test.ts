/** The door of the server: who is let in from where, before anything else is looked at. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describedApi, type Operation } from '../support/described-api.ts';
import { makeHome, type Pointsman, removeHome, startPointsman } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { rawRequest, upgradeStatus } from '../support/raw-request.ts';
import { signIn } from '../support/sign-in.ts';

const NIL = '00000000-0000-7000-8000-000000000000';
/** Everything that is answered without identity; a longer list is a decision. */
const PUBLIC = [
  'GET /healthz',
  'GET /readyz',
  'POST /api/auth/exchange',
  'POST /api/auth/login',
  'POST /api/auth/refresh',
  'POST /hooks/{triggerId}',
];

let home: string;
let database: TestDatabase;
let server: Pointsman;
let operations: Operation[];

beforeAll(async () => {
  home = makeHome();
  database = await createTestDatabase();
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  ({ operations } = await describedApi(server));
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

describe('without identity', () => {
  test('these and no other operations are public', () => {
    expect(
      operations
        .filter(({ description }) => description === 'Needs no identity.')
        .map(({ method, path }) => `${method} ${path}`)
        .toSorted(),
    ).toEqual(PUBLIC);
  });

  test.each([
    ['nothing', {}],
    ['a bearer that is none', { authorization: 'Bearer pm_wrong' }],
    ['another scheme', { authorization: 'Basic YWRtaW46YWRtaW4=' }],
    ['an empty bearer', { authorization: 'Bearer ' }],
    ['a cookie that is none', { cookie: 'pointsman_session=x' }],
  ])('every other operation is 401 before any other check: %s', async (_what, headers) => {
    for (const { method, path } of operations) {
      if (PUBLIC.includes(`${method} ${path}`)) continue;
      for (const id of [NIL, 'not-an-id']) {
        const answer = await rawRequest(server.url, {
          method,
          path: `${path.replaceAll(/\{\w+\}/g, id)}?nonsense=1`,
          headers: { ...headers, 'content-type': 'text/plain' },
          body: method === 'GET' ? '' : '{broken',
        });
        expect(answer.status, `${method} ${path} ${answer.text}`).toBe(401);
        expect(JSON.parse(answer.text)).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
        expect(answer.headers['www-authenticate']).toBe('Bearer');
      }
    }
  });

  test.each([
    '/api',
    '/api/',
    '/api/nothing',
    '/api/openapi.json',
    '/api/docs',
    '/metrics',
    '/metrics/',
    '//api/agents',
    '/%61pi/agents',
    '/api/%61gents',
    '/api;x/agents',
    '/API/agents',
    '/api/..%2fagents',
    '/api/agents/',
    '/ws/updates',
    '/ws/nothing',
    '/hooks',
  ])('%s is 401 or nothing, never an answer', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status, text } = await rawRequest(server.url, { method, path });
      expect(status, `${method} ${path} ${text.slice(0, 200)}`).toBe(401);
    }
  });

  test('both WebSockets are 401, whatever their address', async () => {
    for (const path of ['/ws/updates', `/ws/terminals/${NIL}`, '/ws/terminals/x', '/ws/nothing', '/api/agents', '/']) {
      expect(await upgradeStatus(server.url, path, {}), path).toBe(401);
      expect(
        await upgradeStatus(server.url, `${path}?token=${server.token}`, { cookie: `token=${server.token}` }),
        path,
      ).toBe(401);
    }
  });

  test('a token in the address is no identity', async () => {
    for (const name of ['token', 'access_token', 'code'])
      expect((await rawRequest(server.url, { path: `/api/me?${name}=${server.token}` })).status).toBe(401);
  });
});

describe('the Host header', () => {
  const port = () => new URL(server.url).port;
  const bearer = () => ({ authorization: `Bearer ${server.token}` });
  const PATHS = ['/api/me', '/healthz', '/readyz', '/', '/api/nothing', '/api/auth/login'];

  test.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]', 'localhost.'])('%s is this machine', async (name) => {
    for (const host of [name, `${name}:${port()}`])
      expect((await rawRequest(server.url, { path: '/api/me', headers: { host, ...bearer() } })).status, host).toBe(
        200,
      );
  });

  test.each([
    'evil.com',
    'EVIL.com',
    'localhost.evil.com',
    'evil.localhost',
    '127.0.0.1.evil.com',
    '127.0.0.2',
    '0.0.0.0',
    '[::]',
    '169.254.169.254',
    'localhost@evil.com',
    'evil.com#localhost',
    'localhost:x',
    'localhost, evil.com',
    '2130706433',
  ])('“%s” is refused everywhere, with identity or without', async (name) => {
    for (const path of PATHS) {
      for (const headers of [{}, bearer()]) {
        const { status, text } = await rawRequest(server.url, { path, headers: { host: name, ...headers } });
        expect([400, 403, 421], `${path} ${text}`).toContain(status);
        expect(text).not.toContain('ready');
      }
    }
    expect([400, 403, 421]).toContain(await upgradeStatus(server.url, '/ws/updates', { host: name, ...bearer() }));
  });

  test.each([
    'GET /api/me HTTP/1.1\r\n',
    'GET /api/me HTTP/1.1\r\nHost:\r\n',
    'GET /api/me HTTP/1.0\r\n',
    'GET /api/me HTTP/1.1\r\nHost: localhost\r\nHost: evil.com\r\n',
  ])('that is missing, empty or there twice is refused: %j', async (head) => {
    expect(await statusLine(`${head}Authorization: Bearer ${server.token}\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 4(00|03|21) /,
    );
  });

  test('an absolute address in the request line does not get round it', async () => {
    const answer = await rawRequest(server.url, {
      path: `http://localhost:${port()}/api/me`,
      headers: { host: 'evil.com', ...bearer() },
    });
    expect([400, 401, 403, 404, 421]).toContain(answer.status);
    const other = await rawRequest(server.url, {
      path: 'http://evil.com/api/me',
      headers: { host: `localhost:${port()}`, ...bearer() },
    });
    expect([200, 400, 401, 403, 404, 421]).toContain(other.status);
    expect(other.headers['location']).toBeUndefined();
  });

  test('a forwarded name is believed by nobody', async () => {
    const { status } = await rawRequest(server.url, {
      path: '/api/me',
      headers: { host: 'evil.com', 'x-forwarded-host': 'localhost', forwarded: 'host=localhost', ...bearer() },
    });
    expect(status).toBe(421);
  });
});

describe('the Origin header', () => {
  const FOREIGN = [
    'null',
    'https://evil.com',
    'http://localhost.evil.com',
    'https://localhost',
    'file://',
    'chrome-extension://abc',
    'not an origin',
    'http://127.0.0.1.evil.com:8001',
  ];

  test.each(FOREIGN)('%s is refused for every operation, also with a bearer', async (origin) => {
    for (const { method, path } of operations) {
      const answer = await rawRequest(server.url, {
        method,
        path: path.replaceAll(/\{\w+\}/g, NIL),
        headers: { origin, authorization: `Bearer ${server.token}` },
      });
      expect(answer.status, `${method} ${path}`).toBe(403);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' });
    }
    for (const path of ['/ws/updates', `/ws/terminals/${NIL}`])
      expect(await upgradeStatus(server.url, path, { origin, authorization: `Bearer ${server.token}` })).toBe(403);
  });

  test('a browser’s session opens a WebSocket only from our own pages, a program without any', async () => {
    const { cookie } = await signIn(server);
    const bearer = `Bearer ${server.token}`;
    const table: [Record<string, string>, number][] = [
      [{ cookie, origin: server.url }, 101],
      [{ cookie }, 403],
      [{ cookie, origin: 'null' }, 403],
      [{ cookie, origin: 'https://evil.com' }, 403],
      [{ authorization: bearer }, 101],
      [{ authorization: bearer, origin: server.url }, 101],
      [{ authorization: bearer, origin: 'https://evil.com' }, 403],
      [{ origin: server.url }, 401],
      [{ authorization: 'Bearer wrong', cookie, origin: server.url }, 401],
    ];
    for (const [headers, status] of table)
      expect(await upgradeStatus(server.url, '/ws/updates', headers), JSON.stringify(headers)).toBe(status);
  });

  test('a browser’s session changes something only from our own pages', async () => {
    const session = await signIn(server);
    for (const site of ['cross-site', 'same-site']) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        expect(
          (await session.request(method, '/api/agents', undefined, { 'sec-fetch-site': site })).status,
          `${method} ${site}`,
        ).toBeGreaterThanOrEqual(403);
      }
      expect((await session.request('PUT', '/api/state/a/b', { value: 1 }, { 'sec-fetch-site': site })).status).toBe(
        403,
      );
      expect((await session.request('POST', '/api/auth/logout', undefined, { 'sec-fetch-site': site })).status).toBe(
        403,
      );
      expect((await session.request('POST', '/api/auth/refresh', undefined, { 'sec-fetch-site': site })).status).toBe(
        403,
      );
    }
    expect((await session.request('PUT', '/api/state/a/b', { value: 1 })).status).toBe(200);
  });
});

describe('every answer', () => {
  test('carries the security headers and no CORS header, also errors and files', async () => {
    const requests: { method?: string; path: string; headers?: Record<string, string> }[] = [
      { path: '/' },
      { path: '/healthz' },
      { path: '/api/me' },
      { path: '/api/nothing' },
      { path: '/nothing.js' },
      { path: '/api/me', headers: { authorization: `Bearer ${server.token}` } },
      { path: '/api/docs', headers: { authorization: `Bearer ${server.token}` } },
      { path: '/metrics', headers: { authorization: `Bearer ${server.token}` } },
      { path: '/api/me', headers: { host: 'evil.com' } },
      { path: '/api/me', headers: { origin: 'https://evil.com', authorization: `Bearer ${server.token}` } },
      {
        method: 'OPTIONS',
        path: '/api/agents',
        headers: { origin: 'https://evil.com', 'access-control-request-method': 'POST' },
      },
      {
        method: 'POST',
        path: '/api/agents',
        headers: { authorization: `Bearer ${server.token}`, 'content-type': 'text/plain' },
      },
    ];
    for (const request of requests) {
      const { headers, status } = await rawRequest(server.url, request);
      const about = `${request.path} ${status}`;
      expect(
        Object.keys(headers).filter((name) => name.startsWith('access-control-')),
        about,
      ).toEqual([]);
      expect(headers['x-content-type-options'], about).toBe('nosniff');
      expect(headers['referrer-policy'], about).toBe('no-referrer');
      expect(headers['cross-origin-opener-policy'], about).toBe('same-origin');
      expect(headers['x-powered-by'] ?? headers['server'], about).toBeUndefined();
      const policy = new Map(
        String(headers['content-security-policy'])
          .split(';')
          .map((part) => [part.trim().split(' ', 1)[0], part.trim()]),
      );
      expect(policy.get('default-src'), about).toBe("default-src 'self'");
      expect(policy.get('script-src'), about).toBe("script-src 'self'");
      expect(policy.get('frame-ancestors'), about).toBe("frame-ancestors 'none'");
      expect(policy.get('object-src'), about).toBe("object-src 'none'");
      expect(policy.get('base-uri'), about).toBe("base-uri 'none'");
      if (request.path.startsWith('/api')) expect(headers['cache-control'], about).toBe('no-store');
    }
  });

  test('an error tells nothing of the inside', async () => {
    for (const path of [
      `/api/agents?cursor=${encodeURIComponent("' OR 1=1")}`,
      '/api/agents/%00',
      '/api/state/a/%ff',
      '/%',
      '/api/%E0%A4%A',
      '/api/executions?cursor=%00',
    ]) {
      const { status, text } = await rawRequest(server.url, {
        path,
        headers: { authorization: `Bearer ${server.token}` },
      });
      expect(status, path).toBeLessThan(500);
      expect(text).not.toMatch(/\bat .*\.ts|node_modules|select |postgres|syntax/i);
    }
  });
});

/** The first line that is answered to these very bytes. */
function statusLine(bytes: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes));
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('end', () => resolve(text.split('\r\n', 1)[0] ?? ''));
    socket.on('error', reject);
  });
}
