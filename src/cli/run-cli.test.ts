import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Command } from 'commander';
import type { Execution, Step } from '../contract/executions.ts';
import type { InboxItem } from '../contract/inbox.ts';
import { createProgram, runCli } from './run-cli.ts';
import { type PretendServer, pretendServer, problem } from './testing/pretend-server.ts';
import { recordedIo } from './testing/recorded-io.ts';

const now = '2026-11-22T12:00:00.000Z';
const id = (last: number) => `0199a1b2-c3d4-7000-8000-${String(last).padStart(12, '0')}`;
const execution = (status: Execution['status'], more: Partial<Execution> = {}): Execution => ({
  id: id(1),
  workflowId: null,
  version: 0,
  name: 'Demo',
  status,
  inputs: {},
  usage: { inputTokens: 0, outputTokens: 0, cost: 0 },
  createdAt: now,
  startedAt: now,
  steps: [],
  ...more,
});
const step = (status: Step['status'], more: Partial<Step> = {}): Step => ({
  id: id(50),
  nodeId: 'build',
  iteration: 1,
  attempt: 1,
  status,
  startedAt: now,
  ...more,
});
const approval: InboxItem = {
  id: id(9),
  type: 'approval',
  state: 'open',
  title: 'Ship it?',
  payload: { title: 'Ship it?', body: 'Two changes', nodeId: 'gate' },
  hash: 'ab'.repeat(32),
  executionId: id(1),
  choices: ['approve', 'reject'],
  createdAt: now,
};

let server: PretendServer;
beforeEach(async () => {
  server = await pretendServer();
});
afterEach(async () => await server.close());

async function cli(
  argv: string[],
  options: Parameters<typeof recordedIo>[0] = {},
): Promise<{ exitCode: number; out: string; err: string }> {
  const io = recordedIo({ ...options, env: { ...server.env, ...options.env } });
  const exitCode = await runCli(argv, io);
  return { exitCode, out: io.out(), err: io.err() };
}

function documentFile(text = 'nodes: []\n'): string {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'pointsman-cli-')), 'flow.yaml');
  writeFileSync(file, text);
  return file;
}

describe('the command line', () => {
  test('has a sentence and an example for every command', () => {
    const program = createProgram(recordedIo(), () => async () => undefined);
    const every = (command: Command): Command[] => command.commands.flatMap((inner) => [inner, ...every(inner)]);
    for (const command of every(program)) {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) });
      command.outputHelp();
      expect(command.summary(), command.name()).toMatch(/^[A-Z].*\.$/);
      expect(help, command.name()).toMatch(/Examples?:\n {2}\$ .*pointsman/);
    }
  });

  test('a mistake in the call is exit code 2, on stderr, with where to look', async () => {
    for (const argv of [
      ['agnets'],
      ['agents', 'foo'],
      ['run'],
      ['run', 'x', '--nope'],
      ['up', '--port', '99999'],
      ['agents', 'ls', '--limit', '0'],
      ['inbox', 'resolve', 'x', 'maybe'],
    ]) {
      const { exitCode, out, err } = await cli(argv);
      expect([argv, exitCode, out]).toEqual([argv, 2, '']);
      expect(err).toMatch(/^Error: .+\nNext: See `pointsman.* --help`\.\n$/);
    }
  });

  test('without arguments prints its help', async () => {
    const { exitCode, out } = await cli([]);
    expect(exitCode).toBe(0);
    expect(out).toContain('Usage: pointsman');
  });

  test('--version after a command belongs to that command', async () => {
    server.on('GET /api/workflows', { body: [{ id: id(2), name: 'Demo', document: {} }] });
    server.on(`POST /api/workflows/${id(2)}/execute`, { status: 202, body: execution('queued') });
    const { exitCode } = await cli(['run', 'Demo', '--version', '3']);
    expect([exitCode, JSON.parse(server.requests.at(-1)?.body ?? '')]).toEqual([0, { inputs: {}, version: 3 }]);
  });

  test('prints only JSON on stdout under --json, also for a list alone', async () => {
    server.on('GET /api/inbox', { body: [approval] });
    const { out } = await cli(['inbox', '--json']);
    expect(JSON.parse(out)).toEqual([approval]);
  });

  test('is quiet when piped: an empty list prints nothing', async () => {
    server.on('GET /api/agents', { body: [] });
    expect(await cli(['agents'])).toEqual({ exitCode: 0, out: '', err: '' });
    expect((await cli(['agents'], { tty: true })).err).toContain('There are no agents yet');
  });

  test('starts without importing what no command asked for', () => {
    // Zod and the route table are most of the time of a start; help needs neither.
    const main = new URL('run-cli.ts', import.meta.url);
    const script = `import { registerHooks } from 'node:module'; const seen = []; registerHooks({ load(url, context, next) { seen.push(url); return next(url, context); } }); await import(${JSON.stringify(main.href)}); console.log(seen.filter((url) => /zod|contract\\/routes|node_modules\\/ws\\/|yaml|src\\/server/.test(url)).join());`;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim()).toBe('');
  });
});

