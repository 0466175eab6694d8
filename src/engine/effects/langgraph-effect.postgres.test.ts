/** Steps of registered graphs on real rows and real threads: what they give, ask, keep, and how they end and go on. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGraphThreads } from '../../adapters/graph-threads/graph-threads.ts';
import { createPostgresEventBus } from '../../adapters/postgres/postgres-event-bus.ts';
import { executionRow, superstep } from '../../adapters/postgres/testing/rows.ts';
import type { EventBus } from '../../ports/event-bus.ts';
import type { RegisteredGraphs } from '../../ports/registered-graphs.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import { until } from '../../../test/support/pointsman-process.ts';
import { BY, engineWith, onStage, stage } from '../budgets/testing/budget-stage.ts';
import { resolveInboxItem } from '../resolve-inbox-item.ts';
import { type EffectContext, EffectRunner } from './effect-runner.ts';
import { langgraphEffect } from './langgraph-effect.ts';

onStage();

const MODULE = path.resolve(import.meta.dirname, '../../adapters/graph-threads/testing/graphs.mjs');
const EXPORTS = [
  'gated', 'asking', 'rich', 'unsayable', 'failing', 'deaf', 'leaving', 'curious', 'formed', 'spread', 'notAGraph', 'missing',
]; // prettier-ignore
const KEY = 'n:1:-:1';

let directory: string;
let bus: EventBus;
let context: EffectContext;
let graphs: RegisteredGraphs;
let runner: EffectRunner;

beforeAll(async () => {
  bus = await createPostgresEventBus({ pool: stage.database.pool, connection: stage.database.connection });
});
afterAll(() => bus.close());
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'pointsman-graphs-'));
  const base = engineWith(null);
  // What goes wrong would be tried again by the next sweep, and there is none here.
  const tell = (fields: object, message: string) => console.error(message, fields);
  context = { ...base, bus, log: { ...base.log, error: tell } };
  begin();
});
afterEach(async () => {
  await end();
  rmSync(directory, { recursive: true });
});

/** As a server does at its start. */
function begin(): void {
  graphs = createGraphThreads({
    graphs: [
      ...EXPORTS.map((name) => ({ name, module: MODULE, export: name })),
      { name: 'broken', module: MODULE.replace('graphs.mjs', 'broken.mjs') },
      { name: 'endless', module: MODULE.replace('graphs.mjs', 'endless.mjs') },
      { name: 'nowhere', module: '/nowhere/graph.mjs' },
    ],
    environment: { PATH: '/bin', MODEL_KEY: 'k' },
    log: context.log,
    graceMs: 300,
  });
  runner = new EffectRunner(context, { langgraph: langgraphEffect(context, { graphs }) });
  runner.start();
}

async function end(): Promise<void> {
  await runner.close();
  await graphs.close();
}

