/**
 * What starts workflows by itself, in a whole server: times, ends of other workflows, files, branches; the rules for
 * several at once; and that a kill -9 makes nothing happen twice or not at all.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Execution } from '../../src/contract/executions.ts';
import type { Trigger } from '../../src/contract/triggers.ts';
import { openItem, resolveItem } from '../support/inbox.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

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

const start = (env: Record<string, string> = {}, modules: string[] = []) =>
  startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url, ...env }, preload: modules });

const ECHO = {
  inputs: { value: { default: null } },
  nodes: [{ id: 'echo', type: 'transform', config: { value: 'inputs.value' } }],
  outputs: { value: 'nodes.echo.output' },
};

describe('a cron', () => {
  test('starts its workflow at each moment once, over two kill -9 and in spite of them', async () => {
    const id = await save({
      ...ECHO,
      name: 'Each second',
      triggers: [{ cron: '* * * * * *', catchUp: 'all', inputs: { value: '{{ event.moment }}' } }],
    });
    await until('some', async () => (await executionsOf(id)).length >= 2);
    await server.kill();
    // Killed again right after the commits of a few moments, in the middle of catching up.
    server = await start({ TEST_KILL_TABLES: 'triggers', TEST_KILL_AFTER: '3' }, preload);
    await server.exited;
    server = await start();
    const before = (await executionsOf(id)).length;
    await until('some more', async () => (await executionsOf(id)).length >= before + 3);
    await disable(id);
    const moments = (await executionsOf(id)).map(({ inputs }) => Date.parse(String(inputs['value'])));
    expect(moments.length).toBeGreaterThanOrEqual(7);
    expect(moments.map((moment) => moment - (moments[0] ?? 0))).toEqual(moments.map((_, index) => index * 1000));
    const ended = await until('their ends', async () => {
      const all = await executionsOf(id);
      return all.every(({ finishedAt }) => finishedAt) && all;
    });
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['succeeded']));
  });
});

describe('the end of another workflow', () => {
  test('starts the next one with what it gave, and a circle comes to an end', async () => {
    const first = await save({ ...ECHO, name: 'First' });
    const second = await save({
      ...ECHO,
      name: 'Second',
      triggers: [{ workflow: 'First', inputs: { value: '{{ event.execution.outputs.value + 1 }}' } }],
    });
    const circle = await save({
      ...ECHO,
      name: 'Circle',
      triggers: [{ workflow: 'Second' }, { workflow: 'Circle' }],
    });
    await execute(first, { value: 41 });
    const [next] = await until('the second', async () => {
      const all = await executionsOf(second);
      return all[0]?.finishedAt ? all : null;
    });
    expect(next).toMatchObject({ outputs: { value: 42 }, trigger: { kind: 'workflow' } });
    const stopped = await until('the end of the circle', async () => {
      const { body } = await server.request<Trigger[]>('GET', `/api/triggers?workflow=${circle}`);
      return body.find(({ lastError }) => lastError?.code === 'TRIGGER_CHAIN_TOO_LONG');
    });
    expect(stopped.trigger).toEqual({ workflow: 'Circle' });
    // The first of the chain is Second's, so the circle has one less.
    expect(await executionsOf(circle)).toHaveLength(15);
  });
});

describe('what changes', () => {
  test('files start their workflow once they have settled, with their names', async () => {
    const inbox = path.join(workspace, 'in');
    mkdirSync(path.join(inbox, 'deep'), { recursive: true });
    writeFileSync(path.join(inbox, 'old.md'), 'old');
    const id = await save({
      ...ECHO,
      name: 'Files',
      triggers: [{ file: `${inbox}/**/*.md`, inputs: { value: '{{ event.files }}' } }],
    });
    await looked(id);
    writeFileSync(path.join(inbox, 'deep', 'new.md'), 'new');
    writeFileSync(path.join(inbox, 'other.txt'), 'not watched');
    const [execution] = await until('an execution', async () => {
      const all = await executionsOf(id);
      return all.length > 0 && all;
    });
    expect(execution?.inputs['value']).toEqual([path.join(inbox, 'deep', 'new.md')]);
  });

  test('a branch starts its workflow with each new head', async () => {
    const repository = path.join(workspace, 'repository');
    mkdirSync(repository);
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: repository })
        .toString()
        .trim();
    git('init', '--quiet', '--initial-branch=main');
    git('commit', '--quiet', '--allow-empty', '-m', 'first');
    const id = await save({
      ...ECHO,
      name: 'Branch',
      triggers: [{ git: repository, branch: 'main', inputs: { value: '{{ [event.commit, event.subject] }}' } }],
    });
    await looked(id);
    git('commit', '--quiet', '--allow-empty', '-m', 'second');
    const head = git('rev-parse', 'HEAD');
    git('checkout', '--quiet', '-b', 'other');
    git('commit', '--quiet', '--allow-empty', '-m', 'elsewhere');
    const [execution, ...more] = await until('an execution', async () => {
      const all = await executionsOf(id);
      return all.length > 0 && all;
    });
    expect(execution?.inputs['value']).toEqual([head, 'second']);
    expect(more).toEqual([]);
  });

  test('what cannot be read is told beside the trigger', async () => {
    const id = await save({ ...ECHO, name: 'Nowhere', triggers: [{ git: path.join(workspace, 'nowhere') }] });
    const told = await until('an error', async () => {
      const { body } = await server.request<Trigger[]>('GET', `/api/triggers?workflow=${id}`);
      return body.find(({ lastError }) => lastError);
    });
    expect(told.lastError).toMatchObject({ code: 'TRIGGER_NOT_READABLE', message: expect.stringContaining('nowhere') });
  });
});

describe('an agent', () => {
  test('starts a workflow when it comes to a status', async () => {
    const id = await save({
      ...ECHO,
      name: 'Watchman',
      triggers: [{ agent: 'watched', status: ['idle', 'stopped'], inputs: { value: '{{ event.agent.status }}' } }],
    });
    const made = await server.request('POST', '/api/agents', {
      name: 'watched',
      kind: 'shell',
      workspace: { path: workspace },
      autostart: true,
    });
    await until('that it is idle', async () =>
      (await executionsOf(id)).some(({ inputs }) => inputs['value'] === 'idle'),
    );
    await server.request('POST', `/api/agents/${made.body.id}/stop`);
    await until('that it stopped', async () => (await executionsOf(id)).at(-1)?.inputs['value'] === 'stopped');
  });
});

describe('the rule for several at once', () => {
  const gated = (name: string, concurrency: string) => ({
    name,
    concurrency,
    inputs: { n: { default: 0 } },
    nodes: [{ id: 'gate', type: 'approval', config: { title: `${name} {{ inputs.n }}?` } }],
    outputs: { n: 'inputs.n' },
  });

  test('queue: one after the other in order, also over a kill -9', async () => {
    const id = await save(gated('Queue', 'queue'));
    for (const n of [1, 2, 3]) await execute(id, { n });
    await until('the first to wait', async () => (await statuses(id))[0] === 'waiting');
    expect(await statuses(id)).toEqual(['waiting', 'queued', 'queued']);
    await server.kill();
    server = await start();
    await approve('Queue 1?');
    await until('the second to wait', async () => (await statuses(id)).join() === 'succeeded,waiting,queued');
    await approve('Queue 2?');
    await until('the third to wait', async () => (await statuses(id)).join() === 'succeeded,succeeded,waiting');
    await approve('Queue 3?');
    await until('all', async () => (await statuses(id)).join() === 'succeeded,succeeded,succeeded');
  });

  test('queue: one that is cancelled in line ends there, and the next moves up', async () => {
    const id = await save(gated('Line', 'queue'));
    const [, second] = [await execute(id, { n: 1 }), await execute(id, { n: 2 }), await execute(id, { n: 3 })];
    expect((await server.request('POST', `/api/executions/${second}/cancel`)).status).toBe(202);
    await until('it to end', async () => (await statuses(id))[1] === 'cancelled');
    await approve('Line 1?');
    await until('the third to wait', async () => (await statuses(id)).join() === 'succeeded,cancelled,waiting');
    await approve('Line 3?');
  });

  test('skip: a start while one is under way is refused and leaves nothing', async () => {
    const id = await save(gated('Skip', 'skip'));
    await execute(id, { n: 1 });
    expect(await server.request('POST', `/api/workflows/${id}/execute`, { inputs: { n: 2 } })).toMatchObject({
      status: 409,
      body: { code: 'EXECUTION_SKIPPED' },
    });
    await approve('Skip 1?');
    await until('its end', async () => (await statuses(id)).join() === 'succeeded');
    await execute(id, { n: 3 });
    await approve('Skip 3?');
  });

  test('cancel_previous: the newest takes the place of all others, once they have ended', async () => {
    const id = await save(gated('Newest', 'cancel_previous'));
    await execute(id, { n: 1 });
    await until('it to wait', async () => (await statuses(id)).join() === 'waiting');
    await Promise.all([execute(id, { n: 2 }), execute(id, { n: 3 }), execute(id, { n: 4 })]);
    await until('one to be left', async () => {
      const all = await statuses(id);
      return all.filter((status) => status === 'cancelled').length === 3 && all.includes('waiting');
    });
    const left = (await executionsOf(id)).find(({ status }) => status === 'waiting');
    await approve(`Newest ${String(left?.inputs['n'])}?`);
    await until('its end', async () => (await statuses(id)).includes('succeeded'));
  });

  test('many that start at once are one under way and a line', async () => {
    const id = await save({ ...ECHO, name: 'Crowd', concurrency: 'queue' });
    await Promise.all(Array.from({ length: 12 }, (_, value) => execute(id, { value })));
    const all = await until('all to end', async () => {
      const found = await executionsOf(id);
      return found.every(({ finishedAt }) => finishedAt) && found;
    });
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 'succeeded'));
    const times = all.map(({ startedAt, finishedAt }) => ({
      startedAt: startedAt ?? '',
      finishedAt: finishedAt ?? '',
    }));
    times.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
    for (const [index, { startedAt }] of times.entries())
      if (index > 0) expect(startedAt >= (times[index - 1]?.finishedAt ?? '')).toBe(true);
  });
});

async function save(document: object): Promise<string> {
  const { status, body } = await server.request('POST', '/api/workflows', document);
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

async function execute(id: string, inputs: object): Promise<string> {
  const { status, body } = await server.request('POST', `/api/workflows/${id}/execute`, { inputs });
  expect(status, JSON.stringify(body)).toBe(202);
  return body.id;
}

/** Oldest first. */
async function executionsOf(workflowId: string): Promise<Execution[]> {
  const { body } = await server.request<Execution[]>('GET', `/api/executions?workflow=${workflowId}&limit=200`);
  return body.toReversed();
}

async function statuses(workflowId: string): Promise<string[]> {
  return (await executionsOf(workflowId)).map(({ status }) => status);
}

async function disable(workflowId: string): Promise<void> {
  const { body } = await server.request<Trigger[]>('GET', `/api/triggers?workflow=${workflowId}`);
  for (const { id } of body) await server.request('PATCH', `/api/triggers/${id}`, { enabled: false });
}

/** What is there was looked at, so that what comes is a change. */
async function looked(workflowId: string): Promise<void> {
  const nextAt = async () =>
    (await server.request<Trigger[]>('GET', `/api/triggers?workflow=${workflowId}`)).body[0]?.nextAt;
  const first = await nextAt();
  await until('a look', async () => (await nextAt()) !== first);
}

async function approve(title: string): Promise<void> {
  const item = await openItem(server, (one) => one.title === title);
  await resolveItem(server, item, { decision: 'approve' });
}