describe('tasks', () => {
  const task = { id: id(7), agentId: id(1), prompt: 'x', status: 'succeeded', createdAt: now };
  const diff = {
    base: 'b',
    branch: 'pointsman/tasks/7',
    files: [{ path: 'new', oldPath: 'old', status: 'renamed', additions: 1, deletions: 0, binary: false, hunks: [] }],
    stats: { files: 1, additions: 1, deletions: 0 },
    text: 'diff --git a/x b/x\n@@ -1 +1 @@\n+\u001b[2J\r\n',
    truncated: false,
  };

  test('diff is byte for byte for a program, and cannot command a terminal', async () => {
    server.on(`GET /api/tasks/${id(7)}/diff`, { body: diff });
    expect(await cli(['tasks', 'diff', id(7)])).toEqual({ exitCode: 0, out: diff.text, err: '' });
    const seen = await cli(['tasks', 'diff', id(7)], { tty: true });
    expect(seen.out).not.toContain('\u001b[2J');
    expect(seen.out).toContain('\\u001b[2J');
    expect(seen.err).toContain('1 file, +1 -0, on pointsman/tasks/7');
    expect((await cli(['tasks', 'diff', id(7), '--stat'])).out).toContain('old → new');
    expect(JSON.parse((await cli(['tasks', 'diff', id(7), '--json'])).out)).toEqual(diff);
  });

  test('merge says the commit, and ends with 1 when there is a conflict', async () => {
    const merge = `POST /api/tasks/${id(7)}/merge`;
    server.on(merge, { body: { outcome: 'merged', commit: 'c0ffee' } });
    expect(await cli(['tasks', 'merge', id(7)])).toMatchObject({ exitCode: 0, out: 'c0ffee\n' });
    server.on(merge, { body: { outcome: 'conflict', files: ['a.txt', 'b.txt'] } });
    expect(await cli(['tasks', 'merge', id(7)])).toMatchObject({ exitCode: 1, out: 'a.txt\nb.txt\n' });
    expect(JSON.parse((await cli(['tasks', 'merge', id(7), '--json'])).out)).toMatchObject({ outcome: 'conflict' });
    server.on(merge, { body: { outcome: 'nothing_to_merge' } });
    expect(await cli(['tasks', 'merge', id(7)])).toMatchObject({ exitCode: 0, out: '' });
    server.on(merge, problem(409, 'WORKSPACE_HAS_CHANGES', 'x'));
    expect((await cli(['tasks', 'merge', id(7)])).exitCode).not.toBe(0);
  });

  test('send, agents add and agents rm ask for worktrees', async () => {
    const sent = () => JSON.parse(server.requests.at(-1)?.body ?? '') as Record<string, unknown>;
    server.on('GET /api/agents', { body: [{ id: id(1), name: 'backend' }] });
    server.on(`POST /api/agents/${id(1)}/tasks`, { status: 202, body: task });
    await cli(['send', 'backend', 'true', '--worktree']);
    expect(sent()).toEqual({ prompt: 'true', workspace: 'worktree' });
    server.on('POST /api/agents', { status: 201, body: { id: id(1), name: 'other', status: 'starting' } });
    await cli(['agents', 'add', 'other', '--workspace', '/srv', '--worktree']);
    expect(sent()['workspace']).toEqual({ path: '/srv', isolation: 'worktree' });
    server.on(`DELETE /api/agents/${id(1)}`, { status: 204 });
    await cli(['agents', 'rm', 'backend', '--keep-worktree']);
    expect(server.requests.at(-1)?.query.get('worktree')).toBe('keep');
  });
});

