/** The demo in a real store: complete after one start, and complete without doubles after one that was killed anywhere. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createDefinitionFolder } from '../../adapters/definition-folder/definition-folder.ts';
import { createGitWorkspaces } from '../../adapters/git/git-workspaces.ts';
import { createSecretVault } from '../../adapters/secret-vault/secret-vault.ts';
import { createPostgresStore } from '../../adapters/postgres/postgres-store.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../../adapters/postgres/testing/migrated-database.ts';
import { AgentDefinitions } from '../../engine/agents/agent-definitions.ts';
import type { EffectContext } from '../../engine/effects/effect-runner.ts';
import { Mailroom } from '../../engine/mailroom.ts';
import type { Store } from '../../ports/store/store.ts';
import { type Home, prepareHome } from '../home.ts';
import { createIdSource } from '../system-clock.ts';
import { seedDemo } from './seed-demo.ts';
import { STARTER_TEAM } from './starter-team.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const by = { name: 'pointsman', role: 'admin' };

let database: MigratedDatabase;
let home: Home;

beforeAll(async () => {
  database = await createMigratedDatabase();
});

afterAll(() => database.drop());

beforeEach(async () => {
  await database.pool.query('TRUNCATE agents, workflows, executions, events RESTART IDENTITY CASCADE');
  const directory = mkdtempSync(path.join(os.tmpdir(), 'pointsman-seed-'));
  home = prepareHome(directory);
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
});

test('an empty installation gets a repository, seven agents, the workflow and one execution', async () => {
  const engine = engineOn(createPostgresStore(database));
  await seed(engine);
  await expectComplete(engine);
  const repository = path.join(home.path, 'sample/release-check');
  expect(execFileSync('git', ['status', '--porcelain'], { cwd: repository, encoding: 'utf8' })).toBe('');
  const agents = await engine.store.agents.list();
  expect(
    agents.every(
      (agent) =>
        agent.desired === 'running' &&
        agent.workspace.path === repository &&
        agent.definition?.name === agent.name &&
        agent.definition.instructions.length > 500,
    ),
  ).toBe(true);
});

test('a start that is killed after any write is completed by the next one, without doubles', async () => {
  const writes = STARTER_TEAM.length + 2;
  for (let point = 0; point <= writes; point += 1) {
    await database.pool.query('TRUNCATE agents, workflows, executions, events RESTART IDENTITY CASCADE');
    rmSync(path.join(home.path, 'sample'), { recursive: true, force: true });
    const store = createPostgresStore(database);
    const killed = await seed(engineOn(dyingAfter(store, point))).then(
      () => false,
      () => true,
    );
    expect(killed, `point ${point}`).toBe(point < writes);
    const engine = engineOn(store);
    await seed(engine);
    await expectComplete(engine);
  }
});

test('a repository that was left half made is made again', async () => {
  const engine = engineOn(createPostgresStore(database));
  await expect(seed(engine, path.join(ROOT, 'no-such-examples'))).resolves.toBeUndefined();
  expect(await engine.store.agents.list()).toEqual([]);
  await seed(engine);
  await expectComplete(engine);
  expect(readdirSync(path.join(home.path, 'sample')).toSorted()).toEqual(['complete', 'release-check']);
});

test('what was removed afterwards does not come back', async () => {
  const engine = engineOn(createPostgresStore(database));
  await seed(engine);
  for (const agent of await engine.store.agents.list()) await engine.store.agents.remove(agent.id);
  await seed(engine);
  expect(await engine.store.agents.list()).toEqual([]);
});

test('an installation that is in use already is left alone', async () => {
  const engine = engineOn(createPostgresStore(database));
  await seed(engine);
  rmSync(path.join(home.path, 'sample'), { recursive: true });
  await seed(engine);
  expect(existsSync(path.join(home.path, 'sample'))).toBe(false);
});

test('the example with Claude Code is offered where it is found', async () => {
  const engine = engineOn(createPostgresStore(database));
  await seedDemo({
    engine: { ...engine, agents: { canRun: () => true } },
    definitions: definitionsOf(engine),
    home,
    examples: path.join(ROOT, 'examples'),
    claudeFound: async () => true,
    by,
  });
  const workflows = await engine.store.workflows.list({ limit: 10 });
  expect(workflows.map(({ workflow }) => workflow.name).toSorted()).toEqual(['Release check', 'Ship a change']);
});

function seed(engine: EffectContext, examples = path.join(ROOT, 'examples')): Promise<void> {
  return seedDemo({
    engine: { ...engine, agents: { canRun: () => true } },
    definitions: definitionsOf(engine),
    home,
    examples,
    claudeFound: async () => false,
    by,
  });
}

function definitionsOf(engine: EffectContext): AgentDefinitions {
  return new AgentDefinitions(engine, { folder: createDefinitionFolder(home.definitions), currentTaskOf: () => null });
}

async function expectComplete({ store }: EffectContext): Promise<void> {
  expect((await store.agents.list()).map((agent) => agent.name)).toEqual(STARTER_TEAM.map(({ name }) => name));
  const [only, ...more] = await store.workflows.list({ limit: 10 });
  expect(more).toEqual([]);
  expect(only?.workflow).toMatchObject({ name: 'Release check', version: 1, liveVersion: 1 });
  const executions = await store.executions.list({}, { limit: 10 });
  expect(executions).toMatchObject([
    { workflowId: only?.workflow.id, version: 1, status: 'queued', inputs: { version: 'next' } },
  ]);
  expect(await store.executions.mail(executions[0]?.id ?? '', 10)).toHaveLength(1);
}

/** Where no host runs: a look at the clock finds the agents started. */
function engineOn(store: Store): EffectContext {
  const silent = () => undefined;
  const base = {
    store,
    bus: { publish: async () => undefined, subscribe: () => silent, close: async () => undefined },
    queue: {
      enqueue: async () => undefined,
      work: async () => ({ stop: async () => undefined }),
      close: async () => undefined,
    },
    clock: {
      now: () => new Date(),
      sleep: async () => {
        for (const agent of await store.agents.list()) await store.agents.update(agent.id, { status: 'starting' });
        return 'elapsed' as const;
      },
    },
    ids: createIdSource(),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    workspaces: createGitWorkspaces({ directory: '/nowhere' }),
    secrets: createSecretVault({ store: store.secrets, masterKey: Buffer.alloc(32) }),
    directoryExists: async (directory: string) => existsSync(directory),
    budgetPerDay: null,
    hostId: 'host-1',
    owner: 'host-1:1',
  };
  return { ...base, mailroom: new Mailroom(base) };
}

/** Lets that many transactions through, and nothing after. */
function dyingAfter(store: Store, writes: number): Store {
  let left = writes;
  const counted = <A extends unknown[], R>(write: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (left === 0) throw new Error('killed');
      left -= 1;
      return write(...args);
    };
  };
  return {
    ...store,
    transaction: counted(store.transaction) as Store['transaction'], // generic in what it returns
    // A commit by itself.
    executions: { ...store.executions, begin: counted(store.executions.begin) },
  };
}
