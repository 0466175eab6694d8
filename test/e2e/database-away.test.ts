/** The database cuts every connection: the server goes on, and nothing of what was under way is lost. */
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSocket } from '../support/live-socket.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
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
  for (let cut = 0; cut < 10; cut += 1) {
    await cutConnections();
    await until('an answer', async () => (await server.request('GET', '/api/me')).status === 200);
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
});

async function cutConnections(): Promise<void> {
  const client = new Client({ ...database.connection, password: '', ssl: false });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  await client.end();
}