describe('names', () => {
  test('find an agent exactly, else without regard to capitals, else not with who there is', async () => {
    server.on('GET /api/agents', {
      body: [
        { id: id(1), name: 'Backend' },
        { id: id(2), name: 'backend' },
        { id: id(3), name: 'Reviewer' },
      ],
    });
    for (const which of [1, 2, 3])
      server.on(`POST /api/agents/${id(which)}/start`, {
        status: 202,
        body: { id: id(which), name: 'x', status: 'starting' },
      });
    await cli(['agents', 'start', 'backend', 'reviewer']);
    expect(server.requests.filter(({ method }) => method === 'POST').map((request) => request.path)).toEqual([
      `/api/agents/${id(2)}/start`,
      `/api/agents/${id(3)}/start`,
    ]);
    const { exitCode, err } = await cli(['agents', 'start', 'nobody']);
    expect([exitCode, err]).toEqual([
      1,
      expect.stringContaining('There is no agent “nobody”. There are: Backend, backend, Reviewer.'),
    ]);
  });

  test('find an execution by a prefix that only it has', async () => {
    server.on('GET /api/executions', {
      body: [execution('running'), execution('running', { id: '0199ffff-0000-7000-8000-000000000000' })],
    });
    server.on(`GET /api/executions/${id(1)}`, { body: execution('running') });
    expect(JSON.parse((await cli(['executions', 'show', '0199a1', '--json'])).out)).toMatchObject({ id: id(1) });
    expect(await cli(['executions', 'show', '0199'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('2 executions begin with') as string,
    });
  });
});

describe('run', () => {
  test('prints the id of the execution and returns', async () => {
    server.on('POST /api/workflow/execute', { status: 202, body: execution('queued') });
    const { exitCode, out } = await cli([
      'run',
      documentFile('inputs: { a: { type: string } }\nnodes: []'),
      '--input',
      'a=1',
      '--input',
      'n=2',
    ]);
    expect([exitCode, out]).toEqual([0, `${id(1)}\n`]);
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toMatchObject({
      workflow: expect.stringContaining('inputs:') as string,
      inputs: { a: '1', n: 2 },
    });
  });

  test('an invalid document and an unknown workflow are exit code 2', async () => {
    server.on(
      'POST /api/workflow/execute',
      problem(422, 'WORKFLOW_INVALID', 'The workflow is not valid', {
        problems: [{ path: '/nodes', code: 'X', message: 'No nodes.', severity: 'error', line: 1, column: 8 }],
      }),
    );
    expect(await cli(['run', documentFile()])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('/nodes at 1:8: No nodes.') as string,
    });
    server.on('GET /api/workflows', { body: [] });
    expect(await cli(['run', 'Nothing'])).toMatchObject({ exitCode: 2 });
    expect(await cli(['run', './missing.yaml'])).toMatchObject({ exitCode: 2 });
  });

  test.each([
    ['succeeded', 0],
    ['failed', 1],
    ['cancelled', 1],
  ] as const)('--wait follows it until it has %s: exit code %i', async (status, exitCode) => {
    server.on('POST /api/workflow/execute', { status: 202, body: execution('queued') });
    server.on(`GET /api/executions/${id(1)}`, { body: execution(status, { finishedAt: now }) });
    server.onSubscribe((topic, send) => {
      if (topic === 'inbox') return send({ type: 'snapshot', topic, seq: 0, data: [] });
      send({ type: 'snapshot', topic, seq: 4, data: execution('running') });
      send({ type: 'event', topic, seq: 5, at: now, event: 'step.changed', data: step('running') });
      send({
        type: 'event',
        topic,
        seq: 6,
        at: now,
        event: 'step.changed',
        data: step('succeeded', { finishedAt: now }),
      });
      send({ type: 'event', topic, seq: 7, at: now, event: 'execution.changed', data: execution(status) });
    });
    const result = await cli(['run', documentFile(), '--wait', '--json', '--progress']);
    expect([result.exitCode, JSON.parse(result.out)]).toMatchObject([exitCode, { status }]);
    expect(result.err).toMatch(/started +build\nsucceeded build/);
  });

  test('asks for a snapshot when an update is missing, and tells each step once', async () => {
    server.on('POST /api/workflow/execute', { status: 202, body: execution('queued') });
    server.on(`GET /api/executions/${id(1)}`, { body: execution('succeeded') });
    let subscriptions = 0;
    server.onSubscribe((topic, send) => {
      if (topic === 'inbox') return;
      const steps = [step('running')];
      if (++subscriptions > 1)
        return send({
          type: 'snapshot',
          topic,
          seq: 9,
          data: execution('succeeded', { steps: [step('succeeded', { finishedAt: now })] }),
        });
      send({ type: 'snapshot', topic, seq: 4, data: execution('running', { steps }) });
      send({ type: 'event', topic, seq: 7, at: now, event: 'step.changed', data: step('running') });
    });
    const { exitCode, err } = await cli(['run', documentFile(), '--wait', '--progress']);
    expect([exitCode, subscriptions, err.match(/started/g)?.length]).toEqual([0, 2, 1]);
  });

  test('goes on when the server goes away and comes back', async () => {
    server.on('POST /api/workflow/execute', { status: 202, body: execution('queued') });
    server.on(`GET /api/executions/${id(1)}`, { body: execution('succeeded') });
    let connections = 0;
    server.onSubscribe((topic, send, socket) => {
      if (topic === 'inbox') return;
      if (++connections === 1) return socket.terminate();
      send({ type: 'snapshot', topic, seq: 0, data: execution('succeeded') });
    });
    expect(await cli(['run', documentFile(), '--wait'])).toMatchObject({ exitCode: 0 });
  });

  test('--no-wait-human ends with 3 and says who must answer what, and how', async () => {
    server.on('POST /api/workflow/execute', { status: 202, body: execution('queued') });
    server.on(`GET /api/executions/${id(1)}`, { body: execution('waiting') });
    server.onSubscribe((topic, send) => {
      if (topic === 'inbox') {
        send({
          type: 'snapshot',
          topic,
          seq: 0,
          data: [{ ...approval, id: id(8), executionId: id(7), title: 'Not ours' }],
        });
        send({ type: 'event', topic, seq: 1, at: now, event: 'inbox.opened', data: approval });
      } else send({ type: 'snapshot', topic, seq: 0, data: execution('waiting') });
    });
    const { exitCode, err } = await cli(['run', documentFile(), '--no-wait-human']);
    expect(exitCode).toBe(3);
    expect(err).toContain(
      `Waiting for approval: Ship it?\n    Two changes\n  Answer with:\n    pointsman inbox approve ${id(9)} --hash abababababab\n`,
    );
    expect(err).not.toContain('Not ours');
  });
});

