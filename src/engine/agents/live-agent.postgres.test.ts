/** One live agent on a real store, with a driver that tells what the test wants told and time that is moved by hand. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSecretVault } from '../../adapters/secret-vault/secret-vault.ts';
import { createPostgresStore } from '../../adapters/postgres/postgres-store.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../../adapters/postgres/testing/migrated-database.ts';
import { agentRow } from '../../adapters/postgres/testing/rows.ts';
import type { Agent } from '../../contract/agents.ts';
import { PointsmanError } from '../../contract/errors.ts';
import type { AgentDriver, Observation, ObservedStatus, RecoverOutcome } from '../../ports/agent-driver.ts';
import type { AgentSession } from '../../ports/agent-host.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AgentRecord, TaskRecord } from '../../ports/store/agents.ts';
import { createIdSource } from '../../server/system-clock.ts';
import { createTask } from '../create-task.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { Mailroom } from '../mailroom.ts';
import { LiveAgent } from './live-agent.ts';

const by = { name: 'test', role: 'admin' };

let database: MigratedDatabase;

beforeAll(async () => {
  database = await createMigratedDatabase();
});

afterAll(() => database.drop());

test('what ended while no server ran is told without a moment in which nothing is known', async () => {
  const world = await aWorld({ status: 'working' });
  const task = await world.task('ended meanwhile');
  await world.context.store.tasks.update(task.id, { status: 'running' });
  const at = new Date().toISOString();
  await world.connect({
    adopted: true,
    says: 'idle',
    recovered: { outcome: 'finished', at, taskOutcome: { status: 'succeeded', result: { text: 'done' } } },
  });
  expect(await world.announced()).toEqual(['idle']);
  expect(await world.context.store.tasks.get(task.id)).toMatchObject({ status: 'succeeded' });
});

test('an agent that was starting when the server died is still starting until it says more', async () => {
  const world = await aWorld({ status: 'starting' });
  const { live, tell } = await world.connect({ adopted: true });
  expect(await world.status()).toBe('starting');
  tell({ type: 'status', status: 'idle', source: 'protocol', reason: 'ready', at: new Date().toISOString() });
  await live.dispatch();
  expect(await world.status()).toBe('idle');
});

test('what its program does while it is being ended is not announced', async () => {
  const world = await aWorld({ status: 'idle' });
  const { live, tell } = await world.connect({ says: 'working' });
  await live.willEnd();
  tell({ type: 'status', status: 'idle', source: 'hook', reason: 'its command is gone', at: new Date().toISOString() });
  await live.withTask(async () => null);
  expect(await world.status()).toBe('working');
});

test('what it tells while the database is away is written when it is back, and the next task begins', async () => {
  const world = await aWorld({ status: 'idle' });
  const { live, delivered, ends } = await world.connect({ says: 'idle' });
  const [first, second] = [await world.task('1'), await world.task('2')];
  await live.dispatch();
  const { store } = world.context;
  const { transaction } = store;
  const refused = Promise.withResolvers<void>();
  Object.assign(store, {
    transaction: () => {
      refused.resolve();
      return Promise.reject(new PointsmanError('DATABASE_UNAVAILABLE'));
    },
  });
  const ended = ends(first, 'well');
  await refused.promise;
  await new Promise(setImmediate);
  Object.assign(store, { transaction });
  expect(await store.tasks.get(first.id)).not.toMatchObject({ status: 'succeeded' });
  await world.pass(1_000);
  await ended;
  expect(await store.tasks.get(first.id)).toMatchObject({ status: 'succeeded', result: { text: 'done' } });
  expect(delivered).toEqual([first.id, second.id]);
});

test('what waits behind a rate limit waits, longer after each refusal, and not at all once a task went well', async () => {
  const world = await aWorld({ status: 'idle' });
  const { live, delivered, ends } = await world.connect({ says: 'idle' });
  const [first, second, third] = [await world.task('1'), await world.task('2'), await world.task('3')];
  await live.dispatch();
  expect(delivered).toEqual([first.id]);
  await ends(first, 'limited');
  expect(delivered).toEqual([first.id]);
  expect(await world.context.store.tasks.get(second.id)).toMatchObject({ status: 'queued' });

  await world.pass(29_000);
  expect(delivered).toEqual([first.id]);
  await world.pass(1_000);
  expect(delivered).toEqual([first.id, second.id]);
  await ends(second, 'limited');
  await world.pass(59_000);
  expect(delivered).toEqual([first.id, second.id]);
  await world.pass(1_000);
  expect(delivered).toEqual([first.id, second.id, third.id]);
  await ends(third, 'well');

  const [fourth, fifth] = [await world.task('4'), await world.task('5')];
  await live.dispatch();
  await ends(fourth, 'limited');
  await world.pass(30_000);
  expect(delivered.slice(3)).toEqual([fourth.id, fifth.id]);
});

test('a pause that began before the server died goes on after it', async () => {
  const world = await aWorld({ status: 'rate_limited', statusSince: new Date(START - 10_000).toISOString() });
  const { live, delivered } = await world.connect({ adopted: true, says: 'rate_limited' });
  const task = await world.task('waits');
  await live.dispatch();
  await world.pass(19_000);
  expect(delivered).toEqual([]);
  await world.pass(1_000);
  expect(delivered).toEqual([task.id]);
});

test('what waits does not wait for the end of the pause when the limit is seen to be lifted', async () => {
  const world = await aWorld({ status: 'idle' });
  const { live, delivered, ends, tell } = await world.connect({ says: 'idle' });
  const [first, second] = [await world.task('1'), await world.task('2')];
  await live.dispatch();
  await ends(first, 'limited');
  // Somebody's own prompt in the terminal went through.
  tell({ type: 'status', status: 'idle', source: 'protocol', reason: 'its turn ended', at: new Date().toISOString() });
  await live.dispatch();
  expect(delivered).toEqual([first.id, second.id]);
});

const START = Date.parse('2026-01-01T00:00:00Z');

interface Connected {
  live: LiveAgent;
  delivered: string[];
  tell(observation: Observation): void;
  /** Ends the task as its driver would, and waits until that is known. */
  ends(task: TaskRecord, how: 'limited' | 'well'): Promise<void>;
}

