/** The desk in a real browser: laid out by keyboard and by mouse, kept for one person, and used with real terminals. */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import type { Execution } from '../../src/contract/executions.ts';
import type { Preference } from '../../src/contract/preferences.ts';
import { openBrowser, openPage } from '../support/browser.ts';
import { openItem } from '../support/inbox.ts';
import { expectSound, pictures } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { giveTask, shellAgent } from '../support/shell-agents.ts';
import { type BrowserSession, signIn } from '../support/sign-in.ts';

type Storage = Awaited<ReturnType<BrowserContext['storageState']>>;

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let own: Storage;
/** The same person as in the browser, asking by themselves. */
let session: BrowserSession;
const agents = new Map<string, Agent>();

beforeAll(async () => {
  home = pictures ? path.join(tmpdir(), 'pointsman-desk') : makeHome(); // a path that looks well in a picture
  const workspace = path.join(home, 'shop');
  mkdirSync(workspace, { recursive: true });
  [database, browser] = await Promise.all([createTestDatabase(), openBrowser()]);
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  await Promise.all(
    ['api', 'docs', 'web'].map(async (name) =>
      agents.set(name, await shellAgent(server, name, { role: 'backend', workspace: { path: workspace } })),
    ),
  );
  await giveTask(server, idOf('api'), 'echo listening on 8001; sleep 600');
  const { page, context } = await openPage(browser, { width: 1440, height: 900, theme: 'light' });
  await page.goto(server.signInLink);
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
  own = await context.storageState();
  session = await signIn(server);
  await context.close();
});

afterAll(async () => {
  await browser?.close();
  await server?.kill('SIGTERM');
  await removeHome(home);
  await database.drop();
});

const idOf = (name: string): string => agents.get(name)?.id ?? '';

async function opened(address: string, { width = 1440, theme = 'light' as 'light' | 'dark', storage = own } = {}) {
  const made = await openPage(browser, { width, height: width === 390 ? 844 : 900, theme, storage });
  await made.page.goto(server.url + address);
  await made.page.getByRole('heading', { level: 1 }).first().waitFor();
  return made;
}

async function inBothThemes(page: Page, name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.locator(`:root[data-theme=${theme}]`).waitFor();
    await expectSound(page, `${name}-${theme}`);
  }
}

const title = (page: Page, name: RegExp | string) => page.getByRole('tab', { name });
/** Where the titles stand, from left to right and from top to bottom. */
const places = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('[role=tab]')]
      .map((tab) => ({ name: tab.getAttribute('aria-label') ?? '', box: tab.getBoundingClientRect() }))
      .map(({ name, box }) => ({ name, x: Math.round(box.x), y: Math.round(box.y) })),
  );
const placeOf = async (page: Page, name: string) =>
  (await places(page)).find((place) => place.name.includes(name)) ?? { x: Number.NaN, y: Number.NaN };
const kept = async (): Promise<Preference> => (await session.request('GET', '/api/me/preferences/desks')).body;

/** An execution that has printed something and waits for a person. */
async function ask(question: string): Promise<Execution> {
  const accepted = await server.request<Execution>('POST', '/api/workflow/execute', {
    workflow: {
      name: 'Release check',
      nodes: [
        { id: 'build', type: 'shell', config: { command: 'echo built the storefront' } },
        { id: 'approve', type: 'approval', config: { title: question, body: 'All checks are green.' } },
        { id: 'publish', type: 'shell', config: { command: 'echo published' } },
      ],
      edges: [
        { from: 'build', to: 'approve' },
        { from: 'approve', to: 'publish' },
      ],
    },
  });
  expect(accepted.status, JSON.stringify(accepted.body)).toBe(202);
  await openItem(server, ({ title: asked }) => asked === question);
  return accepted.body;
}

const seatOf = async (name: string): Promise<Agent['seat']> =>
  (await server.request<Agent>('GET', `/api/agents/${idOf(name)}`)).body.seat ?? null;