describe('inbox', () => {
  beforeEach(() => {
    server.on(`GET /api/inbox/${id(9)}`, { body: approval });
    server.on(`POST /api/inbox/${id(9)}/resolve`, { body: { ...approval, state: 'resolved' } });
  });

  test('answers with the whole hash of what was shown', async () => {
    expect(
      await cli(['inbox', 'approve', id(9), '--hash', 'abababab', '--note', 'fine', '--form', '{"n": 1}']),
    ).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toEqual({
      decision: 'approve',
      hash: approval.hash,
      note: 'fine',
      form: { n: 1 },
    });
  });

  test('refuses when what is asked is no longer what was shown, and sends nothing', async () => {
    expect(await cli(['inbox', 'approve', id(9), '--hash', 'cdcdcdcd'])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('pointsman inbox show') as string,
    });
    expect(server.requests.some(({ method }) => method === 'POST')).toBe(false);
  });

  test('shows all of what is decided about, and how to answer', async () => {
    const { out } = await cli(['inbox', 'show', id(9)]);
    for (const part of [
      'Ship it?',
      'Two changes',
      'gate',
      approval.hash,
      `pointsman inbox reject ${id(9)} --hash abababababab`,
    ])
      expect(out).toContain(part);
  });
});

test('logs -f prints stored and live lines once each, in their order, until the end', async () => {
  const line = (seq: number) => ({ seq, at: now, nodeId: 'build', stream: 'stdout', text: `line ${seq}\u001b[31m\n` });
  server.on(`GET /api/executions/${id(1)}`, { body: execution('running') });
  server.on(`GET /api/executions/${id(1)}/logs`, ({ query }) => ({
    body: [1, 2].filter((seq) => seq > Number(query.get('after'))).map(line),
  }));
  server.onSubscribe((topic, send) => {
    send({ type: 'snapshot', topic, seq: 0, data: execution('running') });
    send({ type: 'event', topic, seq: 1, at: now, event: 'log.appended', data: { lines: [line(2), line(3)] } });
    send({ type: 'event', topic, seq: 2, at: now, event: 'execution.changed', data: execution('succeeded') });
  });
  expect(await cli(['executions', 'logs', '-f', id(1)])).toMatchObject({
    exitCode: 0,
    out: 'build | line 1\nbuild | line 2\nbuild | line 3\n',
  });
});

