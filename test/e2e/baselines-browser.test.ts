/** Every main page as it was looked at and found good, against as it is now: desktop and phone, light and dark. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Agent, AgentLoad } from '../../src/contract/agents.ts';
import type { Execution } from '../../src/contract/executions.ts';
import { difference, forgetDifferences, incomparable } from '../support/baselines.ts';
import { openBrowser } from '../support/browser.ts';
import { openItem } from '../support/inbox.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { runCommand, shellAgent, untilAgent } from '../support/shell-agents.ts';
import { signIn } from '../support/sign-in.ts';

const RELEASE = {
  name: 'Release',
  description: 'Builds, tests and releases the storefront once a person has agreed.',
  inputs: { version: { type: 'string', default: '2.4.0' } },
  nodes: [
    { id: 'build', type: 'shell', config: { command: 'echo compiled 214 files; echo bundle ready' } },
    { id: 'test', type: 'shell', config: { command: 'echo 31 passed' } },
    {
      id: 'approve',
      type: 'approval',
      config: { title: 'Release {{ inputs.version }}?', body: 'All checks are green.' },
    },
    { id: 'deploy', type: 'shell', config: { command: ['echo', 'deployed {{ inputs.version }}'] } },
  ],
  edges: [
    { from: 'build', to: 'test' },
    { from: 'test', to: 'approve' },
    { from: 'approve', to: 'deploy' },
  ],
  outputs: { released: 'inputs.version' },
};
const NIGHTLY = {
  name: 'Nightly check',
  nodes: [{ id: 'audit', type: 'shell', config: { command: 'echo 2 advisories >&2; exit 3' } }],
};

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let reason: string | null = null;
const addresses = new Map<string, string>();

beforeAll(async () => {
  forgetDifferences();
  browser = await openBrowser();
  reason = await incomparable(browser);
  if (reason !== null) return;
  home = makeHome();
  database = await createTestDatabase();
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  await seed();
});

afterAll(async () => {
  await browser?.close();
  await server?.kill('SIGTERM');
  if (home) await removeHome(home);
  await database?.drop();
});

/** The same each time, one after the other where their order is seen. */
async function seed(): Promise<void> {
  const workspace = path.join(home, 'shop');
  mkdirSync(workspace);
  const options = { role: 'backend', workspace: { path: workspace } };
  const api = await shellAgent(server, 'api', options);
  await runCommand(server, api.id, 'echo listening on 8001');
  await untilAgent(server, api.id, 'idle');
  await shellAgent(server, 'docs', { ...options, role: 'writing' });
  const web = await server.request<Agent>('POST', '/api/agents', { name: 'web', kind: 'shell', ...options });
  expect(web.status, JSON.stringify(web.body)).toBe(201);
  await untilAgent(server, web.body.id, 'stopped');

  // From then on the pages have amounts to show.
  await until('a sample of each agent', async () => {
    const { body } = await server.request<AgentLoad[]>('GET', '/api/agents/load');
    return body.filter(({ cpu }) => cpu.length > 0).length >= 2;
  });

  const saved = await server.request('POST', '/api/workflows', RELEASE);
  const nightly = await server.request('POST', '/api/workflows', NIGHTLY);
  expect([saved.status, nightly.status], JSON.stringify([saved.body, nightly.body])).toEqual([201, 201]);
  const run = async (id: string) => (await server.request<Execution>('POST', `/api/workflows/${id}/execute`)).body;
  const failed = await run(nightly.body.id);
  await until('the failure', async () => (await executionOf(failed.id)).status === 'failed');
  const done = await run(saved.body.id);
  const asked = await openItem(server, ({ executionId }) => executionId === done.id);
  await server.request('POST', `/api/inbox/${asked.id}/resolve`, { decision: 'approve', hash: asked.hash });
  await until('the release', async () => (await executionOf(done.id)).status === 'succeeded');
  const waiting = await run(saved.body.id);
  await openItem(server, ({ executionId }) => executionId === waiting.id);
  await server.request('POST', '/api/users', { name: 'mona', role: 'viewer', password: 'a long enough password' });

  const panel = (kind: string, of?: string, name?: string) => ({ panels: [{ kind, of, name }], shown: 0 });
  const parts = [
    { share: 0.6, node: panel('terminal', api.id, 'api') },
    { share: 0.4, node: panel('inbox') },
  ];
  const session = await signIn(server);
  await session.request('PUT', '/api/me/preferences/desks', {
    value: { version: 1, desks: [{ id: '1', name: 'Mine', layout: { across: 'row', parts } }] },
  });

  for (const [name, address] of [
    ['overview', '/'],
    ['desk', '/desk'],
    ['wall', '/wall'],
    ['inbox', '/inbox'],
    ['agent', `/agents/${api.id}`],
    ['new-agent', '/agents/new'],
    ['workflows', '/workflows'],
    ['workflow', `/workflows/${saved.body.id}`],
    ['builder', `/workflows/${saved.body.id}/edit`],
    ['executions', '/executions'],
    ['execution', `/executions/${waiting.id}`],
    ['comparison', `/executions/${done.id}/compare/${waiting.id}`],
    ['incidents', '/incidents'],
    ['usage', '/usage'],
    ['settings', '/settings'],
    ['definitions', '/settings/definitions'],
    ['people', '/settings/administration?tab=people'],
    ['retention', '/settings/administration?tab=retention'],
  ] as const)
    addresses.set(name, address);
}

const executionOf = async (id: string): Promise<Execution> =>
  (await server.request('GET', `/api/executions/${id}`)).body;

/** What is installed here, and in which version, is no matter of how the page looks. */
const DOCTOR = [
  { check: 'database', status: 'ok', detail: 'PostgreSQL 18.4' },
  { check: 'tmux', status: 'ok', detail: 'tmux 3.5' },
];

async function signedIn(width: number, theme: 'light' | 'dark'): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext({
    viewport: { width, height: width === 390 ? 844 : 900 },
    colorScheme: theme,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: 'en-US',
    bypassCSP: true, // what is not compared is hidden with a style
  });
  const { cookie } = await signIn(server);
  await context.addCookies(
    cookie.split('; ').map((pair) => {
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      return { name, value, url: server.url };
    }),
  );
  const page = await context.newPage();
  await page.route('**/api/doctor', (route) => route.fulfill({ json: DOCTOR }));
  return { page, context };
}

/** Where most of what is drawn is in colours of its own; the others are seen dark on the phone. */
const DARK_ON_A_DESK: readonly string[] = ['agent', 'builder', 'execution', 'inbox', 'overview', 'wall'];

test.for([
  { width: 1440, theme: 'light', pages: null },
  { width: 1440, theme: 'dark', pages: DARK_ON_A_DESK },
  { width: 390, theme: 'dark', pages: null },
] as const)(
  'every page looks as it did, at $width px and $theme',
  { timeout: 300_000 },
  async ({ width, theme, pages }, { skip }) => {
    if (reason !== null) skip(reason);
    const { page, context } = await signedIn(width, theme);
    const different: string[] = [];
    for (const [name, address] of addresses) {
      if (pages !== null && !pages.includes(name)) continue;
      await page.goto(server.url + address);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      const found = await difference(page, `${name}-${width}-${theme}`);
      if (found !== null) different.push(found);
    }
    expect(different).toEqual([]);
    await context.close();
  },
);
