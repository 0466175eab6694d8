/** Agent steps with `session: fresh`: the agent begins a new conversation for each, and only for these. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Execution, FINISHED_EXECUTION } from '../../src/contract/executions.ts';
import { agentCliMissing } from '../support/agent-cli.ts';
import { claudeAgent } from '../support/claude-agent.ts';
import { type ModelEndpoint, type ModelRequest, startModelEndpoint } from '../support/model-endpoint.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { shellAgent } from '../support/shell-agents.ts';

const missing = agentCliMissing('claude');

describe('a step with `session: fresh`', () => {
  let home: string;
  let workspace: string;
  let database: TestDatabase;
  let server: Pointsman;
  let model: ModelEndpoint;

  const start = async () => startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });

  beforeAll(async () => {
    home = makeHome();
    workspace = path.join(home, 'workspace');
    mkdirSync(workspace);
    model = await startModelEndpoint();
    database = await createTestDatabase();
    server = await start();
  });

  afterAll(async () => {
    await removeHome(home);
    await database.drop();
    await model.close();
  });

  /** One step after the other, each its prompt. */
  async function execute(agent: string, steps: { prompt: string; session?: 'fresh' | 'reuse' }[]): Promise<string> {
    const workflow = {
      name: 'Sessions',
      nodes: steps.map((config, index) => ({ id: `s${index}`, type: 'agent', config: { agent, ...config } })),
      edges: steps.slice(1).map((_, index) => ({ from: `s${index}`, to: `s${index + 1}` })),
    };
    const { status, body } = await server.request('POST', '/api/workflow/execute', { workflow });
    expect(status, JSON.stringify(body)).toBe(202);
    return body.id;
  }

  async function ended(id: string): Promise<Execution> {
    return until('the end of the execution', async () => {
      const { body } = await server.request<Execution>('GET', `/api/executions/${id}`);
      return FINISHED_EXECUTION.includes(body.status) ? body : null;
    });
  }

  const texts = ({ steps }: Execution) => steps.map(({ output }) => (output as { text: string }).text.trim());

  test('gives a shell agent a new shell, and the next step goes on in it', async () => {
    await shellAgent(server, 'sh', { workspace: { path: workspace } });
    const done = await ended(
      await execute('sh', [
        { prompt: 'kept=first' },
        { prompt: 'echo "[$kept]"' },
        { prompt: 'echo "[$kept]"; kept=second', session: 'fresh' },
        { prompt: 'echo "[$kept]"', session: 'reuse' },
      ]),
    );
    expect(texts(done)).toEqual(['', '[first]', '[]', '[second]']);
  });

  test('loses nothing when the server is killed while the session begins anew', async () => {
    const id = await execute('sh', [
      { prompt: 'kept=first' },
      { prompt: 'echo "[$kept]" >> fresh.log', session: 'fresh' },
    ]);
    await until('the task of the second step', async () => {
      const { body } = await server.request<Execution>('GET', `/api/executions/${id}`);
      return body.steps.find((step) => step.nodeId === 's1' && step.taskId);
    });
    await server.kill();
    server = await start();
    const done = await ended(id);
    expect(done).toMatchObject({ status: 'succeeded' });
    expect(done.steps.map(({ nodeId, attempt }) => [nodeId, attempt])).toEqual([
      ['s0', 1],
      ['s1', 1],
    ]);
  });

  test.skipIf(missing !== null)(
    `begins a new conversation of Claude Code${missing ? ` (skipped: ${missing})` : ''}`,
    async () => {
      await claudeAgent(server, model, { name: 'coder', mode: 'headless', workspace: { path: workspace } });
      const done = await ended(
        await execute('coder', [
          { prompt: 'STUB:text one' },
          { prompt: 'STUB:text two' },
          { prompt: 'STUB:text three', session: 'fresh' },
          { prompt: 'STUB:text four' },
        ]),
      );
      expect(texts(done)).toEqual(['one', 'two', 'three', 'four']);
      const read = (request: ModelRequest) => [
        ...JSON.stringify(request.body['messages']).matchAll(/STUB:text (\w+)/g),
      ];
      const conversations = model.requests.map((request) => [...new Set(read(request).map(([, word]) => word))]);
      expect(conversations).toEqual([['one'], ['one', 'two'], ['three'], ['three', 'four']]);
    },
  );
});
