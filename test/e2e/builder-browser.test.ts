/** Workflows built, corrected, saved, executed and compared in a real browser. */
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser, openPage } from '../support/browser.ts';
import { expectSound } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let storage: Awaited<ReturnType<BrowserContext['storageState']>>;

beforeAll(async () => {
  home = makeHome();
  [database, browser] = await Promise.all([createTestDatabase(), openBrowser()]);
  server = await start();
  const { page, context } = await openPage(browser, { width: 1280, height: 800, theme: 'light' });
  await page.goto(server.signInLink);
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
  storage = await context.storageState();
  await context.close();
});

afterAll(async () => {
  await browser?.close();
  await removeHome(home);
  await database.drop();
});

const start = (env: Record<string, string> = {}) =>
  startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url, ...env } });

async function signedIn(address: string, width = 1440, theme: 'light' | 'dark' = 'light') {
  const opened = await openPage(browser, { width, height: width === 390 ? 844 : 900, theme, storage });
  await opened.page.goto(server.url + address);
  await opened.page.getByRole('heading', { level: 1 }).first().waitFor();
  return opened;
}

const node = (page: Page, id: string) => page.locator(`[data-id="node:${id}"]`);
const offered = (page: Page, name: RegExp) =>
  page.getByRole('listbox', { name: 'Completions', exact: true }).getByRole('option', { name });
const edge = (page: Page, from: string, to: string) => page.getByLabel(new RegExp(`^Edge from ${from} to ${to}`));

/** By the keyboard, as a person does who sees the list before typing. */
async function insert(page: Page, word: string, key = 'n'): Promise<void> {
  await page.keyboard.press(key);
  await page.getByRole('dialog', { name: 'Add a node', exact: true }).waitFor();
  await page.keyboard.type(word);
  await page.keyboard.press('Enter');
}

async function savedWorkflow(document: object, how = ''): Promise<string> {
  const made = await server.request('POST', `/api/workflows${how}`, document);
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body.id;
}

const SHIP = {
  pointsman: 1,
  name: 'Ship',
  inputs: { branch: { type: 'string', default: 'main' } },
  nodes: [
    { id: 'test', type: 'shell', config: { command: ['echo', 'tested {{ inputs.branch }}'] } },
    { id: 'ask', type: 'approval', config: { title: 'Ship it?', body: '{{ nodes.test.output.stdout }}' } },
    { id: 'ship', type: 'transform', config: { value: 'nodes.test.output.exitCode' } },
    { id: 'stop', type: 'transform', config: { value: "'stopped'" } },
  ],
  edges: [
    { from: 'test', to: 'ask' },
    { from: 'ask', to: 'ship', when: "nodes.ask.output.decision == 'approve'" },
    { from: 'ask', to: 'stop', otherwise: true },
    { from: 'test', to: 'test', on: 'error', max: 2 },
  ],
  outputs: { code: 'nodes.ship.output' },
};

