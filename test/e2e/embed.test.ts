/** Views in other people's pages: who may hold them, what they show, and that they give nothing else. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { openBrowser, openPage } from '../support/browser.ts';
import { accessibilityFaults, expectSound, keepPicture, settled } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
/** A page of somebody else: another origin than ours. */
let host: Server;
let parent: string;
let hosted = '';
let agentId: string;
let otherAgentId: string;
let executionId: string;

beforeAll(async () => {
  home = makeHome();
  database = await createTestDatabase();
  host = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(hosted));
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  parent = `http://localhost:${(host.address() as AddressInfo).port}`;
  [server, browser] = await Promise.all([
    startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } }),
    openBrowser(),
  ]);
  const add = async (name: string) => {
    const agent = { name, kind: 'shell', workspace: { path: home }, autostart: true };
    return (await server.request('POST', '/api/agents', agent)).body.id as string;
  };
  [agentId, otherAgentId] = await Promise.all([add('shown'), add('hidden')]);
  const document = { name: 'Shown', nodes: [{ id: 'gate', type: 'approval', config: { title: 'Go on?' } }] };
  executionId = (await server.request('POST', '/api/workflow/execute', { workflow: document })).body.id;
  for (const id of [agentId, otherAgentId])
    await until('the agents', async () => (await server.request('GET', `/api/agents/${id}`)).body.status === 'idle');
});

afterAll(async () => {
  await browser?.close();
  host.close();
  await removeHome(home);
  await database.drop();
});

const make = (body: Record<string, unknown>) => server.request('POST', '/api/embeds', { parents: [parent], ...body });
const show = (url: string) =>
  (hosted = `<!doctype html><title>Host</title><iframe title="view" width="900" height="560" src="${url}"></iframe>`);
const bearerOf = (url: string) => `pm_embed_${/\/embed\/([\w-]+)\./.exec(url)?.[1]}.${/#key=([\w-]+)$/.exec(url)?.[1]}`;

test('a terminal, an execution and the overview are live in the page that was named', async () => {
  const views = [
    { what: { show: 'agent', id: agentId }, text: 'shown', name: 'embed-agent' },
    { what: { show: 'execution', id: executionId }, text: 'Waiting', name: 'embed-execution' },
    { what: { show: 'overview' }, text: 'hidden', name: 'embed-overview' },
  ];
  for (const { what, text, name } of views) {
    const { body, status } = await make(what);
    expect(status).toBe(201);
    show(body.url);
    const { page, context, troubles } = await openPage(browser, { width: 960, height: 620, theme: 'light' });
    await page.goto(parent);
    const frame = page.frameLocator('iframe');
    await frame.getByText(text, { exact: true }).filter({ visible: true }).first().waitFor();
    if (name === 'embed-agent') {
      await server.request('POST', `/api/agents/${agentId}/tasks`, { prompt: 'echo seen-$((40+2))' });
      await frame.locator('.xterm-rows', { hasText: 'seen-42' }).waitFor();
      expect(await frame.getByRole('button', { name: /take the seat/i }).count()).toBe(0);
    }
    await settled(page);
    await keepPicture(page, name);
    expect(troubles).toEqual([]);
    await context.close();

    const alone = await openPage(browser, { width: 960, height: 620, theme: 'dark' });
    await alone.page.goto(body.url);
    await alone.page.getByText(text, { exact: true }).filter({ visible: true }).first().waitFor();
    await settled(alone.page);
    expect(await accessibilityFaults(alone.page)).toEqual([]);
    await alone.context.close();
  }
});

