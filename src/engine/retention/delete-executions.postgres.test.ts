/** Old executions on real rows: what goes, what stays, who deletes, and what a process leaves that dies in the middle. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGitWorkspaces } from '../../adapters/git/git-workspaces.ts';
import { executionRow } from '../../adapters/postgres/testing/rows.ts';
import { NOTHING_DELETED } from '../../contract/retention.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import type { Store, StoreTransaction } from '../../ports/store/store.ts';
import { newAgent, newTask, onStage, report, spend, stage } from '../budgets/testing/budget-stage.ts';
import type { EngineContext } from '../engine-context.ts';
import { deleteDue } from './delete-executions.ts';

onStage();

const LONG_AGO = '2026-01-01T00:00:00.000Z';
const MONTH = { days: 30 };

let place: string;
let context: EngineContext;

beforeEach(async () => {
  await stage.database.pool.query('TRUNCATE retention_runs, events, topics, checkpoints, triggers CASCADE');
  place = await mkdtemp(path.join(tmpdir(), 'pm-retention-'));
  context = { ...stage.context, workspaces: createGitWorkspaces({ directory: path.join(place, 'workspaces') }) };
});
afterEach(() => rm(place, { recursive: true, force: true }));

describe('an execution that ended longer ago than it is kept', () => {
  test('goes with everything below it, while a younger one keeps all of it, and what was used stays counted', async () => {
    const agent = await newAgent();
    const old = await ended(LONG_AGO);
    const young = await ended('2026-02-20T00:00:00.000Z');
    const tasks = await Promise.all(
      [old, young].map((execution) => newTask(agent, { executionId: execution.id, effectKey: 'a:1' })),
    );
    await spend(agent, { task: tasks[0] ?? expect.fail(), inputTokens: 70, cost: 0.5 });
    for (const { id } of tasks)
      await stage.store.tasks.update(id, { status: 'succeeded', receipts: { finishedAt: stage.now } as never });
    for (const { id } of [old, young]) await fill(id);
    const used = [await report('day'), await report('agent')];
    const kept = await below(young.id);
    expect(
      Object.values(kept).every((rows) => rows > 0),
      JSON.stringify(kept),
    ).toBe(true);

    const deleted = await deleteDue(context, MONTH);
    expect(deleted).toEqual({ executions: 1, steps: 2, logLines: 3, checkpoints: 2 });
    expect(Object.entries(await below(old.id)).filter(([, rows]) => rows > 0)).toEqual([]);
    expect(await below(young.id)).toEqual(kept);
    expect([await report('day'), await report('agent')]).toEqual(used);
    expect(await stage.store.executions.get(old.id)).toBeNull();
    // The task is the agent's, and only forgets for whom it was done.
    const task = await stage.store.tasks.get(tasks[0]?.id ?? '');
    expect(task).toMatchObject({ status: 'succeeded', usage: { inputTokens: 70 } });
    expect(task).not.toHaveProperty('executionId');
    const [told] = await stage.store.events.newest('executions', 'executions.deleted', 5);
    expect(told?.data).toEqual({ ids: [old.id] });
    expect(await stage.store.retention.lastRun()).toEqual({
      startedAt: stage.now,
      finishedAt: stage.now,
      keepDays: 30,
      deleted,
    });
  });

  test('lets go of the files that were kept of it', async () => {
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: place, encoding: 'utf8', stdio: 'pipe' }).trim();
    git('init', '--quiet', '--initial-branch=main');
    await writeFile(path.join(place, 'file.txt'), 'one\n');
    git('add', 'file.txt');
    git('-c', 'user.name=Person', '-c', 'user.email=p@example.org', 'commit', '--quiet', '-m', 'one');
    const [old, young] = [await ended(LONG_AGO), await ended('2026-02-20T00:00:00.000Z')];
    const commit = git('rev-parse', 'HEAD');
    for (const { id } of [old, young])
      await context.workspaces.keepFirstFiles({ execution: id, repository: place, commit });
    // Refs carry the time of git's clock: the files of a fork that is about to be stored are spared.
    stage.now = new Date(Date.now() + 2 * 3_600_000).toISOString();
    await stage.database.pool.query('UPDATE executions SET completed_at = $1 WHERE id = $2', [stage.now, young.id]);
    await deleteDue(context, MONTH);
    const refs = git('for-each-ref', '--format=%(refname)', 'refs/pointsman/executions').split('\n');
    expect(
      refs.every((ref) => ref.includes(young.id)),
      refs.join(' '),
    ).toBe(true);
  });

  test('goes with the executions that it started, and these before it', async () => {
    const root = await ended(LONG_AGO);
    const children: ExecutionRecord[] = [];
    for (const key of ['a', 'b', 'c']) children.push(await childOf(root, key, { finishedAt: stage.now }));
    const [child] = children;
    await childOf(child ?? expect.fail(), 'd', { finishedAt: stage.now, depth: 2 });
    expect(await deleteDue(context, { ...MONTH, batch: { hidden: 2, rows: 3 } })).toMatchObject({ executions: 5 });
    expect(await rowsIn('executions')).toBe(0);
  });
});

describe('an execution stays, however old', () => {
  test.each([
    [
      'when it has not ended',
      async (one: ExecutionRecord) => change(one, 'completed_at = NULL, status = $2', 'running'),
    ],
    [
      'when one that it started goes on',
      (one: ExecutionRecord) => childOf(one, 'a', { status: 'running', finishedAt: null }),
    ],
    ['when one goes on from it', (one: ExecutionRecord) => goesOnFrom(one)],
    [
      'when one goes on from one that went on from it',
      async (one: ExecutionRecord) => goesOnFrom(await goesOnFrom(one, { status: 'failed', finishedAt: stage.now })),
    ],
    [
      'when one goes on from a child of it',
      async (one: ExecutionRecord) => goesOnFrom(await childOf(one, 'a', { finishedAt: LONG_AGO })),
    ],
    ['when something of it waits in the inbox', async ({ id }: ExecutionRecord) => openItem(id)],
    ['when something that it began has not come to an end', async ({ id }: ExecutionRecord) => effect(id, 'started')],
    [
      'when an agent still works for it',
      async ({ id }: ExecutionRecord) => newTask(await newAgent(), { executionId: id, status: 'running' }),
    ],
  ])('%s', async (_why, hold) => {
    const one = await ended(LONG_AGO);
    const other = await ended(LONG_AGO);
    await hold(one);
    const rows = await rowsIn('executions');
    expect(await deleteDue(context, MONTH)).toMatchObject({ executions: 1 });
    expect(await stage.store.executions.has(one.id)).toBe(true);
    expect(await stage.store.executions.has(other.id)).toBe(false);
    expect(await rowsIn('executions')).toBe(rows - 1);
  });

  test('when somebody goes on from it at that moment; deleted first, there is nothing to go on from', async () => {
    const { store } = stage;
    const one = await ended(LONG_AGO);
    const locked = Promise.withResolvers<void>();
    const inserted = Promise.withResolvers<void>();
    const retry = store.transaction(async (transaction) => {
      expect(await transaction.executions.lock(one.id)).not.toBeNull();
      locked.resolve();
      await inserted.promise;
      const origin = { kind: 'retry', executionId: one.id } as const;
      await transaction.executions.insert(executionRow({ origin }));
    });
    await locked.promise;
    expect(await deleteDue(context, MONTH)).toEqual(NOTHING_DELETED);
    inserted.resolve();
    await retry;
    expect(await store.retention.hide({ before: stage.now, limit: 10 })).toEqual([]);

    const late = await ended(LONG_AGO);
    expect(await store.retention.hide({ before: stage.now, limit: 10 })).toEqual([late.id]);
    expect(await store.executions.lock(late.id)).toBeNull();
  });

  test('when somebody goes on from it while the one above it is already hidden; that one’s row waits for it', async () => {
    const root = await ended(LONG_AGO);
    const child = await childOf(root, 'a', { finishedAt: LONG_AGO });
    expect(await stage.store.retention.hide({ before: stage.now, limit: 1 })).toEqual([root.id]);
    const retry = await goesOnFrom(child);
    expect(await deleteDue(context, MONTH)).toEqual(NOTHING_DELETED);
    expect(await stage.store.executions.get(root.id)).toBeNull();
    expect(await stage.store.executions.get(child.id)).not.toBeNull();
    await change(retry, 'completed_at = $2', stage.now);
    stage.now = '2026-03-01T11:00:00.000Z';
    expect(await deleteDue(context, MONTH)).toMatchObject({ executions: 2 });
  });
});

describe('a run', () => {
  test('that dies at any statement, or right after any commit, is finished by whoever comes next, and told once', async () => {
    const batch = { hidden: 2, rows: 12 };
    let deaths = 0;
    for (let at = 1; ; at++) {
      await stage.database.pool.query('TRUNCATE executions, retention_runs, events, topics, checkpoints CASCADE');
      const audited = (await audits()).length;
      const root = await ended(LONG_AGO);
      await childOf(root, 'a', { finishedAt: LONG_AGO });
      const other = await ended(LONG_AGO);
      for (const { id } of [root, other]) await fill(id);
      const dying = { ...context, store: diesAt(stage.store, at) };
      const died = await deleteDue(dying, { ...MONTH, batch }).then(
        () => false,
        () => true,
      );
      await deleteDue({ ...context, owner: 'host-1:2' }, { ...MONTH, batch });
      const left = await Promise.all(
        ['executions', 'steps', 'execution_logs', 'checkpoints', 'inbox_items'].map(rowsIn),
      );
      expect(left, `after statement ${at}`).toEqual([0, 0, 0, 0, 0]);
      const lines = (await audits()).slice(audited);
      expect(lines, `after statement ${at}`).toMatchObject([
        { action: 'executions.delete', detail: { executions: 3, steps: 4, logLines: 6, checkpoints: 4 } },
      ]);
      if (!died) break;
      deaths++;
    }
    expect(deaths).toBeGreaterThan(20);
  });

  test('is of one server at a time, and the other finds nothing left to do', async () => {
    for (let made = 0; made < 300; made++) await ended(LONG_AGO);
    const other = { ...context, hostId: 'host-2', owner: 'host-2:1' };
    const audited = (await audits()).length;
    const runs = await Promise.all([deleteDue(context, MONTH), deleteDue(other, MONTH)]);
    expect(runs.filter((run) => run !== null)).toEqual([{ ...NOTHING_DELETED, executions: 300 }]);
    expect(await deleteDue(other, MONTH)).toBeNull();
    expect((await audits()).slice(audited)).toHaveLength(1);
  });

  test('is taken over when its server was not heard of, and that one deletes nothing any more', async () => {
    for (let made = 0; made < 4; made++) await ended(LONG_AGO);
    const other = { ...context, hostId: 'host-2', owner: 'host-2:1' };
    const batch = { hidden: 1, rows: 10 };
    let taken: unknown;
    const stopped = {
      ...context,
      clock: {
        ...context.clock,
        // Between two batches, long enough for the lease to be over.
        sleep: async () => {
          if (taken === undefined) {
            expect(await deleteDue(other, { ...MONTH, batch })).toBeNull();
            await stage.database.pool.query(`UPDATE retention_runs SET lease_expires_at = now() - interval '1 hour'`);
            taken = await deleteDue(other, { ...MONTH, batch });
          }
          return 'elapsed' as const;
        },
      },
    };
    expect(await deleteDue(stopped, { ...MONTH, batch })).toBeNull();
    expect(taken).toMatchObject({ executions: 4 });
  });

  test('comes when it is time, or at once when the days have changed', async () => {
    expect(await deleteDue(context, MONTH)).toEqual(NOTHING_DELETED);
    await ended(LONG_AGO);
    expect(await deleteDue(context, MONTH)).toBeNull();
    expect(await deleteDue(context, { days: 20 })).toMatchObject({ executions: 1 });
    await ended(LONG_AGO);
    stage.now = '2026-03-01T10:11:00.000Z';
    expect(await deleteDue(context, { days: 20 })).toMatchObject({ executions: 1 });
  });

  test('never begins where executions are kept for ever; what nobody sees any more goes all the same', async () => {
    const [first] = [await ended(LONG_AGO), await ended(LONG_AGO)];
    expect(await deleteDue(context, { days: null })).toBeNull();
    await stage.store.retention.hide({ before: stage.now, limit: 1 });
    expect(await deleteDue(context, { days: null })).toMatchObject({ executions: 1 });
    expect(await stage.store.executions.has(first?.id ?? '')).toBe(false);
    expect(await rowsIn('executions')).toBe(1);
  });
});

async function ended(finishedAt: string, changes: Partial<ExecutionRecord> = {}): Promise<ExecutionRecord> {
  const row = executionRow({ id: context.ids.next(), status: 'succeeded', finishedAt, ...changes });
  await stage.store.executions.insert(row);
  return row;
}

function childOf(
  parent: ExecutionRecord,
  effectKey: string,
  changes: Partial<ExecutionRecord>,
): Promise<ExecutionRecord> {
  const { id } = parent;
  return ended(LONG_AGO, { parent: { executionId: id, stepId: context.ids.next(), effectKey }, depth: 1, ...changes });
}

async function goesOnFrom(one: ExecutionRecord, changes: Partial<ExecutionRecord> = {}): Promise<ExecutionRecord> {
  const row = executionRow({ origin: { kind: 'retry', executionId: one.id }, ...changes });
  await stage.store.executions.insert(row);
  return row;
}

function change({ id }: ExecutionRecord, set: string, ...values: unknown[]): Promise<unknown> {
  return stage.database.pool.query(`UPDATE executions SET ${set} WHERE id = $1`, [id, ...values]);
}

/** Something in every table that belongs to executions. */
async function fill(id: string): Promise<void> {
  const { pool } = stage.database;
  for (const node of ['a', 'b']) await pool.query(STEP, [context.ids.next(), id, node]);
  for (const text of ['one', 'two', 'three']) await pool.query(LINE, [id, text]);
  await effect(id, 'done');
  await pool.query(`INSERT INTO mailbox (execution_id, event, taken) VALUES ($1, '{}', true), ($1, '{}', false)`, [id]);
  await pool.query(`INSERT INTO timers (execution_id, timer_id, fire_at) VALUES ($1, 'late', now())`, [id]);
  await openItem(id, 'resolved');
  // Its own checkpoints, and those of a registered graph below it.
  for (const namespace of ['', 'graph:a:1|']) await pool.query(CHECKPOINT, [id, namespace]);
  await pool.query(
    `INSERT INTO checkpoint_writes (thread_id, namespace, checkpoint_id, task_id, index, channel) VALUES ($1, '', 'c1', 't', 0, 'x')`,
    [id],
  );
  await stage.store.transaction(async (transaction) => {
    for (const event of ['execution.created', 'execution.changed'] as const)
      transaction.publish({ topic: `execution:${id}`, event, data: {} });
  });
}
const STEP = `INSERT INTO steps (id, execution_id, node_id, iteration, attempt, status) VALUES ($1, $2, $3, 1, 1, 'succeeded')`;
const LINE = `INSERT INTO execution_logs (execution_id, node_id, stream, text) VALUES ($1, 'a', 'stdout', $2)`;
const CHECKPOINT = `INSERT INTO checkpoints (thread_id, namespace, checkpoint_id, checkpoint, changes, complete, metadata)
  VALUES ($1, $2, 'c1', '{}', '{}', true, '{}')`;

