/** Executions: started from saved and inline documents, followed, controlled. */
import { expect, test } from 'vitest';
import type { Execution } from '../../../src/contract/executions.ts';
import type { DescribedApi } from '../../support/described-api.ts';
import { until } from '../../support/pointsman-process.ts';

const SUM = {
  name: 'Add',
  inputs: { a: { type: 'integer' }, b: { type: 'integer', default: 2 } },
  nodes: [{ id: 'sum', type: 'transform', config: { value: 'inputs.a + inputs.b' } }],
  outputs: { sum: 'nodes.sum.output' },
};
const WAITS = {
  name: 'Waits',
  nodes: [
    { id: 'wait', type: 'wait', config: { event: 'go' } },
    { id: 'after', type: 'transform', config: { value: 'nodes.wait.output' } },
  ],
  edges: [{ from: 'wait', to: 'after' }],
  outputs: { got: 'nodes.after.output.data' },
};

export function executionsApi(api: () => DescribedApi): void {
  test('a saved workflow is executed with its inputs and defaults', async () => {
    const { body: workflow } = await api().request('POST', '/api/workflows', SUM);
    const started = await api().request('POST', `/api/workflows/${workflow.id}/execute`, { inputs: { a: 40 } });
    expect(started).toMatchObject({
      status: 202,
      body: { workflowId: workflow.id, version: 1, inputs: { a: 40, b: 2 }, name: 'Add' },
    });
    const ended = await end(started.body.id);
    expect(ended).toMatchObject({
      status: 'succeeded',
      outputs: { sum: 42 },
      steps: [{ nodeId: 'sum', attempt: 1, iteration: 1, status: 'succeeded', output: 42 }],
    });
    const list = (await api().request('GET', `/api/executions?workflow=${workflow.id}&status=succeeded`)).body;
    expect(list.map(({ id }: Execution) => id)).toEqual([ended.id]);
    expect((await api().request('GET', `/api/executions?workflow=${workflow.id}&status=failed`)).body).toEqual([]);
    expect((await api().request('GET', `/api/executions?parent=none&workflow=${workflow.id}`)).body).toHaveLength(1);
    expect((await api().request('GET', `/api/executions?parent=${ended.id}`)).body).toEqual([]);
    expect((await api().request('GET', '/api/executions?parent=me')).body).toMatchObject({
      status: 422,
      problems: [{ path: '/parent' }],
    });
    expect((await api().request('GET', '/api/executions?status=sleeping')).body).toMatchObject({
      status: 422,
      problems: [{ path: '/status' }],
    });
    expect((await api().request('GET', '/api/executions?worflow=x')).body).toMatchObject({
      status: 422,
      problems: [{ path: '/worflow' }],
    });
  });

  test('a request may wait for the end: of what it starts, and of what it asks for', async () => {
    const { body: workflow } = await api().request('POST', '/api/workflows', SUM);
    const waited = await api().request('POST', `/api/workflows/${workflow.id}/execute?wait=30`, { inputs: { a: 1 } });
    expect(waited).toMatchObject({ status: 202, body: { status: 'succeeded', outputs: { sum: 3 }, steps: [{}] } });
    expect((await api().request('GET', `/api/executions/${waited.body.id}`)).body).toEqual(waited.body);
    const path = '/api/workflow/execute?wait=30';
    const nodes = [
      { id: 'one', type: 'transform', config: { value: 'null' } },
      { id: 'no', type: 'transform', config: { value: '1' } },
      { id: 'two', type: 'transform', config: { value: '{"b": [1, null], "long name": "é"}' } },
      { id: 'wrong', type: 'transform', config: { value: '1 / 0' } },
    ];
    const edges = [{ from: 'one', to: 'no', when: 'false' }];
    const { body: failed } = await api().request('POST', path, {
      workflow: { name: 'All at once', nodes, edges },
      pinned: { two: { output: { pinned: true } } },
    });
    expect(failed).toMatchObject({ status: 'failed', error: {} });
    expect((await api().request('GET', `/api/executions/${failed.id}`)).body).toEqual(failed);
    const inline = { workflow: WAITS };
    const { body: waits } = await api().request('POST', '/api/workflow/execute?wait=1', inline);
    expect(waits.status).toBe('waiting');
    const [asked] = await Promise.all([
      api().request('GET', `/api/executions/${waits.id}?wait=30`),
      api().request('POST', `/api/executions/${waits.id}/signals`, { name: 'go', data: 7 }),
    ]);
    expect(asked.body).toMatchObject({ status: 'succeeded', outputs: { got: 7 } });
    expect((await api().request('GET', `/api/executions/${waits.id}?wait=61`)).body).toMatchObject({
      status: 422,
      problems: [{ path: '/wait' }],
    });
  });

  test('an inline document is pinned to its execution and listed nowhere', async () => {
    const before = (await api().request('GET', '/api/workflows?limit=200')).body.length;
    const { body } = await api().request('POST', '/api/workflow/execute', { workflow: SUM, inputs: { a: 1 } });
    expect(body).toMatchObject({ workflowId: null, version: 0 });
    expect(await end(body.id)).toMatchObject({ status: 'succeeded', outputs: { sum: 3 } });
    const text = await api().request('POST', '/api/workflow/execute', {
      workflow: 'nodes: [{ id: one, type: transform, config: { value: "1" } }]',
    });
    expect(text.status).toBe(202);
    expect((await api().request('GET', '/api/workflows?limit=200')).body).toHaveLength(before);
  });

  test('inputs that do not fit are refused at their field', async () => {
    const refused = (inputs: object) => api().request('POST', '/api/workflow/execute', { workflow: SUM, inputs });
    expect(await refused({})).toMatchObject({ status: 422, body: { problems: [{ path: '/inputs/a' }] } });
    expect(await refused({ a: 'one' })).toMatchObject({ status: 422, body: { problems: [{ path: '/inputs/a' }] } });
    expect(await refused({ a: 1, c: 2 })).toMatchObject({ status: 422, body: { problems: [{ path: '/inputs/c' }] } });
    expect(await api().request('POST', '/api/workflow/execute', { workflow: { nodes: [] } })).toMatchObject({
      status: 422,
      body: { code: 'WORKFLOW_INVALID' },
    });
  });

  test('graph, logs, checkpoints and events tell what happened', async () => {
    const { body } = await api().request('POST', '/api/workflow/execute', {
      workflow: {
        nodes: [{ id: 'say', type: 'shell', config: { command: ['sh', '-c', 'echo out; echo err >&2; echo last'] } }],
      },
    });
    const ended = await end(body.id);
    expect(ended).toMatchObject({
      status: 'succeeded',
      steps: [{ output: { exitCode: 0, stdout: 'out\nlast\n', stderr: 'err\n' } }],
    });
    const at = (rest: string) => api().request('GET', `/api/executions/${body.id}/${rest}`);
    const logs = (await at('logs')).body as { seq: number; stream: string; text: string; nodeId: string }[];
    expect(logs.map(({ stream, text }) => `${stream} ${text}`).toSorted()).toEqual([
      'stderr err',
      'stdout last',
      'stdout out',
    ]);
    expect((await at(`logs?after=${logs[0]?.seq}`)).body).toHaveLength(2);
    expect((await at(`logs?after=${logs.at(-1)?.seq}`)).body).toEqual([]);
    expect((await at('logs?after=-1')).status).toBe(422);
    expect((await at(`logs?before=${logs[2]?.seq}&limit=1`)).body).toEqual([logs[1]]);
    expect((await at(`logs?after=${logs[0]?.seq}&before=${logs[2]?.seq}`)).body).toEqual([logs[1]]);
    expect((await at('logs?node=other')).body).toEqual([]);
    expect((await at(`logs?step=${ended.steps[0]?.id}&search=LAS`)).body).toMatchObject([{ text: 'last' }]);
    expect((await at('logs/outline')).body).toEqual({
      lines: 3,
      every: 1000,
      marks: [logs[0]?.seq],
      last: logs[2]?.seq,
    });
    expect((await at('logs/outline?search=nowhere')).body).toEqual({ lines: 0, every: 1000, marks: [], last: 0 });
    const text = await at('logs.txt');
    expect(text.headers.get('content-type')).toContain('text/plain');
    expect(text.headers.get('content-disposition')).toMatch(/^attachment; filename="execution-.{6}\.log"$/);
    expect(text.body.split('\n').filter((line: string) => / say (stdout|stderr) /.test(line))).toHaveLength(3);
    expect((await at('logs.txt?node=other')).body).toBe('');
    expect((await at('logs.txt?step=me')).status).toBe(422);
    expect((await api().request('GET', '/api/executions/0/logs.txt')).status).toBe(404);
    expect((await at('graph')).body).toMatchObject({ nodes: [{ id: 'say' }] });
    const checkpoints = (await at('checkpoints')).body as { seq: number }[];
    expect(checkpoints.length).toBeGreaterThan(1);
    expect(checkpoints.map(({ seq }) => seq)).toEqual(checkpoints.map(({ seq }) => seq).toSorted((a, b) => b - a));
    const events = await at('events');
    expect(events.headers.get('content-type')).toContain('text/event-stream');
    expect(events.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const ids = [...events.body.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual(ids.map((_id, index) => index + 1));
    expect(events.body).toContain('event: step.changed');
    const rest = await api().request('GET', `/api/executions/${body.id}/events`, undefined, {
      'last-event-id': String(ids.at(-2)),
    });
    expect([...rest.body.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))).toEqual([ids.at(-1)]);
  });

  test('a log is searched in what it shows: colours and case are no part of it', async () => {
    const said = String.raw`printf '\033[31mre\033[0md 100%%\n\033]0;title\007plain\n50_000\n'`;
    const { body } = await api().request('POST', '/api/workflow/execute?wait=30', {
      workflow: { nodes: [{ id: 'say', type: 'shell', config: { command: ['sh', '-c', said] } }] },
    });
    const found = async (search: string) =>
      (await api().request('GET', `/api/executions/${body.id}/logs?search=${encodeURIComponent(search)}`)).body.length;
    expect(await Promise.all(['RED', '100%', 'title', '31m', '[0', 'plain', '0_0', '0%0', '_'].map(found))).toEqual([
      1, 1, 0, 0, 0, 1, 1, 0, 1,
    ]);
  });

  test('R7d: an execution waits for its signal, also for one that came before', async () => {
    const { body } = await api().request('POST', '/api/workflow/execute', { workflow: WAITS });
    await state(body.id, 'waiting');
    expect((await api().request('POST', `/api/executions/${body.id}/signals`, { name: 'other' })).status).toBe(202);
    expect(
      (await api().request('POST', `/api/executions/${body.id}/signals`, { name: 'go', data: { n: 1 } })).status,
    ).toBe(202);
    expect(await end(body.id)).toMatchObject({ status: 'succeeded', outputs: { got: { n: 1 } } });
    expect(await api().request('POST', `/api/executions/${body.id}/signals`, { name: 'go' })).toMatchObject({
      status: 409,
      body: { code: 'EXECUTION_FINISHED' },
    });
    const early = {
      ...WAITS,
      nodes: [{ id: 'pause', type: 'wait', config: { event: 'first' } }, ...WAITS.nodes],
      edges: [{ from: 'pause', to: 'wait' }, ...WAITS.edges],
    };
    const second = (await api().request('POST', '/api/workflow/execute', { workflow: early })).body.id;
    await api().request('POST', `/api/executions/${second}/signals`, { name: 'go', data: 'kept' });
    await api().request('POST', `/api/executions/${second}/signals`, { name: 'first' });
    expect(await end(second)).toMatchObject({ outputs: { got: 'kept' } });
  });

  test('an execution is paused, resumed and cancelled only in the states for it', async () => {
    const { body } = await api().request('POST', '/api/workflow/execute', { workflow: WAITS });
    await state(body.id, 'waiting');
    const control = (what: string) => api().request('POST', `/api/executions/${body.id}/${what}`);
    expect(await control('resume')).toMatchObject({ status: 409, body: { code: 'EXECUTION_WRONG_STATE' } });
    expect((await control('pause')).status).toBe(202);
    await state(body.id, 'paused');
    expect(await control('pause')).toMatchObject({ status: 409, body: { code: 'EXECUTION_WRONG_STATE' } });
    await api().request('POST', `/api/executions/${body.id}/signals`, { name: 'go', data: 1 });
    expect((await api().request('GET', `/api/executions/${body.id}`)).body.status).toBe('paused');
    expect((await control('resume')).status).toBe(202);
    expect(await end(body.id)).toMatchObject({ status: 'succeeded', outputs: { got: 1 } });
    for (const what of ['pause', 'resume', 'cancel'])
      expect(await control(what), what).toMatchObject({ status: 409, body: { code: 'EXECUTION_FINISHED' } });
  });

  test('R19a: a cancelled execution ends its processes first', async () => {
    const { body } = await api().request('POST', '/api/workflow/execute', {
      workflow: {
        nodes: [{ id: 'long', type: 'shell', config: { command: ['sh', '-c', 'echo $$; exec sleep 600'] } }],
      },
    });
    const pid = await until('its process', async () => {
      const [line] = (await api().request('GET', `/api/executions/${body.id}/logs`)).body;
      return line ? Number(line.text) : null;
    });
    expect((await api().request('POST', `/api/executions/${body.id}/cancel`)).status).toBe(202);
    expect(await end(body.id)).toMatchObject({ status: 'cancelled', steps: [{ status: 'cancelled' }] });
    expect(() => process.kill(pid, 0)).toThrow();
  });

  test('a workflow with open executions is not removed', async () => {
    const { body: workflow } = await api().request('POST', '/api/workflows', WAITS);
    const { body } = await api().request('POST', `/api/workflows/${workflow.id}/execute`, {});
    expect(await api().request('DELETE', `/api/workflows/${workflow.id}`)).toMatchObject({
      status: 409,
      body: { code: 'WORKFLOW_IN_USE' },
    });
    await api().request('POST', `/api/executions/${body.id}/cancel`);
    await end(body.id);
    expect((await api().request('DELETE', `/api/workflows/${workflow.id}`)).status).toBe(204);
    expect((await api().request('GET', `/api/executions/${body.id}`)).body).toMatchObject({
      status: 'cancelled',
      workflowId: workflow.id,
    });
    expect((await api().request('GET', `/api/executions/${body.id}/graph`)).body.nodes).toHaveLength(2);
  });

  function end(id: string): Promise<Execution> {
    return until('its end', async () => {
      const { body } = await api().request('GET', `/api/executions/${id}`);
      return body.finishedAt ? body : null;
    });
  }

  async function state(id: string, status: string): Promise<void> {
    await until(
      `it to be ${status}`,
      async () => (await api().request('GET', `/api/executions/${id}`)).body.status === status,
    );
  }
}
