/** Agent definitions in a whole server: from files to what a real CLI tells its model, and back when a file is bad. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentDefinitionEntry } from '../../src/contract/agent-definitions.ts';
import type { Agent } from '../../src/contract/agents.ts';
import { agentCli, agentCliMissing } from '../support/agent-cli.ts';
import { claudeAgent } from '../support/claude-agent.ts';
import { type ModelEndpoint, startModelEndpoint } from '../support/model-endpoint.ts';
import {
  makeHome,
  type Pointsman,
  removeHome,
  spawnPointsman,
  startPointsman,
  until,
} from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { finishedTask, giveTask, untilAgent } from '../support/shell-agents.ts';

let home: string;
let workspace: string;
let database: TestDatabase;
let server: Pointsman;
let model: ModelEndpoint;

const start = async () => startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });

beforeAll(async () => {
  home = makeHome();
  workspace = path.join(home, 'workspace');
  mkdirSync(workspace);
  model = await startModelEndpoint();
  database = await createTestDatabase();
  server = await start();
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
  await model.close();
});

const textOf = (name: string, words: string, fields = '') =>
  `---\nname: ${name}\ndescription: Is ${name}.\n${fields}---\n\n${words}\n`;
const onDisk = (name: string) => path.join(home, 'definitions', `${name}.md`);
const agentNow = async (id: string): Promise<Agent> => (await server.request('GET', `/api/agents/${id}`)).body;
const entryOf = async (file: string): Promise<AgentDefinitionEntry> =>
  (await server.request<AgentDefinitionEntry[]>('GET', '/api/definitions')).body.find((one) => one.file === file) ??
  Promise.reject(new Error(`${file} is not listed`));

function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawnPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url, NO_COLOR: '1' } }, args);
  const ran = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (ran.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (ran.stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...ran, code })));
}

describe('a directory of definitions', () => {
  let directory: string;
  const write = (file: string, text: string) => writeFileSync(path.join(directory, file), text);

  beforeAll(() => {
    directory = path.join(home, '.claude', 'agents');
    mkdirSync(directory, { recursive: true });
    write('README.md', '# Ours\n');
    // As Claude Code writes one: a colon without quotes, fields that only it reads.
    write('reviewer.md', `---\nname: reviewer\ndescription: Reviews. Examples: user: "look"\ncolor: red\n---\nRead.\n`);
  });

  test('is not taken over while one file is bad, and which, where and why is said', async () => {
    write('broken.md', '---\nname: broken\ntools: { Read: true }\n---\n');
    const refused = await run('agents', 'import', directory);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/description at 2:\d+: broken\.md: “description” is missing/);
    expect(refused.stderr).toMatch(/tools at 3:\d+: broken\.md: “tools” is of the wrong type/);
    expect((await server.request('GET', '/api/definitions')).body).toEqual([]);
    rmSync(path.join(directory, 'broken.md'));
  });

  test('becomes definitions whose text is the very same, that an agent is made of', async () => {
    const imported = await run('agents', 'import', directory);
    expect(imported).toMatchObject({ code: 0, stdout: expect.stringMatching(/reviewer +created/) });
    expect(imported.stdout).toMatch(/README\.md +left out: no front matter/);
    expect(readFileSync(onDisk('reviewer'), 'utf8')).toBe(readFileSync(path.join(directory, 'reviewer.md'), 'utf8'));
    const add = ['agents', 'add', 'critic', '--definition', 'reviewer', '--workspace', workspace, '--no-start'];
    expect((await run(...add)).code).toBe(0);
    expect((await run('agents', 'definitions')).stdout).toMatch(/reviewer +critic +Reviews\. Examples: user: "look"/);
    expect((await run('agents', 'show', 'critic')).stdout).toMatch(/definition +reviewer/);
  });

  test('does not overwrite what was changed here, unless told to', async () => {
    await server.request('PATCH', '/api/definitions/reviewer', { instructions: 'Read twice.' });
    const refused = await run('agents', 'import', directory);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--replace') });
    expect(readFileSync(onDisk('reviewer'), 'utf8')).toContain('color: red\n---\n\nRead twice.');
    const replaced = await run('agents', 'import', directory, '--replace', '--json');
    expect(JSON.parse(replaced.stdout)).toEqual([{ name: 'reviewer', outcome: 'changed' }]);
  });
});

describe('a definition file', () => {
  let id: string;

  beforeAll(async () => {
    writeFileSync(onDisk('writer'), textOf('writer', 'First words.'));
    const { body } = await server.request('POST', '/api/agents', {
      name: 'scribe',
      kind: 'shell',
      definition: 'writer',
      workspace: { path: workspace },
    });
    id = body.id;
  });

  const says = (words: string) =>
    until(`the agent to be told “${words}”`, async () => (await agentNow(id)).instructions === words);

  test('is read again when an editor changes it', async () => {
    expect(await agentNow(id)).toMatchObject({ definition: 'writer', instructions: 'First words.' });
    writeFileSync(onDisk('writer'), textOf('writer', 'Second words.'));
    await says('Second words.');
  });

  test('that becomes bad is reported, and its agents keep what it said, also over a restart', async () => {
    const bad = textOf('writer', 'Bad words.').replace('description: Is writer.', 'model: opus');
    writeFileSync(onDisk('writer'), bad);
    const reported = {
      file: 'writer.md',
      description: 'Is writer.',
      agents: ['scribe'],
      problems: [{ path: '/description', line: 2, message: '“description” is missing.' }],
    };
    expect(await entryOf('writer.md')).toMatchObject(reported);
    expect(await agentNow(id)).toMatchObject({ instructions: 'Second words.' });
    expect((await run('agents', 'definitions')).stdout).toMatch(/writer\.md: \/description at 2:1/);
    const doctor = (await server.request<{ check: string }[]>('GET', '/api/doctor')).body;
    expect(doctor.find(({ check }) => check === 'definitions')).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('writer.md, line 2: “description” is missing.'),
    });
    expect(await server.request('PATCH', '/api/definitions/writer', { model: 'opus' })).toMatchObject({
      status: 422,
      body: { code: 'DEFINITION_INVALID' },
    });
    await server.kill();
    server = await start();
    expect(await agentNow(id)).toMatchObject({ definition: 'writer', instructions: 'Second words.' });
    expect(await entryOf('writer.md')).toMatchObject({ problems: reported.problems, agents: ['scribe'] });
  });

  test('that is corrected while the server is stopped is in force at its start', async () => {
    await server.kill();
    writeFileSync(onDisk('writer'), textOf('writer', 'Third words.'));
    server = await start();
    expect(await agentNow(id)).toMatchObject({ instructions: 'Third words.' });
    expect(await entryOf('writer.md')).toMatchObject({ problems: [] });
  });

  test('that is removed leaves its agents what it said, and a second of its name changes nothing', async () => {
    writeFileSync(onDisk('another'), textOf('writer', 'Not these.'));
    const twins = await until('both files', async () => {
      const { body } = await server.request<AgentDefinitionEntry[]>('GET', '/api/definitions');
      const found = body.filter(({ name }) => name === 'writer');
      return found.length === 2 ? found : null;
    });
    expect(twins).toMatchObject([
      { file: 'another.md', problems: [] },
      { file: 'writer.md', problems: [{ path: '/name', message: expect.stringContaining('another.md') }] },
    ]);
    rmSync(onDisk('another'));
    expect(await entryOf('writer.md')).toMatchObject({ problems: [] });
    await says('Third words.');
    rmSync(onDisk('writer'));
    expect((await server.request('GET', '/api/definitions/writer')).status).toBe(404);
    expect(await agentNow(id)).toMatchObject({ definition: 'writer', instructions: 'Third words.' });
  });
});

/** What the newest request told the model besides the conversation, and which tools it was given. */
const newest = () => JSON.stringify(model.requests.at(-1)?.body);
const toolsOf = () => ((model.requests.at(-1)?.body['tools'] ?? []) as { name: string }[]).map(({ name }) => name);

