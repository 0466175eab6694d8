/** Agents driven by a protocol in a whole server, with the real CLIs and a model on loopback: a task, a permission, a killed server. */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import type { InboxItem } from '../../src/contract/inbox.ts';
import { agentCli, agentCliMissing } from '../support/agent-cli.ts';
import { openItem, resolveItem } from '../support/inbox.ts';
import { type ModelEndpoint, startModelEndpoint } from '../support/model-endpoint.ts';
import { makeHome, type Pointsman, removeHome, startPointsman } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { finishedTask, giveTask, processesOf, untilAgent, untilTask } from '../support/shell-agents.ts';

const CLIS = [
  {
    kind: 'codex',
    env: (url: string) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: 'sk-stub' }),
    completeTask: 'mcp__pointsman__complete_task',
    runs: (command: string) => `STUB:tool exec_command ${JSON.stringify({ cmd: command })}`,
  },
  {
    kind: 'gemini',
    // Without a model of its own it asks which one fits each prompt.
    model: 'gemini-2.5-flash',
    env: (url: string) => ({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: 'stub' }),
    completeTask: 'mcp_pointsman_complete_task',
    runs: (command: string) => `STUB:tool run_shell_command ${JSON.stringify({ command })}`,
  },
  {
    kind: 'opencode',
    model: 'stub/scripted',
    env: (url: string) => ({
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_CONFIG_CONTENT: JSON.stringify({
        provider: {
          stub: {
            npm: '@ai-sdk/openai-compatible',
            options: { baseURL: `${url}/v1`, apiKey: 'stub' },
            models: { scripted: {} },
          },
        },
      }),
    }),
    completeTask: 'pointsman_complete_task',
    runs: (command: string) => `STUB:tool bash ${JSON.stringify({ command, description: 'runs it' })}`,
  },
] as const;

for (const { kind, env, runs, completeTask, ...options } of CLIS) {
  const missing = agentCliMissing(kind);
  describe.skipIf(missing !== null)(`a ${kind} agent${missing ? ` (skipped: ${missing})` : ''}`, () => {
    let home: string;
    let database: TestDatabase;
    let server: Pointsman;
    let model: ModelEndpoint;
    let workspace: string;
    let agent: Agent;

    const start = async () => startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });

    beforeAll(async () => {
      home = makeHome();
      workspace = path.join(home, 'work space');
      mkdirSync(workspace);
      model = await startModelEndpoint();
      database = await createTestDatabase();
      server = await start();
      const { body } = await server.request<Agent>('POST', '/api/agents', {
        name: 'coder',
        kind,
        ...options,
        autostart: true,
        command: [agentCli(kind)],
        workspace: { path: workspace },
        env: env(model.url),
      });
      agent = await untilAgent(server, body.id, 'idle');
    });

    afterAll(async () => {
      await removeHome(home);
      await database.drop();
      await model.close();
    });

    const touch = (name: string) => `${runs(`touch ${name}`)}\nSTUB:text done`;
    const made = (name: string) => existsSync(path.join(workspace, name));

    const asked = async () => openItem(server, (item) => item.agentId === agent.id);
    const resolve = async (item: InboxItem, answer: object) => resolveItem(server, item, answer);

    test('is headless where nobody named a mode', () => {
      expect(agent.mode).toBe('headless');
    });

    test('does a task: every receipt, the text, and the tokens that the endpoint counted', async () => {
      const task = await finishedTask(server, (await giveTask(server, agent.id, 'STUB:text good morning')).id);
      expect(task).toMatchObject({ status: 'succeeded', result: { text: 'good morning' } });
      const { acceptedAt, typedAt, submittedAt, turnStartedAt, finishedAt } = task.receipts;
      const times = [acceptedAt, typedAt, submittedAt, turnStartedAt, finishedAt];
      expect(times.every(Boolean), JSON.stringify(task.receipts)).toBe(true);
      expect(times).toEqual(times.toSorted());
      const [counted] = model.requests.map((one) => one.usage);
      expect(task.usage).toMatchObject({ ...counted, cost: 0 });
    });

    test('completes a task with the tool that Pointsman gives it', async () => {
      const call = `STUB:tool ${completeTask} ${JSON.stringify({ result: 'told by the tool' })}`;
      const task = await finishedTask(server, (await giveTask(server, agent.id, `${call}\nSTUB:text by the way`)).id);
      expect(task).toMatchObject({ status: 'succeeded', result: { text: 'told by the tool' } });
    });

    test('asks for permission in the inbox, and is not asked again for what was allowed always', async () => {
      const { id } = await giveTask(server, agent.id, touch('allowed'));
      const item = await asked();
      expect(item).toMatchObject({
        type: 'permission',
        title: 'coder asks to use Bash: touch allowed',
        payload: { agent: 'coder', tool: 'Bash', command: 'touch allowed', cwd: workspace },
      });
      await untilAgent(server, agent.id, 'blocked');
      await untilTask(server, id, (task) => task.status === 'blocked');
      expect(made('allowed')).toBe(false);
      expect((await resolve(item, { decision: 'allow_always' })).status).toBe(200);
      expect(await finishedTask(server, id)).toMatchObject({ status: 'succeeded', result: { text: 'done' } });
      expect(made('allowed')).toBe(true);
      const again = await giveTask(server, agent.id, `again\n${touch('allowed')}`);
      expect(await finishedTask(server, again.id)).toMatchObject({ status: 'succeeded' });
    });

    test('keeps what it asked over a kill -9 of the server, is adopted, and takes the answer then', async () => {
      const { id } = await giveTask(server, agent.id, touch('after the crash'));
      const item = await asked();
      const before = processesOf(home, agent.id);
      await server.kill('SIGKILL');
      server = await start();
      expect(processesOf(home, agent.id)).toEqual(before);
      await untilAgent(server, agent.id, 'blocked');
      const { body } = await server.request<InboxItem[]>('GET', '/api/inbox?state=open');
      expect(body.map((one) => one.id)).toEqual([item.id]);
      expect((await resolve(item, { decision: 'allow' })).status).toBe(200);
      expect(await finishedTask(server, id)).toMatchObject({ status: 'succeeded', result: { text: 'done' } });
      expect(made('after')).toBe(true);
    });

    test('killed with -9 is started again and remembers the conversation', async () => {
      await finishedTask(server, (await giveTask(server, agent.id, 'remember: PINEAPPLE\nSTUB:text noted')).id);
      process.kill(processesOf(home, agent.id).pane, 'SIGKILL');
      await untilAgent(server, agent.id, 'crashed');
      await untilAgent(server, agent.id, 'idle');
      await finishedTask(server, (await giveTask(server, agent.id, 'STUB:text and now')).id);
      expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('PINEAPPLE');
    });
  });
}