describe('a graph', () => {
  test('that ends gives its final state', async () => {
    const id = await step('curious');
    expect(await outcome(id)).toMatchObject({
      type: 'attempt_succeeded',
      output: { said: [], what: { PATH: '/bin', MODEL_KEY: 'k' } },
    });
  });

  test.each([
    ['failing', 'GRAPH_FAILED', 'the node has had enough'],
    ['unsayable', 'GRAPH_STATE_INVALID', 'what.when.deep is a Map'],
    ['leaving', 'GRAPH_FAILED', 'ended with 3'],
    ['notAGraph', 'GRAPH_UNAVAILABLE', 'neither a graph'],
    ['missing', 'GRAPH_UNAVAILABLE', 'exports no missing'],
    ['broken', 'GRAPH_UNAVAILABLE', 'there is no key'],
    ['nowhere', 'GRAPH_UNAVAILABLE', '/nowhere/graph.mjs'],
    ['unheard', 'GRAPH_NOT_FOUND', '"unheard"'],
  ])('%s fails with %s', async (graph, code, message) => {
    const id = await step(graph);
    const failed = await outcome(id);
    expect(failed).toMatchObject({ type: 'attempt_failed', error: { code } });
    expect(failed.error?.message).toContain(message);
  });

  test('keeps what JSON has no word for in its checkpoints, and its messages end as what they say', async () => {
    const id = await step('rich');
    await answer(await asked(id, 1), { answer: true });
    expect(await outcome(id)).toMatchObject({
      output: {
        answer: 2,
        messages: [
          { type: 'human', content: 'hello' },
          { type: 'ai', content: 'true true human' },
        ],
      },
    });
  });

  test('that was stopped in the middle goes on from its newest checkpoint', async () => {
    const [log, gate] = [path.join(directory, 'log'), path.join(directory, 'gate')];
    const id = await step('gated', { input: { log, gate, n: 41 } });
    await until('the second node', async () => lines(log).includes('second'));
    await end();
    writeFileSync(gate, '');
    begin();
    await answer(await asked(id, 1), { answer: { go: 'on' } });
    expect(await outcome(id)).toMatchObject({
      type: 'attempt_succeeded',
      output: { n: 42, said: ['first', 'second'], what: { go: 'on' } },
    });
    expect(lines(log).filter((line) => line === 'first')).toHaveLength(1);
  });

  test('has its checkpoints under its execution, and they go with it', async () => {
    const id = await step('gated', { input: { n: 1 } });
    await asked(id, 1);
    expect(await context.store.checkpoints.get(id, '')).toBe(null);
    expect((await context.store.checkpoints.list(id, {})).length).toBeGreaterThan(2);
    await context.store.checkpoints.deleteThread(id);
    expect(await context.store.checkpoints.list(id, {})).toEqual([]);
  });

  test('that ended while nobody could be told is told of again, and no node runs twice', async () => {
    const log = path.join(directory, 'log');
    const id = await step('gated', { input: { log } });
    const [item] = await asked(id, 1);
    const { store } = context;
    let refused = 0;
    context.mailroom.hand = async () => {
      if (refused++ === 0) throw new Error('the database is away');
      return false;
    };
    await answer([item as InboxRecord], { answer: 'x' });
    await until('the refused end', async () => refused > 0);
    runner.sweep(id);
    expect(await outcome(id)).toMatchObject({ type: 'attempt_succeeded', output: { what: 'x' } });
    expect(lines(log)).toEqual(['first', 'second', 'ask', 'ask']);
    expect((await store.executions.effect(id, KEY))?.status).toBe('done');
  });
});

