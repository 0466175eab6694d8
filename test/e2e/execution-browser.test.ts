/** Why an execution took so long, what it wrote, how it differs from another, and the agent at work in it: in a real browser. */
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint, Execution } from '../../src/contract/executions.ts';
import { openBrowser, openPage } from '../support/browser.ts';
import { gitRepository } from '../support/git-repository.ts';
import { openItem } from '../support/inbox.ts';
import { expectSound, layoutShift } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { shellAgent } from '../support/shell-agents.ts';

const RELEASE = {
  name: 'Release',
  inputs: { version: { type: 'string', default: '2.4.0' } },
  nodes: [
    {
      id: 'build',
      type: 'shell',
      config: {
        command: [
          'sh',
          '-c',
          String.raw`printf '\033[32m✓\033[0m compiled 214 files\n\033[33mwarning\033[0m: 1 deprecated call\nbundle 412 kB\n'`,
        ],
      },
    },
    { id: 'lint', type: 'shell', config: { command: ['echo', 'no problems'] } },
    {
      id: 'test',
      type: 'map',
      config: {
        over: '["unit", "parts", "browser"]',
        node: { type: 'shell', config: { command: ['sh', '-c', 'echo shard {{ item }}: 31 passed'] } },
      },
    },
    { id: 'approve', type: 'approval', config: { title: 'Release {{ inputs.version }}?' } },
    { id: 'deploy', type: 'shell', config: { command: ['sh', '-c', 'echo deployed {{ inputs.version }}'] } },
  ],
  edges: [
    { from: 'build', to: 'test' },
    { from: 'build', to: 'lint' },
    { from: 'test', to: 'approve' },
    { from: 'lint', to: 'approve' },
    { from: 'approve', to: 'deploy' },
  ],
  outputs: { released: 'inputs.version', by: 'nodes.approve.output' },
};

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let client: pg.Client;
let storage: Awaited<ReturnType<BrowserContext['storageState']>>;
let workflowId: string;
let release: Execution;

beforeAll(async () => {
  home = makeHome();
  mkdirSync(path.join(home, 'workspace'));
  [database, browser] = await Promise.all([createTestDatabase(), openBrowser()]);
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  client = new pg.Client(database.connection);
  await client.connect();
  const { page, context } = await openPage(browser, { width: 1440, height: 900, theme: 'light' });
  await page.goto(server.signInLink);
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
  storage = await context.storageState();
  await context.close();
  const saved = await server.request('POST', '/api/workflows', RELEASE);
  if (saved.status !== 201) throw new Error(JSON.stringify(saved.body));
  workflowId = saved.body.id;
  release = await released();
});

afterAll(async () => {
  await browser?.close();
  await client?.end();
  await removeHome(home);
  await database.drop();
});

