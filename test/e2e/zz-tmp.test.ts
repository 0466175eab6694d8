import { test } from 'vitest';
import { makeHome, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase } from '../support/postgres.ts';
test('t', async () => {
  const home = makeHome(); const database = await createTestDatabase();
  const server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
  try {
  for (let i = 0; i < 4; i++) {
    const t0 = Date.now(); const lap = (w: string) => console.log(i, w, Date.now() - t0);
    const { body } = await server.request('POST', '/api/workflow/execute', { workflow: { nodes: [{ id: 'long', type: 'shell', config: { command: ['sh', '-c', 'echo $$; exec sleep 600'] } }] } });
    lap('202');
    await until('run', async () => (await server.request('GET', `/api/executions/${body.id}`)).body.steps[0]?.status === 'running'); lap('running');
    await until('log', async () => (await server.request('GET', `/api/executions/${body.id}/logs`)).body[0]); lap('log');
    await server.request('POST', `/api/executions/${body.id}/cancel`); lap('cancel 202');
    await until('end', async () => (await server.request('GET', `/api/executions/${body.id}`)).body.finishedAt); lap('end');
  }
  } catch (e) { console.log('OUT', server.output(), await Promise.race([server.exited, 'alive'])); const fs = await import('node:fs'); console.log(fs.readFileSync(home + '/server.log', 'utf8').slice(-3000)); throw e; }
  await removeHome(home); await database.drop();
});