function effect(id: string, status: string): Promise<unknown> {
  return stage.database.pool.query(
    `INSERT INTO effects (execution_id, key, kind, payload, status) VALUES ($1, 'a:1', 'shell', '{}', $2)`,
    [id, status],
  );
}

function openItem(id: string, state = 'open'): Promise<unknown> {
  return stage.database.pool.query(
    `INSERT INTO inbox_items (id, type, state, title, payload, hash, execution_id, choices)
     VALUES ($1, 'approval', $2, 'Go on?', '{}', 'x', $3, '[]')`,
    [context.ids.next(), state, id],
  );
}

/** How many rows of each table belong to an execution. */
async function below(id: string): Promise<Record<string, number>> {
  const places: Record<string, string> = {
    executions: 'id',
    steps: 'execution_id',
    execution_logs: 'execution_id',
    effects: 'execution_id',
    mailbox: 'execution_id',
    timers: 'execution_id',
    inbox_items: 'execution_id',
    agent_tasks: 'execution_id',
    checkpoints: 'thread_id',
    checkpoint_writes: 'thread_id',
    events: 'topic',
    topics: 'topic',
  };
  const counts: Record<string, number> = {};
  for (const [table, column] of Object.entries(places)) {
    const value = column === 'topic' ? `execution:${id}` : id;
    const { rows } = await stage.database.pool.query(`SELECT count(*) FROM ${table} WHERE ${column} = $1`, [value]);
    counts[table] = Number(rows[0].count);
  }
  return counts;
}

async function rowsIn(table: string): Promise<number> {
  return Number((await stage.database.pool.query(`SELECT count(*) FROM ${table}`)).rows[0].count);
}

function audits() {
  return stage.store.identity.audits({ action: 'executions' }, { limit: 1000, order: 'oldest' });
}

/** The n-th statement, or commit, is the last thing that this process does: of a transaction under way nothing is left. */
function diesAt(store: Store, last: number): Store {
  let done = 0;
  const step = () => {
    done += 1;
    if (done >= last) throw new Error('killed');
  };
  const rooms = <T extends object>(room: T): T =>
    new Proxy(room, {
      get:
        (target, name) =>
        async (...args: unknown[]) => {
          step();
          return (target[name as keyof T] as (...given: unknown[]) => unknown)(...args);
        },
    });
  return {
    ...store,
    retention: rooms(store.retention),
    async transaction(work) {
      const result = await store.transaction((transaction: StoreTransaction) =>
        work({ ...transaction, retention: rooms(transaction.retention), identity: rooms(transaction.identity) }),
      );
      step();
      return result;
    },
  };
}
