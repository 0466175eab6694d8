/**
 * Old executions are deleted in whole servers: beside others that run, over a kill -9 between two batches, and before the
 * eyes of whoever looks at them.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage } from '../support/browser.ts';
import { expectSound } from '../support/page-checks.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { expectInvariants } from '../support/postgres-invariants.ts';

const preload = [pathToFileURL(path.resolve(import.meta.dirname, '../support/kill-after-write.mjs')).href];
const MONTH = { POINTSMAN_KEEP_EXECUTIONS_DAYS: '30' };

/** One server keeps everything for ever; the other one, of the same database, deletes. */
let homes: string[];
let database: TestDatabase;
let sql: pg.Client;
let server: Pointsman;
let browser: Browser;

beforeAll(async () => {
  homes = [makeHome(), makeHome()];
  database = await createTestDatabase();
  sql = new pg.Client({ ...database.connection, password: '', ssl: false });
  await sql.connect();
  [server, browser] = await Promise.all([start(0), openBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  for (const home of homes) await removeHome(home);
  await sql.end();
  await database.drop();
});

test('a server that is killed between two batches goes on where it stopped, and tells of it once', async () => {
  await addOld(1_500);
  const killed = startPointsman({
    home: homes[1] ?? '',
    env: { POINTSMAN_DATABASE_URL: database.url, ...MONTH, TEST_KILL_TABLES: 'retention_runs', TEST_KILL_AFTER: '5' },
    preload,
  });
  // It may not even have become ready.
  const last = await killed.then(
    ({ exited }) => exited,
    () => null,
  );
  expect(last?.signal ?? 'SIGKILL').toBe('SIGKILL');
  const left = await count(`SELECT count(*) FROM executions WHERE name = 'Old'`);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(1_500);
  expect(await audited()).toEqual([]);

  const deleting = await start(1, MONTH);
  await until('its end', async () => (await audited()).length > 0);
  expect(await audited()).toEqual([
    { executions: 1_500, steps: 3_000, logLines: 4_500, checkpoints: 3_000, why: 'retention' },
  ]);
  expect(await count(`SELECT count(*) FROM executions WHERE name = 'Old'`)).toBe(0);
  const { body } = await deleting.request('GET', '/api/retention');
  expect(body.keep).toContainEqual({ what: 'executions', days: 30 });
  expect(body.lastRun).toMatchObject({ keepDays: 30, deleted: { executions: 1_500 } });
  await deleting.kill('SIGTERM');
});

test('5 000 executions go while others run, and both come to their end; open pages see them go', async () => {
  await sql.query('DELETE FROM retention_runs');
  await addOld(5_000);
  const { rows } = await sql.query(`SELECT id FROM executions WHERE name = 'Old' LIMIT 1`);
  const list = await openPage(browser, { width: 1440, height: 900, theme: 'light' });
  await list.page.goto(server.signInLink);
  await list.page.getByRole('heading', { level: 1, name: 'Overview', exact: true }).waitFor();
  await list.page.goto(`${server.url}/executions`);
  await list.page.getByText('Old', { exact: true }).filter({ visible: true }).first().waitFor();
  const one = await list.context.newPage();
  await one.goto(`${server.url}/executions/${rows[0].id}`);
  await one.getByRole('heading', { level: 1, name: 'Old', exact: true }).waitFor();

  const nodes = ['a', 'b', 'c', 'd'].map((id) => ({ id, type: 'shell', config: { command: 'true' } }));
  const edges = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
    { from: 'c', to: 'd' },
  ];
  const workflow = { name: 'Young', nodes, edges };
  const before = (await audited()).length;
  const deleting = await start(1, MONTH);
  const beside = Array.from({ length: 3 }, async () => {
    const statuses: string[] = [];
    do {
      const { body } = await server.request('POST', '/api/workflow/execute?wait=30', { workflow });
      statuses.push(body.status as string);
    } while ((await count(`SELECT count(*) FROM executions WHERE name = 'Old'`)) > 0);
    return statuses;
  });
  const statuses = (await Promise.all(beside)).flat();
  expect(new Set(statuses)).toEqual(new Set(['succeeded']));
  console.log(`${statuses.length} executions ran beside the deletion of 5 000`);
  await until('the end of the deletion', async () => (await audited()).length > before);
  expect((await audited())[before]).toMatchObject({ executions: 5_000 });

  const gone = await server.request('GET', `/api/executions/${rows[0].id}`);
  expect([gone.status, gone.body.code]).toEqual([404, 'EXECUTION_NOT_FOUND']);
  await one.getByText('There is no such execution').waitFor();
  await list.page.getByText('Young', { exact: true }).filter({ visible: true }).first().waitFor();
  await until(
    'the list without old ones',
    async () => (await list.page.getByText('Old', { exact: true }).count()) === 0,
  );
  expect(list.troubles).toEqual([]);
  await list.context.close();
  await expectInvariants(database.connection, { isSettled: true });

  const address = `${deleting.url}/settings/administration?tab=retention`;
  const first = await openPage(browser, { width: 1440, height: 900, theme: 'light' });
  await first.page.goto(deleting.signInLink);
  await first.page.getByRole('heading', { level: 1, name: 'Overview', exact: true }).waitFor();
  const storage = await first.context.storageState();
  for (const [width, theme] of [
    [1440, 'light'],
    [1440, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const) {
    const height = width === 390 ? 844 : 900;
    const { page, context, troubles } = await openPage(browser, { width, height, theme, storage });
    await page.goto(address);
    await page.getByText(/^5,000 executions with 10,000 steps/).waitFor();
    await expectSound(page, `retention-${width}-${theme}`);
    expect(troubles).toEqual([]);
    await context.close();
  }
});

function start(which: 0 | 1, env: Record<string, string> = {}): Promise<Pointsman> {
  return startPointsman({ home: homes[which] ?? '', env: { POINTSMAN_DATABASE_URL: database.url, ...env } });
}

/** Executions as they lie there a good while after their end. */
async function addOld(number: number): Promise<void> {
  await sql.query(
    `WITH old AS (
      INSERT INTO executions (id, version, name, document, status, inputs, usage, created_by, created_at, started_at, completed_at)
      SELECT gen_random_uuid(), 1, 'Old', '{"name": "Old", "nodes": [{"id": "a", "type": "shell", "config": {"command": "true"}}]}', 'succeeded', '{}',
        '{"inputTokens": 0, "outputTokens": 0, "cost": 0}', 'test', '2026-01-01', '2026-01-01', '2026-01-02'
      FROM generate_series(1, $1::int) RETURNING id),
    stepped AS (
      INSERT INTO steps (id, execution_id, node_id, iteration, attempt, status, started_at, finished_at)
      SELECT gen_random_uuid(), id, 'a', 1, attempt, 'succeeded', '2026-01-01', '2026-01-02' FROM old, generate_series(1, 2) AS attempt),
    logged AS (
      INSERT INTO execution_logs (execution_id, node_id, stream, text)
      SELECT id, 'a', 'stdout', 'line ' || line FROM old, generate_series(1, 3) AS line),
    told AS (INSERT INTO topics (topic, seq) SELECT 'execution:' || id, 7 FROM old)
    INSERT INTO checkpoints (thread_id, checkpoint_id, checkpoint, changes, complete, metadata)
    SELECT id, number::text, '{}', '{}', true, '{}' FROM old, generate_series(1, 2) AS number`,
    [number],
  );
}

async function count(query: string): Promise<number> {
  return Number((await sql.query(query)).rows[0].count);
}

async function audited(): Promise<unknown[]> {
  const { rows } = await sql.query(`SELECT detail FROM audit WHERE action = 'executions.delete' ORDER BY seq`);
  return rows.map(({ detail }) => detail);
}
