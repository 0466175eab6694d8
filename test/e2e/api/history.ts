/** Going back: retries and forks of executions, and what differs between versions and executions. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Execution, Step } from '../../../src/contract/executions.ts';
import type { DescribedApi } from '../../support/described-api.ts';
import { until } from '../../support/pointsman-process.ts';

export function historyApi(api: () => DescribedApi, workspace: () => string): void {
  test('a retry runs what failed and what depends on it, and nothing else', async () => {
    const ran = fileIn('ran.log');
    const { body: workflow } = await api().request('POST', '/api/workflows', {
      name: 'Counts',
      nodes: [
        note('first', `${ran}`, 'echo made > made.txt'),
        note('second', ran, `test -e ${ran}.ok && cat made.txt`),
        note('third', ran),
      ],
      edges: [
        { from: 'first', to: 'second' },
        { from: 'second', to: 'third' },
      ],
      outputs: { made: 'nodes.second.output.stdout' },
    });
    const { body: first } = await api().request('POST', `/api/workflows/${workflow.id}/execute`, {});
    expect(await end(first.id)).toMatchObject({ status: 'failed', error: { nodeId: 'second' } });
    writeFileSync(`${ran}.ok`, '');
    const retry = await api().request('POST', `/api/executions/${first.id}/retry`, {});
    expect(retry).toMatchObject({
      status: 202,
      body: { status: 'queued', workflowId: workflow.id, version: 1, origin: { kind: 'retry', executionId: first.id } },
    });
    expect(retry.body.id).not.toBe(first.id);
    // What the first step left in the scratch directory is found by the second.
    const ended = await end(retry.body.id);
    expect(ended).toMatchObject({ status: 'succeeded', outputs: { made: 'made\n' } });
    expect(linesOf(ran)).toEqual(['first', 'second', 'second', 'third']);
    const [kept] = ended.steps;
    const [original] = (await get(first.id)).steps;
    expect(kept).toMatchObject({ nodeId: 'first', status: 'succeeded', carriedFrom: original?.id });
    expect(kept?.id).not.toBe(original?.id);
    expect(ended.steps.map(({ nodeId, carriedFrom }) => `${nodeId} ${carriedFrom ? 'kept' : 'ran'}`)).toEqual([
      'first kept',
      'second ran',
      'third ran',
    ]);
    expect(await get(first.id), 'the original is as it was').toMatchObject({ status: 'failed' });

    const again = await api().request('POST', `/api/executions/${ended.id}/retry`, { fromNode: 'third' });
    expect(await end(again.body.id)).toMatchObject({
      status: 'succeeded',
      outputs: { made: 'made\n' },
      origin: { kind: 'retry', executionId: ended.id, fromNode: 'third' },
    });
    expect(linesOf(ran)).toEqual(['first', 'second', 'second', 'third', 'third']);

    const compared = (await api().request('GET', `/api/executions/${ended.id}/diff`)).body;
    expect(compared).toMatchObject({
      a: { id: first.id, status: 'failed' },
      b: { id: ended.id, status: 'succeeded' },
      inputs: [],
      outputs: [''],
      nodes: [
        { id: 'first', a: { carried: false }, b: { status: 'succeeded', carried: true }, output: 'equal' },
        { id: 'second', a: { status: 'failed' }, b: { status: 'succeeded', attempts: 1 }, output: 'different' },
        { id: 'third', a: { status: 'skipped' }, b: { status: 'succeeded' }, output: 'different' },
      ],
    });
    const turned = await api().request('GET', `/api/executions/${ended.id}/diff?with=${first.id}`);
    expect(turned.body).toMatchObject({ a: { id: ended.id }, b: { id: first.id } });
    expect(await api().request('GET', `/api/executions/${first.id}/diff`)).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/with' }] },
    });
  });

  test('a retry is refused while it runs, without anything to retry, and from a node that is not there', async () => {
    const { body } = await api().request('POST', '/api/workflow/execute', { workflow: ASKS });
    const retry = (more: object = {}) => api().request('POST', `/api/executions/${body.id}/retry`, more);
    await state(body.id, 'waiting');
    expect(await retry()).toMatchObject({ status: 409, body: { code: 'EXECUTION_WRONG_STATE' } });
    await answer(body.id, 'approve');
    await end(body.id);
    expect(await retry()).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/fromNode', code: 'NOTHING_TO_RETRY' }] },
    });
    expect(await retry({ fromNode: 'gaet' })).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/fromNode' }] },
    });
    expect(await retry({ version: 2 })).toMatchObject({ status: 422, body: { problems: [{ path: '/version' }] } });
    expect(await retry({ form: 'x' })).toMatchObject({ status: 422, body: { problems: [{ path: '/form' }] } });
    expect((await api().request('POST', '/api/executions/00000000-0000-7000-8000-000000000000/retry', {})).status).toBe(
      404,
    );
  });

  test('a retry goes on with another version where what it keeps is the same', async () => {
    const ran = fileIn('versions.log');
    const document = (command: string, first = 'first') => ({
      name: 'Versions',
      nodes: [note(first, ran), { id: 'then', type: 'shell', config: { command: ['sh', '-c', command] } }],
      edges: [{ from: first, to: 'then' }],
      outputs: { said: 'nodes.then.output.stdout' },
    });
    const { body: workflow } = await api().request('POST', '/api/workflows', document('exit 1'));
    const save = (next: object) => api().request('PUT', `/api/workflows/${workflow.id}`, next);
    const { body: first } = await api().request('POST', `/api/workflows/${workflow.id}/execute`, {});
    expect((await end(first.id)).status).toBe('failed');
    expect((await save(document('echo better'))).body.version).toBe(2);
    expect((await save(document('echo other', 'renamed'))).body.version).toBe(3);
    const retry = (version: number) =>
      api().request('POST', `/api/executions/${first.id}/retry`, { fromNode: 'then', version });
    expect(await retry(3)).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/version', code: 'NODE_CHANGED', nodeId: 'first' }] },
    });
    expect((await retry(9)).status).toBe(404);
    const diff = (query: string) => api().request('GET', `/api/workflows/${workflow.id}/diff${query}`);
    expect((await diff('?from=1&to=2')).body).toMatchObject({
      from: 1,
      to: 2,
      text: expect.stringContaining('-        - exit 1\n+        - echo better\n'),
      nodes: { added: [], removed: [], changed: [{ id: 'then', fields: ['/config/command/2'] }] },
      edges: { added: [], removed: [], changed: [] },
      other: [],
    });
    expect((await diff('')).body).toMatchObject({ from: 2, to: 3, nodes: { added: ['renamed'], removed: ['first'] } });
    expect((await diff('?from=9')).status).toBe(404);
    expect((await diff('?from=x')).status).toBe(422);

    const { body: second } = await retry(2);
    expect(await end(second.id)).toMatchObject({ status: 'succeeded', version: 2, outputs: { said: 'better\n' } });
    expect(linesOf(ran)).toEqual(['first']);
  });

  test('a retry works on from the branch of the execution before', async () => {
    const repository = path.join(workspace(), 'history-repository');
    mkdirSync(repository);
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args]).toString();
    git('init', '-q', '-b', 'main');
    git('commit', '-q', '--allow-empty', '-m', 'first');
    const ok = fileIn('branch.ok');
    const { body: first } = await api().request('POST', '/api/workflow/execute', {
      workflow: {
        workspace: { path: repository, isolation: 'worktree' },
        nodes: [
          { id: 'write', type: 'shell', config: { command: ['sh', '-c', 'echo work > work.txt'] } },
          { id: 'read', type: 'shell', config: { command: ['sh', '-c', `test -e ${ok} && cat work.txt && pwd`] } },
        ],
        edges: [{ from: 'write', to: 'read' }],
        outputs: { read: 'nodes.read.output.stdout' },
      },
    });
    expect((await end(first.id)).status).toBe('failed');
    writeFileSync(ok, '');
    const { body: second } = await api().request('POST', `/api/executions/${first.id}/retry`, {});
    const ended = await end(second.id);
    expect(ended.status).toBe('succeeded');
    const [work, place] = String((ended.outputs as { read: string }).read).split('\n');
    expect(work).toBe('work');
    expect(place).toContain(second.id);
    expect(existsSync(path.join(repository, 'work.txt'))).toBe(false);
    expect(git('branch', '--list', 'pointsman/*').trim().split('\n')).toHaveLength(2);
  });

  test('a fork with another output takes the other branch', async () => {
    const { body: first } = await api().request('POST', '/api/workflow/execute', {
      workflow: {
        inputs: { who: { type: 'string', default: 'ada' } },
        nodes: [
          { id: 'look', type: 'shell', config: { command: ['echo', 'good'] } },
          { id: 'ship', type: 'transform', config: { value: "'shipped for ' + inputs.who" } },
          { id: 'fix', type: 'transform', config: { value: "'fixed for ' + inputs.who" } },
        ],
        edges: [
          { from: 'look', to: 'ship', when: "nodes.look.output.stdout.startsWith('good')" },
          { from: 'look', to: 'fix', otherwise: true },
        ],
        outputs: { did: 'has(nodes.ship.output) ? nodes.ship.output : nodes.fix.output' },
      },
    });
    expect(await end(first.id)).toMatchObject({ outputs: { did: 'shipped for ada' } });
    const [checkpoint] = (await api().request('GET', `/api/executions/${first.id}/checkpoints`)).body;
    const fork = (edits: object, at = checkpoint.id) =>
      api().request('POST', `/api/executions/${first.id}/fork`, { checkpoint: at, edits });
    const { body: second, status } = await fork({
      inputs: { who: 'bob' },
      nodes: { look: { output: { exitCode: 0, stdout: 'bad', stderr: '' } } },
    });
    expect(status).toBe(202);
    const ended = await end(second.id);
    expect(ended).toMatchObject({
      status: 'succeeded',
      inputs: { who: 'bob' },
      outputs: { did: 'fixed for bob' },
      origin: {
        kind: 'fork',
        executionId: first.id,
        checkpoint: checkpoint.id,
        edited: ['/inputs/who', '/nodes/look/output'],
      },
    });
    expect(find(ended, 'look')).toMatchObject({ output: { stdout: 'bad' }, reason: 'edited' });
    expect(find(ended, 'ship')).toMatchObject({ status: 'skipped' });

    expect(await fork({ nodes: { lock: { output: 1 } } })).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/edits/nodes/lock', code: 'UNKNOWN_NODE' }] },
    });
    expect(await fork({ inputs: { who: 1 } })).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/edits/inputs/who' }] },
    });
    expect(await fork({ nodes: { look: {} } })).toMatchObject({
      status: 422,
      body: { problems: [{ path: '/edits/nodes/look/output' }] },
    });
    expect(await fork({}, 'no-such-checkpoint')).toMatchObject({
      status: 404,
      body: { code: 'CHECKPOINT_NOT_FOUND' },
    });
  });

  test('a fork asks again what was open, and starts anew what was under way', async () => {
    const go = fileIn('go');
    const { body: first } = await api().request('POST', '/api/workflow/execute', {
      workflow: {
        ...ASKS,
        nodes: [
          ...ASKS.nodes,
          { id: 'slow', type: 'shell', config: { command: ['sh', '-c', `while ! test -e ${go}; do sleep 0.1; done`] } },
        ],
      },
    });
    const asked = await openItem(first.id);
    await until('the slow step', async () => find(await get(first.id), 'slow')?.status === 'running');
    const [checkpoint] = (await api().request('GET', `/api/executions/${first.id}/checkpoints`)).body;
    const { body: second } = await api().request('POST', `/api/executions/${first.id}/fork`, {
      checkpoint: checkpoint.id,
    });
    const askedAgain = await openItem(second.id);
    expect(askedAgain.id).not.toBe(asked.id);
    await answer(second.id, 'approve');
    writeFileSync(go, '');
    expect(await end(second.id)).toMatchObject({ status: 'succeeded' });
    // Nobody has answered the original.
    await state(first.id, 'waiting');
    await answer(first.id, 'reject');
    expect(await end(first.id)).toMatchObject({ status: 'failed' });
    // From the very beginning it is a fresh execution.
    const all = (await api().request('GET', `/api/executions/${first.id}/checkpoints`)).body as { id: string }[];
    const { body: third } = await api().request('POST', `/api/executions/${first.id}/fork`, {
      checkpoint: all.at(-1)?.id,
    });
    await answer(third.id, 'approve');
    expect(await end(third.id)).toMatchObject({ status: 'succeeded' });
  });

  test('a retry is repeated only under another Idempotency-Key', async () => {
    const { body: first } = await api().request('POST', '/api/workflow/execute', {
      workflow: { nodes: [{ id: 'no', type: 'shell', config: { command: ['false'] } }] },
    });
    await end(first.id);
    const retry = (key: string) =>
      api().request('POST', `/api/executions/${first.id}/retry`, {}, { 'idempotency-key': key });
    const one = await retry(`retry-${first.id}`);
    expect((await retry(`retry-${first.id}`)).body.id).toBe(one.body.id);
    expect((await retry(`another-${first.id}`)).body.id).not.toBe(one.body.id);
  });

  function fileIn(name: string): string {
    return path.join(workspace(), `history-${name}`);
  }

  async function openItem(executionId: string): Promise<{ id: string; hash: string }> {
    return until('its question', async () => {
      const { body } = await api().request('GET', '/api/inbox?state=open&limit=200');
      return (body as { id: string; hash: string; executionId: string }[]).find(
        (item) => item.executionId === executionId,
      );
    });
  }

  async function answer(executionId: string, decision: string): Promise<void> {
    const { id, hash } = await openItem(executionId);
    expect((await api().request('POST', `/api/inbox/${id}/resolve`, { decision, hash })).status).toBe(200);
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

  async function state(id: string, status: string): Promise<void> {
    await until(`it to be ${status}`, async () => (await get(id)).status === status);
  }
}

const ASKS = {
  nodes: [{ id: 'gate', type: 'approval', config: { title: 'Go on?' } }],
};

/** A step that says in a file that it ran. */
function note(id: string, file: string, then = 'true') {
  return { id, type: 'shell', config: { command: ['sh', '-c', `echo ${id} >> ${file}; ${then}`] } };
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').trim().split('\n');
}

function find(execution: Execution, nodeId: string): Step | undefined {
  return execution.steps.findLast((step) => step.nodeId === nodeId);
}
