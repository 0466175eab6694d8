import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
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
  createdBy: 'ada',
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
  const directory = mkdtempSync(path.join(os.tmpdir(), 'pointsman-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = path.join(directory, 'flow.yaml');
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

  test('what other tools call list, start and stop is understood', async () => {
    server.on('GET /api/agents', { body: [] });
    expect((await cli(['agents', 'list', '--json'])).out).toBe((await cli(['agents', 'ls', '--json'])).out);
    expect(server.requests).toHaveLength(2);
    for (const [word, name] of [
      ['start', 'up'],
      ['stop', 'down'],
    ] as const)
      expect((await cli([word, '--nope'])).err).toContain(`See \`pointsman ${name} --help\``);
  });

  test('a command that only a group has is pointed to there', async () => {
    expect(await cli(['logs', 'x'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('There is `pointsman executions logs`.') as string,
    });
    expect((await cli(['agents', 'export'])).err).toContain('`pointsman workflows export`, `pointsman audit export`');
    expect((await cli(['ls'])).err).toContain('See `pointsman --help`.');
  });

  test('status says who works, who needs somebody and what waits, in words and as JSON', async () => {
    server.on('GET /api/agents', {
      body: [{ status: 'idle' }, { status: 'working' }, { status: 'waiting_input' }, { status: 'idle' }],
    });
    server.on('GET /api/executions', { body: [execution('waiting')] });
    server.on('GET /api/inbox', { body: [approval] });
    server.on('GET /api/incidents', { body: [] });
    server.on('GET /api/usage', { body: { entries: [], total: { inputTokens: 1, outputTokens: 1, cost: 1.25 } } });
    const { exitCode, out } = await cli(['status']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^Agents +1 waiting input, 1 working, 2 idle$/m);
    expect(out).toMatch(/^Executions +1 waiting$/m);
    expect(out).toMatch(/^Incidents +none open$/m);
    expect(out).toMatch(/^Cost today +\$1\.25$/m);
    expect(out).toMatch(/^Inbox +1 for you$/m);
    expect(out).toContain(approval.title);
    expect(JSON.parse((await cli(['status', '--json'])).out)).toEqual({
      agents: { waiting_input: 1, working: 1, idle: 2 },
      executions: { waiting: 1 },
      inbox: 1,
      incidents: 0,
      costToday: 1.25,
    });
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

  test('a fork says which files it began with; checkpoints say which have files', async () => {
    const commit = 'c0ffee'.repeat(7).slice(0, 40);
    server.on(`GET /api/executions/${id(1)}`, { body: execution('succeeded') });
    server.on(`GET /api/executions/${id(1)}/checkpoints`, {
      body: [
        { id: 'b', seq: 8, at: now, status: 'running', changed: ['build'], files: 'lost' },
        { id: 'a', seq: 7, at: now, status: 'running', changed: ['build'], files: 'kept' },
      ],
    });
    const origin = { kind: 'fork', executionId: id(1), checkpoint: 'a' } as const;
    const forked = (more: object) =>
      server.on(`POST /api/executions/${id(1)}/fork`, {
        status: 202,
        body: execution('queued', { id: id(2), origin: { ...origin, ...more } }),
      });
    expect((await cli(['executions', 'checkpoints', id(1)])).out).toMatch(/8 .* lost +build\n.*7 .* kept +build/s);
    forked({ files: commit });
    const fork = await cli(['executions', 'fork', id(1), '--checkpoint', '7'], { tty: true });
    expect([fork.out, fork.err]).toEqual([`${id(2)}\n`, expect.stringContaining(commit.slice(0, 12))]);
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toEqual({ checkpoint: 'a' });
    forked({});
    const newest = await cli(['executions', 'fork', id(1), '--checkpoint', '8', '--files', 'newest'], { tty: true });
    expect([newest.out, newest.err]).toEqual([`${id(2)}\n`, '']);
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toEqual({ checkpoint: 'b', files: 'newest' });
    expect((await cli(['executions', 'fork', id(1), '--checkpoint', '7', '--files', 'some'])).exitCode).toBe(2);
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

  test('find an execution by the beginning of its id, or by the end that the web app shows', async () => {
    server.on('GET /api/executions', {
      body: [execution('running'), execution('running', { id: '0199ffff-0000-7000-8000-000000000000' })],
    });
    server.on(`GET /api/executions/${id(1)}`, { body: execution('running') });
    expect(JSON.parse((await cli(['executions', 'show', '0199a1', '--json'])).out)).toMatchObject({ id: id(1) });
    expect((await cli(['executions', 'show', '0199a1'])).out).toMatch(/created +.* by ada\n/);
    expect(JSON.parse((await cli(['executions', 'show', id(1).slice(-6), '--json'])).out)).toMatchObject({ id: id(1) });
    expect(await cli(['executions', 'show', '0199'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('2 executions have an id that begins or ends with “0199”') as string,
    });
    expect(await cli(['executions', 'show', id(1).slice(-5)])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('No execution has an id that begins or ends with') as string,
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

  test('on a terminal what goes on is drawn in place, and what became of it stays', async () => {
    server.on('POST /api/workflow/execute', { status: 202, body: execution('queued') });
    server.on(`GET /api/executions/${id(1)}`, { body: execution('succeeded', { finishedAt: now }) });
    server.onSubscribe((topic, send) => {
      if (topic === 'inbox') return send({ type: 'snapshot', topic, seq: 0, data: [] });
      send({ type: 'snapshot', topic, seq: 1, data: execution('running', { steps: [step('running')] }) });
      const ended = step('succeeded', { finishedAt: now });
      send({ type: 'event', topic, seq: 2, at: now, event: 'step.changed', data: ended });
      const data = execution('succeeded', { finishedAt: now });
      send({ type: 'event', topic, seq: 3, at: now, event: 'execution.changed', data });
    });
    const { exitCode, err } = await cli(['run', documentFile(), '--wait'], { tty: true, env: { NO_COLOR: '1' } });
    expect(exitCode).toBe(0);
    expect(err).toMatch(/running +build, .*\n\u001b\[1A\u001b\[Jsucceeded build/);
    expect(err).not.toContain('started');
    const { err: plain } = await cli(['run', documentFile(), '--wait', '--progress']);
    expect(plain).toBe('started   build\nsucceeded build in 0 ms\n');
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

describe('usage and budgets', () => {
  const spent = { inputTokens: 900, outputTokens: 100, cost: 2.5 };
  const report = (by: string) => ({
    from: '2026-11-22',
    to: '2026-11-22',
    by,
    total: spent,
    entries: [{ key: by === 'day' ? '2026-11-22' : id(1), name: by === 'day' ? '2026-11-22' : 'backend', ...spent }],
    usdPerDay: 20,
  });
  const asks = (more: Partial<InboxItem>): InboxItem => ({
    ...approval,
    type: 'budget',
    title: 'backend has used up the budget',
    choices: ['raise', 'stop'],
    ...more,
  });
  const sent = () => JSON.parse(server.requests.at(-1)?.body ?? '') as unknown;

  beforeEach(() => {
    server.on('GET /api/usage', ({ query }) => ({ body: report(query.get('by') ?? 'day') }));
    server.on('GET /api/agents', {
      body: [
        {
          id: id(1),
          name: 'backend',
          budget: { usdPerDay: 2 },
          heldBy: { code: 'BUDGET_EXCEEDED', reason: 'its budget is used up', since: now },
        },
        { id: id(2), name: 'frontend' },
      ],
    });
    const { executionId: _executionId, ...ofDay } = asks({ agentId: id(1) });
    server.on('GET /api/inbox', { body: [asks({ id: id(8) }), ofDay] });
    server.on(`POST /api/inbox/${id(9)}/resolve`, { body: { ...ofDay, state: 'resolved' } });
  });

  test('usage asks for the days and adds them up', async () => {
    const { out } = await cli(['usage', '--by', 'agent', '--from', '2026-11-22', '--to', '2026-11-22']);
    expect(out).toMatch(/^AGENT +READ +WRITTEN +COST\nbackend +900 +100 +\$2\.50\ntogether +900 +100 +\$2\.50\n$/);
    expect(Object.fromEntries(server.requests.at(-1)?.query ?? [])).toEqual({
      by: 'agent',
      from: '2026-11-22',
      to: '2026-11-22',
    });
    expect(JSON.parse((await cli(['usage', '--json'])).out)).toEqual(report('day'));
  });

  test('budgets are those of all agents together and of each that has one, with what is used and asked', async () => {
    const { out } = await cli(['budgets']);
    expect(out).toMatch(/\(all agents\) +\$2\.50 of \$20\.00 +- +open/);
    expect(out).toMatch(/backend +\$2\.50 of \$2\.00 +- +paused +its budget is used up/);
    expect(out).not.toContain('frontend');
    expect(JSON.parse((await cli(['budgets', '--json'])).out)).toMatchObject([
      { agent: null, limits: { usdPerDay: 20 }, spent: { usd: 2.5, tokens: 1000 }, itemId: null },
      { agent: { name: 'backend' }, heldBy: 'its budget is used up', itemId: id(9) },
    ]);
  });

  test('a budget is set and taken away', async () => {
    server.on(`PATCH /api/agents/${id(2)}`, { body: { id: id(2), name: 'frontend' } });
    expect(await cli(['budgets', 'set', 'frontend', '--usd', '2.50', '--tokens', '1000'])).toMatchObject({
      exitCode: 0,
    });
    expect(sent()).toEqual({ budget: { usdPerDay: 2.5, tokensPerDay: 1000 } });
    expect(await cli(['budgets', 'clear', 'frontend'])).toMatchObject({ exitCode: 0 });
    expect(sent()).toEqual({ budget: null });
    for (const amounts of [[], ['--usd', '0'], ['--usd', 'five'], ['--tokens', '1.5']])
      expect(await cli(['budgets', 'set', 'frontend', ...amounts])).toMatchObject({ exitCode: 2 });
  });

  test('what is asked about a day is answered by the name of the agent, and only that', async () => {
    expect(await cli(['budgets', 'raise', 'backend', '--usd', '10'])).toMatchObject({ exitCode: 0 });
    expect(sent()).toEqual({ decision: 'raise', hash: approval.hash, form: { usd: 10 } });
    expect(await cli(['budgets', 'stop', 'backend'])).toMatchObject({ exitCode: 0 });
    expect(sent()).toEqual({ decision: 'stop', hash: approval.hash });
    const nothing = await cli(['budgets', 'stop', '--all']);
    expect([nothing.exitCode, nothing.err]).toEqual([1, expect.stringContaining('about the budget of all agents')]);
    for (const argv of [['raise', 'backend'], ['stop'], ['stop', 'backend', '--all']])
      expect(await cli(['budgets', ...argv])).toMatchObject({ exitCode: 2 });
  });
});

describe('rules, screens and conversations', () => {
  const rule = { id: id(5), effect: 'deny', tool: 'Bash', createdBy: 'ada', createdAt: now };
  const sent = () => JSON.parse(server.requests.at(-1)?.body ?? '') as unknown;

  beforeEach(() => {
    server.on('GET /api/agents', { body: [{ id: id(1), name: 'backend' }] });
    server.on('GET /api/policies', {
      body: [rule, { ...rule, id: id(6), effect: 'allow', pattern: 'npm test*', agentId: id(1) }],
    });
    server.on('POST /api/policies', { status: 201, body: rule });
    server.on(`DELETE /api/policies/${id(6)}`, { status: 204 });
  });

  test('rules are listed with whom they are for', async () => {
    const { out } = await cli(['policies']);
    expect(out).toMatch(/deny +Bash +- +all agents +ada/);
    expect(out).toMatch(/allow +Bash +npm test\* +backend +ada/);
  });

  test('a rule is added for an agent, a role or all, and removed', async () => {
    expect((await cli(['policies', 'add', 'deny', 'Bash'])).out).toBe(`${rule.id}\n`);
    expect(sent()).toEqual({ effect: 'deny', tool: 'Bash' });
    await cli(['policies', 'add', 'allow', 'Bash', '--pattern', 'npm test*', '--agent', 'backend', '--note', 'safe']);
    expect(sent()).toEqual({ effect: 'allow', tool: 'Bash', pattern: 'npm test*', agentId: id(1), note: 'safe' });
    for (const argv of [['perhaps', 'Bash'], ['deny'], ['deny', 'Bash', '--agent', 'backend', '--role', 'tester']])
      expect(await cli(['policies', 'add', ...argv])).toMatchObject({ exitCode: 2 });
    expect(await cli(['policies', 'rm', id(6)])).toMatchObject({ exitCode: 0, out: `Removed ${id(6)}.\n` });
  });

  test('what an agent shows and what was said cannot steer the terminal of who reads it', async () => {
    server.on(`GET /api/agents/${id(1)}/screen`, ({ query }) => ({
      body: { format: 'text', cols: 80, rows: 2, screen: `$ ls ${query.get('scrollback')}\u001b[2J\u202e\n\n` },
    }));
    expect((await cli(['agents', 'screen', 'backend', '--scrollback', '9'])).out).toBe('$ ls 9\\u202e\n');
    const tool = { name: 'Bash', input: 'ls', output: 'a\nb', status: 'succeeded' };
    server.on(`GET /api/agents/${id(1)}/transcript`, {
      body: [
        { at: now, role: 'user', text: 'look\u001b]0;owned\u0007' },
        { at: now, role: 'tool', text: '', tool },
      ],
    });
    expect((await cli(['agents', 'transcript', 'backend'])).out).toBe(
      `${now} user\n  look\n${now} tool: Bash (succeeded)\n  ls\n  a\n  b\n`,
    );
    expect(await cli(['agents', 'transcript', 'backend', '--limit', '500'])).toMatchObject({ exitCode: 2 });
  });
});

test('the audit asks for what is wanted, and cannot steer the terminal of who reads it', async () => {
  const detail = { tool: 'Bash\u001b[2J' };
  const entry = { seq: 4, at: now, actor: 'ada\u202e', action: 'policy.create', subject: id(5), detail };
  server.on('GET /api/audit', { body: [entry] });
  const { out } = await cli(['audit', '--action', 'policy', '--actor', 'ada', '--limit', '5']);
  expect(out).toContain(`ada\\u202e  policy.create  ${id(5)}  {"tool":"Bash\\u001b[2J"}`);
  expect(Object.fromEntries(server.requests.at(-1)?.query ?? [])).toMatchObject({ action: 'policy', actor: 'ada' });
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

describe('workflow files in CI', () => {
  const VALID = 'nodes: [{ id: a, type: shell, config: { command: [ls] } }]\n';
  const alone = { env: { POINTSMAN_URL: undefined, POINTSMAN_TOKEN: undefined, POINTSMAN_HOME: '/nowhere/at/all' } };

  test('are checked without a server, several at once, and annotated for GitHub', async () => {
    const [good, bad] = [documentFile(VALID), documentFile('nodes:\n  - { id: a, type: shel }\n')];
    const github = await cli(['workflows', 'validate', good, bad, '--format', 'github'], alone);
    expect(github.exitCode).toBe(2);
    expect(github.out).toMatch(new RegExp(`^::error file=${bad},line=2,col=\\d+,title=UNKNOWN_TYPE::.*shel`, 'm'));
    expect(github.out).not.toContain(good);
    const json = await cli(['workflows', 'validate', good, bad, '--format', 'json'], alone);
    expect(JSON.parse(json.out)).toMatchObject([
      { file: good, valid: true, problems: [] },
      { file: bad, valid: false },
    ]);
    const text = await cli(['workflows', 'validate', good], { ...alone, tty: true });
    expect(text.exitCode).toBe(0);
    expect(text.err).toMatch(/No server runs.*not checked/);
  });

  test('have schemas for editors, which need no server either', async () => {
    const schema = async (...more: string[]) => JSON.parse((await cli(['workflows', 'schema', ...more], alone)).out);
    expect(await schema()).toMatchObject({ title: expect.stringContaining('workflow'), required: ['nodes'] });
    expect(await schema('--cases')).toMatchObject({ title: expect.stringContaining('Cases'), required: ['cases'] });
  });

  test('are tried against the cases beside them', async () => {
    const file = documentFile(VALID + 'outputs: { a: nodes.a.output.stdout }\n');
    const run = (...more: string[]) => cli(['workflows', 'test', file, ...more], alone);
    const none = await run();
    expect(none.exitCode).toBe(2);
    expect(none.err).toContain('flow.test.yaml');
    const cases = (text: string) => writeFileSync(file.replace('flow.yaml', 'flow.test.yaml'), text);
    cases(
      'pinned: { a: { output: { stdout: x } } }\ncases:\n  - { name: good, expect: { outputs: { a: x } } }\n  - { name: bad, expect: { outputs: { a: y } } }\n',
    );
    const both = await run();
    expect(both.exitCode).toBe(1);
    expect(both.out).toMatch(
      /passed {2}good\n.*failed {2}bad\n.*The output a is "x" instead of "y"[^]*1 passed, 1 failed/,
    );
    expect((await run('--only', 'good')).exitCode).toBe(0);
    expect((await run('--only', 'none')).exitCode).toBe(2);
    expect((await run('--format', 'github')).out).toMatch(
      /^::error file=.*flow\.test\.yaml,line=4,title=bad::The output/m,
    );
    expect(JSON.parse((await run('--json')).out)).toMatchObject([
      {
        results: [
          { name: 'good', failures: [] },
          { name: 'bad', failures: [expect.any(String)] },
        ],
      },
    ]);
    cases('cases:\n  - { name: open }\n');
    expect((await run()).out).toContain('a is reached and nothing is pinned to it (shell)');
    cases('cases:\n  - { name: odd, pinned: { b: { output: 1 } }, expect: { path: [c] } }\n');
    const odd = await run();
    expect(odd.exitCode).toBe(1);
    expect(odd.out).toMatch(/no node b[^]*no node c/);
    cases('cases: [{ name: x, expects: 1 }]\n');
    const broken = await run();
    expect(broken.exitCode).toBe(2);
    expect(broken.err).toMatch(/1:\d+/);
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

describe('triggers', () => {
  const trigger = {
    id: '0199a3f2-0000-7000-8000-000000000001',
    workflowId: '0199a3f2-0000-7000-8000-0000000000aa',
    workflowName: 'Ship a change',
    kind: 'webhook',
    trigger: { webhook: 'push' },
    enabled: true,
    address: '/hooks/0199a3f2-0000-7000-8000-000000000001',
    secretSetAt: null,
    lastFiredAt: now,
    lastOutcome: 'failed',
    lastError: { code: 'LINE_FULL', message: 'the line is full' },
    createdAt: now,
  };

  test('are listed with what starts what, and what is missing', async () => {
    server.on('GET /api/triggers', { body: [trigger] });
    const { out } = await cli(['triggers']);
    for (const shown of ['Ship a change', 'webhook push', 'needs a secret', 'failed', 'the line is full'])
      expect(out).toContain(shown);
  });

  test('are named by the beginning of their id, switched, and given secrets that are shown', async () => {
    server.on('GET /api/triggers', { body: [trigger] });
    server.on(`PATCH /api/triggers/${trigger.id}`, { body: { ...trigger, enabled: false } });
    const secret = { id: trigger.id, address: trigger.address, secret: 'whsec_c2VjcmV0' };
    server.on(`POST /api/triggers/${trigger.id}/secret`, { body: secret });
    expect((await cli(['triggers', 'disable', '0199a3f2'])).out).toContain('not started by webhook push');
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toEqual({ enabled: false });
    expect((await cli(['triggers', 'secret', '0199a3f2'])).out).toContain('whsec_c2VjcmV0');
    expect(await cli(['triggers', 'enable', 'ffff'])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('ffff'),
    });
  });
});

describe('channels', () => {
  test('set sends what each kind needs, and says what is missing before it asks the server', async () => {
    const channel = { name: 'ops', createdBy: 'ada', createdAt: now, updatedAt: now };
    const slack = { kind: 'slack', url: 'secret:SLACK_OPS' };
    server.on('PUT /api/channels/ops', { body: { ...channel, ...slack } });
    const set = (...more: string[]) => cli(['channels', 'set', 'ops', ...more]);
    expect(await set('--kind', 'slack', '--url', 'secret:SLACK_OPS')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('pointsman channels test ops'),
    });
    await set('--kind', 'webhook', '--url', 'https://x/', '--secret', 'KEY');
    expect(server.requests.map(({ body }) => JSON.parse(body))).toEqual([
      slack,
      { kind: 'webhook', url: 'https://x/', secret: 'KEY' },
    ]);
    expect(await set('--kind', 'webhook', '--url', 'https://x/')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('--secret'),
    });
    expect(await set('--kind', 'slack', '--url', 'secret:X', '--secret', 'KEY')).toMatchObject({ exitCode: 2 });
    expect(server.requests).toHaveLength(2);
  });

  test('are tried: the answer is told, and the reason when there is none', async () => {
    const receipt = { id: 'x', channel: 'ops', kind: 'slack', status: 200, at: now };
    server.on('POST /api/channels/ops/test', { body: receipt });
    expect((await cli(['channels', 'test', 'ops'])).out).toContain('status 200');
    expect(JSON.parse((await cli(['channels', 'test', 'ops', '--json'])).out)).toEqual(receipt);
    server.on('POST /api/channels/ops/test', problem(409, 'CHANNEL_REFUSED', 'ops answered with status 404'));
    expect(await cli(['channels', 'test', 'ops'])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('ops answered with status 404'),
    });
  });
});