describe('an execution in the browser', () => {
  test('its timeline says how long it took, for whom, and which steps made it so long', async () => {
    await stretch(release.id);
    await looks(`/executions/${release.id}?view=timeline`, 'execution-timeline', async (page) => {
      await page
        .getByText('12 m, of which 9 m waiting for a person. The path: build → test → approve → deploy.')
        .waitFor();
      await page.getByRole('option', { name: /^approve · Succeeded/ }).waitFor();
    });
    const { page, context, troubles } = await signedIn(`/executions/${release.id}`);
    await page.getByRole('tab', { name: 'Graph', exact: true }).press('ArrowRight');
    const timeline = page.getByRole('listbox', { name: 'Timeline', exact: true });
    await timeline.focus();
    await timeline.press('End');
    await page
      .getByRole('paragraph')
      .filter({ hasText: /^deploy · Succeeded · .* at work · on the critical path$/ })
      .waitFor();
    await timeline.press('Enter');
    await page.waitForURL(/step=/);
    await page.getByRole('tab', { name: 'Step deploy', exact: true }).waitFor();
    const before = await widthOf(page, /^approve/);
    await timeline.press('+');
    await timeline.press('+');
    await until('the bars to grow', async () => (await widthOf(page, /^approve/)) > before * 2);
    await timeline.press('0');
    await until('the whole time', async () => (await widthOf(page, /^approve/)) === before);
    await page.getByRole('button', { name: 'Critical path only', exact: true }).click();
    expect(await page.getByRole('option', { name: /^lint/ }).count()).toBe(0);
    expect(await page.getByRole('option').count()).toBe(5);
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('of a thousand steps only those in sight are in the timeline, and the last is reached by a key', async () => {
    const id = await waiting();
    const [whole] = (await server.request('GET', `/api/executions/${id}`)).body.steps;
    await client.query(
      `INSERT INTO steps (id, execution_id, node_id, iteration, attempt, status, item, started_at, finished_at)
       SELECT gen_random_uuid(), $1, 'wait', 1, 1, 'succeeded', jsonb_build_object('index', n),
         $2::timestamptz + n * interval '1 second', $2::timestamptz + (n + 40) * interval '1 second'
       FROM generate_series(0, 999) AS n`,
      [id, whole.startedAt],
    );
    const { page, context, troubles } = await signedIn(`/executions/${id}?view=timeline`);
    const timeline = page.getByRole('listbox', { name: 'Timeline', exact: true });
    await timeline.focus();
    await timeline.press('End');
    await page.getByRole('option', { name: /^wait \[999\]/ }).waitFor();
    expect(await page.getByRole('option').count()).toBeLessThan(60);
    await expectSound(page, 'execution-timeline-thousand', '[role=listbox]');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a line of a long log is found, linked to, and found again by its link', async () => {
    const id = await waiting();
    await client.query(
      `INSERT INTO execution_logs (execution_id, node_id, stream, text)
       SELECT $1, CASE WHEN n % 2 = 0 THEN 'even' ELSE 'odd' END, 'stdout',
         CASE WHEN n % 50000 = 777 THEN E'\\x1b[31mERR\\x1b[0mOR: shard ' || n || ' failed' ELSE 'line ' || n || ' of the build' END
       FROM generate_series(1, 200000) AS n`,
      [id],
    );
    const { page, context, troubles } = await signedIn(`/executions/${id}`);
    await page.getByText('200,000 lines').waitFor();
    await page.getByText('line 200000 of the build', { exact: true }).waitFor();
    expect(await rows(page).count()).toBeLessThan(120);
    await page.keyboard.press('/');
    await page.keyboard.type('error: shard');
    await page.getByText('1 of 4').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('2 of 4').waitFor();
    await page.getByText('ERROR: shard 50777 failed').waitFor();
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.press('Shift+Enter');
    await page.getByText('4 of 4').waitFor();
    await page.getByText('ERROR: shard 150777 failed').waitFor();
    await page.getByRole('link', { name: '150777', exact: true }).click();
    await page.waitForURL(/line=\d+/);
    await looks(addressOf(page), 'execution-log-line', async (other) => {
      await other.locator('[aria-current=true]', { hasText: 'ERROR: shard 150777 failed' }).waitFor();
      const follow = other.getByRole('button', { name: 'Follow', exact: true });
      expect(await follow.getAttribute('aria-pressed')).toBe('false');
    });
    await page.getByRole('button', { name: 'Follow', exact: true }).click();
    await page.getByText('line 200000 of the build', { exact: true }).waitFor();
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the log', exact: true }).click(),
    ]);
    expect(readFileSync(await saved.path(), 'utf8').split('\n')).toHaveLength(200_001);
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a log is filtered by step, wrapped, and followed while it is written', async () => {
    const flag = path.join(home, 'go');
    const long = `echo ${'word '.repeat(80)}`;
    const { body } = await server.request('POST', '/api/workflow/execute', {
      workflow: {
        name: 'Talks',
        nodes: [
          { id: 'first', type: 'shell', config: { command: ['sh', '-c', long] } },
          {
            id: 'second',
            type: 'shell',
            config: { command: ['sh', '-c', `seq 1 900; while [ ! -e ${flag} ]; do sleep 0.1; done; seq 901 1900`] },
          },
        ],
        edges: [{ from: 'first', to: 'second' }],
      },
    });
    const { page, context, troubles } = await signedIn(`/executions/${body.id}`);
    await page.getByText('901 lines').waitFor();
    await page.getByText('900', { exact: true }).filter({ visible: true }).first().waitFor();
    await page
      .getByRole('button', { name: /^first/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Its log', exact: true }).click();
    await page.getByText('1 line', { exact: true }).waitFor();
    const row = rows(page).first();
    const high = (await row.boundingBox())?.height ?? 0;
    await page.keyboard.press('w');
    await until('the line to be wrapped', async () => ((await row.boundingBox())?.height ?? 0) > high * 1.5);
    await page.getByTitle('Show the lines of all nodes').click();
    await page.getByText('901 lines').waitFor();
    mkdirSync(flag);
    await page.getByText('1,901 lines').waitFor();
    await rows(page)
      .filter({ hasText: /^1901.*1900$/ })
      .waitFor();
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('inputs and outputs are searched, and copied as path and value', async () => {
    const { page, context, troubles } = await signedIn(`/executions/${release.id}?tab=data`);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    // All of it: a shorter piece is in the moment of the approval once in a hundred times (02:50:12.431).
    await page.getByLabel('Find a key or value').fill('2.4.0');
    await page.getByText('2 places found').waitFor();
    await page.getByRole('button', { name: 'Copy the path outputs.released', exact: true }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('outputs.released');
    await page.getByRole('button', { name: 'Copy the value of outputs.released', exact: true }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('2.4.0');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('what can be done on a page is in the palette, with and without a key of its own', async () => {
    const { page, context, troubles } = await signedIn(`/executions/${release.id}`);
    const search = page.getByRole('combobox', { name: 'Search', exact: true });
    const palette = async (typed: string) => {
      await page.keyboard.press('Control+k');
      await search.waitFor();
      await page.keyboard.type(typed);
      await page.keyboard.press('Enter');
      await search.waitFor({ state: 'detached' });
    };
    await palette('graph or timeline');
    await page.getByRole('listbox', { name: 'Timeline', exact: true }).waitFor();
    await palette('run again');
    await page.getByRole('heading', { name: 'Execute Release', exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: /execute release/i }).waitFor({ state: 'detached' });
    await page.goto(`${server.url}/executions`);
    await page.getByLabel(`Choose Release ${release.id.slice(-6)}`).waitFor();
    // What moves the focus does so after the palette has given it back.
    await palette('filter');
    await until('the focus to be in the field', async () =>
      page.getByPlaceholder(/^Name or id/).evaluate((field) => field === document.activeElement),
    );
    await page.keyboard.press('Control+k');
    await search.waitFor();
    await page.keyboard.type('run again');
    await page.getByText('Nothing is called “run again”.').waitFor();
    // What is decided is decided in sight of what is asked.
    const { body } = await server.request('POST', `/api/workflows/${workflowId}/execute`, { inputs: {} });
    await openItem(server, ({ executionId }) => executionId === body.id);
    await page.goto(`${server.url}/executions/${body.id}`);
    await page.getByRole('button', { name: /^Approve/ }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('option', { name: 'Cancel the execution', exact: true }).waitFor();
    expect(await page.getByRole('option', { name: /^Approve/ }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await palette('cancel the execution');
    await page.getByRole('button', { name: 'Cancel the execution', exact: true }).click();
    await page.getByText('Cancelled').filter({ visible: true }).first().waitFor();
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('two executions are chosen in the list and compared, on the graph and node by node', async () => {
    const other = await released({ version: '2.5.0' });
    const { page, context, troubles } = await signedIn('/executions');
    await page.getByLabel(`Choose Release ${other.id.slice(-6)}`).check();
    await page.getByLabel(`Choose Release ${release.id.slice(-6)}`).check();
    await page.keyboard.press('c');
    await page.getByRole('heading', { name: 'Compare Release', exact: true }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/executions/${release.id}/compare/${other.id}`);
    await page.getByText(/^What differs: \d of 5 nodes, inputs in 1 place, outputs in \d places\.$/).waitFor();
    await page.getByText('inputs.version').waitFor();
    await page.getByLabel('In A').filter({ hasText: '2.4.0' }).first().waitFor();
    await page.locator('summary', { hasText: 'deploy' }).click();
    await page.getByText('nodes.deploy.output.stdout').waitFor();
    await page.getByLabel('In B').filter({ hasText: 'deployed 2.5.0' }).first().waitFor();
    const address = addressOf(page);
    await page.keyboard.press('x');
    await page.waitForURL(new RegExp(`${other.id}/compare/${release.id}`));
    expect(troubles).toEqual([]);
    await context.close();
    await looks(address, 'execution-compare', (page) => page.getByText('nodes.deploy.output.stdout').waitFor());
  });

  test('the agent at work is taken over beside the execution, handed back, and the execution goes on', async () => {
    await shellAgent(server, 'builder', { workspace: { path: path.join(home, 'workspace') } });
    const { body } = await server.request('POST', '/api/workflow/execute', {
      workflow: {
        name: 'Asks in the terminal',
        nodes: [
          { id: 'ask', type: 'agent', config: { agent: 'builder', prompt: 'read answer && echo "got $answer"' } },
          { id: 'after', type: 'transform', config: { value: 'nodes.ask.output.text' } },
        ],
        edges: [{ from: 'ask', to: 'after' }],
        outputs: { said: 'nodes.after.output' },
      },
    });
    const { page, context, troubles } = await signedIn(`/executions/${body.id}?node=ask`);
    await page.getByRole('button', { name: 'Open its agent here', exact: true }).waitFor();
    await page.keyboard.press('o');
    const agentDrawer = (on: Page) => on.getByRole('complementary', { name: 'Agent builder', exact: true });
    const drawer = agentDrawer(page);
    await drawer.getByText('started', { exact: true }).waitFor();
    await drawer.getByText('Live', { exact: true }).waitFor();
    await looks(addressOf(page), 'execution-agent', (other) =>
      agentDrawer(other).getByText('Live', { exact: true }).waitFor(),
    );
    await page.keyboard.press('s');
    await drawer.getByText('You hold the seat').waitFor();
    await page.keyboard.type('forty-two');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^after.*Succeeded/ }).waitFor();
    await drawer.getByText('finished', { exact: true }).waitFor();
    await page.keyboard.press('Shift+Escape');
    await page.keyboard.press('Enter');
    await drawer.getByText('Nobody holds the seat').waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    expect((await server.request('GET', `/api/executions/${body.id}`)).body).toMatchObject({ status: 'succeeded' });
    expect((await server.request('GET', `/api/executions/${body.id}`)).body.outputs.said).toContain('got forty-two');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a fork says which files it begins with, and begins with those', async () => {
    const repository = gitRepository(path.join(home, 'repository'));
    // A folder with something in it stands in the way of the name, so git keeps nothing; once.
    const refs = path.join(repository.path, '.git/refs/pointsman/executions');
    const full = path.join(home, 'full');
    const inTheWay = `[ -e ${full} ] || for each in ${refs}/*; do mv $each/newest ${full}; mkdir -p $each/newest/full; touch $each/newest/full/file; done`;
    const shell = (id: string, command: string) => ({ id, type: 'shell', config: { command } });
    const { body: original } = await server.request('POST', '/api/workflow/execute?wait=30', {
      workflow: {
        name: 'Files over time',
        workspace: { path: repository.path, isolation: 'worktree' },
        nodes: [
          shell('write', 'echo one > notes.txt'),
          shell('change', 'echo two > notes.txt'),
          shell('full', `echo more > more.txt; ${inTheWay}`),
          shell('look', 'cat notes.txt'),
        ],
        edges: [
          { from: 'write', to: 'change' },
          { from: 'change', to: 'full' },
          { from: 'full', to: 'look' },
        ],
      },
    });
    expect(original.status, JSON.stringify(original)).toBe('succeeded');
    rmSync(path.join(refs, original.id, 'newest'), { recursive: true });
    copyFileSync(full, path.join(refs, original.id, 'newest'));
    const { body: checkpoints } = await server.request('GET', `/api/executions/${original.id}/checkpoints`);
    const [lost, ...older]: Checkpoint[] = checkpoints;
    // The change has just begun.
    const before = older.find(({ changed, files }) => files === 'kept' && changed.join() === 'write,change');
    expect([lost?.files, before?.files], JSON.stringify(checkpoints)).toEqual(['lost', 'kept']);
    const fork = async (checkpoint: Checkpoint | undefined, choose: (page: Page) => Promise<unknown>) => {
      const { page, context, troubles } = await signedIn(`/executions/${original.id}?tab=history`);
      await page.getByRole('button', { name: new RegExp(`^Fork from checkpoint ${checkpoint?.seq},`) }).click();
      await page.getByRole('dialog').waitFor();
      await choose(page);
      await page.getByRole('button', { name: 'Fork', exact: true }).click();
      await page.getByRole('link', { name: `fork of ${original.id.slice(-6)}`, exact: true }).waitFor();
      expect(troubles).toEqual([]);
      const id = new URL(page.url()).pathname.split('/').at(-1);
      await context.close();
      return until('the fork to end', async () => {
        const { body } = await server.request('GET', `/api/executions/${id}`);
        return body.status === 'succeeded' ? (body as Execution) : null;
      });
    };
    const replaced = (page: Page) => page.getByLabel('Replace the output of').selectOption('change');
    const looked = ({ steps }: Execution) => steps.findLast(({ nodeId }) => nodeId === 'look')?.output;

    const then = await fork(before, async (page) => {
      await replaced(page);
      expect(await page.getByLabel(`As they were at checkpoint ${before?.seq}`).isChecked()).toBe(true);
      await expectSound(page, 'execution-fork-files-1440-light');
    });
    expect(looked(then)).toMatchObject({ stdout: 'one\n' });
    const now = await fork(before, async (page) => {
      await replaced(page);
      await page.getByLabel('As they are now').check();
    });
    expect(looked(now)).toMatchObject({ stdout: 'two\n' });
    const last = await fork(lost, async (page) => {
      expect(await page.getByLabel(/^As they were at checkpoint/).isDisabled()).toBe(true);
      expect(await page.getByLabel('As they are now').isChecked()).toBe(true);
      await expectSound(page, 'execution-fork-lost-1440-light');
    });
    expect(last.origin).not.toHaveProperty('files');

    const { page, context } = await signedIn(`/executions/${release.id}?tab=history`, 390);
    await page
      .getByRole('button', { name: /^Fork from checkpoint/ })
      .first()
      .click();
    await page.getByText('Files are not turned back:').waitFor();
    await expectSound(page, 'execution-fork-390-light');
    await context.close();
  });

  test('what it waits for is there with the rest, also where the inbox comes late', async () => {
    const { body } = await server.request('POST', `/api/workflows/${workflowId}/execute`, {});
    await openItem(server, ({ executionId }) => executionId === body.id);
    const { page, context, troubles } = await openPage(browser, { width: 390, height: 844, theme: 'light', storage });
    await page.routeWebSocket(/\/ws\/updates/, (socket) => {
      const behind = socket.connectToServer();
      behind.onMessage((message) => {
        const late = String(message).includes('"topic":"inbox"');
        setTimeout(() => socket.send(message), late ? 600 : 0);
      });
    });
    await page.goto(`${server.url}/executions/${body.id}`);
    await page.getByRole('heading', { name: 'Release 2.4.0?', exact: true }).waitFor();
    expect((await layoutShift(page)).score).toBeLessThan(0.1);
    expect(troubles).toEqual([]);
    await context.close();
    await server.request('POST', `/api/executions/${body.id}/cancel`);
  });

  test('many are cancelled and retried from the list, by keyboard, and what became of each is told', async () => {
    const failing = { name: 'Always fails', nodes: [{ id: 'no', type: 'shell', config: { command: ['false'] } }] };
    // One after the other: the list shows them by their beginning.
    const fail = async (): Promise<string> =>
      (await server.request('POST', '/api/workflow/execute?wait=30', { workflow: failing })).body.id;
    const ids = [await fail(), await fail()];
    const { page, context, troubles } = await signedIn('/executions?status=failed,cancelled&search=always&since=24h');
    await page
      .getByRole('link', { name: /Always fails/ })
      .nth(1)
      .waitFor();
    expect(await page.getByRole('button', { name: 'Failed', exact: true }).getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('2 chosen').waitFor();
    await page.getByRole('button', { name: 'Retry 2', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retry them', exact: true }).click();
    await page.getByText('2 of 2 done').waitFor();
    expect(await page.getByRole('dialog').getByRole('listitem').allInnerTexts()).toEqual(
      ids.toReversed().map((id) => expect.stringMatching(new RegExp(`Always fails ${id.slice(-6)}\\s+goes on as`))),
    );
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('searchbox').fill('nobody');
    await page.getByText('No execution fits these filters').waitFor();
    await page.getByRole('button', { name: 'Show all', exact: true }).click();
    await page.waitForURL((url) => url.search === '');
    const running = [await waiting('Cancelled from the list'), await waiting('Cancelled from the list')];
    await page.getByRole('searchbox').fill('cancelled from');
    await page
      .getByRole('link', { name: /Cancelled from the list/ })
      .nth(1)
      .waitFor();
    await page.getByRole('searchbox').press('Escape');
    await page.keyboard.press('Control+a');
    await page.getByRole('button', { name: 'Cancel 2', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel them', exact: true }).click();
    await page.getByText('2 of 2 done').waitFor();
    for (const id of running)
      await until(
        'it to be cancelled',
        async () => (await server.request('GET', `/api/executions/${id}`)).body.status === 'cancelled',
      );
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a long list is read as it is scrolled, and a way back leads to the same place', async () => {
    await client.query(
      `INSERT INTO executions (id, workflow_id, version, name, status, inputs, usage, document, created_by, created_at, started_at, completed_at)
       SELECT ('0000' || lpad(to_hex(n), 4, '0') || '-0000-7000-8000-000000000000')::uuid, workflow_id, version, 'Old ' || n, 'succeeded', inputs, usage, document, created_by,
         created_at - (500 - n) * interval '1 minute', started_at - (500 - n) * interval '1 minute', completed_at - (500 - n) * interval '1 minute'
       FROM executions, generate_series(1, 120) AS n WHERE id = $1`,
      [release.id],
    );
    await looks('/executions', 'executions-list', (page) =>
      page
        .getByRole('link', { name: /Release/ })
        .first()
        .waitFor(),
    );
    const { page, context, troubles } = await signedIn('/executions');
    const last = page.getByRole('link', { name: /Old 1\b/ });
    await until('the oldest', async () => {
      await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
      return (await last.count()) === 1;
    });
    const link = page.getByRole('link', { name: /Old 30\b/ });
    await link.scrollIntoViewIfNeeded();
    const top = await page.locator('main').evaluate((main) => main.scrollTop);
    await link.click();
    await page.getByRole('heading', { name: 'Old 30', exact: true }).waitFor();
    await page.goBack();
    await link.waitFor();
    const place = () => page.locator('main').evaluate((main) => main.scrollTop);
    await until('the same place', async () => (await place()) > top - 200);
    expect(troubles).toEqual([]);
    await context.close();
  });
});

/** Wide and narrow, light and dark. */
async function looks(address: string, name: string, ready: (page: Page) => Promise<unknown>): Promise<void> {
  for (const width of [1440, 390]) {
    const { page, context, troubles } = await signedIn(address, width);
    await ready(page);
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await page.locator(`:root[data-theme=${theme}]`).waitFor();
      await expectSound(page, `${name}-${width}-${theme}`);
    }
    expect(troubles).toEqual([]);
    await context.close();
  }
}

const addressOf = (page: Page): string => new URL(page.url()).pathname + new URL(page.url()).search;

const rows = (page: Page) => page.getByRole('log').locator('[data-index]');

async function widthOf(page: Page, name: RegExp): Promise<number> {
  return page
    .getByRole('option', { name })
    .locator('[data-kind=person]')
    .evaluate((bar) => bar.getBoundingClientRect().width);
}

async function released(inputs: object = {}): Promise<Execution> {
  const { body } = await server.request('POST', `/api/workflows/${workflowId}/execute`, { inputs });
  const item = await openItem(server, ({ executionId }) => executionId === body.id);
  const { status } = await server.request('POST', `/api/inbox/${item.id}/resolve`, {
    decision: 'approve',
    hash: item.hash,
  });
  expect(status).toBe(200);
  return until('the release', async () => {
    const { body: now } = await server.request('GET', `/api/executions/${body.id}`);
    return now.status === 'succeeded' ? (now as Execution) : null;
  });
}

/** One that waits for an event nobody sends. */
async function waiting(name = 'Waits'): Promise<string> {
  const workflow = { name, nodes: [{ id: 'wait', type: 'wait', config: { event: 'go' } }] };
  const { body } = await server.request('POST', '/api/workflow/execute', { workflow });
  await until(
    'it to wait',
    async () => (await server.request('GET', `/api/executions/${body.id}`)).body.status === 'waiting',
  );
  return body.id;
}

/** Twelve minutes cannot be waited for: it ran as it did, but slower. */
async function stretch(id: string): Promise<void> {
  const start = Date.parse('2026-01-05T09:00:00.000Z');
  const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
  const spans: Record<string, [number, number]> = {
    build: [0, 45],
    lint: [46, 80],
    test: [45, 160],
    approve: [160, 700],
    deploy: [704, 720],
  };
  for (const [node, [from, to]] of Object.entries(spans))
    await client.query(
      `UPDATE steps SET started_at = $3, finished_at = $4 WHERE execution_id = $1 AND node_id = $2 AND item IS NULL`,
      [id, node, at(from), at(to)],
    );
  for (const [index, to] of [70, 160, 120].entries())
    await client.query(
      `UPDATE steps SET started_at = $2, finished_at = $3 WHERE execution_id = $1 AND item IS NOT NULL AND item->>'index' = $4`,
      [id, at(45), at(to), String(index)],
    );
  await client.query('UPDATE executions SET started_at = $2, completed_at = $3 WHERE id = $1', [id, at(0), at(720)]);
}

async function signedIn(address: string, width = 1440) {
  const opened = await openPage(browser, { width, height: width === 390 ? 844 : 900, theme: 'light', storage });
  await opened.page.goto(server.url + address);
  await opened.page.getByRole('heading', { level: 1 }).first().waitFor();
  return opened;
}
