/** An operator's first quarter of an hour, in a real browser against the real product with its starter team. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser, openPage } from '../support/browser.ts';
import { accessibilityFaults, expectSound, keepPicture, pictures, settled } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { runCommand } from '../support/shell-agents.ts';

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let storage: Awaited<ReturnType<BrowserContext['storageState']>>;
let executionId: string;
let agentId: string;
let workflowId: string;

beforeAll(async () => {
  home = pictures ? path.join(tmpdir(), 'pointsman') : makeHome(); // a path that looks well in a picture
  database = await createTestDatabase();
  [server, browser] = await Promise.all([
    startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url, POINTSMAN_DEMO: 'on' } }),
    openBrowser(),
  ]);
  const waiting = await until(
    'the sample to wait for approval',
    async () =>
      (
        (await server.request('GET', '/api/executions')).body as { id: string; status: string; workflowId: string }[]
      ).find((one) => one.status === 'waiting'),
    60_000,
  );
  executionId = waiting.id;
  workflowId = waiting.workflowId;
  agentId =
    ((await server.request('GET', '/api/agents')).body as { id: string; name: string }[]).find(
      (agent) => agent.name === 'tester',
    )?.id ?? '';
});

afterAll(async () => {
  await browser?.close();
  await server?.kill('SIGTERM');
  await removeHome(home);
  await database.drop();
});

describe('in the browser', () => {
  test('the printed link signs in once and leaves no trace in the address', async () => {
    const { page, context, troubles } = await openPage(browser, { width: 1440, height: 900, theme: 'dark' });
    await page.goto(server.signInLink);
    await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
    expect(page.url()).toBe(`${server.url}/`);
    expect((await context.cookies()).every((cookie) => cookie.httpOnly && cookie.sameSite === 'Strict')).toBe(true);
    expect(
      await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])),
    ).not.toContain('code=');
    storage = await context.storageState();
    expect(troubles).toEqual([]);

    const second = await openPage(browser, { width: 1440, height: 900, theme: 'dark' });
    await second.page.goto(server.signInLink);
    await second.page
      .getByText(/used|expired|sign in/i)
      .first()
      .waitFor();
    expect(await second.page.getByRole('heading', { name: /overview/i }).count()).toBe(0);
    await second.context.close();
    await context.close();
  });

  test('the overview shows the seven agents and what waits for me', async () => {
    const { page, context, troubles } = await signedIn('/', 1440, 'light');
    for (const name of ['architect', 'backend', 'frontend', 'database', 'tester', 'reviewer', 'release'])
      await page.getByText(name, { exact: true }).filter({ visible: true }).first().waitFor();
    await page
      .getByRole('region', { name: 'Needs you', exact: true })
      .getByRole('link', { name: /Release \d+\.\d+\.\d+\?.*Release check/s })
      .waitFor();
    await page.goto(`${server.url}/agents`);
    await page.waitForURL(`${server.url}/`);
    await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('an address of nothing says so, and everything else stays in sight', async () => {
    const { page, context, troubles } = await signedIn('/no/such/page', 1440, 'light');
    await page.getByText('There is no page at this address').waitFor();
    expect(await page.title()).toContain('Not found');
    await expectSound(page, 'not-found-1440-light');
    await page.getByRole('link', { name: /^Inbox/ }).click();
    await page.getByRole('heading', { name: 'Inbox', exact: true }).waitFor();
    for (const id of ['cut-off', '01a21fcd-0fa4-709f-a012-81cececc3d60']) {
      await page.goto(`${server.url}/agents/${id}`);
      await page.getByText('There is no such agent').waitFor();
      await page.goto(`${server.url}/executions/${id}`);
      await page.getByText('There is no such execution').waitFor();
    }
    const { body } = await server.request('POST', '/api/agents', {
      name: 'leaves',
      kind: 'shell',
      workspace: { path: '/' },
      autostart: false,
    });
    await page.goto(`${server.url}/agents/${body.id}`);
    await page.getByRole('heading', { name: 'leaves', exact: true }).waitFor();
    expect((await server.request('DELETE', `/api/agents/${body.id}`)).status).toBe(204);
    await page.getByText('There is no such agent').waitFor();
    await expectSound(page, 'no-agent-1440-light');
    // What is not there is told by the browser as well.
    expect(troubles.filter((trouble) => !trouble.includes('404'))).toEqual([]);
    await context.close();
  });

  test('typing into an agent’s terminal needs the seat, and then reaches the shell', async () => {
    const { page, context, troubles } = await signedIn(`/agents/${agentId}`, 1440, 'dark');
    await page.getByRole('button', { name: /take the seat/i }).click();
    await page.getByRole('button', { name: /give .*up/i }).waitFor();
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.type('echo typed-$((40+2))');
    await page.keyboard.press('Enter');
    await until('the shell to answer', async () =>
      ((await server.request('GET', `/api/agents/${agentId}/screen`)).body.screen as string).includes('typed-42'),
    );
    await page.getByRole('button', { name: /give .*up/i }).click();
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a rule for permission requests is added and removed in the settings', async () => {
    const { page, context, troubles } = await signedIn('/settings', 1440, 'light');
    const panel = page.locator('section', { hasText: 'Rules for permission requests' });
    await panel.getByLabel('What happens').selectOption('deny');
    await panel.getByLabel('Tool').fill('Bash');
    await panel.getByLabel('Pattern').fill('git push*');
    await panel.getByRole('button', { name: 'Add rule', exact: true }).click();
    const rule = panel.locator('li', { hasText: 'git push*' });
    await rule.waitFor();
    expect(await rule.innerText()).toMatch(/Deny[\s\S]*Bash on git push\*[\s\S]*every agent/);
    expect((await server.request('GET', '/api/policies')).body).toMatchObject([
      { effect: 'deny', tool: 'Bash', pattern: 'git push*' },
    ]);
    await rule.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await rule.waitFor({ state: 'detached' });
    expect((await server.request('GET', '/api/policies')).body).toEqual([]);
    expect(troubles).toEqual([]);
    await context.close();
  });

  test.each([1440, 390])(
    'every page at %i px has, light and dark, no sideways scroll, no serious accessibility fault and no console error',
    async (width) => {
      const { page, context, troubles } = await signedIn('/', width, 'light');
      for (const [name, address] of pages()) {
        await page.goto(`${server.url}${address}`);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        if (name === 'agent') await page.locator('.xterm-rows', { hasText: 'release-check' }).waitFor();
        for (const theme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme: theme });
          await page.locator(`:root[data-theme=${theme}]`).waitFor();
          await expectSound(page, `${name}-${width === 390 ? 'phone' : 'desktop'}-${theme}`);
        }
        expect(troubles, name).toEqual([]);
      }
      await context.close();
    },
  );

  test('what a task changed is read, refused in a conflict, merged and discarded', async () => {
    const repository = (await server.request('GET', `/api/agents/${agentId}`)).body.workspace.path as string;
    const change = `printf 'theirs\\n' > changes.txt; printf '\\0' > 'a binary.bin'`;
    const task = await runCommand(server, agentId, change, { workspace: 'worktree' });
    for (const [width, theme] of [
      [1440, 'light'],
      [390, 'dark'],
    ] as const) {
      const { page, context, troubles } = await signedIn(`/agents/${agentId}`, width, theme);
      await page.getByRole('button', { name: 'Changes', exact: true }).first().click();
      await page.getByText('theirs', { exact: true }).waitFor();
      await page.getByText('a binary.bin', { exact: true }).waitFor();
      await expectSound(page, `changes-page-${width}-${theme}`);
      expect(troubles).toEqual([]);
      await page.getByRole('region', { name: 'Changes', exact: true }).first().scrollIntoViewIfNeeded();
      await keepPicture(page, `changes-${width === 390 ? 'phone' : 'desktop'}-${theme}`);
      await context.close();
    }
    const { page, context } = await signedIn(`/agents/${agentId}`, 1440, 'dark');
    await page.getByRole('button', { name: 'Changes', exact: true }).first().click();
    writeFileSync(path.join(repository, 'changes.txt'), 'uncommitted\n');
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.getByText('Uncommitted work in the workspace lies in the way of the merge').waitFor();
    rmSync(path.join(repository, 'changes.txt'));
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.getByText('merged', { exact: true }).waitFor();
    expect(readFileSync(path.join(repository, 'changes.txt'), 'utf8')).toBe('theirs\n');
    await page.getByRole('button', { name: 'Discard', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard', exact: true }).click();
    await page.getByText('discarded', { exact: true }).waitFor();
    expect((await server.request('GET', `/api/tasks/${task.id}`)).body.workspace.state).toBe('discarded');
    await context.close();
  });

  test('the approval is answered in place and the graph runs to its end', async () => {
    const { page, context, troubles } = await signedIn(`/executions/${executionId}`, 1440, 'dark');
    await page.getByRole('button', { name: /^Approve/ }).click();
    await until(
      'the execution to succeed',
      async () => (await server.request('GET', `/api/executions/${executionId}`)).body.status === 'succeeded',
      60_000,
    );
    await page.getByText('Succeeded').filter({ visible: true }).first().waitFor();
    await settled(page);
    await keepPicture(page, 'execution-done-desktop-dark');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a workflow step leads to the execution it started, which leads back', async () => {
    const child = {
      name: 'Ask below',
      nodes: [{ id: 'gate', type: 'approval', config: { title: 'From below?' } }],
    };
    expect((await server.request('POST', '/api/workflows', child)).status).toBe(201);
    const workflow = {
      name: 'From above',
      nodes: [{ id: 'sub', type: 'workflow', config: { workflow: 'Ask below' } }],
    };
    const { body } = await server.request('POST', '/api/workflow/execute', { workflow });
    const { page, context, troubles } = await signedIn(`/executions/${body.id}?node=sub`, 1440, 'light');
    const asks = page.getByRole('region', { name: 'Waits for you', exact: true });
    await asks.getByText('From below?').filter({ visible: true }).first().waitFor();
    await page.getByRole('link', { name: 'Open its execution', exact: true }).click();
    await page.getByRole('heading', { name: 'Ask below', exact: true }).waitFor();
    await page.getByRole('link', { name: /^started by/ }).click();
    await page.getByRole('heading', { name: 'From above', exact: true }).waitFor();
    await asks.getByRole('button', { name: /approve/i }).click();
    await until('the end', async () => (await server.request('GET', `/api/executions/${body.id}`)).body.finishedAt);
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('an execution runs again with the inputs it had, or with others', async () => {
    const saved = await server.request('POST', '/api/workflows', {
      name: 'Greet',
      inputs: { who: { type: 'string' }, times: { type: 'integer', default: 1 } },
      nodes: [{ id: 'say', type: 'transform', config: { value: "'hello ' + inputs.who" } }],
    });
    expect(saved.status, JSON.stringify(saved.body)).toBe(201);
    const first = await server.request('POST', `/api/workflows/${saved.body.id}/execute`, {
      inputs: { who: 'ada', times: 3 },
    });
    const { page, context, troubles } = await signedIn(`/executions/${first.body.id}`, 1440, 'light');
    await page.getByRole('button', { name: 'Run again', exact: true }).click();
    const who = page.getByRole('dialog').getByLabel(/^who/);
    expect(await who.inputValue()).toBe('ada');
    await who.fill('bob');
    await page.getByRole('button', { name: 'Execute version 1', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await until('the page of the new one', async () => !page.url().includes(first.body.id));
    const again = (await server.request('GET', `/api/executions/${page.url().split('/').at(-1)}`)).body;
    expect(again).toMatchObject({ workflowId: saved.body.id, inputs: { who: 'bob', times: 3 } });
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a failed execution is retried, and forked from a checkpoint with another output', async () => {
    const { body: failed } = await server.request('POST', '/api/workflow/execute', {
      workflow: {
        name: 'Goes wrong',
        inputs: { who: { type: 'string', default: 'ada' } },
        nodes: [
          { id: 'first', type: 'shell', config: { command: ['echo', '{{ inputs.who }}'] } },
          { id: 'check', type: 'shell', config: { command: ['false'] } },
        ],
        edges: [{ from: 'first', to: 'check' }],
      },
    });
    await until(
      'its end',
      async () => (await server.request('GET', `/api/executions/${failed.id}`)).body.status === 'failed',
    );
    const { page, context, troubles } = await signedIn(`/executions/${failed.id}`, 1440, 'light');
    await page.getByRole('button', { name: 'Retry what failed', exact: true }).click();
    await page.getByRole('link', { name: `retry of ${failed.id.slice(-6)}`, exact: true }).waitFor();
    await page.getByRole('button', { name: /^first.*kept/ }).waitFor();
    await page.getByRole('button', { name: 'Retry what failed', exact: true }).waitFor();
    await page.getByRole('button', { name: /^first.*kept/ }).click();
    await page.getByRole('button', { name: 'Retry from here', exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Checkpoints', exact: true }).click();
    await page
      .getByRole('button', { name: /Fork from checkpoint/ })
      .first()
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await keepPicture(page, 'execution-checkpoints-desktop-light');
    await page
      .getByRole('button', { name: /Fork from checkpoint/ })
      .first()
      .click();
    await page.getByLabel('Replace the output of').selectOption('check');
    await page.getByLabel('Output of check').fill('{"exitCode": 0, "stdout": "", "stderr": ""}');
    expect(await accessibilityFaults(page)).toEqual([]);
    await keepPicture(page, 'execution-fork-desktop-light');
    await page.getByRole('button', { name: 'Fork', exact: true }).last().click();
    await page.getByRole('link', { name: /^fork of / }).waitFor();
    await page.getByText('Succeeded').filter({ visible: true }).first().waitFor();
    expect(troubles).toEqual([]);
    await context.close();
  });
});

function pages(): [string, string][] {
  return [
    ['overview', '/'],
    ['inbox', '/inbox'],
    ['agent', `/agents/${agentId}`],
    ['conversation', `/agents/${agentId}?tab=conversation`],
    ['workflows', '/workflows'],
    ['workflow', `/workflows/${workflowId}`],
    ['executions', '/executions'],
    ['execution', `/executions/${executionId}`],
    ['settings', '/settings'],
    ...['people', 'secrets', 'channels', 'state&namespace=team', 'machines', 'retention', 'audit'].map(
      (tab): [string, string] => [`administration-${tab.split('&')[0]}`, `/settings/administration?tab=${tab}`],
    ),
    ['definitions', '/settings/definitions'],
    ['definition', '/settings/definitions?name=tester'],
    ['usage', '/usage'],
  ];
}

async function signedIn(address: string, width: number, theme: 'light' | 'dark') {
  const opened = await openPage(browser, { width, height: width === 390 ? 844 : 900, theme, storage });
  await opened.page.goto(server.url + address);
  await opened.page.getByRole('heading', { level: 1 }).first().waitFor();
  return opened;
}
