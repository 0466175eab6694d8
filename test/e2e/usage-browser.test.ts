/** What a real Claude Code agent used, what limits it, and how far its task is, seen and answered in a real browser. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import type { UsageReport } from '../../src/contract/usage.ts';
import { agentCliMissing } from '../support/agent-cli.ts';
import { openBrowser, openPage } from '../support/browser.ts';
import { claudeAgent } from '../support/claude-agent.ts';
import { openItem } from '../support/inbox.ts';
import { type ModelEndpoint, startModelEndpoint } from '../support/model-endpoint.ts';
import { expectSound } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { finishedTask, giveTask, untilTask } from '../support/shell-agents.ts';

const missing = agentCliMissing('claude');
const LOOKS = [
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const;

describe.skipIf(missing !== null)(`usage in the browser${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let home: string;
  let database: TestDatabase;
  let server: Pointsman;
  let model: ModelEndpoint;
  let browser: Browser;
  let storage: Awaited<ReturnType<BrowserContext['storageState']>>;
  let coder: Agent;

  beforeAll(async () => {
    home = makeHome();
    mkdirSync(path.join(home, 'workspace'));
    [database, model, browser] = await Promise.all([createTestDatabase(), startModelEndpoint(), openBrowser()]);
    server = await startPointsman({
      home,
      env: { POINTSMAN_DATABASE_URL: database.url, POINTSMAN_BUDGET_USD_PER_DAY: '50' },
    });
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
    await model.close();
  });

  async function signedIn(address: string, width = 1280, theme: 'light' | 'dark' = 'light') {
    const opened = await openPage(browser, { width, height: width === 390 ? 844 : 800, theme, storage });
    await opened.page.goto(server.url + address);
    await opened.page.getByRole('heading', { level: 1 }).first().waitFor();
    return opened;
  }

  test('without any use it says so, and which agents would have some', async () => {
    const { page, context, troubles } = await signedIn('/');
    await page.getByRole('link', { name: 'Usage', exact: true }).click();
    await page.getByText('Nothing was used on these days').waitFor();
    await page.getByText('No agent here uses tokens').waitFor();
    await expectSound(page, 'usage-empty-1280-light');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('tokens and cost are those of the API, by day, agent and workflow, for the days in the address', async () => {
    coder = await claudeAgent(server, model, {
      name: 'coder',
      mode: 'headless',
      role: 'Coder',
      workspace: { path: path.join(home, 'workspace') },
    });
    await finishedTask(server, (await giveTask(server, coder.id, 'STUB:text hello')).id);
    const today = await until('the use to be booked', async () => {
      const { body } = await server.request<UsageReport>('GET', '/api/usage');
      return body.total.inputTokens > 0 ? body.to : null;
    });
    await bookEarlierDays(today);
    for (const [width, theme] of LOOKS) {
      const { page, context, troubles } = await signedIn('/usage?days=30&by=agent', width, theme);
      const { body: month } = await server.request<UsageReport>(
        'GET',
        `/api/usage?by=agent&from=${dayBefore(today, 29)}&to=${today}`,
      );
      await page.getByRole('row', { name: /^coder/ }).waitFor();
      await page.getByRole('img', { name: 'Cost of 30 days', exact: true }).waitFor();
      expect(await page.locator('dl').first().innerText()).toContain(`$${month.total.cost.toFixed(2)}`);
      expect(await page.getByRole('img', { name: 'Cost of 30 days', exact: true }).locator('> span').count()).toBe(30);
      await expectSound(page, `usage-${width}-${theme}`);
      expect(troubles).toEqual([]);
      await context.close();
    }
    const { page, context } = await signedIn('/usage?days=30');
    await page.getByText('15 days without use left out').waitFor();
    const rows = await page.locator('tbody tr').count();
    await page.getByRole('tab', { name: 'By day', exact: true }).press('ArrowRight');
    await page.getByRole('row', { name: /^coder/ }).waitFor();
    await page.getByRole('tab', { name: 'By workflow', exact: true }).click();
    await page.getByRole('row', { name: /^no saved workflow/ }).waitFor();
    expect(new URL(page.url()).searchParams.get('by')).toBe('workflow');
    await page.getByRole('button', { name: '7 days', exact: true }).click();
    await page.getByRole('tab', { name: 'By day', exact: true }).click();
    await page.getByText('Today', { exact: true }).waitFor();
    expect(rows).toBe(15);
    await page.getByLabel('From').fill(dayBefore(today, 60));
    await page.getByLabel('To', { exact: true }).fill(dayBefore(today, 40));
    await page.getByText('Nothing was used on these days').waitFor();
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      from: dayBefore(today, 60),
      to: dayBefore(today, 40),
      by: 'day',
    });
    await context.close();
  });

  test('a budget is set, holds the agent when it is used up, is raised in place, and taken away', async () => {
    const { page, context, troubles } = await signedIn('/usage');
    await page.getByRole('button', { name: /the budget of coder/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/Tokens a day/).fill('1.5');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.getByText('Must be a whole number').waitFor();
    await dialog.getByLabel(/Tokens a day/).fill('1');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    const waiting = await giveTask(server, coder.id, 'STUB:text later');
    const item = await openItem(server, ({ type, agentId }) => type === 'budget' && agentId === coder.id);
    const row = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /the budget of coder/ }) });
    await row.getByText('Paused').waitFor();
    expect(await row.innerText()).toMatch(/of 1 tokens[\s\S]*its budget for .* is used up/);
    for (const [width, theme] of LOOKS) {
      const other = await signedIn('/usage', width, theme);
      await other.page.getByRole('region', { name: item.title, exact: true }).waitFor();
      await other.page.getByText('All agents together', { exact: true }).waitFor();
      await expectSound(other.page, `usage-held-${width}-${theme}`);
      await other.context.close();
    }
    const question = page.getByRole('region', { name: item.title, exact: true });
    await question.getByLabel(/New limit of tokens/).fill('100000000');
    await question.getByRole('button', { name: /^Raise/ }).click();
    expect(await finishedTask(server, waiting.id)).toMatchObject({ status: 'succeeded', result: { text: 'later' } });
    await row.getByText('Used up').waitFor();
    await page.getByRole('button', { name: /the budget of coder/ }).click();
    await dialog.getByLabel(/Tokens a day/).fill('');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await row.getByText('No limit of its own.').waitFor();
    expect((await server.request<Agent>('GET', `/api/agents/${coder.id}`)).body.budget).toBeUndefined();
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('what an agent reports of its task is shown with it, live and to whoever comes later', async () => {
    const report = (message: string, percent: number) =>
      `STUB:tool mcp__pointsman__report_progress ${JSON.stringify({ message, percent })}`;
    const words = 'Half of the tests are green; the payment ones are next';
    const executed = await server.request('POST', '/api/workflow/execute', {
      workflow: {
        name: 'Make it green',
        nodes: [
          {
            id: 'fix',
            type: 'agent',
            config: {
              agent: 'coder',
              prompt: `${report('Looking around', 10)}\n${report(words, 50)}\nSTUB:hold fixed done`,
            },
          },
        ],
      },
    });
    expect(executed.status, JSON.stringify(executed.body)).toBe(202);
    const live = await signedIn(`/executions/${executed.body.id}?node=fix`);
    const said = (page: typeof live.page) => page.getByRole('group', { name: 'Progress', exact: true }).first();
    await said(live.page).getByText(words).waitFor();
    await live.page.getByRole('button', { name: new RegExp(`^fix.*50 % · ${words}`) }).waitFor();
    for (const [width, theme] of LOOKS) {
      const { page, context, troubles } = await signedIn(`/agents/${coder.id}`, width, theme);
      await said(page).getByText(words).waitFor();
      expect(await said(page).getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50');
      await expectSound(page, `agent-progress-${width}-${theme}`);
      await page.goto(`${server.url}/executions/${executed.body.id}?node=fix`);
      await said(page).getByText(words).waitFor();
      await said(page).scrollIntoViewIfNeeded();
      await expectSound(page, `execution-progress-${width}-${theme}`);
      expect(troubles).toEqual([]);
      await context.close();
    }
    model.release('fixed');
    const taskId = await until('the task', async () => {
      const { body } = await server.request('GET', `/api/executions/${executed.body.id}`);
      return body.steps[0]?.taskId as string | undefined;
    });
    await untilTask(server, taskId, ({ status }) => status === 'succeeded');
    await live.page.getByRole('button', { name: /^fix.*Succeeded/ }).waitFor();
    // How far it was is no matter any more.
    expect(await live.page.getByRole('button', { name: new RegExp(words) }).count()).toBe(0);
    expect(await said(live.page).count()).toBe(0);
    expect(live.troubles).toEqual([]);
    await live.context.close();
  });

  /** Days that lie behind cannot be worked through here. */
  async function bookEarlierDays(today: string): Promise<void> {
    const client = new pg.Client(database.connection);
    await client.connect();
    try {
      for (let back = 1; back <= 28; back += 2)
        await client.query(
          `INSERT INTO usage_days (day, agent_id, workflow_id, input_tokens, output_tokens, cost) VALUES ($1, $2, NULL, $3, $4, $5)`,
          [dayBefore(today, back), coder.id, 40_000 * back, 900 * back, 0.35 + ((back * 7) % 11) / 5],
        );
    } finally {
      await client.end();
    }
  }
});

function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10);
}
