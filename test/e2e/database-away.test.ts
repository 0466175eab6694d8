/**
 * The database cuts connections, crashes, is stopped and started, or has no room: the server says so, goes on by itself, and
 * nothing of what it has accepted is lost or done twice.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { findClusterPlace } from '../../src/adapters/managed-postgres/cluster-place.ts';
import { startManagedPostgres } from '../../src/adapters/managed-postgres/managed-postgres.ts';
import { postmasterState } from '../../src/adapters/managed-postgres/postmaster.ts';
import { startBreakingProxy } from '../support/breaking-proxy.ts';
import { type ExternalPostgres, NO_EXTERNAL_POSTGRES, startExternalPostgres } from '../support/external-postgres.ts';
import { openSocket } from '../support/live-socket.ts';
import { Load } from '../support/load.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { expectInvariants } from '../support/postgres-invariants.ts';
import { finishedTask, giveTask, runCommand, shellAgent, untilTask } from '../support/shell-agents.ts';

let home: string;
let database: TestDatabase;
let server: Pointsman;

beforeAll(async () => {
  home = makeHome();
  database = await createTestDatabase();
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

test('tasks, executions and subscriptions survive ten cuts of every connection', async () => {
  const agent = await shellAgent(server, 'steady', { workspace: { path: home } });
  const socket = await openSocket(server, '/ws/updates');
  socket.send({ type: 'subscribe', topic: `agent:${agent.id}` });
  await socket.next({ type: 'snapshot' });
  const task = await giveTask(server, agent.id, 'for i in $(seq 1 20); do echo $i; sleep 0.1; done; echo over');
  const { body: execution } = await server.request('POST', '/api/workflow/execute', {
    workflow: {
      nodes: [
        { id: 'a', type: 'shell', config: { command: ['sh', '-c', 'sleep 1; echo a'] } },
        { id: 'b', type: 'agent', config: { agent: 'steady', prompt: 'echo b' } },
      ],
      edges: [{ from: 'a', to: 'b' }],
      outputs: { b: 'nodes.b.output.text' },
    },
  });
  await untilTask(server, task.id, ({ status }) => status === 'running');
  // Ten at least, and on until the task has ended: its end is told in the middle of them.
  let over = false;
  for (let cut = 0; cut < 10 || (!over && cut < 200); cut += 1) {
    await cutConnections();
    await until('an answer', async () => (await server.request('GET', '/api/me')).status === 200);
    const { status, body } = await server.request('GET', `/api/tasks/${task.id}`);
    over = status === 200 && body.status !== 'running';
  }
  expect(await finishedTask(server, task.id)).toMatchObject({
    status: 'succeeded',
    result: { text: expect.stringMatching(/over$/) },
  });
  const ended = await until('the end', async () => {
    const { body } = await server.request('GET', `/api/executions/${execution.id}`);
    return body.finishedAt ? body : null;
  });
  expect(ended).toMatchObject({ status: 'succeeded', outputs: { b: 'b' } });
  expect(await runCommand(server, agent.id, 'echo after')).toMatchObject({ result: { text: 'after' } });
  await socket.next((frame) => frame['event'] === 'task.changed' && frame['data'].result?.text === 'after');
  expect(await Promise.race([server.exited, Promise.resolve('alive')])).toBe('alive');
  socket.close();
  await expectInvariants(database.connection, { accepted: [execution.id], isSettled: true });
});

test('connections that are reset in the middle of anything lose no execution that was accepted', async (context) => {
  const { database: own, home: place } = await freshPlace(context);
  const proxy = await startBreakingProxy(own);
  context.onTestFinished(() => proxy.close());
  const product = await startPointsman({ home: place, env: { POINTSMAN_DATABASE_URL: proxy.url } });
  const load = new Load(place);
  const sent = load.run(() => product);
  for (let round = 0; round < 8; round += 1) {
    await load.untilAccepted(2);
    expect(proxy.reset()).toBeGreaterThan(0);
  }
  load.stop();
  await sent;
  expect(await load.failures(product)).toEqual([]);
  await product.kill('SIGTERM');
  await expectInvariants(own.connection, { accepted: load.accepted, isSettled: true });
});

test('a managed PostgreSQL that crashes comes back by itself, and the executions with it', async (context) => {
  const place = makeHome();
  context.onTestFinished(() => removeHome(place));
  const product = await startPointsman({ home: place });
  const load = new Load(place);
  const sent = load.run(() => product);
  for (let round = 0; round < 3; round += 1) {
    await load.untilAccepted(4);
    const cluster = await findClusterPlace(place);
    if (!cluster) throw new Error('there is no cluster');
    const state = await postmasterState(cluster);
    if (state.status !== 'alive') throw new Error(`PostgreSQL is ${state.status}`);
    // What `pg_ctl stop -m immediate` sends.
    process.kill(state.pid, 'SIGQUIT');
    const another = async () => {
      const now = await postmasterState(cluster);
      return now.status === 'alive' && now.ready && now.pid !== state.pid;
    };
    await until('another one', another, 90_000);
  }
  await load.untilAccepted(4);
  load.stop();
  await sent;
  expect(await load.failures(product)).toEqual([]);
  await product.kill('SIGTERM');
  const managed = await startManagedPostgres({ home: place });
  managed.release();
  await expectInvariants(managed.connection, { accepted: load.accepted, isSettled: true });
});

test('a PostgreSQL of the operator is away and comes back, after a crash and after an orderly stop', async (context) => {
  if (NO_EXTERNAL_POSTGRES !== null) return context.skip(NO_EXTERNAL_POSTGRES);
  const postgres = await startExternalPostgres();
  const { product, load, own } = await productOn(postgres, context);
  const sent = load.run(() => product);
  for (const mode of ['immediate', 'fast'] as const) {
    await load.untilAccepted(4);
    load.refused.clear();
    await postgres.halt(mode);
    await load.untilRefused('DATABASE_UNAVAILABLE');
    // As whoever watches over the process asks, without a token.
    expect((await fetch(`${product.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${product.url}/healthz`)).status).toBe(200);
    expect((await product.request('GET', '/healthz')).status, 'with a token').toBe(200);
    await postgres.start();
  }
  await load.untilAccepted(4);
  load.stop();
  await sent;
  expect(await load.failures(product)).toEqual([]);
  await product.kill('SIGTERM');
  await expectInvariants(own.connection, { accepted: load.accepted, isSettled: true });
});

test('without room on its disk the database takes nothing silently, and goes on when there is some', async (context) => {
  if (NO_EXTERNAL_POSTGRES !== null) return context.skip(NO_EXTERNAL_POSTGRES);
  if (NO_SMALL_DISK !== null) return context.skip(NO_SMALL_DISK);
  const postgres = await startExternalPostgres({ megabytes: 160 });
  const { product, load, own } = await productOn(postgres, context);
  const sent = load.run(() => product);
  await load.untilAccepted(4);
  const ballast = path.join(postgres.place, 'ballast');
  fill(ballast);
  await load.untilRefused('DATABASE_FULL');
  // What is there can be read.
  expect((await product.request('GET', `/api/executions/${load.accepted[0]}`)).status).toBe(200);
  rmSync(ballast);
  await load.untilAccepted(4);
  load.stop();
  await sent;
  expect(await load.failures(product)).toEqual([]);
  await product.kill('SIGTERM');
  await expectInvariants(own.connection, { accepted: load.accepted, isSettled: true });
});

/** Why there can be no disk of a few megabytes here; null where there can. */
const NO_SMALL_DISK = ((): string | null => {
  const place = mkdtempSync(path.join(os.tmpdir(), 'pointsman-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place], { stdio: 'pipe' });
    execFileSync('umount', [place], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `needs a disk of a few megabytes, which cannot be mounted here: ${String(error).split('\n')[1] ?? String(error)}`;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
})();

/** Until the disk takes no page of a table any more. */
function fill(file: string): void {
  const page = Buffer.alloc(8_192);
  for (;;)
    try {
      appendFileSync(file, page);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      return;
    }
}

async function freshPlace(
  context: TestContext,
  postgres?: ExternalPostgres,
): Promise<{ home: string; database: TestDatabase }> {
  const place = makeHome();
  const own = await createTestDatabase(postgres ? { server: postgres.connection } : {});
  context.onTestFinished(async () => {
    await removeHome(place);
    // The others are gone with their server.
    await (postgres ? postgres.stop() : own.drop());
  });
  return { home: place, database: own };
}

async function productOn(
  postgres: ExternalPostgres,
  context: TestContext,
): Promise<{ product: Pointsman; load: Load; own: TestDatabase }> {
  const { home: place, database: own } = await freshPlace(context, postgres);
  const product = await startPointsman({ home: place, env: { POINTSMAN_DATABASE_URL: own.url } });
  return { product, load: new Load(place), own };
}

async function cutConnections(): Promise<void> {
  const client = new Client({ ...database.connection, password: '', ssl: false });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  await client.end();
}
