/** What nodes do that needs a whole server: agents that stand in for each other, and waits that time passes over. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Execution } from '../../src/contract/executions.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { shellAgent } from '../support/shell-agents.ts';

let home: string;
let workspace: string;
let database: TestDatabase;
let server: Pointsman;

beforeAll(async () => {
  home = makeHome();
  workspace = path.join(home, 'workspace');
  mkdirSync(workspace);
  database = await createTestDatabase();
  server = await start();
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

test('the first agent of a list that can take a step takes it', async () => {
  const away = await server.request('POST', '/api/agents', {
    name: 'away',
    kind: 'shell',
    workspace: { path: workspace },
  });
  expect(away.status).toBe(201);
  const here = await shellAgent(server, 'here', { workspace: { path: workspace }, capabilities: ['build'] });
  const other = await shellAgent(server, 'other', { workspace: { path: workspace } });
  const agentOf = async (agent: unknown) => {
    const execution = await ended(
      await execute({ nodes: [{ id: 'say', type: 'agent', config: { agent, prompt: 'true' } }] }),
    );
    const { body: task } = await server.request('GET', `/api/tasks/${execution.steps[0]?.taskId}`);
    return { status: execution.status, error: execution.error, agentId: task.agentId };
  };
  expect(await agentOf(['away', { capability: 'paint' }, { capability: 'build' }, 'other'])).toMatchObject({
    agentId: here.id,
  });
  expect(await agentOf(['other', 'here'])).toMatchObject({ status: 'succeeded', agentId: other.id });
  expect(await agentOf(['away', { capability: 'paint' }])).toMatchObject({
    status: 'failed',
    error: {
      code: 'NO_AGENT_AVAILABLE',
      message: 'No running agent fits “away” or the capability “paint”. Start it, or add a fallback.',
    },
  });
});

test('R7d: a wait ends at its time, also when that comes while nobody is there', async () => {
  const soon = new Date(Date.now() + 1_000).toISOString();
  const id = await execute({
    nodes: [
      { id: 'moment', type: 'wait', config: { until: `'${soon}'` } },
      { id: 'span', type: 'wait', config: { duration: 'PT1S' } },
      { id: 'past', type: 'wait', config: { until: "'2020-01-01T00:00:00Z'" } },
    ],
    outputs: { moment: 'nodes.moment.output.at', span: 'nodes.span.output.at' },
  });
  await until('the waits', async () => (await execution(id)).status === 'waiting');
  await server.kill();
  server = await start();
  const { status, outputs, steps } = await ended(id);
  expect(status).toBe('succeeded');
  const { moment, span } = outputs as { moment: string; span: string };
  expect(Date.parse(moment)).toBeGreaterThanOrEqual(Date.parse(soon));
  const started = steps.find(({ nodeId }) => nodeId === 'span')?.startedAt ?? '';
  expect(Date.parse(span) - Date.parse(started)).toBeGreaterThanOrEqual(1_000);
});

function start(): Promise<Pointsman> {
  return startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
}

async function execute(workflow: object): Promise<string> {
  const { status, body } = await server.request('POST', '/api/workflow/execute', { workflow });
  expect(status, JSON.stringify(body)).toBe(202);
  return body.id;
}

async function execution(id: string): Promise<Execution> {
  return (await server.request<Execution>('GET', `/api/executions/${id}`)).body;
}

function ended(id: string): Promise<Execution> {
  return until('the end of the execution', async () => {
    const now = await execution(id);
    return now.finishedAt ? now : null;
  });
}