test('send --wait prints the result, and fails when the task did', async () => {
  server.on('GET /api/agents', { body: [{ id: id(1), name: 'backend' }] });
  server.on(`POST /api/agents/${id(1)}/tasks`, { status: 202, body: { id: id(2), status: 'queued' } });
  server.on(`GET /api/tasks/${id(2)}`, {
    body: {
      id: id(2),
      status: 'failed',
      result: { text: 'boom\n', exitCode: 2 },
      error: { code: 'NON_ZERO_EXIT', message: 'It failed' },
    },
  });
  expect(await cli(['send', 'backend', 'make', 'all', '--wait'])).toEqual({
    exitCode: 1,
    out: 'boom\n',
    err: 'failed with exit status 2: It failed\n',
  });
  expect(JSON.parse(server.requests.find(({ method }) => method === 'POST')?.body ?? '')).toEqual({
    prompt: 'make all',
  });
});

test('workflows validate ends with 2 and every problem with its place', async () => {
  server.on('POST /api/workflows/validate', {
    body: {
      valid: false,
      problems: [{ path: '', code: 'YAML', message: 'Bad indentation.', severity: 'error', line: 2, column: 3 }],
    },
  });
  const { exitCode, err } = await cli(['workflows', 'validate', documentFile()]);
  expect([exitCode, err]).toEqual([2, expect.stringContaining('  line 2:3: Bad indentation.\nNext:')]);
});

test('a workflow goes out and comes back as the same document', async () => {
  const document = { name: 'Demo', nodes: [{ id: 'a', type: 'shell', config: { command: 'echo "1.10"' } }] };
  server.on('GET /api/workflows', { body: [{ id: id(2), name: 'Demo', version: 4, document }] });
  const file = path.join(path.dirname(documentFile()), 'out.yaml');
  expect(await cli(['workflows', 'export', 'Demo', '-o', file])).toMatchObject({ exitCode: 0 });
  server.on(`PUT /api/workflows/${id(2)}`, {
    body: { id: id(2), name: 'Demo', version: 5, draft: false, problems: [] },
  });
  expect(await cli(['workflows', 'import', file, '--as', 'Demo'])).toMatchObject({ exitCode: 0 });
  expect([server.requests.at(-1)?.body, server.requests.at(-1)?.headers['if-match']]).toEqual([
    readFileSync(file, 'utf8'),
    '"4"',
  ]);
  expect(await cli(['workflows', 'export', 'Demo', '-o', file])).toMatchObject({ exitCode: 2 });
});

test('up --link prints the link of the running server', async () => {
  server.on('POST /api/auth/links', { status: 201, body: { code: 'a b', expiresAt: now } });
  expect(await cli(['up', '--link'])).toMatchObject({ exitCode: 0, out: `${server.url}/#code=a%20b\n` });
});

test('a password comes from standard input, never from the arguments', async () => {
  server.on('POST /api/users', { status: 201, body: { id: id(3), name: 'ada', role: 'viewer' } });
  await cli(['users', 'add', 'ada'], { input: 'correct horse battery\n' });
  expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toEqual({
    name: 'ada',
    role: 'viewer',
    password: 'correct horse battery',
  });
  expect(await cli(['users', 'add', 'ada'])).toMatchObject({ exitCode: 2 });
});