async function addPanel(page: Page, words: string): Promise<void> {
  await page.keyboard.press('n');
  await page.getByRole('combobox', { name: 'Search', exact: true }).waitFor();
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Agents whose terminal this page is attached to. */
function attached(page: Page): Set<string> {
  const open = new Set<string>();
  page.on('websocket', (socket) => {
    const of = [...agents.values()].find(({ id }) => socket.url().endsWith(`/ws/terminals/${id}`))?.name;
    if (!of) return;
    open.add(of);
    socket.on('close', () => open.delete(of));
  });
  return open;
}
const untilAttached = (open: ReadonlySet<string>, names: string) =>
  until(`the terminals of ${names}`, async () => [...open].toSorted((a, b) => a.localeCompare(b)).join(' ') === names);
const untilFocused = (page: Page, name: string) =>
  until(`the focus at ${name}`, async () =>
    (await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')).includes(name),
  );
/** A border is a share of the desk, so it may be drawn a pixel beside where it was dropped. */
const untilLaidOut = (page: Page, wanted: Awaited<ReturnType<typeof places>>) =>
  until(`the desk ${JSON.stringify(wanted)}`, async () => {
    const seen = await places(page);
    return (
      seen.length === wanted.length &&
      wanted.every(({ name, x, y }) =>
        seen.some((place) => place.name === name && Math.abs(place.x - x) <= 2 && Math.abs(place.y - y) <= 2),
      )
    );
  });
const untilKept = (what: string, fits: (stored: string) => boolean) =>
  until(what, async () => fits(JSON.stringify((await kept()).value)));

test('a desk is proposed, laid out by keyboard and by mouse, and there again after a reload and elsewhere', async () => {
  await ask('Release the storefront?');
  const { page, context, troubles } = await opened('/');
  const terminals = attached(page);
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.getByRole('heading', { name: 'Lay out what you watch', exact: true }).waitFor();
  await expectSound(page, 'desk-empty-1440-light');
  await page.getByRole('button', { name: 'Begin with this', exact: true }).click();
  await title(page, 'api, Working, terminal').waitFor();
  await page.getByText('listening on 8001').filter({ visible: true }).first().waitFor();
  await title(page, 'Inbox, 1 open').waitFor();
  await title(page, 'Executions, 1 active').waitFor();
  await untilAttached(terminals, 'api docs web');
  await inBothThemes(page, 'desk-1440');

  // Through the panels, with a status read out for each; then the seat, and out of the terminal again.
  await page.keyboard.press(']');
  await untilFocused(page, 'docs, Idle, terminal');
  await page.keyboard.press('[');
  await untilFocused(page, 'api, Working, terminal');
  await page.keyboard.press('s');
  await page.getByText('You hold the seat').waitFor();
  await page.keyboard.type('n]');
  expect(await page.getByRole('dialog').count()).toBe(0);
  for (const _ of 'n]') await page.keyboard.press('Backspace');
  await page.keyboard.press('Shift+Escape');
  await page.keyboard.press('F6');
  await untilFocused(page, 'docs');

  // One beside the others, then as a tab behind another: what is behind is not attached.
  const before = await placeOf(page, 'docs');
  await page.keyboard.press('m');
  await page.keyboard.press('l');
  await until('docs at the left', async () => (await placeOf(page, 'docs')).x < before.x);
  await untilFocused(page, 'docs');
  await page.keyboard.press('m');
  await page.keyboard.press('t');
  await until(
    'docs among the tabs of api',
    async () => (await placeOf(page, 'docs')).y === (await placeOf(page, 'api')).y,
  );
  // Unless its seat is held: that is kept, and said in its title, until it is given up.
  await title(page, 'api, Working, terminal, you hold the seat').waitFor();
  await untilAttached(terminals, 'api docs web');
  expect(await seatOf('api')).toMatchObject({ by: 'admin' });
  await title(page, /^api/).click();
  await page.getByText('You hold the seat').waitFor();
  await page.getByRole('button', { name: 'Give it up', exact: true }).click();
  await title(page, 'api, Working, terminal').waitFor();
  await title(page, /^docs/).click();
  await untilAttached(terminals, 'docs web');
  await page.keyboard.press('z');
  await untilAttached(terminals, 'docs');
  await page.keyboard.press('Escape');
  await untilAttached(terminals, 'docs web');

  // By mouse: out of the tabs, below the others.
  await title(page, /^api/).dragTo(page.getByRole('region', { name: 'Terminal of web', exact: true }), {
    targetPosition: { x: 120, y: 240 },
  });
  await until(
    'api in a group of its own',
    async () => (await placeOf(page, 'api')).y !== (await placeOf(page, 'docs')).y,
  );
  await untilAttached(terminals, 'api docs web');

  // The log of what runs, from its own page; the panel says whose it is.
  await addPanel(page, 'release check log');
  await title(page, 'Release check, Waiting, log').waitFor();
  await page.getByText('built the storefront').waitFor();
  await expectSound(page, 'desk-moved-1440-dark');
  await untilKept('the log on the desk', (stored) => stored.includes('"log"'));

  const laidOut = await places(page);
  await page.reload();
  await title(page, 'Release check, Waiting, log').waitFor();
  await untilLaidOut(page, laidOut);
  const elsewhere = await opened('/desk', { theme: 'dark' });
  await title(elsewhere.page, 'Release check, Waiting, log').waitFor();
  await untilLaidOut(elsewhere.page, laidOut);

  // Both change it: nobody's change is lost without a word.
  await elsewhere.page.getByRole('button', { name: /^Close Executions/ }).click();
  await title(elsewhere.page, /^Executions/).waitFor({ state: 'detached' });
  await untilKept('the change from elsewhere', (stored) => !stored.includes('"executions"'));
  await page.getByRole('button', { name: /^Close Inbox/ }).click();
  await page.getByText('was changed in another tab or browser too').waitFor();
  await page.getByRole('button', { name: 'Take that one', exact: true }).click();
  await title(page, /^Executions/).waitFor({ state: 'detached' });
  await title(page, /^Inbox/).waitFor();
  expect(elsewhere.troubles).toEqual([]);
  await elsewhere.context.close();
  expect(troubles.filter((trouble) => !trouble.includes('412'))).toEqual([]);
  await context.close();
});

test('what waits is answered on the desk, and what is gone says so and is removed', async () => {
  const { page, context, troubles } = await opened('/desk');
  await title(page, 'Inbox, 1 open').click();
  await page.getByRole('heading', { name: 'Release the storefront?', exact: true }).waitFor();
  await page.keyboard.press('a');
  await title(page, 'Inbox, nothing waits').waitFor();
  await title(page, 'Release check, Succeeded, log').waitFor();

  expect((await server.request('DELETE', `/api/agents/${idOf('web')}`)).status).toBeLessThan(300);
  await title(page, 'web, Gone, terminal').waitFor();
  await page.getByText('web is not there any more').waitFor();
  await expectSound(page, 'desk-gone-1440-light');
  await page.getByRole('button', { name: 'Remove this panel', exact: true }).click();
  await title(page, /^web/).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await title(page, /^web/).waitFor();
  await page.getByRole('button', { name: 'Remove this panel', exact: true }).click();
  await title(page, /^web/).waitFor({ state: 'detached' });

  // From an agent's page, and several from the overview.
  await page.goto(`${server.url}/agents/${idOf('docs')}?tab=conversation`);
  await page.getByRole('button', { name: 'Open on the desk', exact: true }).click();
  await title(page, 'docs, Idle, conversation').waitFor();
  expect(new URL(page.url()).searchParams.has('add')).toBe(false);
  expect(troubles).toEqual([]);
  await context.close();
});

test('desks have names: saved as another, renamed, deleted and back; nobody else sees them', async () => {
  const { page, context, troubles } = await opened('/desk');
  await title(page, /^api/).waitFor();
  await page.getByRole('button', { name: 'Desk', exact: true }).click();
  await page.getByLabel('Name of another desk').fill('Night');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Night', exact: true }).click();
  await page.getByRole('button', { name: 'Rename Night', exact: true }).click();
  await page.getByLabel('New name of Night').fill('Late shift');
  await page.keyboard.press('Enter');
  await expectSound(page, 'desk-names-1440-light');
  await page.getByRole('button', { name: 'Delete Late shift', exact: true }).click();
  await page.getByText('The desk Late shift is deleted').waitFor();
  await untilKept('one desk', (stored) => !stored.includes('Late shift'));
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await page.getByRole('button', { name: 'Late shift', exact: true }).waitFor();
  await untilKept('two desks', (stored) => stored.includes('Late shift'));
  expect(troubles).toEqual([]);
  await context.close();

  const password = 'a long enough password';
  await server.request('POST', '/api/users', { name: 'mona', role: 'viewer', password });
  const stranger = await openPage(browser, { width: 1440, height: 900, theme: 'light' });
  await stranger.context.request.post(`${server.url}/api/auth/login`, {
    data: { name: 'mona', password },
    headers: { origin: server.url },
  });
  await stranger.page.goto(`${server.url}/desk`);
  await stranger.page.getByRole('heading', { name: 'Lay out what you watch', exact: true }).waitFor();
  await stranger.page.getByRole('button', { name: 'Begin with this', exact: true }).click();
  await title(stranger.page, /^api/).waitFor();
  // Whoever may only look has no seat to take.
  expect(await stranger.page.getByRole('button', { name: /take the seat/i }).count()).toBe(0);
  expect(stranger.troubles).toEqual([]);
  await stranger.context.close();
});

test('on a phone there is one panel at a time, and nothing scrolls sideways', async () => {
  const { page, context, troubles } = await opened('/desk', { width: 390 });
  await title(page, /^api/).click();
  await page.getByText('listening on 8001').filter({ visible: true }).first().waitFor();
  expect(await page.getByRole('tabpanel').count()).toBe(1);
  await inBothThemes(page, 'desk-390');
  await title(page, /^Inbox/).click();
  await page.getByText('Nothing waits for you').waitFor();
  expect(troubles).toEqual([]);
  await context.close();
});

test('a desk that was damaged is laid out as far as it can be read, with a word', async () => {
  const group = (...panels: object[]) => ({ panels, shown: 0 });
  const parts = [
    { share: 0.5, node: group({ kind: 'hologram', of: '1', name: 'api' }) },
    { share: 0.5, node: group({ kind: 'inbox' }) },
    { share: 0.5, node: 'torn' },
  ];
  const desks = [{ id: '1', name: 'Old', layout: { across: 'row', parts } }];
  await session.request('PUT', '/api/me/preferences/desks', { value: { version: 1, desks } });
  const { page, context, troubles } = await opened('/desk');
  await page.getByText('A part of the desk Old could not be read and was left out.').waitFor();
  await page.getByText('This version does not know what lies here').waitFor();
  await title(page, /^Inbox/).waitFor();
  await expectSound(page, 'desk-damaged-1440-light');
  expect(troubles).toEqual([]);
  await context.close();
});

test('a seat is kept behind another tab, and given up with its panel or the page', async () => {
  const panels = ['api', 'docs'].map((name) => ({ kind: 'terminal', of: idOf(name), name }));
  const layout = { panels, shown: 0 };
  await session.request('PUT', '/api/me/preferences/desks', {
    value: { version: 1, desks: [{ id: '1', name: 'One', layout }] },
  });
  for (const width of [1440, 390]) {
    const { page, context, troubles } = await opened('/desk', { width });
    const terminals = attached(page);
    const takeSeat = async (name: string) => {
      await title(page, new RegExp(`^${name}`)).click();
      const terminal = page.getByRole('region', { name: `Terminal of ${name}`, exact: true });
      await terminal.getByRole('button', { name: 'Take the seat', exact: true }).click();
      await terminal.getByText('You hold the seat').waitFor();
    };
    await takeSeat('docs');
    await title(page, /^api/).click();
    await page.getByRole('region', { name: 'Terminal of api', exact: true }).waitFor();
    await untilAttached(terminals, 'api docs');
    expect(await seatOf('docs')).toMatchObject({ by: 'admin' });
    // Back in front it is the same terminal: typed into at once, and it shows what comes of it.
    await title(page, /^docs/).click();
    await page.locator('[data-terminal=typing] .xterm-helper-textarea').focus();
    await page.keyboard.type(`echo kept-$((${width} + 1))\n`);
    await page
      .getByText(`kept-${width + 1}`)
      .first()
      .waitFor();
    await page.keyboard.press('Shift+Escape');
    await expectSound(page, `desk-seat-${width}-light`);

    await title(page, /^api/).click();
    await takeSeat('api');
    await page.getByRole('button', { name: /^Close api/ }).click();
    await until('the seat of api to be free', async () => (await seatOf('api')) === null);
    expect(await seatOf('docs')).toMatchObject({ by: 'admin' });
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await title(page, /^api/).waitFor();
    await page
      .getByRole('link', { name: /^Inbox/ })
      .first()
      .click();
    await until('the seat of docs to be free', async () => (await seatOf('docs')) === null);
    await until('no terminal', async () => terminals.size === 0);
    expect(troubles).toEqual([]);
    await context.close();
  }
});
