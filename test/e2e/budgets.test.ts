/**
 * Budgets in a whole server: an execution or an agent that has used up its budget pauses and asks, a kill -9 at the worst
 * moment changes nothing, and what is booked is what the model's endpoint counted.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import type { Execution } from '../../src/contract/executions.ts';
import type { InboxItem } from '../../src/contract/inbox.ts';
import type { UsageReport } from '../../src/contract/usage.ts';
import { agentCliMissing } from '../support/agent-cli.ts';
import { claudeAgent } from '../support/claude-agent.ts';
import { openItem, resolveItem } from '../support/inbox.ts';
import { type ModelEndpoint, startModelEndpoint } from '../support/model-endpoint.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { finishedTask, giveTask, untilAgent, untilTask } from '../support/shell-agents.ts';

const missing = agentCliMissing('claude');
const preload = [pathToFileURL(path.resolve(import.meta.dirname, '../support/kill-after-write.mjs')).href];

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

describe('the time of an execution', () => {
  test('is used up while the server is down, is asked about when it is back, and goes on with more', async () => {
    const ran = path.join(workspace, 'timed.log');
    const go = path.join(workspace, 'timed.go');
    const { id } = await execute({
      name: 'Timed',
      budget: { duration: 'PT2S' },
      nodes: [
        shell('first', `echo first >> ${ran}; until test -e ${go}; do sleep 0.05; done`),
        shell('second', `echo second >> ${ran}`),
      ],
      edges: [{ from: 'first', to: 'second' }],
    });
    await until('the first step', async () => existsSync(ran));
    await server.kill();
    server = await start();
    const item = await openItem(server, ({ executionId }) => executionId === id);
    expect(item).toMatchObject({ type: 'budget', payload: { reached: ['duration'], limits: { duration: 'PT2S' } } });
    await untilExecution(id, ({ status }) => status === 'paused');

    const resumed = await server.request('POST', `/api/executions/${id}/resume`);
    expect(resumed).toMatchObject({ status: 409, body: { code: 'BUDGET_EXCEEDED' } });
    writeFileSync(go, '');
    await untilExecution(id, ({ steps }) => steps[0]?.status === 'succeeded');
    expect(await executionOf(id)).toMatchObject({ status: 'paused', budget: { duration: 'PT2S', itemId: item.id } });

    const refused = await resolveItem(server, item, { decision: 'raise', form: { duration: 'PT1S' } });
    expect(refused).toMatchObject({ status: 422, body: { problems: [{ path: '/form/duration' }] } });
    await resolveItem(server, item, { decision: 'raise', form: { duration: 'PT1H' } });
    const done = await untilExecution(id, ({ finishedAt }) => finishedAt !== undefined);
    expect(done).toMatchObject({ status: 'succeeded', budget: { duration: 'PT1H', itemId: null } });
    expect(readFileSync(ran, 'utf8')).toBe('first\nsecond\n');
  });

  test('stands still while it is paused by a person', async () => {
    const { id } = await execute({
      name: 'Patient',
      budget: { duration: 'PT1H' },
      nodes: [{ id: 'gate', type: 'approval', config: { title: 'Go on?' } }],
    });
    const gate = await openItem(server, ({ executionId }) => executionId === id);
    const { startedAt } = await executionOf(id);
    const upAt = (pausedMs: number) => Date.parse(startedAt ?? '') + pausedMs + 3_600_000;
    expect(await timeIsUp(id)).toEqual([upAt(0)]);
    await server.request('POST', `/api/executions/${id}/pause`);
    await untilExecution(id, ({ status }) => status === 'paused');
    expect(await timeIsUp(id)).toEqual([]);
    await server.request('POST', `/api/executions/${id}/resume`);
    const { budget } = await untilExecution(id, ({ status }) => status === 'waiting');
    expect(budget).toMatchObject({ pausedAt: null, itemId: null });
    expect(budget?.pausedMs).toBeGreaterThan(0);
    expect(await timeIsUp(id)).toEqual([upAt(budget?.pausedMs ?? 0)]);
    await resolveItem(server, gate, { decision: 'approve' });
    await untilExecution(id, ({ status }) => status === 'succeeded');
    expect(await timeIsUp(id)).toEqual([]);
  });

  test('that nobody wants to raise cancels it and ends what runs; a second answer is too late', async () => {
    const ended = path.join(workspace, 'ended.log');
    const { id } = await execute({
      name: 'Stopped',
      budget: { duration: 'PT1S' },
      nodes: [
        shell('first', `trap 'echo ended >> ${ended}; exit 1' TERM; while :; do sleep 0.05; done`),
        shell('second', ':'),
      ],
      edges: [{ from: 'first', to: 'second' }],
    });
    const item = await openItem(server, ({ executionId }) => executionId === id);
    expect(await resolveItem(server, item, { decision: 'stop' })).toMatchObject({
      status: 200,
      body: { state: 'resolved', resolution: { decision: 'stop' } },
    });
    const late = await resolveItem(server, item, { decision: 'raise', form: { duration: 'PT1H' } });
    expect(late).toMatchObject({ status: 409, body: { code: 'INBOX_ITEM_CLOSED' } });
    const { steps } = await untilExecution(id, ({ status }) => status === 'cancelled');
    expect(steps.map(({ nodeId, status }) => [nodeId, status])).toEqual([['first', 'cancelled']]);
    expect(readFileSync(ended, 'utf8')).toBe('ended\n');
    expect(await openItems(id)).toEqual([]);
  });
});

describe.skipIf(missing !== null)(`budgets of a Claude Code agent${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let model: ModelEndpoint;
  let coder: Agent;

  beforeAll(async () => {
    model = await startModelEndpoint();
    coder = await claudeAgent(server, model, { name: 'coder', mode: 'headless', workspace: { path: workspace } });
  });
  afterAll(() => model.close());

  test('pause an execution after the step that used it up, through kill -9, until it is raised', async () => {
    const { id } = await execute(spending('pausing', { usd: 0.000_001 }));
    await untilExecution(id, ({ steps }) => steps[0]?.status === 'succeeded');
    // It was asked in the commit that booked the step, so nothing is left to wait for.
    const [item = expect.fail('nothing is asked')] = await openItems(id);
    await untilExecution(id, ({ status }) => status === 'paused');
    await server.kill();
    server = await start();
    await untilAgent(server, coder.id, 'idle');
    expect(await openItems(id)).toEqual([item]);
    expect(await executionOf(id)).toMatchObject({ status: 'paused', steps: [{ nodeId: 'one', status: 'succeeded' }] });
    expect(asked('pausing two')).toBe(0);

    await resolveItem(server, item, { decision: 'raise', form: { usd: 100 } });
    const done = await untilExecution(id, ({ finishedAt }) => finishedAt !== undefined);
    expect(done.status).toBe('succeeded');
    expect(asked('pausing two')).toBe(1);
    await expectBooked();
    expect(done.usage.cost).toBeGreaterThan(0);
  });

  test('are not forgotten when the server is killed between booking and pausing', async () => {
    await server.kill('SIGTERM');
    server = await start({ TEST_KILL_AFTER: '1', TEST_KILL_TABLES: 'usage_days' });
    await untilAgent(server, coder.id, 'idle');
    const { id } = await execute(spending('killed', { tokens: 1 }));
    expect((await server.exited).signal).toBe('SIGKILL');
    expect(
      await rows(
        `SELECT status, (SELECT count(*)::int FROM agent_tasks WHERE execution_id = $1) AS tasks,
           (SELECT count(*)::int FROM inbox_items WHERE execution_id = $1 AND state = 'open') AS items
         FROM executions WHERE id = $1`,
        id,
      ),
    ).toEqual([{ status: 'running', tasks: 1, items: 1 }]);
    server = await start();
    await untilExecution(id, ({ status, steps }) => status === 'paused' && steps[0]?.status === 'succeeded');
    const [item] = await openItems(id);
    expect(asked('killed two')).toBe(0);
    await resolveItem(server, item ?? expect.fail(), { decision: 'raise', form: { tokens: 1_000_000 } });
    const done = await untilExecution(id, ({ finishedAt }) => finishedAt !== undefined);
    expect(done.status).toBe('succeeded');
    await expectBooked();
  });

  test('hold the tasks that wait for the agent, and those of others not; stop makes them fail', async () => {
    const blocker = await giveTask(server, coder.id, 'STUB:hold budget first');
    await model.asked('STUB:hold budget');
    const waiting = await giveTask(server, coder.id, 'STUB:text second');
    const set = await server.request<Agent>('PATCH', `/api/agents/${coder.id}`, { budget: { tokensPerDay: 1 } });
    expect(set.body.heldBy).toMatchObject({ code: 'BUDGET_EXCEEDED' });
    model.release('budget');
    expect(await finishedTask(server, blocker.id)).toMatchObject({ status: 'succeeded', result: { text: 'first' } });
    const held = await untilAgent(server, coder.id, 'idle');
    expect(held.heldBy?.reason).toContain('is used up');
    const item = await openItem(server, ({ agentId }) => agentId === coder.id);
    expect(item).toMatchObject({ type: 'budget', payload: { agent: 'coder', reached: ['tokens'] } });
    await server.kill();
    server = await start();
    await untilAgent(server, coder.id, 'idle');
    expect((await server.request('GET', `/api/tasks/${waiting.id}`)).body.status).toBe('queued');

    await resolveItem(server, item, { decision: 'stop' });
    const failed = await untilTask(server, waiting.id, ({ status }) => status === 'failed');
    expect(failed.error?.code).toBe('BUDGET_EXCEEDED');
    const refused = await server.request('POST', `/api/agents/${coder.id}/tasks`, { prompt: 'STUB:text third' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'BUDGET_EXCEEDED' } });
    await server.request('PATCH', `/api/agents/${coder.id}`, { budget: null });
    const free = await finishedTask(server, (await giveTask(server, coder.id, 'STUB:text fourth')).id);
    expect(free.status).toBe('succeeded');
    expect((await untilAgent(server, coder.id, 'idle')).heldBy).toBeUndefined();
  });

  test('are of all agents together where the installation has one, and raised in the inbox', async () => {
    await server.kill('SIGTERM');
    server = await start({ POINTSMAN_BUDGET_USD_PER_DAY: '0.000001' });
    await untilAgent(server, coder.id, 'idle');
    const waiting = await giveTask(server, coder.id, 'STUB:text at last');
    const item = await openItem(server, ({ type, agentId }) => type === 'budget' && agentId === undefined);
    expect(item.payload['by']).toMatchObject([{ agent: 'coder' }]);
    expect((await usage('agent')).usdPerDay).toBe(0.000_001);
    await resolveItem(server, item, { decision: 'raise', form: { usd: 100 } });
    expect(await finishedTask(server, waiting.id)).toMatchObject({ result: { text: 'at last' } });
  });

  /** Two steps of the same agent, one after the other. */
  function spending(name: string, budget: object): object {
    const step = (id: string) => ({
      id,
      type: 'agent',
      config: { agent: 'coder', prompt: `${name} ${id}\nSTUB:text ${id} is done` },
    });
    return { name, budget, nodes: [step('one'), step('two')], edges: [{ from: 'one', to: 'two' }] };
  }

  function asked(prompt: string): number {
    return model.requests.filter((one) => one.prompt.includes(prompt)).length;
  }

  /** Day, agent and endpoint count the same, over every restart. */
  async function expectBooked(): Promise<void> {
    const counted = model.requests.flatMap((one) => one.usage ?? []);
    const inputTokens = counted.reduce((sum, one) => sum + one.inputTokens, 0);
    const outputTokens = counted.reduce((sum, one) => sum + one.outputTokens, 0);
    const { total, entries } = await usage('agent');
    expect(total).toMatchObject({ inputTokens, outputTokens });
    expect(entries).toMatchObject([{ key: coder.id, name: 'coder', inputTokens, outputTokens }]);
    const { body } = await server.request<Agent>('GET', `/api/agents/${coder.id}`);
    expect(body.tokens).toBe(inputTokens + outputTokens);
    expect(total.cost).toBeCloseTo(body.cost, 9);
  }

  async function usage(by: string): Promise<UsageReport> {
    return (await server.request<UsageReport>('GET', `/api/usage?by=${by}`)).body;
  }
});

