/** Many agents in a real browser: looked at, added, chosen and acted upon, and their terminals on a wall. */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent, AgentLoad } from '../../src/contract/agents.ts';
import { openBrowser, openPage, slowDown } from '../support/browser.ts';
import { expectSound, keepPicture, pictures, settled } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { giveTask, untilAgent } from '../support/shell-agents.ts';

/** Running ones, and rows that were never started. */
const RUNNING = ['api', 'docs', 'web'];
const RESTING = [
  ['billing', 'backend'],
  ['mobile', 'frontend'],
  ['search', 'backend'],
  ['translations', 'writer'],
] as const;

let home: string;
let workspace: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let storage: Awaited<ReturnType<BrowserContext['storageState']>>;
const ids = new Map<string, string>();

beforeAll(async () => {
  home = pictures ? path.join(tmpdir(), 'pointsman-overview') : makeHome(); // a path that looks well in a picture
  workspace = path.join(home, 'shop');
  mkdirSync(workspace, { recursive: true });
  [database, browser] = await Promise.all([createTestDatabase(), openBrowser()]);
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  const { page, context } = await openPage(browser, { width: 1280, height: 800, theme: 'light' });
  await page.goto(server.signInLink);
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
  storage = await context.storageState();
  await context.close();
});

afterAll(async () => {
  await browser?.close();
  await server?.kill('SIGTERM');
  await removeHome(home);
  await database.drop();
});

const idOf = (name: string): string => ids.get(name) ?? '';
const statusOf = async (name: string): Promise<string> =>
  (await server.request<Agent>('GET', `/api/agents/${idOf(name)}`)).body.status;

async function signedIn(address: string, width = 1280, theme: 'light' | 'dark' = 'light') {
  const opened = await openPage(browser, { width, height: width === 390 ? 844 : 800, theme, storage });
  await opened.page.goto(server.url + address);
  await opened.page.getByRole('heading', { level: 1 }).first().waitFor();
  return opened;
}

async function inBothThemes(page: Page, name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.locator(`:root[data-theme=${theme}]`).waitFor();
    await expectSound(page, `${name}-${theme}`);
  }
}

const row = (page: Page, name: string) => page.locator('.ag-row', { has: page.getByText(name, { exact: true }) });
/** Names in the order in which they stand on the page. */
const names = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.ag-row')]
      .toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
      .map((each) => each.querySelector('b')?.textContent ?? ''),
  );
const inOrder = (page: Page, wanted: string[]) =>
  until(`the order ${wanted.join(' ')}`, async () => (await names(page)).join() === wanted.join());

test('without agents the overview leads to the page that adds one', async () => {
  const { page, context, troubles } = await signedIn('/');
  await page.getByText('No agents yet').waitFor();
  await expectSound(page, 'overview-empty-1280-light');
  await page
    .locator('section', { hasText: 'No agents yet' })
    .getByRole('button', { name: 'Add an agent', exact: true })
    .click();
  await page.getByRole('heading', { name: 'Add an agent', exact: true }).waitFor();
  expect(troubles).toEqual([]);
  await context.close();
});

