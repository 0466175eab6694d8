/** Pages of executions are read by an index, however many are stored: the plans of the very statements that read them. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExecutionQuery } from '../../../ports/store/executions.ts';
import { createPostgresStore } from '../postgres-store.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../testing/migrated-database.ts';

const STORED = 10_000;
/** Most of them are of one workflow, 50 are of the other. */
const FREQUENT = '00000000-0000-7000-8000-000000000001';
const RARE = '00000000-0000-7000-8000-000000000002';
const PARENT = '00000000-0000-7000-8000-000000010000';

let database: MigratedDatabase;
beforeAll(async () => {
  database = await createMigratedDatabase();
  await database.pool.query(
    `INSERT INTO workflows (id, name, metadata, version, created_by) SELECT id, id::text, '{}', 1, 'test' FROM unnest($1::uuid[]) AS id`,
    [[FREQUENT, RARE]],
  );
  // Ids grow with time. One in 500 failed, as many were retried; one in 1000 is a child of the same execution.
  await database.pool.query(
    `INSERT INTO executions (id, workflow_id, version, name, document, status, inputs, usage, created_by, started_at, completed_at, origin, parent_execution_id, parent_effect_key)
     SELECT ('00000000-0000-7000-8000-' || lpad((10000 + n)::text, 12, '0'))::uuid,
       CASE WHEN n % 200 = 3 THEN $1::uuid ELSE $2::uuid END, 1, 'execution ' || n, '{}',
       CASE WHEN n % 500 = 7 THEN 'failed' WHEN n % 2000 = 8 THEN 'waiting' ELSE 'succeeded' END, '{}', '{}', 'test',
       now(), CASE WHEN n % 2000 = 8 THEN NULL ELSE now() END,
       CASE WHEN n % 500 = 9 THEN json_build_object('kind', 'retry', 'executionId', '00000000-0000-7000-8000-' || lpad((10000 + n - 2)::text, 12, '0')) END,
       CASE WHEN n % 1000 = 11 THEN $3::uuid END, CASE WHEN n % 1000 = 11 THEN n::text END
     FROM generate_series(0, ${STORED - 1}) AS n`,
    [RARE, FREQUENT, PARENT],
  );
  await database.pool.query('ANALYZE executions');
});
afterAll(() => database.drop());

interface Plan {
  'Node Type': string;
  'Index Name'?: string;
  Plans?: Plan[];
}

test.each<[string, ExecutionQuery, string]>([
  ['all', {}, 'executions_pkey'],
  ['a frequent status', { statuses: ['succeeded'] }, 'executions_pkey'],
  ['a rare status', { statuses: ['failed'] }, 'executions_status'],
  ['a status that none has', { statuses: ['paused'] }, 'executions_status'],
  ['several rare statuses', { statuses: ['failed', 'waiting', 'cancelled'] }, 'executions_status'],
  ['a workflow with few', { workflowId: RARE }, 'executions_workflow'],
  ['a workflow with many', { workflowId: FREQUENT }, 'executions_pkey'],
  ['those that another one has started', { parent: PARENT }, 'executions_child'],
  ['those that no other one has started', { parent: null }, 'executions_pkey'],
  ['those that failed and were not retried', { statuses: ['failed'], notRetried: true }, 'executions_retried'],
])('the page of %s is read by an index', async (_what, filter, index) => {
  for (const page of [{ limit: 50 }, { limit: 50, before: '00000000-0000-7000-8000-000000018000' }]) {
    const plan = await planOf(filter, page);
    expect(
      plan.filter((node) => node['Node Type'] === 'Seq Scan'),
      JSON.stringify(plan),
    ).toEqual([]);
    expect(plan.map((node) => node['Index Name']).filter(Boolean)).toContain(index);
  }
});

test('the page says what it should: those that failed and were not retried are not there', async () => {
  const store = createPostgresStore(database);
  const failed = await store.executions.list({ statuses: ['failed'] }, { limit: 200 });
  expect(failed).toHaveLength(STORED / 500);
  expect(await store.executions.list({ statuses: ['failed'], notRetried: true }, { limit: 200 })).toEqual([]);
  await database.pool.query('DELETE FROM executions WHERE id = $1', ['00000000-0000-7000-8000-000000010009']);
  const left = await store.executions.list({ statuses: ['failed'], notRetried: true }, { limit: 200 });
  expect(left.map(({ id }) => id)).toEqual(['00000000-0000-7000-8000-000000010007']);
});

/** All parts of the plan that PostgreSQL makes of the statement the store sends. */
async function planOf(filter: ExecutionQuery, page: { limit: number; before?: string }): Promise<Plan[]> {
  const sent = await statementsDuring(() => createPostgresStore(database).executions.list(filter, page));
  const [statement, ...others] = sent.filter(({ text }) => text.includes('"executions"'));
  expect(others).toEqual([]);
  if (!statement) return expect.fail('nothing was asked');
  const { rows } = await database.pool.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
    `EXPLAIN (FORMAT JSON) ${statement.text}`,
    statement.values,
  );
  const all = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(all)];
  return all(rows[0]?.['QUERY PLAN'][0]?.Plan ?? expect.fail('no plan'));
}

async function statementsDuring(work: () => Promise<unknown>): Promise<{ text: string; values: unknown[] }[]> {
  const sent: { text: string; values: unknown[] }[] = [];
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [asked, values] = args as [string | { text: string; values?: unknown[] }, unknown[] | undefined];
    if (typeof asked === 'string') sent.push({ text: asked, values: values ?? [] });
    else sent.push({ text: asked.text, values: asked.values ?? values ?? [] });
    return Reflect.apply(query, this, args);
  } as typeof query;
  try {
    await work();
  } finally {
    pg.Client.prototype.query = query;
  }
  return sent;
}
