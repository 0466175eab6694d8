/** SIGTERM while executions run and are begun: what was accepted is answered, kept, and finished by the next server. */
import { expect, test } from 'vitest';
import { Load } from '../support/load.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { expectInvariants } from '../support/postgres-invariants.ts';

/** Whoever stops servers for a living kills them after this, or later. */
const STOPS_WITHIN_MS = 25_000;
const ROUNDS = 4;

test('a server that is told to stop drains, and the next one finishes what it had accepted', async (context) => {
  const home = makeHome();
  const database = await createTestDatabase();
  context.onTestFinished(async () => {
    await removeHome(home);
    await database.drop();
  });
  const start = () => startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  let server: Pointsman = await start();
  const load = new Load(home);
  const sent = load.run(() => server);
  for (let round = 0; round < ROUNDS; round += 1) {
    await load.untilAccepted(5);
    const hangs = setTimeout(() => process.kill(server.pid, 'SIGKILL'), STOPS_WITHIN_MS);
    process.kill(server.pid, 'SIGTERM');
    expect(await server.exited, server.output()).toEqual({ code: 0, signal: null });
    clearTimeout(hangs);
    server = await start();
  }
  load.stop();
  await sent;
  expect(await load.failures(server)).toEqual([]);
  await server.kill('SIGTERM');
  await expectInvariants(database.connection, { accepted: load.accepted, isSettled: true });
});

test('a request that waits for an end is answered when the server stops, with how far it has come', async (context) => {
  const home = makeHome();
  const database = await createTestDatabase();
  context.onTestFinished(async () => {
    await removeHome(home);
    await database.drop();
  });
  const server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  const workflow = { nodes: [{ id: 'long', type: 'wait', config: { duration: 'PT1H' } }] };
  const answer = server.request('POST', '/api/workflow/execute?wait=60', { workflow });
  await until('the execution to wait', async () => {
    const [found] = (await server.request('GET', '/api/executions')).body;
    return found?.status === 'waiting';
  });
  process.kill(server.pid, 'SIGTERM');
  expect(await answer).toMatchObject({ status: 202, body: { status: 'waiting' } });
  expect(await server.exited).toEqual({ code: 0, signal: null });
});
