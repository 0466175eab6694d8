/**
 * Workflows that start workflows, in a whole server: what goes in and comes out, who waits, pauses and ends with whom, and
 * that a kill -9 anywhere between the two starts nothing twice and forgets nobody.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Execution } from '../../src/contract/executions.ts';
import type { Workflow } from '../../src/contract/workflows.ts';
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

describe('a workflow that starts another', () => {
  test('R24a: items of a map over a workflow with `queue` run one after the other', async () => {
    const child = await save({
      name: 'One at a time',
      concurrency: 'queue',
      inputs: { n: { type: 'integer' } },
      nodes: [{ id: 'work', type: 'shell', config: { command: ['sleep', '0.1'] } }],
      outputs: { n: 'inputs.n' },
    });
    const over = { over: '[1, 2, 3]', as: 'n', concurrency: 3, workflow: 'One at a time' };
    const parent = await ended(await execute({ nodes: [{ id: 'all', type: 'map', config: over }] }));
    expect(parent).toMatchObject({ status: 'succeeded' });
    const children = await childrenOf(parent);
    expect(children.every(({ workflowId }) => workflowId === child.id)).toBe(true);
    const times = children.map(({ startedAt, finishedAt }) => [startedAt ?? '', finishedAt ?? ''] as const).toSorted();
    for (const [index, [startedAt]] of times.entries())
      if (index > 0) expect(startedAt >= (times[index - 1]?.[1] ?? '')).toBe(true);
  });

  test('R24c: one with `queue` that starts itself does not wait for itself, nor for who waits for it', async () => {
    const document = (again: boolean) => ({
      name: 'In line with itself',
      concurrency: 'queue',
      inputs: { n: { type: 'integer' } },
      nodes: [
        { id: 'more', type: 'condition' },
        { id: 'end', type: 'transform', config: { value: '0' } },
        ...(again ? [sub('again', { workflow: 'In line with itself', inputs: { n: '{{ inputs.n - 1 }}' } })] : []),
      ],
      edges: [
        ...(again ? [{ from: 'more', to: 'again', when: 'inputs.n > 0' }] : []),
        { from: 'more', to: 'end', otherwise: true },
      ],
    });
    const { id } = await save(document(false));
    expect((await server.request('PUT', `/api/workflows/${id}`, document(true))).status).toBe(200);
    const start = async () =>
      (await server.request<Execution>('POST', `/api/workflows/${id}/execute`, { inputs: { n: 3 } })).body.id;
    const [first, second] = [await start(), await start()];
    const [one, two] = [await ended(first), await ended(second)];
    expect([one.status, two.status]).toEqual(['succeeded', 'succeeded']);
    expect((two.startedAt ?? '') >= (one.finishedAt ?? '')).toBe(true);
  });

  test('R24b: the time of a step is over also while its execution waits in line', async () => {
    const { id } = await save({
      name: 'Held',
      concurrency: 'queue',
      nodes: [{ id: 'gate', type: 'approval', config: { title: 'Held?' } }],
    });
    const holder = (await server.request<Execution>('POST', `/api/workflows/${id}/execute`, {})).body.id;
    const parent = await ended(await execute({ nodes: [{ ...sub('late', { workflow: 'Held' }), timeout: 'PT1S' }] }));
    expect(parent).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT' } });
    expect(await childrenOf(parent)).toMatchObject([{ status: 'cancelled' }]);
    await server.request('POST', `/api/executions/${holder}/cancel`);
  });

  test('hands in its inputs, gets the outputs, and each names the other', async () => {
    const child = await save({
      name: 'Double',
      inputs: { n: { type: 'integer' }, by: { type: 'integer', default: 2 } },
      nodes: [{ id: 'double', type: 'transform', config: { value: 'inputs.n * inputs.by' } }],
      outputs: { n: 'nodes.double.output' },
    });
    const parent = await ended(
      await execute({
        inputs: { n: { default: 20 } },
        nodes: [
          sub('once', { workflow: 'Double', inputs: { n: '{{ inputs.n + 1 }}' } }),
          sub('again', { workflow: child.id, version: 1, inputs: { n: '{{ nodes.once.output.n }}', by: 10 } }),
        ],
        edges: [{ from: 'once', to: 'again' }],
        outputs: { n: 'nodes.again.output.n' },
      }),
    );
    expect(parent).toMatchObject({ status: 'succeeded', outputs: { n: 420 } });
    const [once, again] = await childrenOf(parent);
    expect(once).toMatchObject({ workflowId: child.id, inputs: { n: 21, by: 2 }, outputs: { n: 42 } });
    expect(again).toMatchObject({ version: 1, inputs: { n: 42, by: 10 }, parentExecutionId: parent.id });
    expect(parent.steps.map(({ childExecutionId, id }) => [childExecutionId, id])).toEqual([
      [once?.id, once?.parentStepId],
      [again?.id, again?.parentStepId],
    ]);
    const top = (await server.request('GET', '/api/executions?parent=none&limit=200')).body as Execution[];
    expect(top.map(({ id }) => id)).toContain(parent.id);
    expect(top.map(({ id }) => id)).not.toContain(once?.id);
  });

  test('waits while only a person is asked below it, and goes on with the answer', async () => {
    await save({ name: 'Ask', nodes: [approval('gate')], outputs: { said: 'nodes.gate.output.decision' } });
    const id = await execute({ nodes: [sub('ask', { workflow: 'Ask' })], outputs: { said: 'nodes.ask.output.said' } });
    const waiting = await seen(id, ({ status }) => status === 'waiting');
    expect(waiting.steps).toMatchObject([{ status: 'waiting', reason: 'child_execution' }]);
    const child = waiting.steps[0]?.childExecutionId;
    const item = await openItem(server, ({ executionId }) => executionId === child);
    await resolveItem(server, item, { decision: 'approve' });
    expect(await ended(id)).toMatchObject({ status: 'succeeded', outputs: { said: 'approve' } });
  });

  test('fails with the error of the one it started, and says where that was', async () => {
    await save({ name: 'Broken', nodes: [shell('crack', 'exit 3')] });
    await save({ name: 'Above', nodes: [sub('broken', { workflow: 'Broken' })] });
    const parent = await ended(await execute({ nodes: [sub('above', { workflow: 'Above' })] }));
    const [above] = await childrenOf(parent);
    const [broken] = await childrenOf(above ?? expect.fail());
    const error = { code: 'NON_ZERO_EXIT', message: 'Exit status 3.', executionId: broken?.id };
    expect(parent).toMatchObject({ status: 'failed', error: { ...error, nodeId: 'above' } });
    expect(parent.steps).toMatchObject([{ status: 'failed', error, childExecutionId: above?.id }]);
  });

  test('hands an error on to its error edge, and retries with a new execution', async () => {
    const flag = path.join(workspace, 'second-try');
    await save({ name: 'Flaky', nodes: [shell('try', `test -e ${flag} || { touch ${flag}; exit 1; }`)] });
    const retried = await ended(
      await execute({ nodes: [{ ...sub('flaky', { workflow: 'Flaky' }), retry: { max: 1 } }] }),
    );
    expect(retried).toMatchObject({ status: 'succeeded', steps: [{ attempt: 1, status: 'failed' }, { attempt: 2 }] });
    expect(new Set(retried.steps.map((step) => step.childExecutionId)).size).toBe(2);
    const handled = await ended(
      await execute({
        nodes: [
          sub('sum', { workflow: 'Double', inputs: { n: 'many' } }),
          { id: 'fix', type: 'transform', config: { value: 'error.code' } },
        ],
        edges: [{ from: 'sum', to: 'fix', on: 'error' }],
        outputs: { code: 'nodes.fix.output' },
      }),
    );
    expect(handled).toMatchObject({ status: 'succeeded', outputs: { code: 'INVALID_INPUT' } });
    expect(handled.steps[0]).toMatchObject({ error: { path: '/config/inputs/n' } });
    expect(await childrenOf(handled)).toEqual([]);
  });

  test('may start itself, until it is too deep', async () => {
    await save({
      name: 'Countdown',
      inputs: { n: { type: 'integer' } },
      nodes: [
        { id: 'more', type: 'condition' },
        sub('next', { workflow: 'Countdown', inputs: { n: '{{ inputs.n - 1 }}' } }),
        {
          id: 'sum',
          type: 'transform',
          config: { value: 'has(nodes.next.output) ? nodes.next.output.sum + inputs.n : 0' },
        },
      ],
      edges: [
        { from: 'more', to: 'next', when: 'inputs.n > 0' },
        { from: 'more', to: 'sum', otherwise: true },
        { from: 'next', to: 'sum' },
      ],
      outputs: { sum: 'nodes.sum.output' },
    });
    const from = (n: number) =>
      execute({
        nodes: [sub('go', { workflow: 'Countdown', inputs: { n } })],
        outputs: { sum: 'nodes.go.output.sum' },
      });
    expect(await ended(await from(4))).toMatchObject({ status: 'succeeded', outputs: { sum: 10 } });
    expect(await ended(await from(100))).toMatchObject({ status: 'failed', error: { code: 'WORKFLOW_TOO_DEEP' } });
  });

  test('is refused when it names one that is not there', async () => {
    const nodes = [sub('who', { workflow: 'Dubble' })];
    expect(await server.request('POST', '/api/workflows/validate', { nodes })).toMatchObject({
      body: { valid: false, problems: [{ code: 'UNKNOWN_WORKFLOW', path: '/nodes/0/config/workflow' }] },
    });
    expect((await server.request('POST', '/api/workflow/execute', { workflow: { nodes } })).status).toBe(422);
  });
});

describe('control', () => {
  test('a cancel goes down, ends what runs there, and is over when that has ended', async () => {
    const log = path.join(workspace, 'cancel.log');
    await save({
      name: 'Long',
      nodes: [
        shell('work', `trap 'echo gone >> ${log}; exit 1' TERM; echo on >> ${log}; while :; do sleep 0.05; done`),
        approval('gate'),
      ],
    });
    await save({ name: 'Middle', nodes: [sub('long', { workflow: 'Long' })] });
    const id = await execute({ nodes: [sub('middle', { workflow: 'Middle' })] });
    await until('the command', async () => existsSync(log));
    const item = await openItem(server, ({ title }) => title === 'Go on?');
    await server.request('POST', `/api/executions/${id}/cancel`);
    const parent = await ended(id);
    expect(parent).toMatchObject({ status: 'cancelled', steps: [{ status: 'cancelled' }] });
    expect(readFileSync(log, 'utf8')).toBe('on\ngone\n');
    const [middle] = await childrenOf(parent);
    const [long] = await childrenOf(middle ?? expect.fail());
    expect([middle?.status, long?.status]).toEqual(['cancelled', 'cancelled']);
    expect(Date.parse(parent.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(long?.finishedAt ?? ''));
    expect((await server.request('GET', `/api/inbox/${item.id}`)).body.state).toBe('withdrawn');
  });

  test('a child that somebody cancels fails its step as interrupted', async () => {
    const id = await execute({ nodes: [sub('ask', { workflow: 'Ask' })] });
    const { steps } = await seen(id, ({ status }) => status === 'waiting');
    await server.request('POST', `/api/executions/${steps[0]?.childExecutionId}/cancel`);
    expect(await ended(id)).toMatchObject({
      status: 'failed',
      error: { code: 'CANCELLED', nodeId: 'ask' },
      steps: [{ status: 'cancelled' }],
    });
  });

  test('a pause goes down, and only the resume of the one that was paused takes it back', async () => {
    const id = await execute({ nodes: [sub('ask', { workflow: 'Ask' })] });
    const child = (await seen(id, ({ status }) => status === 'waiting')).steps[0]?.childExecutionId ?? '';
    await server.request('POST', `/api/executions/${id}/pause`);
    await seen(child, ({ status }) => status === 'paused');
    expect(await server.request('POST', `/api/executions/${child}/resume`)).toMatchObject({
      status: 409,
      body: { code: 'EXECUTION_WRONG_STATE' },
    });
    const item = await openItem(server, ({ executionId }) => executionId === child);
    await resolveItem(server, item, { decision: 'approve' });
    expect((await server.request('GET', `/api/executions/${child}`)).body.status).toBe('paused');
    await server.request('POST', `/api/executions/${id}/resume`);
    expect(await ended(id)).toMatchObject({ status: 'succeeded' });
  });

  test('R7e: a timeout ends the child although it only waits for a person', async () => {
    const id = await execute({ nodes: [{ ...sub('ask', { workflow: 'Ask' }), timeout: 'PT1S' }] });
    const item = await openItem(server, ({ title }) => title === 'Go on?');
    const parent = await ended(id);
    expect(parent).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT' }, steps: [{ status: 'failed' }] });
    expect(await childrenOf(parent)).toMatchObject([{ status: 'cancelled', error: { code: 'TIMEOUT' } }]);
    const { body: late } = await resolveItem(server, item, { decision: 'approve' });
    expect(late).toMatchObject({ code: 'INBOX_ITEM_CLOSED' });
  });

  test('R4d: a lost race cancels a workflow step with everything below it', async () => {
    const parent = await ended(
      await execute({
        nodes: [
          sub('slow', { workflow: 'Ask' }),
          shell('fast', 'true'),
          { id: 'first', type: 'transform', join: { quorum: 1, cancelRest: true }, config: { value: '1' } },
        ],
        edges: [
          { from: 'slow', to: 'first' },
          { from: 'fast', to: 'first' },
        ],
      }),
    );
    expect(parent.status).toBe('succeeded');
    expect(parent.steps.find(({ nodeId }) => nodeId === 'slow')).toMatchObject({
      status: 'cancelled',
      reason: 'lost_quorum',
    });
    for (const child of await childrenOf(parent)) expect(child.status).toBe('cancelled');
  });
});

describe('a map over a workflow', () => {
  const over = (list: string, more: object) => ({ id: 'm', type: 'map', config: { over: list, as: 'n', ...more } });

  test('starts an execution for each item, so many at once, and keeps the order', async () => {
    const log = path.join(workspace, 'map.log');
    await save({
      name: 'Item',
      inputs: { n: { type: 'integer' } },
      nodes: [
        {
          id: 'work',
          type: 'shell',
          config: {
            command: ['sh', '-c', `echo + >> ${log}; sleep 0.$((5 - $1)); echo - >> ${log}`, 'sh', '{{ inputs.n }}'],
          },
        },
      ],
      outputs: { n: 'inputs.n' },
    });
    const parent = await ended(
      await execute({
        nodes: [over('[1, 2, 3, 4]', { workflow: 'Item', concurrency: 2 })],
        outputs: { all: 'nodes.m.output' },
      }),
    );
    expect(parent).toMatchObject({ status: 'succeeded', outputs: { all: [1, 2, 3, 4].map((n) => ({ n })) } });
    let most = 0;
    readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .reduce((now, line) => {
        const next = now + (line === '+' ? 1 : -1);
        most = Math.max(most, next);
        return next;
      }, 0);
    expect(most).toBe(2);
    const items = parent.steps.filter(({ item }) => item);
    expect(new Set(items.map((step) => step.childExecutionId)).size).toBe(4);
  });

  test('fails with the first item that does, or leaves a null for it', async () => {
    await save({
      name: 'Picky',
      inputs: { n: { type: 'integer' } },
      nodes: [{ id: 'no', type: 'shell', config: { command: ['test', '{{ inputs.n }}', '-ne', '2'] } }],
      outputs: { n: 'inputs.n' },
    });
    const strict = await ended(await execute({ nodes: [over('[1, 2, 3]', { workflow: 'Picky', concurrency: 1 })] }));
    expect(strict).toMatchObject({ status: 'failed', error: { code: 'MAP_ITEM_FAILED' } });
    expect(await childrenOf(strict)).toHaveLength(2);
    const node = { type: 'workflow', onError: 'continue', config: { workflow: 'Picky', inputs: { n: '{{ n }}' } } };
    const lenient = await ended(
      await execute({
        nodes: [over('[1, 2, 3]', { node })],
        outputs: { all: 'nodes.m.output', lost: 'nodes.m.itemErrors.map(e, e.index)' },
      }),
    );
    expect(lenient).toMatchObject({ status: 'succeeded', outputs: { all: [{ n: 1 }, null, { n: 3 }], lost: [1] } });
    const retry = await server.request('POST', `/api/executions/${strict.id}/retry`, {});
    const again = await ended(retry.body.id);
    expect(
      (await childrenOf(again)).map(({ inputs }) => inputs['n']),
      'the item that succeeded is kept',
    ).toEqual([2]);
  });

  test('is cancelled with all its executions', async () => {
    const id = await execute({
      nodes: [over('[1, 2, 3]', { node: sub('', { workflow: 'Ask' }, false), concurrency: 2 })],
    });
    await until(
      'two of them',
      async () => (await childrenOf({ id })).filter(({ status }) => status === 'waiting').length === 2,
    );
    await seen(id, ({ status }) => status === 'waiting');
    await server.request('POST', `/api/executions/${id}/cancel`);
    const parent = await ended(id);
    expect(parent.status).toBe('cancelled');
    expect((await childrenOf(parent)).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
  });
});

describe('going back', () => {
  test('a retry keeps what succeeded with its execution, and starts what failed anew', async () => {
    const fixed = path.join(workspace, 'fixed');
    await save({ name: 'Needs a fix', nodes: [shell('look', `test -e ${fixed}`)] });
    const id = await execute({
      nodes: [sub('good', { workflow: 'Double', inputs: { n: 1 } }), sub('bad', { workflow: 'Needs a fix' })],
      edges: [{ from: 'good', to: 'bad' }],
    });
    const before = await ended(id);
    expect(before.status).toBe('failed');
    writeFileSync(fixed, '');
    const { body } = await server.request('POST', `/api/executions/${id}/retry`, {});
    const after = await ended(body.id);
    expect(after.status).toBe('succeeded');
    const child = (execution: Execution, nodeId: string) =>
      execution.steps.find((step) => step.nodeId === nodeId)?.childExecutionId;
    expect(child(after, 'good')).toBe(child(before, 'good'));
    expect(child(after, 'bad')).not.toBe(child(before, 'bad'));
    expect(await childrenOf(after)).toMatchObject([{ id: child(after, 'bad') }]);

    const alone = await server.request('POST', `/api/executions/${child(before, 'bad')}/retry`, {});
    const repeated = await ended(alone.body.id);
    expect(repeated.status).toBe('succeeded');
    expect(repeated.parentExecutionId, 'its parent was told already').toBeUndefined();
  });

  test('a fork from a moment at which a child ran starts one anew, and leaves the other alone', async () => {
    const id = await execute({ nodes: [sub('ask', { workflow: 'Ask' })], outputs: { said: 'nodes.ask.output.said' } });
    const child = (await seen(id, ({ status }) => status === 'waiting')).steps[0]?.childExecutionId;
    const { body: checkpoints } = await server.request('GET', `/api/executions/${id}/checkpoints`);
    const { body: fork } = await server.request('POST', `/api/executions/${id}/fork`, {
      checkpoint: checkpoints[0].id,
    });
    const other = (await seen(fork.id, ({ status }) => status === 'waiting')).steps[0]?.childExecutionId;
    expect(other).not.toBe(child);
    for (const executionId of [other, child]) {
      const item = await openItem(server, (each) => each.executionId === executionId);
      await resolveItem(server, item, { decision: 'approve' });
    }
    for (const one of [id, fork.id]) expect(await ended(one)).toMatchObject({ outputs: { said: 'approve' } });
  });
});

describe('kill -9', () => {
  test.each([
    [1, 'before the child is started'],
    [2, 'when it has just been started'],
    [3, 'when it has ended and its parent has not looked yet'],
  ])('at write %i to the intents, %s: one child, and its parent gets what it gave', async (point) => {
    await server.kill('SIGTERM');
    server = await start({ TEST_KILL_TABLES: 'effects', TEST_KILL_AFTER: String(point) });
    const document = {
      name: `Killed at write ${point}`,
      nodes: [sub('sum', { workflow: 'Double', inputs: { n: point } })],
      outputs: { n: 'nodes.sum.output.n' },
    };
    // Its first intent is stored with itself: then nobody hears that it was accepted.
    const asked = server.request('POST', '/api/workflow/execute', { workflow: document }).catch(() => null);
    expect((await server.exited).signal).toBe('SIGKILL');
    await asked;
    server = await start();
    const { body: found } = await server.request<Execution[]>('GET', `/api/executions?search=at+write+${point}`);
    expect(found).toHaveLength(1);
    const parent = await ended(found[0]?.id ?? '');
    expect(parent).toMatchObject({ status: 'succeeded', outputs: { n: point * 2 }, steps: [{ attempt: 1 }] });
    expect(await childrenOf(parent)).toMatchObject([{ id: parent.steps[0]?.childExecutionId, status: 'succeeded' }]);
  });

  test('while the child works: its command runs once', async () => {
    const [ran, go] = [path.join(workspace, 'kill.log'), path.join(workspace, 'kill.go')];
    await save({
      name: 'Works',
      nodes: [shell('work', `echo ran >> ${ran}; until test -e ${go}; do sleep 0.05; done`)],
    });
    const id = await execute({ nodes: [{ ...sub('works', { workflow: 'Works' }), timeout: 'PT1H' }] });
    await until('the command', async () => existsSync(ran));
    await server.kill();
    server = await start();
    writeFileSync(go, '');
    expect(await ended(id)).toMatchObject({ status: 'succeeded', steps: [{ attempt: 1 }] });
    expect(readFileSync(ran, 'utf8')).toBe('ran\n');
  });

  test('R24a: while the child waits in line: it begins when its turn comes', async () => {
    const { id } = await save({ name: 'One gate', concurrency: 'queue', nodes: [approval('gate')] });
    const first = (await server.request<Execution>('POST', `/api/workflows/${id}/execute`, {})).body.id;
    const parent = await execute({ nodes: [sub('second', { workflow: 'One gate' })] });
    const waiting = await seen(parent, ({ steps }) => steps[0]?.childExecutionId !== undefined);
    const second = waiting.steps[0]?.childExecutionId ?? '';
    await server.kill();
    server = await start();
    expect((await server.request<Execution>('GET', `/api/executions/${second}`)).body.status).toBe('queued');
    for (const execution of [first, second])
      await resolveItem(server, await openItem(server, (item) => item.executionId === execution), {
        decision: 'approve',
      });
    expect(await ended(parent)).toMatchObject({ status: 'succeeded', steps: [{ attempt: 1 }] });
  });

  test('between a cancel and its arrival below: the child is cancelled all the same', async () => {
    const id = await execute({ nodes: [sub('ask', { workflow: 'Ask' })] });
    const child = (await seen(id, ({ status }) => status === 'waiting')).steps[0]?.childExecutionId ?? '';
    await server.kill('SIGTERM');
    server = await start({ TEST_KILL_TABLES: 'effects', TEST_KILL_AFTER: '1' });
    await server.request('POST', `/api/executions/${id}/cancel`);
    expect((await server.exited).signal).toBe('SIGKILL');
    server = await start();
    expect((await ended(id)).status).toBe('cancelled');
    expect((await ended(child)).status).toBe('cancelled');
  });
});

function start(env: Record<string, string> = {}): Promise<Pointsman> {
  return startPointsman({ home, preload, env: { POINTSMAN_DATABASE_URL: database.url, ...env } });
}

async function save(document: object): Promise<Workflow> {
  const { status, body } = await server.request('POST', '/api/workflows', document);
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

async function execute(workflow: object): Promise<string> {
  const { status, body } = await server.request('POST', '/api/workflow/execute', { workflow });
  expect(status, JSON.stringify(body)).toBe(202);
  return body.id;
}

async function seen(id: string, fits: (execution: Execution) => boolean): Promise<Execution> {
  let last: Execution | undefined;
  return until('the execution', async () => {
    last = (await server.request<Execution>('GET', `/api/executions/${id}`)).body;
    return fits(last) && last;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(last, null, 1)}`, { cause: error });
  });
}

function ended(id: string): Promise<Execution> {
  return seen(id, ({ finishedAt }) => finishedAt !== undefined);
}

/** In the order of their beginning. */
async function childrenOf({ id }: Pick<Execution, 'id'>): Promise<Execution[]> {
  const { body } = await server.request<Execution[]>('GET', `/api/executions?parent=${id}&limit=200`);
  return body.toReversed();
}

function sub(id: string, config: object, named = true): object {
  return { ...(named ? { id } : {}), type: 'workflow', config };
}

function approval(id: string): object {
  return { id, type: 'approval', config: { title: 'Go on?' } };
}

function shell(id: string, script: string): object {
  return { id, type: 'shell', config: { command: ['sh', '-c', script] } };
}