describe('the workflow builder', () => {
  test('by keyboard alone: three nodes are put in, a mistake is found and mended, it is saved, executed, and has its result', async () => {
    const { page, context, troubles } = await signedIn('/workflows');
    await page.getByText('No workflows yet').waitFor();
    await page.getByRole('button', { name: 'New workflow', exact: true }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /An empty canvas/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Put in the first node').waitFor();
    await expectSound(page, 'builder-empty-1440-light');

    await insert(page, 'command');
    await until(
      'the focus in the new node',
      async () => await page.getByLabel('Command needed').evaluate((field) => field === document.activeElement),
    );
    await page.keyboard.type('echo\nhello');
    await page.keyboard.press('Escape');
    await until(
      'the focus on the canvas',
      async () => await node(page, 'shell').evaluate((box) => box === document.activeElement),
    );

    await insert(page, 'transf', '/');
    const value = page.getByLabel('Value needed');
    await until(
      'the focus in its value',
      async () => await value.evaluate((field) => field === document.activeElement),
    );
    await edge(page, 'shell', 'transform').waitFor({ state: 'attached' });
    await page.keyboard.type('nodes.sh');
    await offered(page, /^shell/).waitFor();
    await page.keyboard.press('Enter');
    await offered(page, /^output/).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('stdo');
    await offered(page, /^stdout/)
      .and(page.locator('[aria-selected=true]'))
      .waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('.trim() + inputs.nam');
    expect(await value.inputValue()).toBe('nodes.shell.output.stdout.trim() + inputs.nam');
    await page.getByText('There is no input nam').filter({ visible: true }).first().waitFor();
    expect(await value.getAttribute('aria-invalid')).toBe('true');
    await page
      .getByRole('group', { name: /transform, Transform, 1 error/ })
      .or(page.getByLabel('transform, Transform, 1 error'))
      .first()
      .waitFor();
    await page.keyboard.press('Control+s');
    await page.getByRole('dialog').getByText('Save as a draft').filter({ visible: true }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: /^Problems/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /There is no input nam/ }).focus();
    await page.keyboard.press('Enter');
    await until(
      'the focus in the field that is wrong',
      async () => await value.evaluate((field) => field === document.activeElement),
    );
    await page.keyboard.press('Control+End');
    for (let back = 0; back < ' + inputs.nam'.length; back++) await page.keyboard.press('Backspace');
    await page.getByText('Valid', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await until(
      'the focus on the canvas again',
      async () => await node(page, 'transform').evaluate((box) => box === document.activeElement),
    );
    await insert(page, 'wait');
    const duration = page.getByLabel('Duration');
    await until(
      'the focus in its duration',
      async () => await duration.evaluate((field) => field === document.activeElement),
    );
    await page.keyboard.press('Control+a');
    await page.keyboard.type('PT0.1S');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByLabel('Name', { exact: true }).focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Say hello');
    await page.getByRole('heading', { level: 1, name: 'Say hello', exact: true }).waitFor();
    await page.getByText('Valid', { exact: true }).waitFor();
    await expectSound(page, 'builder-three-1440-light');

    await page.keyboard.press('Control+s');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('What changed').waitFor();
    await page.keyboard.type('the beginning');
    await page.keyboard.press('Enter');
    await page.getByText('Version 1 is saved and live').waitFor();
    await page.waitForURL(/\/workflows\/[^/]+\/edit$/);
    await node(page, 'wait').focus();
    await page.keyboard.press('e');
    await page.getByRole('button', { name: 'Execute version 1', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/executions\//);
    await page.getByText('Succeeded').filter({ visible: true }).first().waitFor();
    const id = new URL(page.url()).pathname.split('/').at(-1);
    const execution = (await server.request('GET', `/api/executions/${id}`)).body;
    expect(execution).toMatchObject({ version: 1, status: 'succeeded' });
    expect(execution.steps.find((step: { nodeId: string }) => step.nodeId === 'transform').output).toBe('hello');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a node is dragged to where it is dropped, edges are drawn by hand, and every step goes back and forth', async () => {
    const { page, context, troubles } = await signedIn('/workflows/new?from=empty');
    const box = await page.locator('[data-canvas]').boundingBox();
    if (!box) throw new Error('no canvas');
    const drop = (kind: string, x: number, y: number) =>
      page
        .getByRole('group', { name: 'Kinds of nodes', exact: true })
        .getByRole('button', { name: kind, exact: true })
        .dragTo(page.locator('[data-canvas]'), { targetPosition: { x, y } });
    await drop('Condition', 160, 200);
    await drop('Wait', 480, 260);
    await node(page, 'condition').waitFor();
    const dropped = await node(page, 'wait').boundingBox();
    expect(Math.abs((dropped?.x ?? 0) + (dropped?.width ?? 0) / 2 - box.x - 480)).toBeLessThan(4);
    expect(Math.abs((dropped?.y ?? 0) + (dropped?.height ?? 0) / 2 - box.y - 260)).toBeLessThan(4);
    expect(await edge(page, 'condition', 'wait').count()).toBe(0);
    await node(page, 'condition').locator('.source').hover();
    await page.mouse.down();
    await node(page, 'wait').locator('.target').hover();
    await page.mouse.up();
    await edge(page, 'condition', 'wait').waitFor({ state: 'attached' });
    await page.getByRole('heading', { level: 2, name: /^Edge/ }).waitFor();
    await page.getByLabel('On', { exact: true }).selectOption('error');
    await edge(page, 'condition', 'wait, on error').waitFor({ state: 'attached' });
    await node(page, 'wait').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight');
    await until('the node to move', async () => ((await node(page, 'wait').boundingBox())?.x ?? 0) > (dropped?.x ?? 0));
    for (let back = 0; back < 5; back++) await page.keyboard.press('Control+z');
    await until('an empty canvas', async () => (await page.locator('[data-id^="node:"]').count()) === 0);
    for (let forth = 0; forth < 5; forth++) await page.keyboard.press('Control+y');
    await edge(page, 'condition', 'wait, on error').waitFor({ state: 'attached' });
    expect((await node(page, 'wait').boundingBox())?.x).toBeGreaterThan(dropped?.x ?? 0);
    await page.keyboard.press('Delete');
    await until(
      'the node to be gone with its edge',
      async () => (await page.locator('.react-flow__edge').count()) === 0,
    );
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a new workflow that is saved gets its address and stays in its builder: what was drawn before can be undone', async () => {
    const { page, context, troubles } = await signedIn('/workflows/new?from=empty');
    const nodes = page.getByRole('group', { name: 'Kinds of nodes', exact: true });
    for (const kind of ['Condition', 'Wait']) await nodes.getByRole('button', { name: kind, exact: true }).click();
    await node(page, 'wait').waitFor();
    await page.keyboard.press('Control+s');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Save( draft)?$/ })
      .click();
    await page.waitForURL(/\/workflows\/[0-9a-f-]{36}\/edit$/);
    await page
      .getByText(/^Version 1/)
      .first()
      .waitFor();
    await page.keyboard.press('Control+z');
    await until('one node', async () => (await page.locator('[data-id^="node:"]').count()) === 1);
    await page.getByText('Not saved yet').waitFor();
    await page.keyboard.press('Control+y');
    await page.getByText('Not saved yet').waitFor({ state: 'detached' });
    // Another new one begins with nothing of it.
    await page.keyboard.press('Control+k');
    await page.keyboard.type('create draw'); // at once: what comes before the palette is there is not lost
    await page.getByRole('option', { name: 'New workflow', exact: true, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Begin with').waitFor();
    await page.keyboard.press('Control+k');
    expect(await page.getByRole('combobox', { name: 'Search', exact: true }).inputValue()).toBe('');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /An empty canvas/ }).click();
    await page.locator('[data-canvas]').waitFor();
    expect(await page.locator('[data-id^="node:"]').count()).toBe(0);
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('the text and the canvas are one document: what is typed is drawn, what is drawn is written, what cannot be read says where', async () => {
    const id = await savedWorkflow(SHIP);
    const { page, context, troubles } = await signedIn(`/workflows/${id}/edit`);
    await node(page, 'ship').waitFor();
    await page.getByRole('tab', { name: 'Text', exact: true }).click();
    const text = page.getByLabel('Document as YAML');
    const before = await text.inputValue();
    await text.fill(before.replace('title: "Ship it?"', 'title: Really'));
    await text.fill(
      (await text.inputValue()).replace('edges:', '  - { id: later, type: wait, config: { duration: PT1S } }\nedges:'),
    );
    await node(page, 'later').waitFor();
    await text.fill(`${await text.inputValue()}\n  broken: [`);
    await page.getByRole('button', { name: /^Line \d+/ }).waitFor();
    await expectSound(page, 'builder-text-1440-light');
    await text.fill((await text.inputValue()).replace('\n  broken: [', ''));
    await page.getByRole('button', { name: /^Line \d+/ }).waitFor({ state: 'detached' });
    await node(page, 'ask').click();
    await page.getByRole('tab', { name: 'Properties', exact: true }).click();
    await page.getByLabel('Id', { exact: true }).fill('gate');
    await page.getByLabel('Id', { exact: true }).press('Enter');
    await node(page, 'gate').waitFor();
    await page.getByRole('tab', { name: 'Text', exact: true }).click();
    await until('the text to follow', async () => (await text.inputValue()).includes('nodes.gate.output.decision'));
    expect(await text.inputValue()).not.toContain('ask');
    // Whoever is quick: the change elsewhere comes before what was typed has been read.
    await text.fill((await text.inputValue()).replace('title: Really', 'title: Truly'));
    await page.getByRole('tab', { name: 'Properties', exact: true }).click();
    await page.getByLabel('Id', { exact: true }).fill('door');
    await page.getByLabel('Id', { exact: true }).press('Enter');
    await node(page, 'door').waitFor();
    await page.getByRole('tab', { name: 'Text', exact: true }).click();
    await until('both changes', async () => {
      const now = await text.inputValue();
      return now.includes('title: Truly') && now.includes('nodes.door.output.decision');
    });
    await page.getByText('Valid', { exact: true }).waitFor();
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('nodes are copied into another tab; several are aligned, grouped and moved together; a note stays with the document', async () => {
    const id = await savedWorkflow(SHIP);
    const { page, context, troubles } = await signedIn(`/workflows/${id}/edit`);
    await node(page, 'test').click();
    await node(page, 'ask').click({ modifiers: ['Control'] });
    await page.getByRole('heading', { name: '2 nodes selected', exact: true }).waitFor();
    await page.keyboard.press('Control+c');
    await page.getByText('Copied: 2 nodes').waitFor();
    await page.keyboard.press('Control+v');
    await node(page, 'test2').waitFor();
    await edge(page, 'test2', 'ask2').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Left edges', exact: true }).click();
    await until('one column', async () => {
      const [one, other] = await Promise.all([node(page, 'test2').boundingBox(), node(page, 'ask2').boundingBox()]);
      return Math.abs((one?.x ?? 0) - (other?.x ?? 9)) < 1;
    });
    await page.getByRole('button', { name: 'Group', exact: true }).click();
    await page.getByLabel('Title').fill('The second round');
    const frame = page.locator('[data-frame-title]', { hasText: 'The second round' });
    const start = await node(page, 'test2').boundingBox();
    await frame.hover();
    await page.mouse.down();
    await page.mouse.move((start?.x ?? 0) + 130, (start?.y ?? 0) + 130, { steps: 5 });
    await page.mouse.up();
    await until(
      'the members to move',
      async () => ((await node(page, 'test2').boundingBox())?.x ?? 0) > (start?.x ?? 0) + 20,
    );
    await page.getByRole('button', { name: 'Add a note (c)', exact: true }).click();
    await page.getByLabel('Text', { exact: true }).fill('Ask Ada before you change this.');
    await page
      .getByRole('button', { name: 'Zoom Out', exact: true })
      .or(page.locator('.react-flow__controls-fitview'))
      .last()
      .click();
    await expectSound(page, 'builder-group-1440-light');

    const other = await context.newPage();
    await other.goto(`${server.url}/workflows/new?from=empty`);
    await other.getByText('Put in the first node').waitFor();
    await other.keyboard.press('Control+v');
    await node(other, 'ask').waitFor();
    await edge(other, 'test', 'ask').waitFor({ state: 'attached' });
    await other.close();

    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Version 2 is saved and live').waitFor();
    const { document } = (await server.request('GET', `/api/workflows/${id}`)).body;
    expect(document.metadata.pointsman).toMatchObject({
      groups: [{ title: 'The second round', nodes: ['test2', 'ask2'] }],
      notes: [{ text: 'Ask Ada before you change this.' }],
    });
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('expressions are tried on the last execution, and agents are picked from those that are there', async () => {
    await server.request('POST', '/api/agents', {
      name: 'critic',
      kind: 'shell',
      command: ['bash'],
      capabilities: ['review'],
      workspace: { path: home },
      autostart: false,
    });
    const id = await savedWorkflow({
      ...SHIP,
      nodes: [SHIP.nodes[0], SHIP.nodes[2]],
      edges: [{ from: 'test', to: 'ship' }],
    });
    const { id: executionId } = (await server.request('POST', `/api/workflows/${id}/execute`, {})).body;
    await until(
      'the execution to end',
      async () => (await server.request('GET', `/api/executions/${executionId}`)).body.status === 'succeeded',
    );
    const { page, context, troubles } = await signedIn(`/workflows/${id}/edit`);
    await node(page, 'ship').click();
    const value = page.getByLabel('Value needed');
    await value.fill("nodes.test.output.stdout.trim() + '!'");
    const preview = page.getByRole('status').filter({ hasText: 'gives' });
    await preview.getByText('"tested main!"').waitFor();
    expect(await preview.innerText()).toContain('text');
    await value.fill('nodes.test.output.');
    await offered(page, /^stdout/).waitFor();
    await expectSound(page, 'builder-expression-1440-light');
    await value.fill('nodes.test.output.exitCode == 0');
    await preview.getByText('true', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Agent', exact: true }).click();
    await page.getByText('1 error').or(page.getByText('2 errors')).first().waitFor();
    await page.getByLabel('Agent needed').selectOption('critic');
    await page.getByRole('button', { name: 'Add a fallback', exact: true }).click();
    await page.getByLabel('Fallback 1', { exact: true }).selectOption('any agent with review');
    await page.getByLabel('Prompt needed').fill('Look at {{ nodes.ship.output }}');
    await page.getByText('Valid', { exact: true }).waitFor();
    await expectSound(page, 'builder-agent-1440-light');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('who saved meanwhile is not written over unasked, a draft is no version to execute, and versions are compared', async () => {
    const id = await savedWorkflow(SHIP);
    const { page, context, troubles } = await signedIn(`/workflows/${id}/edit`);
    await node(page, 'stop').click();
    await page.keyboard.press('Delete');
    await server.request('PUT', `/api/workflows/${id}`, { ...SHIP, name: 'Theirs' }, { 'if-match': '"1"' });
    await page.getByText(/Version 2 was saved by/).waitFor();
    await page.keyboard.press('Control+s');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.getByText('Somebody saved another version meanwhile.').waitFor();
    await expectSound(page, 'builder-conflict-1440-light');
    await dialog.getByRole('button', { name: 'Save mine on top', exact: true }).click();
    await page.getByText('Version 3 is saved and live').waitFor();
    await page.getByRole('button', { name: 'Condition', exact: true }).click();
    await node(page, 'ask').click();
    await page.getByLabel('Title needed').fill('');
    await page.getByText('1 error').filter({ visible: true }).first().waitFor();
    await page.getByRole('button', { name: 'Save draft', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save draft', exact: true }).click();
    await page.getByText('Draft saved as version 4').waitFor();
    expect((await server.request('GET', `/api/workflows/${id}`)).body).toMatchObject({
      draft: true,
      version: 4,
      liveVersion: 3,
    });
    await page.getByRole('tab', { name: 'Versions', exact: true }).click();
    await page.getByRole('button', { name: 'Compare version 1 with another', exact: true }).click();
    await page.getByRole('heading', { name: 'What changed', exact: true }).waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: /^\s*2 removed/ })
      .waitFor();
    await page.getByLabel('stop, transform, removed').waitFor();
    await page.getByLabel('condition, condition, added').waitFor();
    await page.getByLabel('ask, approval, changed').click();
    await page.getByText('ask: /config/title').waitFor();
    await expectSound(page, 'builder-compare-1440-light');
    await page.getByRole('dialog').getByRole('tab', { name: 'Text', exact: true }).click();
    await page.getByText('-  - id: stop', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Version 2' })
      .getByRole('button', { name: 'Make live', exact: true })
      .click();
    await page.getByText('Version 2 is live').waitFor();
    expect(troubles.filter((trouble) => !trouble.includes('412'))).toEqual([]);
    await context.close();
  });

  test('a large workflow is drawn in part, found in, and moved about', async () => {
    const nodes = Array.from({ length: 500 }, (_, index) => ({ id: `n${index}`, type: 'condition' }));
    const edges = nodes.slice(1).map(({ id: to }, index) => ({ from: `n${Math.floor(index / 3)}`, to }));
    const id = await savedWorkflow({ name: 'Large', nodes, edges });
    const { page, context, troubles } = await signedIn('/workflows');
    // It is seen from the beginning, also when nothing changes any more once it is there.
    const checked = page.waitForResponse('**/api/workflows/validate');
    await page.route('**/api/workflow.schema.json', async (route) => {
      await checked;
      await page.getByText('Valid', { exact: true }).waitFor();
      await route.continue();
    });
    await page.goto(`${server.url}/workflows/${id}/edit`);
    await page.locator('[data-id^="node:n"]').first().waitFor();
    await page.keyboard.press('f');
    await page.getByRole('dialog', { name: 'Find a node', exact: true }).waitFor();
    await page.keyboard.type('n499');
    await page.keyboard.press('Enter');
    await node(page, 'n499').waitFor();
    await page.getByRole('heading', { level: 2, name: /^Condition/ }).waitFor();
    expect(await page.getByLabel('Id', { exact: true }).inputValue()).toBe('n499');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a registered graph is chosen from those there are; without any it says how one is registered', async () => {
    const nodes = [{ id: 'look', type: 'langgraph', config: { graph: 'reviews' } }];
    const id = await savedWorkflow({ name: 'Graphs', nodes }, '?draft=true');
    const without = await signedIn(`/workflows/${id}/edit`);
    await node(without.page, 'look').click();
    await without.page.getByText('No graph is registered on this server.').waitFor();
    await without.page.getByText('graphs:\n  review: ./graphs/review.mjs').waitFor();
    await expectSound(without.page, 'builder-graph-none-1440-light');
    expect(without.troubles).toEqual([]);
    await without.context.close();

    await server.kill('SIGTERM');
    server = await start({
      POINTSMAN_GRAPHS: JSON.stringify({
        review: { module: path.join(ROOT, 'examples/graphs/review.mjs'), description: 'Reads a change' },
        broken: path.join(ROOT, 'src/adapters/graph-threads/testing/broken.mjs'),
      }),
    });
    await until('the checked graphs', async () => {
      const { body } = await server.request('GET', '/api/graphs');
      return body.length === 2 && body.every(({ status }: { status: string }) => status !== 'unchecked');
    });
    const { page, context, troubles } = await signedIn(`/workflows/${id}/edit`);
    await node(page, 'look').click();
    const graph = page.getByLabel('Graph needed');
    await graph.locator('option[value=broken]').waitFor({ state: 'attached' });
    expect(await graph.locator('option').allInnerTexts()).toEqual([
      'Choose a graph…',
      'reviews (not registered here)',
      'review',
      'broken (cannot be loaded)',
    ]);
    await graph.selectOption('broken');
    await page.getByText('there is no key').waitFor();
    await graph.selectOption('review');
    await page.getByText('Reads a change').waitFor();
    await page.getByText('Its nodes: look, decide').waitFor();
    await page.getByText('Valid', { exact: true }).waitFor();
    await expectSound(page, 'builder-graph-1440-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator(':root[data-theme=dark]').waitFor();
    await expectSound(page, 'builder-graph-1440-dark');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('it can be used in both themes, on a desk and in a hand', async () => {
    const id = await savedWorkflow(SHIP);
    for (const [width, theme] of [
      [1440, 'light'],
      [1440, 'dark'],
      [390, 'light'],
      [390, 'dark'],
    ] as const) {
      const { page, context, troubles } = await signedIn(`/workflows/${id}/edit`, width, theme);
      await node(page, 'ask').click();
      await page.getByText('Valid', { exact: true }).waitFor();
      if (width === 390) await expectSound(page, `builder-${width}-${theme}`);
      if (width === 390) await page.getByRole('button', { name: 'Open the details', exact: true }).click();
      await page.getByLabel('Title needed').waitFor();
      await expectSound(page, `builder-node-${width}-${theme}`);
      expect(troubles).toEqual([]);
      await context.close();
    }
  });
});