function start(env: Record<string, string> = {}): Promise<Pointsman> {
  return startPointsman({ home, preload, env: { POINTSMAN_DATABASE_URL: database.url, ...env } });
}

function shell(id: string, script: string): object {
  return { id, type: 'shell', config: { command: ['sh', '-c', script] } };
}

async function execute(workflow: object): Promise<Execution> {
  const started = await server.request('POST', '/api/workflow/execute', { workflow });
  expect(started.status, JSON.stringify(started.body)).toBe(202);
  return started.body;
}

async function executionOf(id: string): Promise<Execution> {
  return (await server.request<Execution>('GET', `/api/executions/${id}`)).body;
}

async function untilExecution(id: string, fits: (execution: Execution) => boolean): Promise<Execution> {
  return until('the execution', async () => {
    const execution = await executionOf(id);
    return fits(execution) ? execution : null;
  });
}

/** When the time of an execution is up by the timer that is set, in milliseconds. */
async function timeIsUp(executionId: string): Promise<number[]> {
  const set = await rows(`SELECT fire_at FROM timers WHERE execution_id = $1 AND timer_id = 'budget'`, executionId);
  return set.map((row) => (row['fire_at'] as Date).getTime());
}

/** What lies in the database when no server may be there to ask. */
async function rows(query: string, id: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(database.connection);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(query, [id])).rows;
  } finally {
    await client.end();
  }
}

async function openItems(executionId: string): Promise<InboxItem[]> {
  const { body } = await server.request<InboxItem[]>('GET', '/api/inbox?state=open');
  return body.filter((item) => item.executionId === executionId);
}
