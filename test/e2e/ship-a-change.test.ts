/**
 * “Ship a change” as the demo offers it where Claude Code is found: two Claude Code agents plan and implement in a worktree
 * of the execution, shells test and commit, and one agent is killed in the middle. Its person sits at a browser: one
 * permission is given in the inbox, one at the agent's own terminal, the change is approved and merged.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import type { Execution } from '../../src/contract/executions.ts';
import type { InboxItem } from '../../src/contract/inbox.ts';
import { agentCli, agentCliMissing } from '../support/agent-cli.ts';
import { openBrowser, openPage } from '../support/browser.ts';
import { type ModelEndpoint, startModelEndpoint } from '../support/model-endpoint.ts';
import { keepPicture } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { processesOf, untilAgent } from '../support/shell-agents.ts';

const missing = agentCliMissing('claude');
const CHANGE = 'Note in SHIPPED.md that this was shipped.';
const DIALOG = 'Do you want to';

describe.skipIf(missing !== null)(`Ship a change${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let home: string;
  let database: TestDatabase;
  let server: Pointsman;
  let model: ModelEndpoint;
  let browser: Browser;

  beforeAll(async () => {
    home = makeHome();
    model = await startModelEndpoint({ script });
    [database, browser] = await Promise.all([createTestDatabase(), openBrowser()]);
    // As on a machine of somebody who has installed Claude Code and signed it in by a key.
    const bin = path.join(home, 'bin');
    mkdirSync(bin);
    symlinkSync(agentCli('claude'), path.join(bin, 'claude'));
    server = await startPointsman({
      home,
      env: {
        POINTSMAN_DATABASE_URL: database.url,
        POINTSMAN_DEMO: 'on',
        PATH: `${bin}:${process.env['PATH']}`,
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: 'sk-ant-stub-0123456789abcdefghij',
      },
    });
  });

  afterAll(async () => {
    await browser?.close();
    await removeHome(home);
    await database.drop();
    await model.close();
  });

  test('plans, implements after a crash of its agent, tests, is reviewed, approved, committed and merged', async () => {
    const agents = (await server.request<Agent[]>('GET', '/api/agents')).body;
    const [planner, coder] = ['planner', 'coder'].map((name) => agents.find((agent) => agent.name === name));
    if (!planner || !coder) throw new Error('the Claude Code agents are not there');
    await untilAgent(server, planner.id, 'idle');
    await untilAgent(server, coder.id, 'idle');
    const workflows = (await server.request('GET', '/api/workflows')).body;
    const workflow = workflows.find((one: { name: string }) => one.name === 'Ship a change');
    const started = await server.request<Execution>('POST', `/api/workflows/${workflow.id}/execute`, {
      inputs: { change: CHANGE },
    });
    expect(started.status).toBe(202);

    // The first attempt of the coder is killed while it waits for the model; the second one resumes the conversation.
    await model.asked('Make this change');
    await until('the coder at work', async () =>
      (await stepsOf('implement')).some((step) => step.status === 'running'),
    );
    process.kill(processesOf(home, coder.id).pane, 'SIGKILL');
    const asked = await openItem(({ agentId }) => agentId === coder.id);
    expect(asked).toMatchObject({ type: 'permission', executionId: started.body.id, payload: { tool: 'Bash' } });
    expect(String(asked.payload['cwd'])).toContain('worktrees');

    const { page, context, troubles } = await openPage(browser, { width: 1440, height: 900, theme: 'dark' });
    await page.goto(server.signInLink);
    await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
    await page.goto(`${server.url}/inbox?item=${asked.id}`);
    await page.locator('pre', { hasText: 'SHIPPED.md' }).first().waitFor();
    await page.keyboard.press('a');
    await page.getByText('Allowed', { exact: false }).filter({ visible: true }).first().waitFor();

    const again = await openItem(({ agentId, id }) => agentId === coder.id && id !== asked.id);
    expect(again).toMatchObject({ type: 'permission', payload: { tool: 'Bash' } });
    await allowAtTheTerminal(page, coder.id);
    // Claude Code tells of it when the tool has run, a moment after its dialog is gone.
    const stateOfAgain = async () => (await server.request<InboxItem>('GET', `/api/inbox/${again.id}`)).body.state;
    await until('the item to be closed', async () => (await stateOfAgain()) !== 'open');
    expect(await stateOfAgain()).toBe('withdrawn');

    const approval = await openItem(({ type, executionId }) => type === 'approval' && executionId === started.body.id);
    expect(approval.payload['body']).toContain('I would merge it');
    await page.goto(`${server.url}/executions/${started.body.id}`);
    await page.getByText('I would merge it').filter({ visible: true }).first().waitFor();
    await keepPicture(page, 'ship-a-change-approval');
    await page.getByRole('button', { name: /^Approve/ }).click();
    const done = await until(
      'the end',
      async () => {
        const { body } = await server.request<Execution>('GET', `/api/executions/${started.body.id}`);
        return ['succeeded', 'failed'].includes(body.status) ? body : null;
      },
      60_000,
    );
    expect(done, JSON.stringify(done)).toMatchObject({ status: 'succeeded', outputs: { committed: true } });
    expect(done.usage.inputTokens).toBeGreaterThan(0);
    expect(done.steps.filter((step) => step.nodeId === 'implement').map((step) => step.status)).toEqual([
      'failed',
      'succeeded',
    ]);
    const implemented = done.steps.findLast((step) => step.nodeId === 'implement');
    expect(implemented?.output).toMatchObject({ diff: expect.stringContaining('+shipped\n') });

    // What was made lies on a branch; merging it brings it into the repository.
    const repository = coder.workspace.path;
    const show = () => execFileSync('git', ['-C', repository, 'ls-files', 'SHIPPED.md'], { encoding: 'utf8' });
    expect(show()).toBe('');
    await page.goto(`${server.url}/agents/${coder.id}`);
    await page.getByRole('button', { name: 'Changes', exact: true }).first().click();
    await page.getByText('shipped twice', { exact: true }).waitFor();
    await keepPicture(page, 'ship-a-change-merge');
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.getByText('merged', { exact: true }).filter({ visible: true }).first().waitFor();
    expect(show()).toBe('SHIPPED.md\n');
    expect((await server.request('GET', `/api/tasks/${implemented?.taskId}`)).body.workspace.state).toBe('merged');
    expect(troubles).toEqual([]);
    await context.close();

    async function stepsOf(nodeId: string) {
      const { body } = await server.request<Execution>('GET', `/api/executions/${started.body.id}`);
      return body.steps.filter((step) => step.nodeId === nodeId);
    }
  });

  async function openItem(fits: (item: InboxItem) => boolean): Promise<InboxItem> {
    return until(
      'an item in the inbox',
      async () => (await server.request<InboxItem[]>('GET', '/api/inbox?state=open')).body.find(fits),
      60_000,
    ).catch(async (error: unknown) => {
      const { body: executions } = await server.request('GET', '/api/executions');
      const { body: execution } = await server.request<Execution>('GET', `/api/executions/${executions[0].id}`);
      const steps = execution.steps.map(({ nodeId, attempt, status, error: failure }) => ({
        nodeId,
        attempt,
        status,
        failure,
      }));
      const { body: agents } = await server.request<Agent[]>('GET', '/api/agents');
      const seen = agents.map(({ name, status, statusReason }) => ({ name, status, statusReason })).slice(-3);
      throw new Error(`${String(error)}\n${JSON.stringify({ name: executions[0].name, steps, seen }, null, 1)}`);
    });
  }

  /** As a person does who sees the dialog: takes the seat and presses the number of “Yes” until the dialog is gone. */
  async function allowAtTheTerminal(page: Page, agent: string): Promise<void> {
    const screen = async () => (await server.request('GET', `/api/agents/${agent}/screen`)).body.screen as string;
    await until('the dialog', async () => (await screen()).includes(DIALOG));
    await page.goto(`${server.url}/agents/${agent}`);
    await page
      .getByRole('region', { name: 'Terminal of coder', exact: true })
      .getByText('Live', { exact: true })
      .waitFor();
    await page.keyboard.press('s');
    await page.getByText('You hold the seat').waitFor();
    await keepPicture(page, 'ship-a-change-terminal');
    // Claude Code takes no key in the first moment of a dialog.
    await until('the dialog to close', async () => {
      await page.keyboard.press('1');
      await page.waitForTimeout(500);
      return !(await screen()).includes(DIALOG);
    });
  }
});

let implementing = 0;

/** What the model does for each prompt of the workflow; the first attempt to implement never gets an answer. */
function script(prompt: string): string {
  if (prompt.includes('plan the following change')) return 'STUB:text 1. Write SHIPPED.md';
  if (prompt.includes('Review the uncommitted changes')) return 'STUB:text I would merge it.';
  if (!prompt.includes('Make this change')) return '';
  implementing += 1;
  if (implementing === 1) return 'STUB:hang';
  const commands = ['shipped', 'shipped twice'].map(
    (line) => `node --eval "require('fs').appendFileSync('SHIPPED.md', '${line}\\n')"`,
  );
  return [...commands.map((command) => `STUB:tool Bash ${JSON.stringify({ command })}`), 'STUB:text It is done.'].join(
    '\n',
  );
}