describe('a question of a graph', () => {
  test('is an item of the inbox, asked beside others and one after the other', async () => {
    const id = await step('asking');
    const both = await asked(id, 2);
    expect(both.map(({ title }) => title).toSorted()).toEqual(['“n” asks: Left?', '“n” asks: Right?']);
    expect(both.find(({ title }) => title.includes('Left'))).toMatchObject({
      type: 'question',
      choices: ['answer', 'deny'],
      payload: { nodeId: 'n', graph: 'asking', question: 'Left?', value: { message: 'Left?', side: 'left' } },
    });
    expect(await letters(id, 'attempt_waiting')).toMatchObject([{ waiting: true }]);
    await answer(both.slice(0, 1), { answer: 1 });
    await answer(both.slice(1), { answer: 1 });
    await answer(await asked(id, 1, 'One?'), { answer: 'a' });
    await answer(await asked(id, 1, 'Two?'), { answer: { b: [1] } });
    const { output } = await outcome(id);
    expect(output.said.toSorted()).toEqual(['left 1', 'one a', 'right 1', 'two {"b":[1]}']);
    expect((await letters(id, 'attempt_waiting')).map(({ waiting }) => waiting)).toEqual([
      true, false, true, false, true, false,
    ]); // prettier-ignore
  });

  test('of each of several like nodes is its own', async () => {
    const id = await step('spread');
    const items = await asked(id, 3);
    for (const item of items) await answer([item], { answer: `yes to ${String(item.payload['question'])}` });
    const { output } = await outcome(id);
    expect(output.said.toSorted()).toEqual([1, 2, 3].map((n) => `each ${n} yes to Take ${n}?`));
  });

  test('that says how it is answered has that form, and the answer is checked', async () => {
    const id = await step('formed');
    const items = await asked(id, 1);
    expect(items[0]?.payload['form']).toMatchObject({ properties: { many: { minimum: 1 } } });
    await expect(answer(items, { many: 0 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await answer(items, { many: 2 });
    expect(await outcome(id)).toMatchObject({ output: { what: { many: 2 } } });
  });

  test('that was answered while no server ran is not asked again', async () => {
    const id = await step('asking');
    const both = await asked(id, 2);
    await end();
    await answer(both, { answer: 'late' });
    begin();
    await answer(await asked(id, 1, 'One?'), { answer: 1 });
    await answer(await asked(id, 1, 'Two?'), { answer: 2 });
    const { output } = await outcome(id);
    expect(output.said.toSorted()).toEqual(['left late', 'one 1', 'right late', 'two 2']);
    expect((await all(id)).length).toBe(4);
  });

  test('that is denied fails the step, and the others are withdrawn', async () => {
    const id = await step('asking');
    const [first, second] = await asked(id, 2);
    await resolveInboxItem(
      { ...context, agents },
      { id: first!.id, answer: { decision: 'deny', hash: first!.hash, note: 'not today' }, by: BY },
    );
    expect(await outcome(id)).toMatchObject({
      type: 'attempt_failed',
      error: { code: 'GRAPH_DENIED', message: 'ada denied it: not today' },
    });
    expect((await context.store.inbox.get(second!.id))?.state).toBe('withdrawn');
  });

  test('waits as long as its execution is paused', async () => {
    const id = await step('gated');
    const items = await asked(id, 1);
    await stage.database.pool.query('UPDATE executions SET paused_at = now() WHERE id = $1', [id]);
    const looks = vi.spyOn(context.store.executions, 'get').mockClear();
    await answer(items, { answer: 1 });
    await until('a look at the answer', async () => looks.mock.calls.length > 0);
    expect(await letters(id, 'attempt_waiting')).toHaveLength(1);
    await stage.database.pool.query('UPDATE executions SET paused_at = NULL WHERE id = $1', [id]);
    await context.store.transaction(async (transaction) => {
      transaction.publish({ topic: `execution:${id}`, event: 'execution.changed', data: {} });
    });
    expect(await outcome(id)).toMatchObject({ output: { what: 1 } });
  });
});

describe('a step', () => {
  test('that is cancelled while it asks withdraws its questions', async () => {
    const id = await step('asking');
    const items = await asked(id, 2);
    await cancel(id);
    expect(await outcome(id)).toMatchObject({ type: 'attempt_cancelled' });
    for (const item of items) expect((await context.store.inbox.get(item.id))?.state).toBe('withdrawn');
  });

  test('is cancelled although its graph hears nothing; another run of it goes on by itself', async () => {
    const [log, gate] = [path.join(directory, 'log'), path.join(directory, 'gate')];
    const deaf = await step('deaf', { input: { log, gate } });
    await until('the node', async () => lines(log).length === 1);
    const other = await step('deaf', { input: {} });
    await cancel(deaf);
    expect(await outcome(deaf)).toMatchObject({ type: 'attempt_cancelled' });
    expect(await outcome(other)).toMatchObject({ type: 'attempt_succeeded', output: { said: ['hold'] } });
  });

  test('is cancelled while its module is still being loaded', async () => {
    const id = await step('endless');
    await until('the begun step', async () => (await letters(id, 'attempt_started')).length > 0);
    await cancel(id);
    expect(await outcome(id)).toMatchObject({ type: 'attempt_cancelled' });
  });

  test('ends at its timeout, also when it came while a person was asked and no server ran', async () => {
    const id = await step('gated', { timeoutMs: 3_600_000 });
    const items = await asked(id, 1);
    await end();
    stage.now = new Date(Date.now() + 2 * 3_600_000).toISOString();
    begin();
    expect(await outcome(id)).toMatchObject({
      type: 'attempt_failed',
      error: { code: 'TIMEOUT', message: 'It did not end within 3600 s.' },
    });
    expect((await context.store.inbox.get(items[0]!.id))?.state).toBe('withdrawn');
  });
});

test('the list says which graphs load, and what is in them', async () => {
  const some = createGraphThreads({
    graphs: [
      { name: 'asking', description: 'Asks', module: MODULE, export: 'asking' },
      { name: 'none', module: MODULE, export: 'notAGraph' },
    ],
    environment: {},
    log: context.log,
  });
  const asking = { name: 'asking', description: 'Asks' };
  expect(some.list()).toEqual([
    { ...asking, status: 'unchecked' },
    { name: 'none', status: 'unchecked' },
  ]);
  await some.check();
  expect(some.list()).toEqual([
    { ...asking, status: 'ready', nodes: ['left', 'right', 'both'] },
    { name: 'none', status: 'failed', problem: expect.stringContaining('its notAGraph is neither') },
  ]);
  await some.close();
});

const agents = {
  restart: () => Promise.reject(new Error('no agent asks here')),
  answer: () => Promise.reject(new Error('no agent asks here')),
};

async function step(
  graph: string,
  { input, timeoutMs }: { input?: unknown; timeoutMs?: number } = {},
): Promise<string> {
  const { store } = context;
  const execution = executionRow({ status: 'queued' });
  await store.executions.insert(execution);
  const lease = (await store.executions.claim(execution.id, 'a', 60_000)) ?? expect.fail('it is free');
  const payload = {
    step: { id: context.ids.next(), nodeId: 'n', iteration: 1, attempt: 1 },
    config: { graph, ...(input === undefined ? {} : { input }) },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  await store.executions.commit(superstep(lease, { newEffects: [{ key: KEY, kind: 'langgraph', payload }] }));
  runner.sweep(execution.id);
  return execution.id;
}

async function cancel(id: string): Promise<void> {
  const lease = (await context.store.executions.claim(id, 'b', 60_000)) ?? null;
  expect(lease).toBe(null); // still held by `a`
  await stage.database.pool.query(`UPDATE effects SET cancel = 'cancelled' WHERE execution_id = $1`, [id]);
  runner.sweep(id);
}

interface Letter {
  type: string;
  waiting?: boolean;
  error?: { code: string; message: string };
  output: { said: string[] };
}

async function letters(id: string, type: string): Promise<Letter[]> {
  const mail = await context.store.executions.mail(id, 100);
  return mail.map(({ event }) => event as Letter).filter((event) => event.type === type);
}

async function outcome(id: string): Promise<Letter> {
  return until('the outcome of the step', async () => {
    for (const type of ['attempt_succeeded', 'attempt_failed', 'attempt_cancelled'])
      for (const event of await letters(id, type)) return event;
    return null;
  });
}

async function all(id: string): Promise<InboxRecord[]> {
  return (await context.store.inbox.list({}, { limit: 100 })).filter(({ executionId }) => executionId === id);
}

async function asked(id: string, count: number, question?: string): Promise<InboxRecord[]> {
  return until(`${count} questions`, async () => {
    const open = (await all(id)).filter(
      ({ state, payload }) => state === 'open' && (question === undefined || payload['question'] === question),
    );
    return open.length === count ? open : null;
  });
}

async function answer(items: InboxRecord[], form: unknown): Promise<void> {
  for (const { id, hash } of items)
    await resolveInboxItem({ ...context, agents }, { id, answer: { decision: 'answer', hash, form }, by: BY });
}

function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}
