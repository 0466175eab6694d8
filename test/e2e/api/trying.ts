/** Trying workflows without effects: pinned outcomes and replays; finding executions, and retrying many. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Execution } from '../../../src/contract/executions.ts';
import type { DescribedApi } from '../../support/described-api.ts';
import { until } from '../../support/pointsman-process.ts';

export function tryingApi(api: () => DescribedApi, workspace: () => string): void {
  let operator: Pick<DescribedApi, 'request'>;

  beforeAll(async () => {
    const { body } = await api().request('POST', '/api/tokens', { name: 'tries', role: 'operator' });
    operator = api().as(body.token);
  });

  test('a pinned node gives what is pinned and does nothing, and a saved version knows nothing of it', async () => {
    const mark = fileIn('pinned');
    const { body: workflow } = await save(mark);
    const pinned = { look: { output: { exitCode: 0, stdout: 'given', stderr: '' } } };
    const { body: tried, status } = await api().request('POST', `/api/workflows/${workflow.id}/execute`, { pinned });
    expect(status).toBe(202);
    expect(tried.pinned).toEqual(['look']);
    const ended = await end(tried.id);
    expect(ended).toMatchObject({ status: 'succeeded', outputs: { said: 'given' }, pinned: ['look'] });
    expect(ended.steps).toMatchObject([
      { nodeId: 'look', status: 'succeeded', pinned: true, output: { stdout: 'given' } },
      { nodeId: 'said', status: 'succeeded' },
    ]);
    expect(ended.steps[1]).not.toHaveProperty('pinned');
    expect(existsSync(mark)).toBe(false);

    const { body: real } = await api().request('POST', `/api/workflows/${workflow.id}/execute`, {});
    expect(real).not.toHaveProperty('pinned');
    expect(await end(real.id)).toMatchObject({ outputs: { said: 'looked\n' } });
    expect(existsSync(mark)).toBe(true);
    expect((await api().request('GET', `/api/workflows/${workflow.id}`)).body.document).not.toHaveProperty('pinned');
    expect((await api().request('POST', '/api/workflows', { ...document(mark), pinned })).status).toBe(422);
  });

  test('a pinned failure takes the edges of a failure, and a retry keeps what is pinned', async () => {
    const { body: tried } = await api().request('POST', '/api/workflow/execute', {
      workflow: document(fileIn('failure')),
      pinned: { look: { error: { code: 'NON_ZERO_EXIT', message: 'as if' } } },
    });
    expect(await end(tried.id)).toMatchObject({
      status: 'failed',
      error: { code: 'NON_ZERO_EXIT', message: 'as if', nodeId: 'look' },
      steps: [{ pinned: true, status: 'failed' }, { status: 'skipped' }],
    });
    const { body: retry } = await api().request('POST', `/api/executions/${tried.id}/retry`, {});
    expect(await end(retry.id)).toMatchObject({ status: 'failed', pinned: ['look'], steps: [{ pinned: true }, {}] });
    expect(existsSync(fileIn('failure'))).toBe(false);
  });

  test('what cannot be pinned is named, and who may not answer an approval does not pin it', async () => {
    const gate = { id: 'gate', type: 'approval', config: { title: 'Go?', roles: ['admin'] } };
    const { body: workflow } = await api().request('POST', '/api/workflows', { name: 'Admins only', nodes: [gate] });
    const address = `/api/workflows/${workflow.id}/execute`;
    for (const [pinned, at] of [
      [{ gaet: { output: 1 } }, '/pinned/gaet'],
      [{ gate: { output: {} } }, '/pinned/gate/output/decision'],
      [{ gate: { outputs: 1 } }, '/pinned/gate'],
      [{ gate: [] }, '/pinned/gate'],
    ] as const) {
      const { status, body } = await api().request('POST', address, { pinned });
      expect(status, at).toBe(422);
      expect(body.problems[0].path, at).toContain(at);
    }
    const pinned = { gate: { output: { decision: 'approve' } } };
    expect(await operator.request('POST', address, { pinned })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('admin') },
    });
    const { body: tried } = await api().request('POST', address, { pinned });
    expect(await end(tried.id)).toMatchObject({ status: 'succeeded' });

    const replay = await operator.request('POST', `/api/executions/${tried.id}/replay`, { version: 1 });
    expect(replay.body).toMatchObject({ origin: { runs: [{ nodeId: 'gate', reason: 'approval' }] } });
    await until('its question', async () => (await get(replay.body.id)).status === 'waiting');
    const [checkpoint] = (await api().request('GET', `/api/executions/${tried.id}/checkpoints`)).body;
    const fork = { checkpoint: checkpoint.id, edits: { nodes: pinned } };
    expect((await operator.request('POST', `/api/executions/${tried.id}/fork`, fork)).status).toBe(403);
    await api().request('POST', `/api/executions/${replay.body.id}/cancel`);
  });

  test('who may not answer an approval does not pin the workflow that holds it, however deep', async () => {
    const save = async (name: string, ...nodes: object[]) => {
      const { status, body } = await api().request('POST', '/api/workflows', { name, nodes });
      expect(status, JSON.stringify(body)).toBe(201);
      return body.id as string;
    };
    const gate = { id: 'gate', type: 'approval', config: { title: 'Go?', roles: ['admin'] } };
    const id = await save('Guarded', gate);
    await save('Around it', { id: 'each', type: 'map', config: { over: '[1]', workflow: { workflow: id } } });
    const top = await save('Above it', { id: 'sub', type: 'workflow', config: { workflow: 'Around it' } });
    const address = `/api/workflows/${top}/execute`;
    const pinned = { sub: { output: {} } };
    expect(await operator.request('POST', address, { pinned })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('admin') },
    });
    const { body: tried } = await api().request('POST', address, { pinned });
    expect(await end(tried.id)).toMatchObject({ status: 'succeeded' });
    const replay = await operator.request('POST', `/api/executions/${tried.id}/replay`, { version: 1 });
    expect(replay.body).toMatchObject({ origin: { runs: [{ nodeId: 'sub', reason: 'approval' }] } });
    const [checkpoint] = (await api().request('GET', `/api/executions/${tried.id}/checkpoints`)).body;
    const fork = { checkpoint: checkpoint.id, edits: { nodes: pinned } };
    expect((await operator.request('POST', `/api/executions/${tried.id}/fork`, fork)).status).toBe(403);
    await api().request('POST', `/api/executions/${replay.body.id}/cancel`);

    const open = { ...gate, config: { title: 'Go?' } };
    await api().request('PUT', `/api/workflows/${id}`, { name: 'Guarded', nodes: [open] });
    expect((await operator.request('POST', address, { pinned })).status).toBe(202);
  });

  test('a replay runs on another version only what changed there', async () => {
    const [first, second] = [fileIn('replay-first'), fileIn('replay-second')];
    const versions = (then: string) => ({
      name: 'Replayed',
      inputs: { who: { type: 'string', default: 'ada' } },
      nodes: [append('first', first, 'echo "for {{ inputs.who }}"'), append('second', second, then)],
      edges: [{ from: 'first', to: 'second' }],
      outputs: { one: 'nodes.first.output.stdout', two: 'nodes.second.output.stdout' },
    });
    const { body: workflow } = await api().request('POST', '/api/workflows', versions('echo old'));
    const { body: past } = await api().request('POST', `/api/workflows/${workflow.id}/execute`, {
      inputs: { who: 'bob' },
    });
    await end(past.id);
    await api().request('PUT', `/api/workflows/${workflow.id}`, versions('echo new'));
    const replay = (body: object) => api().request('POST', `/api/executions/${past.id}/replay`, body);
    const { body: next, status } = await replay({ version: 2 });
    expect(status).toBe(202);
    expect(next).toMatchObject({
      workflowId: workflow.id,
      version: 2,
      inputs: { who: 'bob' },
      pinned: ['first'],
      origin: { kind: 'replay', executionId: past.id, runs: [{ nodeId: 'second', reason: 'changed' }] },
    });
    expect(await end(next.id)).toMatchObject({ status: 'succeeded', outputs: { one: 'for bob\n', two: 'new\n' } });
    expect([linesOf(first), linesOf(second)]).toEqual([1, 2]);

    const given = { first: { output: { stdout: 'given', stderr: '', exitCode: 0 } } };
    const { body: inline } = await replay({ workflow: versions('echo inline'), pinned: given });
    expect(inline).toMatchObject({ workflowId: null, origin: { runs: [{ nodeId: 'second', reason: 'changed' }] } });
    expect(await end(inline.id)).toMatchObject({ outputs: { one: 'given', two: 'inline\n' } });
    expect(await replay({})).toMatchObject({ status: 422, body: { problems: [{ path: '/version' }] } });
    expect(await replay({ version: 1, workflow: versions('x') })).toMatchObject({ status: 422 });
    expect((await replay({ version: 9 })).status).toBe(404);
    const refused = await operator.request('POST', `/api/executions/${past.id}/replay`, { workflow: versions('x') });
    expect(refused.status).toBe(403);
    expect((await api().request('GET', `/api/executions/${next.id}/diff`)).body).toMatchObject({ a: { id: past.id } });
  });

  test('executions are found by name, status and time', async () => {
    const name = `Found ${Date.now()}`;
    const execute = async (command: string) => {
      const nodes = [{ id: 'a', type: 'shell', config: { command: [command] } }];
      const { body } = await api().request('POST', '/api/workflow/execute', { workflow: { name, nodes } });
      return end(body.id);
    };
    const good = await execute('true');
    const bad = await execute('false');
    const found = async (query: string) =>
      ((await api().request('GET', `/api/executions?${query}`)).body as Execution[]).map(({ id }) => id);
    const search = `search=${encodeURIComponent(name.toLowerCase())}`;
    expect(await found(search)).toEqual([bad.id, good.id]);
    expect(await found(`${search}&status=failed`)).toEqual([bad.id]);
    expect(await found(`${search}&status=failed,succeeded`)).toEqual([bad.id, good.id]);
    expect(await found(`search=${good.id.slice(0, 20)}&status=succeeded`)).toContain(good.id);
    expect(await found(`${search}&startedAfter=${good.startedAt}`)).toEqual([bad.id]);
    expect(await found(`${search}&startedBefore=${bad.startedAt}`)).toEqual([good.id]);
    const first = await api().request('GET', `/api/executions?${search}&limit=1`);
    const link = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect((await api().request('GET', link)).body).toMatchObject([{ id: good.id }]);
    for (const query of ['status=lost', 'status=failed,', 'startedAfter=today', 'search=', 'search=%00'])
      expect((await api().request('GET', `/api/executions?${query}`)).status, query).toBe(422);
  });

  test('many that failed are retried at once, none twice, and each is answered for', async () => {
    const ok = fileIn('bulk');
    const nodes = [{ id: 'a', type: 'shell', config: { command: ['test', '-e', ok] } }];
    const { body: workflow } = await api().request('POST', '/api/workflows', { name: 'Bulk', nodes });
    const failed: string[] = [];
    for (let count = 0; count < 3; count++) {
      const { body } = await api().request('POST', `/api/workflows/${workflow.id}/execute`, {});
      failed.unshift((await end(body.id)).id);
    }
    writeFileSync(ok, '');
    const retry = async (body: object) => (await api().request('POST', '/api/executions/retry', body)).body;
    const filter = { workflow: workflow.id };
    const first = await retry({ filter, limit: 2 });
    expect(first).toMatchObject(failed.slice(0, 2).map((executionId) => ({ executionId, outcome: 'retried' })));
    for (const { retry: id } of first)
      expect(await end(id)).toMatchObject({ status: 'succeeded', origin: { kind: 'retry' } });
    expect(await retry({ filter })).toMatchObject([{ executionId: failed[2], outcome: 'retried' }]);
    expect(await retry({ filter })).toEqual([]);
    const gone = '00000000-0000-7000-8000-000000000000';
    expect(await retry({ ids: [failed[0], first[0].retry, gone] })).toMatchObject([
      { executionId: failed[0], outcome: 'retried' },
      { executionId: first[0].retry, outcome: 'refused', code: 'INVALID_REQUEST' },
      { executionId: gone, outcome: 'refused', code: 'EXECUTION_NOT_FOUND' },
    ]);
    for (const body of [{}, { ids: [], filter: {} }, { ids: [gone], filter: {} }, { filter: {}, limit: 101 }])
      expect((await api().request('POST', '/api/executions/retry', body)).status).toBe(422);
    const { body: inline } = await api().request('POST', '/api/workflow/execute', {
      workflow: { nodes: [{ id: 'a', type: 'shell', config: { command: ['false'] } }] },
    });
    await end(inline.id);
    expect((await operator.request('POST', '/api/executions/retry', { ids: [inline.id] })).body).toMatchObject([
      { outcome: 'refused', code: 'FORBIDDEN' },
    ]);
  });

  function document(mark: string): object {
    return {
      name: 'Looks',
      nodes: [
        { id: 'look', type: 'shell', config: { command: ['sh', '-c', `touch ${mark}; echo looked`] } },
        { id: 'said', type: 'transform', config: { value: 'nodes.look.output.stdout' } },
      ],
      edges: [{ from: 'look', to: 'said' }],
      outputs: { said: 'nodes.said.output' },
    };
  }

  function save(mark: string) {
    return api().request('POST', '/api/workflows', document(mark));
  }

  /** A step that says in a file that it ran. */
  function append(id: string, file: string, then: string): object {
    return { id, type: 'shell', config: { command: ['sh', '-c', `echo x >> ${file}; ${then}`] } };
  }

  function linesOf(file: string): number {
    return readFileSync(file, 'utf8').trim().split('\n').length;
  }

  function fileIn(name: string): string {
    return path.join(workspace(), `trying-${name}`);
  }

  async function get(id: string): Promise<Execution> {
    return (await api().request('GET', `/api/executions/${id}`)).body;
  }

  function end(id: string): Promise<Execution> {
    return until('its end', async () => {
      const execution = await get(id);
      return execution.finishedAt ? execution : null;
    });
  }
}