async function aWorld(row: Partial<AgentRecord>) {
  const time = handMovedClock();
  const context = contextWith(time.clock);
  const agent = agentRow({ kind: 'claude', mode: 'headless', ...row });
  await context.store.agents.insert(agent);
  let connected: LiveAgent | undefined;
  return {
    context,
    async task(prompt: string): Promise<TaskRecord> {
      return createTask(context, { agent, task: { prompt }, by });
    },
    async connect({
      adopted = false,
      says,
      recovered = { outcome: 'not_started' },
    }: {
      adopted?: boolean;
      says?: ObservedStatus;
      recovered?: RecoverOutcome;
    }): Promise<Connected> {
      const delivered: string[] = [];
      const told = Promise.withResolvers<(observation: Observation) => void>();
      const driver = scriptedDriver({ delivered, recovered, told: told.resolve, ...(says ? { says } : {}) });
      const live = await LiveAgent.connect(context, {
        session: { ref: { agentId: agent.id }, exited: new Promise(() => undefined) } as unknown as AgentSession, // all that is used of it
        driver,
        launch: {
          agentId: agent.id,
          name: agent.name,
          directory: '/',
          workspace: '/',
          permissionMode: 'manual',
          env: {},
        },
        adopted: adopted ? agent : null,
        since: time.clock.now().toISOString(),
        home: '/',
        connected: () => undefined,
        move: () => undefined,
      });
      connected = live;
      const tell = await told.promise;
      const at = (): string => time.clock.now().toISOString();
      return {
        live,
        delivered,
        tell,
        async ends(task, how) {
          const limited = how === 'limited';
          tell({
            type: 'task_finished',
            taskId: task.id,
            at: at(),
            outcome: limited
              ? { status: 'failed', error: { code: 'AGENT_RATE_LIMITED', message: 'slow down' } }
              : { status: 'succeeded', result: { text: 'done' } },
          });
          const status = limited ? 'rate_limited' : 'idle';
          tell({ type: 'status', status, source: 'protocol', reason: 'its turn ended', at: at() });
          await live.dispatch();
        },
      };
    },
    async pass(ms: number): Promise<void> {
      time.pass(ms);
      await new Promise(setImmediate);
      // What the end of a pause brings about stands in the agent's queue now, and this behind it.
      await connected?.withTask(async () => null);
    },
    async status(): Promise<string | undefined> {
      return (await context.store.agents.get(agent.id))?.status;
    },
    /** Of each announcement of the agent, in order. */
    async announced(): Promise<string[]> {
      const events = (await context.store.events.after(`agent:${agent.id}`, 0, 100)) ?? [];
      return events.flatMap((one) => (one.event === 'agent.changed' ? [(one.data as Agent).status] : []));
    },
  };
}

function scriptedDriver(script: {
  delivered: string[];
  recovered: RecoverOutcome;
  says?: ObservedStatus;
  told: (tell: (observation: Observation) => void) => void;
}): AgentDriver {
  return {
    kind: 'claude',
    mode: 'headless',
    directories: 'per_task',
    credentials: [],
    workspaceSettings: async () => [],
    launch: async () => ({ outcome: 'unusable', status: 'crashed', reason: 'it is not launched here' }),
    async connect({ observe }) {
      script.told(observe);
      const at = new Date().toISOString();
      if (script.says) observe({ type: 'status', status: script.says, source: 'protocol', reason: 'as it was', at });
      return {
        async deliver({ id }) {
          script.delivered.push(id);
          return { outcome: 'submitted' };
        },
        interrupt: async () => undefined,
        answer: async () => ({ outcome: 'gone', reason: 'it never asks' }),
        recover: async () => script.recovered,
        close: () => undefined,
      };
    },
  };
}

function handMovedClock(): { clock: Clock; pass(ms: number): void } {
  let now = START;
  const sleepers = new Set<{ due: number; wake: (how: 'elapsed' | 'aborted') => void }>();
  return {
    clock: {
      now: () => new Date(now),
      sleep: async (ms, signal) =>
        new Promise((resolve) => {
          const sleeper = { due: now + ms, wake: resolve };
          sleepers.add(sleeper);
          signal?.addEventListener('abort', () => resolve('aborted'));
        }),
    },
    pass(ms) {
      now += ms;
      for (const sleeper of sleepers) if (sleeper.due <= now && sleepers.delete(sleeper)) sleeper.wake('elapsed');
    },
  };
}

function contextWith(clock: Clock): EffectContext {
  const silent = (): undefined => undefined;
  const store = createPostgresStore(database);
  const base = {
    store,
    bus: { publish: async () => undefined, subscribe: () => silent, close: async () => undefined },
    queue: {
      enqueue: async () => undefined,
      work: async () => ({ stop: async () => undefined }),
      close: async () => undefined,
    },
    clock,
    ids: createIdSource(),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    // Nobody works in a worktree here.
    workspaces: {} as EffectContext['workspaces'],
    secrets: createSecretVault({ store: store.secrets, masterKey: Buffer.alloc(32) }),
    directoryExists: async () => true,
    budgetPerDay: null,
    hostId: 'host-1',
    owner: 'host-1:1',
  };
  return { ...base, mailroom: new Mailroom(base) };
}
