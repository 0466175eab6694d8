/** What a Claude Code agent asks, answered in a real browser: by key, by a suggestion, and read on a phone in the dark. */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import { agentCliMissing } from '../support/agent-cli.ts';
import { openBrowser, openPage } from '../support/browser.ts';
import { claudeAgent } from '../support/claude-agent.ts';
import { type ModelEndpoint, startModelEndpoint } from '../support/model-endpoint.ts';
import { expectSound } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { finishedTask, giveTask } from '../support/shell-agents.ts';

const missing = agentCliMissing('claude');

describe.skipIf(missing !== null)(`Claude Code in the browser${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let home: string;
  let workspace: string;
  let database: TestDatabase;
  let server: Pointsman;
  let model: ModelEndpoint;
  let browser: Browser;
  let storage: Awaited<ReturnType<BrowserContext['storageState']>>;
  let coder: Agent;

  beforeAll(async () => {
    home = makeHome();
    workspace = path.join(home, 'shop');
    mkdirSync(workspace);
    [database, model, browser] = await Promise.all([
      createTestDatabase(),
      startModelEndpoint({ script }),
      openBrowser(),
    ]);
    server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
    coder = await claudeAgent(server, model, {
      name: 'coder',
      mode: 'headless',
      role: 'Coder',
      workspace: { path: workspace },
    });
    const { page, context } = await openPage(browser, { width: 1440, height: 900, theme: 'light' });
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

  test('a permission is shown with everything that hides in it, and given by one key', async () => {
    const { id } = await giveTask(server, coder.id, 'Mark the release as built.');
    const { page, context, troubles } = await signedIn('/inbox');
    await page.getByText('coder asks to use Bash').first().click();
    // A character that turns text around is made visible instead of being obeyed.
    await page.locator('pre', { hasText: 'touch' }).first().getByText('U+202E').waitFor();
    await page.getByRole('heading', { name: /U\+202E/ }).waitFor();
    await expectSound(page, 'permission-desktop-light');
    await page.keyboard.press('a');
    await page.getByText('Allowed', { exact: false }).filter({ visible: true }).first().waitFor();
    expect(await finishedTask(server, id)).toMatchObject({ status: 'succeeded' });
    expect(existsSync(path.join(workspace, 'built'))).toBe(true);
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a question is answered by one of its suggestions', async () => {
    const { id } = await giveTask(server, coder.id, 'Choose a database for the new service.');
    const { page, context, troubles } = await signedIn('/inbox', 390, 'dark');
    await page.getByText('coder asks: Which database').first().click();
    await page.getByRole('button', { name: 'SQLite', exact: true }).click();
    await expectSound(page, 'question-phone-dark');
    await page.getByRole('article').getByRole('button', { name: 'Answer', exact: true }).click();
    expect((await finishedTask(server, id)).result?.text).toContain('SQLite');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test.each([
    [1440, 'light', 'conversation-desktop-light'],
    [390, 'dark', 'conversation-phone-dark'],
  ] as const)('an agent without a terminal shows its conversation at %i, %s', async (width, theme, name) => {
    const { page, context, troubles } = await signedIn(`/agents/${coder.id}`, width, theme);
    const log = page.getByRole('log');
    await log.getByText('Choose a database for the new service.').waitFor();
    await log.getByText('tokens in').filter({ visible: true }).first().waitFor();
    // At its end, with its tools closed.
    await log.getByText('AskUserQuestion').waitFor();
    expect(await log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight)).toBeLessThan(40);
    expect(await log.locator('summary', { hasText: 'Bash' }).innerText()).toContain('touch built # ');
    // What is told of a task comes after its last word.
    expect((await log.innerText()).indexOf('It is marked.')).toBeLessThan((await log.innerText()).indexOf('tokens in'));
    await expectSound(page, name);
    await log.locator('summary', { hasText: 'Bash' }).click();
    const parts = log.locator('details[open] pre');
    expect(await parts.first().innerText()).toContain('"command": "touch built # ');
    expect(await parts.last().innerText()).toContain('completed with no output');
    await expectSound(page, `${name}-tool`);
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('the conversation of an agent in a terminal is a tab, grows by itself, and shows code as text', async () => {
    const agent = await claudeAgent(server, model, {
      name: 'typist',
      mode: 'tmux',
      workspace: { path: workspace },
    });
    const { page, context, troubles } = await signedIn(`/agents/${agent.id}`);
    await page.getByRole('tab', { name: 'Conversation', exact: true }).click();
    await page.getByText('Nothing was said yet').waitFor();
    await expectSound(page, 'conversation-empty');
    const { id } = await giveTask(server, agent.id, MARKUP);
    const log = page.getByRole('log');
    await log.locator('[data-role=assistant] pre', { hasText: '<img src=x onerror=alert(1)>' }).waitFor();
    expect(await log.locator('img').count()).toBe(0);
    await finishedTask(server, id);
    await log.getByText('succeeded').waitFor();
    await expectSound(page, 'conversation-tab-light');
    await page.reload();
    await log.getByText('Show me the markup.').filter({ visible: true }).first().waitFor();
    const { body } = await server.request('GET', `/api/agents/${agent.id}/transcript`);
    expect(body).toMatchObject([
      { role: 'user', text: MARKUP, taskId: id },
      { role: 'assistant', text: `You said: ${MARKUP}\n`, taskId: id },
    ]);
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('earlier pages are read by a button, and what is read stays in its place', async () => {
    for (const number of Array.from({ length: 51 }, (_, at) => at + 1))
      await finishedTask(server, (await giveTask(server, coder.id, `Say number ${number}.`)).id);
    const { page, context, troubles } = await signedIn(`/agents/${coder.id}`, 1440, 'dark');
    const log = page.getByRole('log');
    await log.getByText('Say number 51.').waitFor();
    expect(await log.getByText('Mark the release as built.').count()).toBe(0);
    const button = log.getByRole('button', { name: 'Show earlier', exact: true });
    await button.scrollIntoViewIfNeeded();
    const top = log.getByText('Say number 2.', { exact: true });
    const before = (await top.boundingBox())?.y ?? 0;
    await button.click();
    await log.getByText('This is where it began.').waitFor({ state: 'attached' });
    expect(await log.getByText('Mark the release as built.').count()).toBe(1);
    expect(Math.abs(((await top.boundingBox())?.y ?? 0) - before)).toBeLessThan(60);
    await expectSound(page, 'conversation-long-dark');
    expect(troubles).toEqual([]);
    await context.close();
  });

  async function signedIn(address: string, width: 1440 | 390 = 1440, theme: 'light' | 'dark' = 'light') {
    const opened = await openPage(browser, { width, height: width === 390 ? 844 : 900, theme, storage });
    await opened.page.goto(`${server.url}${address}`);
    return opened;
  }
});

const MARKUP = 'Show me the markup.\n```html\n<img src=x onerror=alert(1)>\n```';

/** What the model does for what it is asked. */
function script(prompt: string): string {
  if (prompt.includes('Mark the release'))
    return `STUB:tool Bash ${JSON.stringify({ command: 'touch built # \u202E nothing else', description: 'Leave the mark' })}\nSTUB:text It is marked.`;
  if (prompt === MARKUP) return ''; // then it tells what it heard
  if (prompt.includes('Say number')) return 'STUB:text Said.';
  const question = {
    question: 'Which database should the new service use?',
    header: 'Database',
    multiSelect: false,
    options: [
      { label: 'PostgreSQL', description: 'what we run already' },
      { label: 'SQLite', description: 'one file, no server' },
    ],
  };
  return `STUB:tool AskUserQuestion ${JSON.stringify({ questions: [question] })}`;
}
