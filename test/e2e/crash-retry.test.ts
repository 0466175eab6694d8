/**
 * Kills the server right after each persisted write of a retry and starts it again once: either there is no new
 * execution, or one that is complete and goes on by itself, and no kept step runs again.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Execution } from '../../src/contract/executions.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { expectInvariants } from '../support/postgres-invariants.ts';

const preload = [pathToFileURL(path.resolve(import.meta.dirname, '../support/kill-after-write.mjs')).href];
/** More than any retry of this workflow writes. */
const MOST_WRITES = 100;

let home: string;
let database: TestDatabase;
let ran: string;

beforeAll(async () => {
  home = makeHome();
  mkdirSync(path.join(home, 'workspace'));
  ran = path.join(home, 'workspace', 'ran.log');
  writeFileSync(ran, '');
  database = await createTestDatabase();
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

test('kill -9 at each persisted write of a retry leaves nothing half made', { timeout: 900_000 }, async () => {
  let server = await start(0);
  const first = await server.request('POST', '/api/workflow/execute', { workflow: workflow() });
  expect(first.status, JSON.stringify(first.body)).toBe(202);
  await ended(server, first.body.id);
  writeFileSync(`${ran}.ok`, '');
  await server.kill('SIGTERM');
  expect(lines()).toEqual(['first', 'second']);

  const seen = new Set<string>([first.body.id as string]);
  let answered: string | null = null;
  let alive = false;
  let point = 0;
  while (!alive) {
    point += 1;
    expect(point, 'the sweep does not end').toBeLessThan(MOST_WRITES);
    server = await start(point);
    await checkMade(point - 1);
    answered = await server
      .request('POST', `/api/executions/${first.body.id}/retry`, {})
      .then(({ status, body }) => (status === 202 ? (body.id as string) : null))
      .catch(() => null);
    alive =
      answered !== null &&
      (await ended(server, answered).then(
        () => true,
        () => false,
      ));
    if (!alive) expect((await server.exited).signal).toBe('SIGKILL');
  }
  await checkMade(point);
  await server.kill('SIGTERM');
  await expectInvariants(database.connection, { isSettled: true });
  console.log(`crash sweep of a retry: ${point - 1} points, ${seen.size - 1} executions, all complete`);
  expect(point).toBeGreaterThan(5);
  const retries = seen.size - 1;
  expect(lines().filter((line) => line === 'first')).toHaveLength(1);
  expect(lines().filter((line) => line === 'second')).toHaveLength(retries + 1);
  expect(lines().filter((line) => line === 'third')).toHaveLength(retries);

  /** What the retry at a point has made goes on by itself, in the server that was started after it. */
  async function checkMade(at: number): Promise<void> {
    const { body: all } = await server.request('GET', '/api/executions?limit=200');
    const made = (all as Execution[]).filter(({ id }) => !seen.has(id));
    expect(made.length, `point ${at}`).toBeLessThanOrEqual(1);
    if (answered) expect(made.map(({ id }) => id)).toEqual([answered]);
    for (const { id } of made) {
      seen.add(id);
      const execution = await ended(server, id);
      const about = `point ${at}: ${JSON.stringify(execution, null, 1)}`;
      expect(execution, about).toMatchObject({ status: 'succeeded', origin: { executionId: first.body.id } });
      expect(
        execution.steps.map(({ nodeId, carriedFrom }) => `${nodeId}${carriedFrom ? ' kept' : ''}`),
        about,
      ).toEqual(['first kept', 'second', 'third']);
    }
  }
});

function start(killAfter: number): Promise<Pointsman> {
  return startPointsman({
    home,
    preload,
    env: { POINTSMAN_DATABASE_URL: database.url, TEST_KILL_AFTER: String(killAfter) },
  });
}

function workflow(): object {
  const step = (id: string, then = 'true') => ({
    id,
    type: 'shell',
    config: { command: ['sh', '-c', `echo ${id} >> ${ran}; ${then}`] },
  });
  return {
    name: 'Retried',
    nodes: [step('first'), step('second', `test -e ${ran}.ok`), step('third')],
    edges: [
      { from: 'first', to: 'second' },
      { from: 'second', to: 'third' },
    ],
  };
}

/** Rejects when the server dies. */
async function ended(server: Pointsman, id: string): Promise<Execution> {
  return until('the end of the execution', async () => {
    const { body } = await server.request<Execution>('GET', `/api/executions/${id}`);
    return body.finishedAt ? body : null;
  });
}

function lines(): string[] {
  return readFileSync(ran, 'utf8').trim().split('\n');
}