describe('many agents in the browser', () => {
  beforeAll(async () => {
    const create = async (name: string, fields: object) => {
      const made = await server.request<Agent>('POST', '/api/agents', {
        name,
        kind: 'shell',
        workspace: { path: workspace },
        ...fields,
      });
      if (made.status !== 201) throw new Error(`${name}: ${JSON.stringify(made.body)}`);
      ids.set(name, made.body.id);
    };
    await Promise.all([
      ...RUNNING.map((name) => create(name, { role: name === 'docs' ? 'writer' : 'backend', autostart: true })),
      ...RESTING.map(([name, role]) => create(name, { role })),
    ]);
    await Promise.all(RUNNING.map((name) => untilAgent(server, idOf(name), 'idle')));
  });

  test.each([1280, 390])('the overview is sound at %i px', async (width) => {
    const { page, context, troubles } = await signedIn('/', width);
    await page.getByText('translations', { exact: true }).filter({ visible: true }).first().waitFor();
    await inBothThemes(page, `overview-agents-${width}`);
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('the lines of CPU begin with what was measured before the page was opened', async () => {
    const loadOf = async (name: string): Promise<number[]> =>
      (await server.request<AgentLoad[]>('GET', '/api/agents/load')).body.find(({ agentId }) => agentId === idOf(name))
        ?.cpu ?? [];
    const before = await until('a few samples', async () => {
      const cpu = await loadOf('api');
      return cpu.length >= 3 && cpu;
    });
    expect(await loadOf('billing')).toEqual([]); // it never ran
    const { page, context, troubles } = await signedIn('/');
    const line = row(page, 'api').locator('[col-id=cpu] polyline');
    await until('its line', async () => {
      const points = (await line.getAttribute('points')) ?? '';
      return points.split(' ').length >= before.length;
    });
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('an agent is added by keyboard alone, and what is wrong is said at its field', async () => {
    const { page, context, troubles } = await signedIn('/');
    await row(page, 'api').waitFor();
    await page.keyboard.press('n');
    await page.getByRole('heading', { name: 'Add an agent', exact: true }).waitFor();
    await page.getByText('Nothing to install').filter({ visible: true }).first().waitFor();
    await page.getByRole('radio', { name: /^Claude Code/ }).focus();
    await page.keyboard.press('ArrowUp');
    expect(await page.getByRole('radio', { name: /^Shell/ }).isChecked()).toBe(true);
    await page.keyboard.press('Control+Enter');
    await page.getByText('Give it a name.').waitFor();
    await until('the focus to be at the name', async () =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-invalid') === 'true'),
    );
    await page.keyboard.type('api');
    await page.keyboard.press('Tab');
    await page.keyboard.type('tester');
    await page.keyboard.press('Tab');
    await page.keyboard.type('/no/such/place');
    await page.keyboard.press('Control+Enter');
    await page.getByText('/no/such/place is not a directory.').waitFor();
    const directory = page.getByLabel('Working directory');
    expect(await directory.getAttribute('aria-invalid')).toBe('true');
    await directory.fill(workspace);
    await page.getByLabel('Environment').fill('TOKEN=secret:NOT_STORED');
    await page.keyboard.press('Control+Enter');
    await page.getByText('There is no secret NOT_STORED').waitFor();
    await expectSound(page, 'agent-new-refused-1280-light');
    await page.getByLabel('Environment').fill('GREETING=hello there');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Choose another name.').waitFor();
    await page.getByLabel('Name', { exact: false }).first().fill('checker');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: 'checker', exact: true }).waitFor();
    const made = (await server.request<Agent[]>('GET', '/api/agents')).body.find(({ name }) => name === 'checker');
    expect(made).toMatchObject({ kind: 'shell', role: 'tester', autostart: true, envNames: ['GREETING'] });
    ids.set('checker', made?.id ?? '');
    await untilAgent(server, idOf('checker'), 'idle');
    expect(troubles.filter((trouble) => !/4\d\d/.test(trouble))).toEqual([]);
    await context.close();
  });

  test.each([1280, 390])(
    'the page for a new agent is sound at %i px, and leaving what was typed asks',
    async (width) => {
      const { page, context, troubles } = await signedIn('/agents/new', width);
      await page
        .getByText(/Not installed|\d+\.\d+/)
        .first()
        .waitFor();
      await inBothThemes(page, `agent-new-${width}`);
      await page.getByLabel('Role').fill('x');
      await page.getByRole('button', { name: 'Cancel', exact: true }).click();
      await page.getByText('Leave without saving?').waitFor();
      expect(troubles).toEqual([]);
      await context.close();
    },
  );

  test('views are filtered, grouped and sorted, in the address, and kept by name', async () => {
    const { page, context, troubles } = await signedIn('/');
    await inOrder(page, ['api', 'checker', 'docs', 'web', 'billing', 'mobile', 'search', 'translations']);
    await page.getByLabel('Group by').selectOption('role');
    await page.getByText('backend', { exact: true }).filter({ visible: true }).first().waitFor();
    await inOrder(page, [
      'backend',
      'api',
      'web',
      'billing',
      'search',
      'tester',
      'checker',
      'writer',
      'docs',
      'translations',
      'frontend',
      'mobile',
    ]);
    await page.getByRole('columnheader', { name: 'Agent', exact: true }).click();
    await until('the address', async () => page.url().endsWith('/?group=role&sort=-name'));
    await page.getByRole('button', { name: /^Idle/ }).click();
    await inOrder(page, ['backend', 'web', 'api', 'writer', 'docs', 'tester', 'checker']);
    await page.getByRole('button', { name: 'Columns', exact: true }).click();
    await page.getByRole('checkbox', { name: 'Tokens', exact: true }).uncheck();
    await page.getByRole('checkbox', { name: 'Host', exact: true }).check();
    await page.getByRole('columnheader', { name: 'Host', exact: true }).waitFor();
    await page.getByLabel('Compact rows').check();
    await settled(page);
    await keepPicture(page, 'overview-columns-1280-light');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Views', exact: true }).click();
    await page.keyboard.type('At rest');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'At rest', exact: true }).waitFor();
    const address = page.url();
    await expectSound(page, 'overview-grouped-1280-light');
    // A group is closed by keyboard, and stays where it is.
    await row(page, 'tester').locator('b').click();
    await row(page, 'checker').waitFor({ state: 'detached' });

    await page.goto(`${server.url}/`);
    await inOrder(page, ['api', 'checker', 'docs', 'web', 'billing', 'mobile', 'search', 'translations']);
    expect(await page.locator(':root[data-density=compact]').count()).toBe(1);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search', exact: true }).waitFor();
    await page.keyboard.type('at rest');
    await page.keyboard.press('Enter');
    await until('the saved view', async () => page.url() === address);
    // Whoever gets the link sees the same, without having saved anything.
    const other = await signedIn(address.slice(server.url.length), 1280, 'dark');
    await inOrder(other.page, ['backend', 'web', 'api', 'writer', 'docs', 'tester', 'checker']);
    await expectSound(other.page, 'overview-grouped-1280-dark');
    await other.context.close();
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('agents are chosen by keyboard and a task is sent to all of them, with each one’s result', async () => {
    const { page, context, troubles } = await signedIn('/');
    // Keys that come faster than a slow machine can draw are not lost. Loading the page is not what is slow here: with a
    // twelfth of the processor that alone took between 8 and 30 seconds.
    await page.reload();
    await row(page, 'web').waitFor();
    await slowDown(page, 12);
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByRole('toolbar', { name: '3 selected', exact: true }).waitFor();
    await slowDown(page, 1);
    await page.keyboard.press('Escape');
    await page.getByRole('toolbar').waitFor({ state: 'detached' });
    await row(page, 'web').click({ modifiers: ['Control'] });
    await row(page, 'api').click({ modifiers: ['Shift'] });
    await page.getByRole('toolbar', { name: '4 selected', exact: true }).waitFor();
    await expectSound(page, 'overview-selected-1280-light');
    await page.getByRole('button', { name: 'Send a task', exact: true }).click();
    await page.getByRole('textbox', { name: 'Task', exact: true }).waitFor();
    await page.keyboard.type('echo checked $PWD; [ "$GREETING" = "" ]');
    await page.keyboard.press('Control+Enter');
    const each = page.getByRole('list', { name: 'Each agent', exact: true }).getByRole('listitem');
    await until('all results', async () => (await each.getByText(/Succeeded|Failed/).count()) === 4);
    // One of them has the variable, and its own result says so.
    expect(await each.filter({ hasText: 'checker' }).innerText()).toContain('Failed');
    expect(await each.filter({ hasText: 'docs' }).innerText()).toContain('Succeeded');
    await expectSound(page, 'overview-sent-1280-light');
    await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click();
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('starting needs no question, stopping does, and who cannot be stopped is named', async () => {
    const { page, context, troubles } = await signedIn('/');
    await row(page, 'billing').click({ modifiers: ['Control'] });
    await row(page, 'search').click({ modifiers: ['Control'] });
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByText('2 agents: each starts').waitFor();
    await Promise.all(['billing', 'search'].map((name) => untilAgent(server, idOf(name), 'idle')));
    // They moved up among the others; the choice went with them.
    await page.getByRole('toolbar', { name: '2 selected', exact: true }).waitFor();
    await row(page, 'mobile').click({ modifiers: ['Control'] });
    // The row goes away under the finger: it is named with what became of it.
    await page.getByRole('button', { name: 'Stop (2)', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('left out: is stopped').waitFor();
    await settled(page);
    await keepPicture(page, 'overview-stop-1280-light');
    await dialog.getByRole('button', { name: 'Leave it', exact: true }).click();
    expect(await statusOf('billing')).toBe('idle');
    await page.getByRole('button', { name: 'Stop (2)', exact: true }).click();
    expect((await server.request('DELETE', `/api/agents/${idOf('search')}`)).status).toBeLessThan(300);
    await dialog.getByRole('button', { name: 'Stop', exact: true }).click();
    await dialog.getByRole('listitem').filter({ hasText: 'search' }).getByRole('alert').waitFor();
    await dialog.getByRole('listitem').filter({ hasText: 'billing' }).getByText('stops').waitFor();
    await dialog.getByRole('button', { name: /Try 1 failure again/ }).waitFor();
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await untilAgent(server, idOf('billing'), 'stopped');
    expect(troubles.filter((trouble) => !/404/.test(trouble))).toEqual([]);
    await context.close();
  });

  test('live changes leave the scroll, the choice and the focus alone', async () => {
    const { page, context, troubles } = await signedIn('/');
    await page.setViewportSize({ width: 1280, height: 420 });
    await row(page, 'web').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('x');
    const main = page.locator('#main');
    await main.evaluate((element) => element.scrollTo(0, 120));
    const chosen = (await names(page))[1] ?? '';
    const at = () => main.evaluate((element) => element.scrollTop);
    const before = await at();
    expect(before).toBeGreaterThan(0);
    for (const role of ['one', 'two', 'three'])
      expect((await server.request('PATCH', `/api/agents/${idOf('mobile')}`, { role })).status).toBe(200);
    await row(page, 'mobile').getByText('three').waitFor();
    expect(await at()).toBe(before);
    expect(await row(page, chosen).getAttribute('aria-selected')).toBe('true');
    expect(await page.evaluate(() => document.activeElement?.closest('.ag-row')?.querySelector('b')?.textContent)).toBe(
      chosen,
    );
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('whoever may only look has nothing to choose and nothing to add', async () => {
    const created = await server.request('POST', '/api/users', {
      name: 'vera',
      role: 'viewer',
      password: 'a long enough one',
    });
    expect(created.status, JSON.stringify(created.body)).toBe(201);
    const { page, context } = await openPage(browser, { width: 1280, height: 800, theme: 'light' });
    await page.goto(`${server.url}/sign-in`);
    await page.getByLabel('Name').fill('vera');
    await page.getByLabel('Password').fill('a long enough one');
    await page.keyboard.press('Enter');
    await row(page, 'api').waitFor();
    expect(await page.getByRole('button', { name: /add an agent/i }).count()).toBe(0);
    expect(await page.locator('.ag-selection-checkbox').count()).toBe(0);
    await page.goto(`${server.url}/agents/new`);
    await page.getByText('Only administrators add agents').waitFor();
    await context.close();
  });

  test('on a phone agents are chosen by their boxes', async () => {
    const { page, context, troubles } = await signedIn('/?group=role', 390, 'dark');
    await page.getByLabel('Select api').check();
    await page.getByLabel('Select docs').check();
    await page.getByRole('toolbar', { name: '2 selected', exact: true }).waitFor();
    await expectSound(page, 'overview-selected-390-dark');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('the wall shows every terminal live, and makes one of them large by keyboard', async () => {
    await giveTask(server, idOf('docs'), `printf '\\033[32mgreen\\033[0m and \\033[1mbold\\033[0m\\n'; seq 1 30`);
    for (const width of [1280, 390]) {
      const opened = await signedIn('/wall', width);
      const docs = opened.page.getByRole('button', { name: /^docs/ });
      // Those out of sight are not looked at.
      await docs.scrollIntoViewIfNeeded();
      await docs.getByText(/\b30\b/).waitFor();
      await inBothThemes(opened.page, `wall-${width}`);
      expect(opened.troubles).toEqual([]);
      await opened.context.close();
    }
    const { page, context, troubles } = await signedIn('/wall');
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/screen')) asked.push(request.url());
    });
    await page.getByRole('button', { name: /^api/ }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const name = await page.evaluate(() => document.activeElement?.querySelector('b')?.textContent ?? '');
    await giveTask(server, idOf('api'), 'echo seen-$((6*7))');
    await page.getByRole('button', { name: /^api/ }).getByText('seen-42').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: `Terminal of ${name}`, exact: true }).waitFor();
    await page.locator('.xterm-rows').waitFor();
    await expectSound(page, 'wall-open-1280-light');
    // Nobody asks for the screens of those that do not run.
    expect(asked.some((url) => url.includes(idOf('mobile')))).toBe(false);
    await page.locator('#main').focus();
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: new RegExp(`Terminal of ${name}`, 'i') }).waitFor({ state: 'detached' });
    expect(troubles).toEqual([]);
    await context.close();
  });
});
