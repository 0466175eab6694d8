/** Agent definitions written, corrected, imported, given to agents and deleted in a real browser. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import { openBrowser, openPage } from '../support/browser.ts';
import { expectSound } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let home: string;
let database: TestDatabase;
let server: Pointsman;
let browser: Browser;
let storage: Awaited<ReturnType<BrowserContext['storageState']>>;

const onDisk = (name: string) => path.join(home, 'definitions', `${name}.md`);
const REVIEWER = `---
name: reviewer
description: Reads a change with fresh eyes. Use it before something is merged.
color: red
tools: Read, Grep
---

# You review

You read and run; you do not edit.
`;
const agentNow = async (id: string): Promise<Agent> => (await server.request('GET', `/api/agents/${id}`)).body;

beforeAll(async () => {
  home = makeHome();
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
  await removeHome(home);
  await database.drop();
});

async function signedIn(address: string, width = 1280, theme: 'light' | 'dark' = 'light') {
  const opened = await openPage(browser, { width, height: width === 390 ? 844 : 800, theme, storage });
  await opened.page.goto(server.url + address);
  await opened.page.getByRole('heading', { level: 1 }).first().waitFor();
  return opened;
}

const saved = (page: Page) => page.getByText(/^Saved/).first();

/** Made and not started: what it is told is a matter of its row. */
async function agentOf(fields: object): Promise<Agent> {
  const workspace = path.join(home, 'workspace');
  mkdirSync(workspace, { recursive: true });
  const made = await server.request<Agent>('POST', '/api/agents', {
    kind: 'claude',
    workspace: { path: workspace },
    autostart: false,
    ...fields,
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body;
}

describe('agent definitions in the browser', () => {
  test('the settings lead to an empty list that says what to do, and a definition is written field by field', async () => {
    const { page, context, troubles } = await signedIn('/settings');
    await page.getByRole('link', { name: /Agent definitions/ }).click();
    await page.getByText('No definitions yet').waitFor();
    await expectSound(page, 'definitions-empty-1280-light');
    await page.getByRole('button', { name: 'New definition', exact: true }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('../bad');
    await page.getByLabel('Description').fill('Runs tests: says "what" fails.');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('A name begins with a letter or digit').filter({ visible: true }).first().waitFor();
    expect(await page.getByLabel('Name', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('Name', { exact: true }).fill('tester');
    await page.getByLabel('Model').fill('opus');
    await page.getByLabel('Instructions').fill('# You test\n\nRun everything.');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: 'tester', exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe('?name=tester');
    expect(readFileSync(onDisk('tester'), 'utf8')).toBe(
      '---\nname: tester\ndescription: "Runs tests: says \\"what\\" fails."\nmodel: opus\n---\n\n# You test\n\nRun everything.\n',
    );
    expect(troubles.filter((trouble) => !trouble.includes('422'))).toEqual([]);
    await context.close();
  });

  test('a change of one field leaves the rest of the file, and leaving without saving asks', async () => {
    writeFileSync(onDisk('reviewer'), REVIEWER);
    const { page, context, troubles } = await signedIn('/settings/definitions?name=reviewer');
    await page.getByLabel('Description').fill('Reviews.');
    await page.getByRole('link', { name: 'Settings', exact: true }).first().click();
    await page.getByRole('dialog').getByText('Leave without saving?').waitFor();
    await page.getByRole('button', { name: 'Leave it', exact: true }).click();
    expect(await page.getByLabel('Description').inputValue()).toBe('Reviews.');
    await page.keyboard.press('Control+s');
    await page.getByLabel('Description').press('Control+s');
    await saved(page).waitFor();
    expect(readFileSync(onDisk('reviewer'), 'utf8')).toBe(REVIEWER.replace(/description: .*/, 'description: Reviews.'));
    await page.getByRole('tab', { name: 'File', exact: true }).click();
    const file = page.getByLabel('File reviewer.md');
    expect(await file.inputValue()).toContain('color: red');
    await file.fill(REVIEWER.replace('tools: Read, Grep', 'tools: { Read: true }'));
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const line = page.getByRole('button', { name: 'Line 5', exact: true });
    await line.waitFor();
    await expectSound(page, 'definition-refused-1280-light');
    await line.click();
    const selection = await file.evaluate((area: HTMLTextAreaElement) =>
      area.value.slice(area.selectionStart, area.selectionEnd),
    );
    expect(selection).toBe('tools: { Read: true }');
    await page.keyboard.type('tools: Read');
    await page.keyboard.press('Control+s');
    await until('the file to be saved', async () => readFileSync(onDisk('reviewer'), 'utf8').includes('tools: Read\n'));
    expect(troubles.filter((trouble) => !trouble.includes('422'))).toEqual([]);
    await context.close();
  });

  test('a file that became bad says what is wrong and what counts meanwhile, and is corrected here', async () => {
    const agent = await agentOf({ name: 'critic', definition: 'reviewer' });
    writeFileSync(onDisk('reviewer'), REVIEWER.replace('description', 'descripton'));
    for (const [width, theme] of [
      [1280, 'light'],
      [1280, 'dark'],
      [390, 'light'],
      [390, 'dark'],
    ] as const) {
      const { page, context, troubles } = await signedIn('/settings/definitions', width, theme);
      const entry = page.getByRole('link', { name: /^reviewer/ });
      await entry.getByText('What it said before counts.').waitFor();
      expect(await entry.innerText()).toMatch(/Not valid[\s\S]*used by critic/);
      await expectSound(page, `definitions-bad-${width}-${theme}`);
      await entry.click();
      await page.getByText('Its agents keep what it said when it was last good.').waitFor();
      await page.getByRole('button', { name: 'Line 2', exact: true }).waitFor();
      await expectSound(page, `definition-bad-${width}-${theme}`);
      expect(troubles).toEqual([]);
      await context.close();
    }
    expect((await agentNow(agent.id)).instructions).toContain('You review');
    const { page, context } = await signedIn('/settings/definitions?name=reviewer');
    expect(await page.getByRole('button', { name: 'Delete', exact: true }).isDisabled()).toBe(true);
    await page.getByLabel('File reviewer.md').fill(REVIEWER.replace('You review', 'You look'));
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Its agents get it at their next start').filter({ visible: true }).first().waitFor();
    await page.getByRole('tab', { name: 'Fields', exact: true }).waitFor();
    expect((await agentNow(agent.id)).instructions).toContain('You look');
    await context.close();
  });

  test('what an editor saves appears by itself, and is not overwritten by what was typed before', async () => {
    const { page, context } = await signedIn('/settings/definitions?name=tester');
    await page.getByLabel('Instructions').fill('Mine.');
    writeFileSync(onDisk('tester'), '---\nname: tester\ndescription: Theirs.\n---\nTheirs.\n');
    await page.getByRole('button', { name: 'Read again', exact: true }).click();
    await page.getByText('The file was changed meanwhile').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('VERSION_CONFLICT').waitFor();
    await page.getByRole('button', { name: 'Load the file', exact: true }).click();
    await until('their words', async () => (await page.getByLabel('Instructions').inputValue()) === 'Theirs.');
    expect(readFileSync(onDisk('tester'), 'utf8')).toContain('Theirs.');
    await context.close();
  });

  test('an agent is given words of its own, and a definition again', async () => {
    const agent = (await server.request<Agent[]>('GET', '/api/agents')).body.find(({ name }) => name === 'critic');
    const { page, context, troubles } = await signedIn(`/agents/${agent?.id}`);
    const panel = page.locator('section', { has: page.getByRole('heading', { name: 'Instructions', exact: true }) });
    await panel.getByText('From the definition reviewer').waitFor();
    await panel.getByRole('button', { name: 'Change the source', exact: true }).click();
    await panel.getByLabel('They come from').selectOption('the agent itself');
    await panel.getByLabel('Its own words').fill('Be kind.');
    await panel.getByText('It is stopped and gets new words when it starts').waitFor();
    await panel.scrollIntoViewIfNeeded();
    await expectSound(page, 'agent-instructions-1280-light');
    await panel.getByRole('button', { name: 'Save', exact: true }).click();
    await panel.getByRole('button', { name: 'Edit', exact: true }).waitFor();
    await panel.getByText('Be kind.').waitFor();
    expect(await agentNow(agent?.id ?? '')).toMatchObject({ instructions: 'Be kind.' });
    expect((await agentNow(agent?.id ?? '')).definition).toBeUndefined();
    await panel.getByRole('button', { name: 'Edit', exact: true }).click();
    await panel.getByLabel('They come from').selectOption('the definition tester');
    await panel.getByRole('button', { name: 'Save', exact: true }).click();
    await panel.getByRole('button', { name: 'Change the source', exact: true }).waitFor();
    await panel.getByRole('link', { name: 'tester', exact: true }).waitFor();
    expect((await agentNow(agent?.id ?? '')).definition).toBe('tester');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a directory is imported whole or not at all, and overwrites only when told to', async () => {
    const directory = path.join(home, 'theirs');
    mkdirSync(directory);
    writeFileSync(path.join(directory, 'README.md'), '# Ours\n');
    writeFileSync(path.join(directory, 'coder.md'), '---\nname: coder\n---\n');
    writeFileSync(path.join(directory, 'reviewer.md'), '---\nname: reviewer\ndescription: Another.\n---\n');
    const { page, context } = await signedIn('/settings/definitions');
    await page.getByRole('button', { name: 'Import a directory', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Directory with definitions').setInputFiles(directory);
    await dialog.getByText('left out: no front matter').waitFor();
    await dialog.getByRole('button', { name: 'Import 2 files', exact: true }).click();
    await dialog.getByText('“description” is missing.').waitFor();
    await expectSound(page, 'definitions-import-1280-light');
    expect((await server.request('GET', '/api/definitions/coder')).status).toBe(404);
    writeFileSync(path.join(directory, 'coder.md'), '---\nname: coder\ndescription: Codes.\n---\n');
    await dialog.getByLabel('Directory with definitions').setInputFiles(directory);
    await dialog.getByRole('button', { name: 'Import 2 files', exact: true }).click();
    await dialog.getByLabel('Overwrite the definitions that exist').check();
    await dialog.getByRole('button', { name: 'Import 2 files', exact: true }).click();
    await dialog.getByText('2 definitions taken over, 0 unchanged.').waitFor();
    await dialog.getByRole('button', { name: 'Done', exact: true }).click();
    await page.getByRole('link', { name: /^coder/ }).waitFor();
    expect((await server.request('GET', '/api/definitions/reviewer')).body.description).toBe('Another.');
    rmSync(directory, { recursive: true });
    await context.close();
  });

  test('one that no agent uses is deleted after a question', async () => {
    const { page, context, troubles } = await signedIn('/settings/definitions?name=coder');
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('link', { name: /^coder/ }).waitFor({ state: 'detached' });
    expect((await server.request('GET', '/api/definitions/coder')).status).toBe(404);
    expect(troubles).toEqual([]);
    await context.close();
  });
});
