/** The whole product on a PostgreSQL that the operator brings, the oldest that is supported. */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Execution, FINISHED_EXECUTION } from '../../src/contract/executions.ts';
import { NO_EXTERNAL_POSTGRES, startExternalPostgres } from '../support/external-postgres.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { processesOf, runCommand, shellAgent } from '../support/shell-agents.ts';

test('a workflow runs on a PostgreSQL 15 of the operator, and everything is there after a restart', async (context) => {
  if (NO_EXTERNAL_POSTGRES !== null) return context.skip(NO_EXTERNAL_POSTGRES);
  const postgres = await startExternalPostgres();
  const home = makeHome();
  context.onTestFinished(async () => {
    await removeHome(home);
    await postgres.stop();
  });
  const workspace = path.join(home, 'workspace');
  mkdirSync(workspace);
  const { url } = await createTestDatabase({ server: postgres.connection });
  const start = () => startPointsman({ home, env: { POINTSMAN_DATABASE_URL: url } });

  const first = await start();
  const { id: agentId } = await shellAgent(first, 'worker', { workspace: { path: workspace } });
  const workflow = {
    name: 'Small',
    workspace: { path: workspace },
    nodes: [
      { id: 'told', type: 'agent', config: { agent: 'worker', prompt: 'echo by an agent' } },
      { id: 'ran', type: 'shell', config: { command: ['echo', '{{ nodes.told.output.text }}'] } },
    ],
    edges: [{ from: 'told', to: 'ran' }],
    outputs: { text: 'nodes.ran.output.stdout' },
  };
  const begun = await first.request<Execution>('POST', '/api/workflow/execute', { workflow });
  expect(begun.status, JSON.stringify(begun.body)).toBe(202);
  const ended = await until('the end', async () => {
    const execution = await read(first, begun.body.id);
    return FINISHED_EXECUTION.includes(execution.status) ? execution : null;
  });
  expect(ended, JSON.stringify(ended)).toMatchObject({ status: 'succeeded', outputs: { text: 'by an agent\n' } });
  const processes = processesOf(home, agentId);
  await first.kill('SIGKILL');

  const second = await start();
  expect(await read(second, ended.id)).toEqual(ended);
  expect(await runCommand(second, agentId, 'echo adopted')).toMatchObject({ result: { text: 'adopted' } });
  expect(processesOf(home, agentId)).toEqual(processes);
  expect(['postgres', 'postgres-id'].filter((name) => existsSync(path.join(home, name)))).toEqual([]);
});

async function read(server: Pointsman, id: string): Promise<Execution> {
  return (await server.request<Execution>('GET', `/api/executions/${id}`)).body;
}