async function asks(agent: Agent, words: string): Promise<void> {
  const task = await giveTask(server, agent.id, `STUB:text ${words}`);
  expect(await finishedTask(server, task.id)).toMatchObject({ status: 'succeeded' });
}

async function restart(agent: Agent, fresh = ''): Promise<void> {
  expect((await server.request('POST', `/api/agents/${agent.id}/restart${fresh}`)).status).toBe(202);
  await untilAgent(server, agent.id, 'idle');
}

describe('what a definition says reaches the model', () => {
  const missing = {
    claude: agentCliMissing('claude'),
    codex: agentCliMissing('codex'),
    gemini: agentCliMissing('gemini'),
  };
  const why = (reason: string | null) => (reason === null ? '' : ` (skipped: ${reason})`);
  const define = async (name: string, words: string, fields = '') =>
    expect(
      (await server.request('PUT', `/api/definitions/${name}`, { text: textOf(name, words, fields) })).status,
    ).toBe(200);

  test.runIf(missing.claude === null).each(['headless', 'tmux'] as const)(
    `of Claude Code (%s), in a resumed conversation too, with only its tools${why(missing.claude)}`,
    async (mode) => {
      const name = `claude-${mode}`;
      await define(name, 'Speak like a sailor.', 'tools: Read, Grep, Bash(git *)\n');
      const agent = await claudeAgent(server, model, { name, mode, definition: name, workspace: { path: workspace } });
      await asks(agent, 'one');
      expect(newest()).toContain('Speak like a sailor.');
      expect(toolsOf()).toEqual(expect.arrayContaining(['Bash', 'Grep', 'Read']));
      expect(toolsOf()).not.toContain('Edit');
      expect(toolsOf()).not.toContain('Agent');
      await define(name, 'Speak like a poet.', 'disallowedTools: WebFetch\n');
      await restart(agent);
      await asks(agent, 'two');
      expect(newest()).toContain('STUB:text one');
      expect(newest()).toContain('Speak like a poet.');
      expect(newest()).not.toContain('Speak like a sailor.');
      expect(toolsOf()).toContain('Edit');
      expect(toolsOf()).not.toContain('WebFetch');
      await restart(agent);
      await asks(agent, 'three');
      expect(newest()).toContain('Speak like a poet.');
    },
  );

  test.runIf(missing.codex === null)(`of Codex, in its next new conversation${why(missing.codex)}`, async () => {
    await define('codex', 'Speak like a pilot.', 'model: sonnet\n');
    const agent = await makeAgent('codex', { OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_API_KEY: 'sk-stub' });
    await asks(agent, 'one');
    expect(newest()).toContain('Speak like a pilot.');
    expect(model.requests.at(-1)?.body['model']).not.toBe('sonnet');
    await define('codex', 'Speak like a judge.');
    await restart(agent, '?fresh=true');
    await asks(agent, 'two');
    expect(newest()).toContain('Speak like a judge.');
    expect(newest()).not.toContain('Speak like a pilot.');
  });

  test.runIf(missing.gemini === null)(`of Gemini, from its next start${why(missing.gemini)}`, async () => {
    await define('gemini', 'Speak like a baker.');
    const agent = await makeAgent('gemini', { GOOGLE_GEMINI_BASE_URL: model.url, GEMINI_API_KEY: 'stub' });
    await asks(agent, 'one');
    expect(newest()).toContain('Speak like a baker.');
    await define('gemini', 'Speak like a nurse.');
    await restart(agent);
    await asks(agent, 'two');
    expect(newest()).toContain('Speak like a nurse.');
  });

  async function makeAgent(kind: 'codex' | 'gemini', env: Record<string, string>): Promise<Agent> {
    const { body, status } = await server.request('POST', '/api/agents', {
      name: kind,
      kind,
      definition: kind,
      autostart: true,
      command: [agentCli(kind)],
      workspace: { path: workspace },
      env,
    });
    expect(status, JSON.stringify(body)).toBe(201);
    return untilAgent(server, body.id, 'idle');
  }
});

test('the starter team is made of definitions that can be changed', { timeout: 180_000 }, async () => {
  const own = makeHome();
  const its = await createTestDatabase();
  try {
    const demo = await startPointsman({ home: own, env: { POINTSMAN_DATABASE_URL: its.url, POINTSMAN_DEMO: 'on' } });
    const definitions = (await demo.request<AgentDefinitionEntry[]>('GET', '/api/definitions')).body;
    expect(definitions.map(({ name }) => name)).toEqual([
      'architect',
      'backend',
      'database',
      'frontend',
      'release',
      'reviewer',
      'tester',
    ]);
    for (const { name, agents, problems } of definitions)
      expect({ name, agents, problems }).toMatchObject({ agents: expect.arrayContaining([name]), problems: [] });
    const file = path.join(own, 'definitions', 'tester.md');
    writeFileSync(file, textOf('tester', 'Test less.'));
    await until('the tester to know it', async () => {
      const { body } = await demo.request<Agent[]>('GET', '/api/agents');
      return body.find(({ name }) => name === 'tester')?.instructions === 'Test less.';
    });
  } finally {
    await removeHome(own);
    await its.drop();
  }
});