test('a page that was not named may not hold it, nor any other page of ours', async () => {
  const { body } = await make({ show: 'overview', parents: ['https://example.com'] });
  const policy = async (address: string) => {
    const { headers } = await fetch(address);
    return [
      /frame-ancestors [^;]*/.exec(headers.get('content-security-policy') ?? '')?.[0],
      headers.get('x-frame-options'),
    ];
  };
  expect(await policy(body.url)).toEqual(['frame-ancestors https://example.com', null]);
  expect(await policy(`${server.url}/`)).toEqual(["frame-ancestors 'none'", 'SAMEORIGIN']);
  // The names are signed: whoever changes them has no page.
  const [payload = '', proof = ''] = (/\/embed\/([^#]+)/.exec(body.url)?.[1] ?? '').split('.');
  const forged = JSON.parse(Buffer.from(payload, 'base64url').toString());
  forged.parents = [parent];
  const other = Buffer.from(JSON.stringify(forged)).toString('base64url');
  expect((await fetch(`${server.url}/embed/${other}.${proof}`)).status).toBe(404);

  show(body.url);
  const { page, context, troubles } = await openPage(browser, { width: 960, height: 620, theme: 'light' });
  await page.goto(parent);
  await until('the refusal', async () => troubles.some((trouble) => trouble.includes('frame-ancestors')));
  await context.close();
});

test('its token reads the one thing and nothing else, writes nothing, and ends', async () => {
  const { body } = await make({ show: 'agent', id: agentId });
  const token = bearerOf(body.url);
  const ask = async (method: string, address: string) =>
    (await fetch(`${server.url}${address}`, { method, headers: { authorization: `Bearer ${token}` } })).status;
  expect(await ask('GET', `/api/agents/${agentId}`)).toBe(200);
  for (const [method, address] of [
    ['GET', `/api/agents/${otherAgentId}`],
    ['GET', '/api/agents'],
    ['GET', `/api/executions/${executionId}`],
    ['GET', '/api/inbox'],
    ['GET', '/api/state/team'],
    ['GET', '/metrics'],
    ['POST', `/api/agents/${agentId}/tasks`],
    ['POST', `/api/agents/${agentId}/input`],
    ['POST', '/api/embeds'],
    ['GET', '/api/embeds'],
    ['DELETE', `/api/agents/${agentId}`],
  ] as const)
    expect(await ask(method, address), `${method} ${address}`).toBe(403);
  // The proof in the path is no proof for data, and a changed grant has none.
  const page = /\/embed\/([^#]+)/.exec(body.url)?.[1] ?? '';
  for (const wrong of [`pm_embed_${page}`, `${token}x`, token.replace(/\.[\w-]+$/, '')]) {
    const answer = await fetch(`${server.url}/api/agents/${agentId}`, {
      headers: { authorization: `Bearer ${wrong}` },
    });
    expect(answer.status).toBe(401);
  }

  const connect = (path: string, protocols: string[]) =>
    new Promise<WebSocket | number>((resolve) => {
      const socket = new WebSocket(server.url.replace('http', 'ws') + path, protocols, { origin: server.url });
      socket.on('open', () => resolve(socket));
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.on('error', () => undefined);
    });
  const mine = ['pointsman', `bearer.${token}`];
  expect(await connect(`/ws/terminals/${otherAgentId}`, mine)).toBe(403);
  expect(await connect('/ws/updates', ['pointsman', 'bearer.nothing'])).toBe(401);
  const updates = (await connect('/ws/updates', mine)) as WebSocket;
  expect(updates.protocol).toBe('pointsman');
  const answers: { type: string; topic: string; code?: string }[] = [];
  updates.on('message', (data: Buffer) => answers.push(JSON.parse(data.toString())));
  for (const topic of [`agent:${agentId}`, `agent:${otherAgentId}`, 'agents', 'inbox', 'state:team', 'system'])
    updates.send(JSON.stringify({ type: 'subscribe', topic }));
  await until('all answers', async () => answers.length >= 6);
  expect(answers.filter(({ type }) => type !== 'error').map(({ topic }) => topic)).toEqual([`agent:${agentId}`]);
  expect(new Set(answers.filter(({ type }) => type === 'error').map(({ code }) => code))).toEqual(
    new Set(['FORBIDDEN']),
  );
  updates.close();
});

test('it ends with its time, and with the token that made it', async () => {
  const short = bearerOf((await make({ show: 'overview', expiresIn: 'PT1S' })).body.url);
  const status = async (token: string) =>
    (await fetch(`${server.url}/api/agents`, { headers: { authorization: `Bearer ${token}` } })).status;
  expect(await status(short)).toBe(200);
  await until('its end', async () => (await status(short)) === 401);

  const { body: maker } = await server.request('POST', '/api/tokens', { name: 'streamlit', role: 'operator' });
  const made = await server.request(
    'POST',
    '/api/embeds',
    { show: 'overview', parents: [parent] },
    {
      authorization: `Bearer ${maker.token}`,
    },
  );
  const view = bearerOf(made.body.url);
  expect(await status(view)).toBe(200);
  await server.request('DELETE', `/api/tokens/${maker.id}`);
  expect(await status(view)).toBe(401);
});

test('a revoked one stops at once, also where it is open, and the others go on', async () => {
  const [{ body: ends }, { body: stays }] = await Promise.all([make({ show: 'overview' }), make({ show: 'overview' })]);
  const { page, context } = await openPage(browser, { width: 960, height: 620, theme: 'light' });
  show(ends.url);
  await page.goto(parent);
  const frame = page.frameLocator('iframe');
  await frame.getByText('hidden', { exact: true }).filter({ visible: true }).first().waitFor();
  const sockets = await Promise.all(
    [ends, stays].map(({ url }) => {
      const socket = new WebSocket(
        `${server.url.replace('http', 'ws')}/ws/updates`,
        ['pointsman', `bearer.${bearerOf(url)}`],
        { origin: server.url },
      );
      const closed = new Promise<number>((resolve) => socket.on('close', resolve));
      return new Promise<{ socket: WebSocket; closed: Promise<number> }>((resolve, reject) =>
        socket.on('open', () => resolve({ socket, closed })).on('error', reject),
      );
    }),
  );
  const status = async ({ url }: { url: string }) =>
    (await fetch(`${server.url}/api/agents`, { headers: { authorization: `Bearer ${bearerOf(url)}` } })).status;

  expect((await server.request('DELETE', `/api/embeds/${ends.id}`)).status).toBe(204);
  expect(await status(ends)).toBe(401);
  expect(await sockets[0]?.closed).toBe(4401);
  await frame.getByText('This view has ended').waitFor();
  expect(await status(stays)).toBe(200);
  expect(sockets[1]?.socket.readyState).toBe(WebSocket.OPEN);
  expect((await server.request('DELETE', `/api/embeds/${ends.id}`)).status).toBe(404);
  const { body: audit } = await server.request('GET', `/api/audit?subject=${ends.id}`);
  expect(audit).toMatchObject([
    { action: 'embed.revoke', subject: ends.id },
    { action: 'embed.create', detail: { show: 'overview', parents: [parent], expiresAt: ends.expiresAt } },
  ]);
  sockets[1]?.socket.close();
  await context.close();
});

test('the list tells what works, of others to administrators only, who alone end theirs', async () => {
  const makerOf = async (name: string) =>
    (await server.request('POST', '/api/tokens', { name, role: 'operator' })).body;
  const [ada, bob] = [await makerOf('ada'), await makerOf('bob')];
  const as = ({ token }: { token: string }, method: string, address: string, body?: object) =>
    server.request(method, address, body, { authorization: `Bearer ${token}` });
  const { body: own } = await as(ada, 'POST', '/api/embeds', { show: 'agent', id: agentId, parents: [parent] });
  const { body: short } = await as(ada, 'POST', '/api/embeds', {
    show: 'overview',
    parents: [parent],
    expiresIn: 'PT1S',
  });
  const idsFor = async (who: { token: string }) =>
    (await as(who, 'GET', '/api/embeds')).body.map(({ id }: { id: string }) => id) as string[];
  await until('the end of the short one', async () => !(await idsFor(ada)).includes(short.id));

  const listed = { id: own.id, show: 'agent', subjectId: agentId, subjectName: 'shown', createdBy: 'ada' };
  expect((await as(ada, 'GET', '/api/embeds')).body).toMatchObject([
    { ...listed, parents: [parent], lastUsedAt: null },
  ]);
  await fetch(`${server.url}/api/agents/${agentId}`, { headers: { authorization: `Bearer ${bearerOf(own.url)}` } });
  expect((await as(ada, 'GET', '/api/embeds')).body[0].lastUsedAt).not.toBeNull();
  expect(await idsFor(bob)).toEqual([]);
  expect(await idsFor(server)).toContain(own.id);
  // No list tells an address.
  expect(JSON.stringify((await server.request('GET', '/api/embeds')).body)).not.toContain('key');
  expect((await as(bob, 'DELETE', `/api/embeds/${own.id}`)).status).toBe(404);
  expect(await idsFor(ada)).toEqual([own.id]);
  expect((await as(ada, 'DELETE', `/api/embeds/${own.id}`)).status).toBe(204);
  expect(await idsFor(ada)).toEqual([]);

  // With the token that made it, it is over, and is not told as if it were not.
  const { body: last } = await as(bob, 'POST', '/api/embeds', { show: 'overview', parents: [parent] });
  expect(await idsFor(server)).toContain(last.id);
  await server.request('DELETE', `/api/tokens/${bob.id}`);
  expect(await idsFor(server)).not.toContain(last.id);
});

test('in the settings a view is found and revoked', async () => {
  await make({ show: 'execution', id: executionId, parents: [parent, 'https://status.example.com'] });
  await make({ show: 'agent', id: agentId });
  const first = await openPage(browser, { width: 1440, height: 900, theme: 'light' });
  await first.page.goto(server.signInLink);
  await first.page.getByRole('heading', { level: 1, name: 'Overview', exact: true }).waitFor();
  const storage = await first.context.storageState();
  await first.context.close();
  for (const [width, theme] of [
    [390, 'light'],
    [390, 'dark'],
    [1440, 'dark'],
    [1440, 'light'],
  ] as const) {
    const height = width === 390 ? 844 : 1400;
    const { page, context, troubles } = await openPage(browser, { width, height, theme, storage });
    await page.goto(`${server.url}/settings`);
    const row = page.getByRole('listitem').filter({ hasText: 'https://status.example.com' });
    await row.getByText('Execution Shown').waitFor();
    await row.scrollIntoViewIfNeeded();
    await expectSound(page, `embeds-${width}-${theme}`);
    if (theme === 'light' && width === 1440) {
      await row.getByRole('button', { name: 'Revoke the view of Shown', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
      await page.getByText('The view of Shown has ended').waitFor();
      await row.waitFor({ state: 'detached' });
    }
    expect(troubles).toEqual([]);
    await context.close();
  }
});

test('what cannot be shown, or nowhere, is refused with its place', async () => {
  const at = async (body: Record<string, unknown>) => {
    const answer = await make(body);
    return [answer.status, answer.body.problems?.[0]?.path ?? answer.body.code];
  };
  expect(await at({ show: 'agent', id: executionId })).toEqual([404, 'AGENT_NOT_FOUND']);
  expect(await at({ show: 'execution', id: agentId })).toEqual([404, 'EXECUTION_NOT_FOUND']);
  for (const bad of [
    '*',
    'https://*.example.com',
    'https://example.com/path',
    'javascript:alert(1)',
    'https://a b',
    'https://x;script-src',
  ])
    expect(await at({ show: 'overview', parents: [bad] }), bad).toEqual([422, '/parents/0']);
  expect(await at({ show: 'overview', parents: [] })).toEqual([422, '/parents']);
  expect(await at({ show: 'overview', expiresIn: 'P2D' })).toEqual([422, '/expiresIn']);
});
