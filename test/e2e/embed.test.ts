/** Views in other people's pages: who may hold them, what they show, and that they give nothing else. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { openBrowser, openPage } from '../support/browser.ts';
import { accessibilityFaults, keepPicture, settled } from '../support/page-checks.ts';
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
    await frame.getByText(text, { exact: true }).first().waitFor();
    if (name === 'embed-agent') {
      await server.request('POST', `/api/agents/${agentId}/tasks`, { prompt: 'echo seen-$((40+2))' });
      await frame.locator('.xterm-rows', { hasText: 'seen-42' }).waitFor();
      expect(await frame.getByRole('button', { name: 'Take the seat' }).count()).toBe(0);
    }
    await settled(page);
    await keepPicture(page, name);
    expect(troubles).toEqual([]);
    await context.close();

    const alone = await openPage(browser, { width: 960, height: 620, theme: 'dark' });
    await alone.page.goto(body.url);
    await alone.page.getByText(text, { exact: true }).first().waitFor();
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
