/** A backup taken while the product runs, and brought back somewhere else. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  makeHome,
  type Pointsman,
  removeHome,
  spawnPointsman,
  startPointsman,
  until,
} from '../support/pointsman-process.ts';
import { untilAgent } from '../support/shell-agents.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let home: string;
let place: string;
let database: TestDatabase;
let server: Pointsman;
const restored: { home: string; database: TestDatabase }[] = [];

beforeAll(async () => {
  home = makeHome();
  place = makeHome();
  database = await createTestDatabase();
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
});

afterAll(async () => {
  for (const at of [{ home, database }, ...restored]) {
    await removeHome(at.home);
    await at.database.drop();
  }
  await removeHome(place);
});

async function run(
  args: string[],
  at: { home: string; database: TestDatabase },
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawnPointsman(
    { home: at.home, env: { POINTSMAN_DATABASE_URL: at.database.url, NO_COLOR: '1' } },
    args,
  );
  const ran = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (ran.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (ran.stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...ran, code })));
}

async function elsewhere(): Promise<{ home: string; database: TestDatabase }> {
  const at = { home: makeHome(), database: await createTestDatabase() };
  restored.push(at);
  return at;
}

/** What a client sees of everything; ages and measurements aside. */
async function seen(of: Pointsman): Promise<unknown> {
  const body = async (address: string) => (await of.request('GET', address)).body;
  const executions = (await body('/api/executions')) as { id: string }[];
  return {
    agents: ((await body('/api/agents')) as Record<string, unknown>[]).map(({ id, name, workspace }) => ({
      id,
      name,
      workspace,
    })),
    executions: await Promise.all(executions.map(({ id }) => body(`/api/executions/${id}`))),
    inbox: await body('/api/inbox'),
    workflows: await body('/api/workflows'),
    state: await body('/api/state/team'),
    secrets: await body('/api/secrets'),
    audit: ((await body('/api/audit?limit=200')) as { action: string }[]).filter(
      ({ action }) => action !== 'backup.create',
    ),
  };
}

test('everything is back in another directory and database, and what waited goes on', async () => {
  const workspace = path.join(place, 'workspace');
  mkdirSync(workspace);
  const create = async (address: string, body: unknown) => {
    const answer = await server.request('POST', address, body);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body;
  };
  await server.request('PUT', '/api/secrets/KEY', { value: 'under the mat' });
  await server.request('PUT', '/api/state/team/motto', { value: { text: 'Grüße \u{1f600}', n: 12345678901234 } });
  const agent = await create('/api/agents', {
    name: 'keeper',
    kind: 'shell',
    mode: 'headless',
    workspace: { path: workspace },
    command: ['sh', '-c', 'printf %s "$KEY"'],
    env: { KEY: 'secret:KEY' },
  });
  const workflow = await create('/api/workflows', {
    name: 'Ask first',
    nodes: [
      { id: 'ask', type: 'approval', config: { title: 'Go on?' } },
      { id: 'say', type: 'agent', config: { agent: 'keeper', prompt: 'anything' } },
    ],
    edges: [{ from: 'ask', to: 'say', when: "nodes.ask.output.decision == 'approve'" }],
    outputs: { said: 'nodes.say.output.text' },
  });
  const { id } = await create(`/api/workflows/${workflow.id}/execute`, {});
  await until('the approval', async () => (await server.request('GET', '/api/inbox')).body.length === 1);

  const file = path.join(place, 'one.backup');
  const before = await seen(server);
  expect(await run(['backup', file], { home, database })).toMatchObject({ code: 0, stdout: `${file}\n` });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(place).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(gunzipSync(readFileSync(file)).toString()).not.toContain('under the mat');
  expect(await run(['backup', file], { home, database })).toMatchObject({ code: 1 });
  await server.kill();

  const at = await elsewhere();
  expect(await run(['restore', file], at)).toMatchObject({ code: 0 });
  const second = await startPointsman({ home: at.home, env: { POINTSMAN_DATABASE_URL: at.database.url } });
  expect(second.token).toBe(server.token);
  expect(await seen(second)).toEqual(before);
  expect((await second.request('GET', '/api/audit/verify')).body).toMatchObject({ intact: true });
  const [item] = (await second.request('GET', '/api/inbox')).body;
  // The step takes an agent that runs, and may come right after the answer.
  await second.request('POST', `/api/agents/${agent.id}/start`);
  await untilAgent(second, agent.id, 'idle');
  await second.request('POST', `/api/inbox/${item.id}/resolve`, { decision: 'approve', hash: item.hash });
  const ended = await until('the end', async () => {
    const { body } = await second.request('GET', `/api/executions/${id}`);
    return ['succeeded', 'failed'].includes(body.status) && body;
  });
  expect(ended).toMatchObject({ status: 'succeeded', outputs: { said: 'under the mat' } });
  // New rows get new numbers.
  expect((await second.request('PUT', '/api/state/team/more', { value: 1 })).status).toBe(200);
  expect((await second.request('GET', '/api/audit?limit=1')).body[0].seq).toBeGreaterThan(0);
  await second.kill('SIGTERM');

  const over = await run(['restore', file], at);
  expect(over.code).toBe(1);
  expect(over.stderr).toContain('holds data');
});

test('a file that is cut off, changed or no backup is refused before anything is written', async () => {
  const whole = readFileSync(path.join(place, 'one.backup'));
  const text = gunzipSync(whole).toString();
  const bad: [string, Buffer, string][] = [
    ['cut.backup', whole.subarray(0, whole.length - 40), 'cannot be restored'],
    ['short.backup', gzipSync(text.split('\n').slice(0, -2).join('\n')), 'cut off'],
    ['changed.backup', gzipSync(text.replace('Ask first', 'Ask later')), 'its sum is another'],
    ['text.backup', Buffer.from('hello'), 'cannot be restored'],
    ['other.backup', gzipSync('{"a":1}\n'), 'no backup of Pointsman'],
  ];
  const at = await elsewhere();
  for (const [name, content, why] of bad) {
    writeFileSync(path.join(place, name), content);
    const refused = await run(['restore', path.join(place, name)], at);
    expect(refused.code, name).not.toBe(0);
    expect(refused.stderr, name).toContain(why);
  }
  expect(readdirSync(at.home)).toEqual([]);
  const missing = await run(['restore', path.join(place, 'nowhere.backup')], at);
  expect(missing.code).not.toBe(0);
  expect(missing.stderr).toContain('nowhere.backup');
});
