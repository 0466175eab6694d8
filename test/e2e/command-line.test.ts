/** The command line as its users run it: against a running server, and alone. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  makeHome,
  type Pointsman,
  removeHome,
  spawnPointsman,
  startPointsman,
  until,
} from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let home: string;
let workspace: string;
let database: TestDatabase;
let server: Pointsman;

beforeAll(async () => {
  home = makeHome();
  workspace = path.join(home, 'workspace');
  mkdirSync(workspace);
  database = await createTestDatabase();
  server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = spawnPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url, NO_COLOR: '1', ...env } }, args);
  const ran: Ran = { code: null, stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (ran.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (ran.stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...ran, code })));
}

function file(name: string, text: string): string {
  const place = path.join(home, name);
  writeFileSync(place, text);
  return place;
}

describe('with a running server', () => {
  test('an agent is added, given a command, read and stopped', async () => {
    expect(await run(['agents', 'add', 'worker', '--workspace', workspace, '--kind', 'shell'])).toMatchObject({
      code: 0,
    });
    await until(
      'the agent to be idle',
      async () => JSON.parse((await run(['agents', 'ls', '--json'])).stdout)[0].status === 'idle',
    );
    const sent = await run(['send', 'worker', 'echo from-the-command-line', '--wait']);
    expect(sent).toMatchObject({ code: 0 });
    expect(sent.stdout).toContain('from-the-command-line');
    const failed = await run(['send', 'worker', 'exit_with() { return 4; }; exit_with', '--wait', '--json']);
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout).result.exitCode).toBe(4);
    const table = await run(['agents']);
    expect(table.stdout).toMatch(/worker .*idle/);
    expect(table.stdout).not.toContain('\u001b[');
    expect((await run(['agents', 'explain', 'worker'])).stdout).toContain('hook');
    expect(await run(['agents', 'start', 'worker'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('running already'),
    });
    expect(await run(['agents', 'stop', 'worker'])).toMatchObject({ code: 0 });
  });

  test('another tool’s workflow is described, kept on demand, and executed once it is allowed', async () => {
    const n8n = file(
      'n8n.json',
      JSON.stringify({
        name: 'Brought along',
        nodes: [
          { name: 'Make', type: 'n8n-nodes-base.executeCommand', parameters: { command: 'echo made' } },
          { name: 'Sheet', type: 'n8n-nodes-base.googleSheets', parameters: {} },
        ],
        connections: { Make: { main: [[{ node: 'Sheet', type: 'main', index: 0 }]] } },
      }),
    );
    const preview = await run(['workflows', 'import', n8n]);
    expect(preview).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing was saved') });
    expect(preview.stdout).toMatch(/Make .*shell make[\s\S]*NOT MAPPED[\s\S]*Sheet .*\/nodes\/1/);
    expect((await run(['workflows', 'ls'])).stdout).not.toContain('Brought along');
    expect(await run(['workflows', 'import', n8n, '--save'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('workflows trust'),
    });
    expect(await run(['run', 'Brought along'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nobody has allowed'),
    });
    const shown = await run(['workflows', 'trust', 'Brought along']);
    expect(shown).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was allowed') });
    expect(shown.stdout).toMatch(/command .*make .*echo made/);
    expect(await run(['workflows', 'trust', 'Brought along', '--yes'])).toMatchObject({ code: 0 });
    expect(await run(['run', 'Brought along'])).toMatchObject({ code: 0 });
  });

  test('a workflow is run to its end, and its exit code says how it ended', async () => {
    const good = file(
      'good.yaml',
      'inputs: { who: { type: string } }\nnodes: [{ id: hi, type: shell, config: { command: [echo, "hello {{ inputs.who }}"] } }]\noutputs: { said: nodes.hi.output.stdout }\n',
    );
    const ran = await run(['run', good, '--input', 'who=world', '--wait', '--json']);
    expect(ran.code, ran.stderr).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({ status: 'succeeded', outputs: { said: 'hello world\n' } });
    const id = JSON.parse(ran.stdout).id as string;
    expect((await run(['executions', 'logs', id])).stdout).toContain('hello world');
    expect((await run(['executions', 'show', id])).stdout).toContain('hi');
    const bad = file('bad.yaml', 'nodes: [{ id: no, type: shell, config: { command: ["false"] } }]\n');
    expect((await run(['run', bad, '--wait'])).code).toBe(1);
    expect((await run(['run', good, '--wait'])).code, 'a missing input is invalid').toBe(2);
  });

  test('a failed execution is retried, forked and compared', async () => {
    const ok = path.join(path.dirname(file('retry.txt', '')), 'retry.ok');
    const document = (extra: string) =>
      `name: Go back\nnodes:\n  - { id: first, type: shell, config: { command: [echo, one] } }\n  - { id: then, type: shell, config: { command: [test, -e, "${ok}"]${extra} } }\nedges: [{ from: first, to: then }]\n`;
    const saved = await run(['workflows', 'import', file('back.yaml', document(''))]);
    expect(saved.code, saved.stderr).toBe(0);
    const failed = JSON.parse((await run(['run', 'Go back', '--wait', '--json'])).stdout) as { id: string };
    expect((await run(['executions', 'retry', failed.id, '--from', 'thne'])).code).toBe(2);
    writeFileSync(ok, '');
    const retry = await run(['executions', 'retry', failed.id, '--from', 'then']);
    expect(retry.code, retry.stderr).toBe(0);
    const next = retry.stdout.trim();
    const ended = async (id: string) =>
      JSON.parse((await run(['executions', 'show', id, '--json'])).stdout) as { status: string; outputs: unknown };
    await until('the retry to end', async () => (await ended(next)).status === 'succeeded');
    const shown = (await run(['executions', 'show', next])).stdout;
    expect(shown).toContain(`retry of ${failed.id}`);
    expect(shown).toMatch(/first +succeeded .*kept/);
    const compared = (await run(['executions', 'diff', next])).stdout;
    expect(compared).toMatch(/first +succeeded +1 .* succeeded \(kept\) +1 .* equal/);
    expect(compared).toMatch(/then +failed +1 .* succeeded +1 .* different/);
    expect(JSON.parse((await run(['executions', 'diff', failed.id, next, '--json'])).stdout)).toMatchObject({
      a: { id: failed.id },
      b: { id: next },
    });
    const listed = (await run(['executions', 'checkpoints', failed.id])).stdout;
    const [, number] = /^ *(\d+) .*failed/m.exec(listed) ?? [];
    const fork = ['executions', 'fork', failed.id, '--checkpoint', number ?? '', '--output', 'then={"exitCode": 0}'];
    const forked = await run(fork);
    expect(forked.code, forked.stderr).toBe(0);
    await until('the fork to end', async () => (await ended(forked.stdout.trim())).status === 'succeeded');
    expect((await run([...fork, '--output', 'no'])).code).toBe(2);

    const changed = file('back-2.yaml', document(', allowFailure: true'));
    expect((await run(['workflows', 'import', changed, '--as', 'Go back'])).code).toBe(0);
    const difference = (await run(['workflows', 'diff', 'Go back', '--from', '1', '--to', '2'])).stdout;
    expect(difference).toMatch(/^--- version 1\n\+\+\+ version 2\n@@/);
    expect(difference).toMatch(/^\+ +allowFailure: true$/m);
  });

  test('a workflow is tried with pinned outcomes, and replayed where it changed', async () => {
    const document = (then: string) =>
      `name: Tried\nnodes:\n  - { id: first, type: shell, config: { command: ["false"] } }\n  - { id: then, type: shell, config: { command: [echo, "${then}"] } }\nedges: [{ from: first, to: then }]\noutputs: { said: nodes.then.output.stdout }\n`;
    const tried = file('tried.yaml', document('one'));
    const pin = ['--pin', 'first={"output": {"exitCode": 0}}'];
    const ran = await run(['run', tried, ...pin, '--wait', '--json', '--progress']);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toMatch(/succeeded first .*\(pinned\)/);
    const { id } = JSON.parse(ran.stdout) as { id: string };
    expect((await run(['executions', 'show', id])).stdout).toMatch(/pinned +first/);
    expect((await run(['run', tried, '--pin', 'frist={"output": 1}'])).stderr).toContain('Did you mean first');
    expect((await run(['run', tried, '--pin', 'first'])).code).toBe(2);

    const changed = file('tried-2.yaml', document('two'));
    const replay = await run(['executions', 'replay', id, '--file', changed, '--json']);
    expect(replay.code, replay.stderr).toBe(0);
    const next = JSON.parse(replay.stdout) as { id: string };
    expect(next).toMatchObject({ pinned: ['first'], origin: { runs: [{ nodeId: 'then', reason: 'changed' }] } });
    await until('the replay to end', async () =>
      (await run(['executions', 'show', next.id])).stdout.includes('"said": "two'),
    );
    expect((await run(['executions', 'replay', id])).code).toBe(2);
  });

  test('those that failed are found and retried together', async () => {
    const ok = path.join(home, 'together.ok');
    const nodes = `nodes: [{ id: a, type: shell, config: { command: [test, -e, "${ok}"] } }]\n`;
    expect((await run(['workflows', 'import', file('together.yaml', `name: Together\n${nodes}`)])).code).toBe(0);
    for (let count = 0; count < 2; count++) expect((await run(['run', 'Together', '--wait'])).code).toBe(1);
    const found = async (...more: string[]) =>
      JSON.parse((await run(['executions', 'ls', '--search', 'togeth', '--json', ...more])).stdout) as object[];
    expect(await found('--status', 'failed,cancelled', '--after', '1h')).toHaveLength(2);
    expect(await found('--before', '1h')).toHaveLength(0);
    writeFileSync(ok, '');
    const retry = ['executions', 'retry', '--failed', '--workflow', 'Together'];
    const table = await run(retry);
    expect(table.code, table.stderr).toBe(0);
    expect(table.stdout.match(/ retried /g)).toHaveLength(2);
    await until('the retries to end', async () => (await found('--status', 'succeeded')).length === 2);
    expect(JSON.parse((await run([...retry, '--json'])).stdout)).toEqual([]);
    expect((await run(['executions', 'retry'])).code).toBe(2);
  });

  test('a workflow that waits for a person says so, and goes on when answered', async () => {
    const asks = file(
      'asks.yaml',
      'nodes: [{ id: ok, type: approval, config: { title: "Ship it?" } }, { id: done, type: transform, config: { value: "1" } }]\nedges: [{ from: ok, to: done }]\n',
    );
    const waits = await run(['run', asks, '--wait', '--no-wait-human', '--json']);
    expect(waits.code).toBe(3);
    const items = JSON.parse((await run(['inbox', 'ls', '--json'])).stdout) as {
      id: string;
      title: string;
      executionId: string;
    }[];
    const item = items.find((one) => one.title === 'Ship it?');
    expect(item).toBeDefined();
    expect(await run(['inbox', 'approve', item?.id ?? '', '--note', 'fine'])).toMatchObject({ code: 0 });
    const again = await run(['inbox', 'reject', item?.id ?? '']);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/answered/);
    await until(
      'the execution to end',
      async () =>
        JSON.parse((await run(['executions', 'show', item?.executionId ?? '', '--json'])).stdout).status ===
        'succeeded',
    );
  });

  test('what is asked two executions below is waited for, and each shows the other', async () => {
    for (const [name, node] of [
      ['Lowest', '{ id: ok, type: approval, config: { title: "Deep down?" } }'],
      ['Lower', '{ id: low, type: workflow, config: { workflow: Lowest } }'],
    ] as const)
      expect((await run(['workflows', 'import', file(`${name}.yaml`, `name: ${name}\nnodes: [${node}]\n`)])).code).toBe(
        0,
      );
    const top = file('top.yaml', 'nodes: [{ id: lower, type: workflow, config: { workflow: Lower } }]\n');
    const waits = await run(['run', top, '--wait', '--no-wait-human', '--json', '--progress']);
    expect(waits.code, waits.stderr).toBe(3);
    expect(waits.stderr).toContain('Waiting for approval: Deep down?');
    const { id, steps } = JSON.parse(waits.stdout) as { id: string; steps: { id: string; childExecutionId: string }[] };
    const child = steps[0]?.childExecutionId ?? '';
    expect((await run(['executions', 'show', id])).stdout).toMatch(new RegExp(`STARTED EXECUTION[^]*lower .*${child}`));
    expect((await run(['executions', 'show', child])).stdout).toContain(`${id} (started by its step ${steps[0]?.id})`);
    const below = JSON.parse((await run(['executions', 'ls', '--parent', id, '--json'])).stdout) as { id: string }[];
    expect(below.map((one) => one.id)).toEqual([child]);
    expect((await run(['executions', 'cancel', id])).code).toBe(0);
  });

  test('a broken document is refused with its line and column', async () => {
    const broken = file('broken.yaml', 'nodes:\n  - id: a\n    type: shel\n    config: { command: [ls] }\n');
    const checked = await run(['workflows', 'validate', broken]);
    expect(checked.code).toBe(2);
    expect(checked.stdout + checked.stderr).toMatch(/3:\d+/);
    expect(checked.stdout + checked.stderr).toMatch(/shell/);
  });

  test('a token is created, works, and is revoked', async () => {
    const created = JSON.parse((await run(['tokens', 'create', 'robot', '--role', 'viewer', '--json'])).stdout) as {
      id: string;
      token: string;
    };
    const ask = () => fetch(`${server.url}/api/me`, { headers: { authorization: `Bearer ${created.token}` } });
    expect((await ask()).status).toBe(200);
    expect(await run(['tokens', 'revoke', created.id])).toMatchObject({ code: 0 });
    expect((await ask()).status).toBe(401);
  });

  test('a new sign-in link is printed', async () => {
    const link = await run(['up', '--link']);
    expect(link.code).toBe(0);
    expect(link.stdout).toContain('#code=');
  });

  test('the doctor looks at the installation', async () => {
    const doctor = await run(['doctor', '--json']);
    expect(
      (JSON.parse(doctor.stdout) as { check: string; status: string }[]).find((one) => one.check === 'tmux')?.status,
    ).toBe('ok');
  });
});

describe('configuration', () => {
  test('an unknown setting is refused with the nearest one', async () => {
    const ran = await run(['config', 'validate'], { POINTSMAN_PROT: '1' });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('POINTSMAN_PORT');
  });

  test('what is in force is printed without secrets', async () => {
    const ran = await run(['config', 'print']);
    expect(ran.stdout).toContain('***');
    expect(ran.stdout).not.toContain(database.url);
  });
});

describe('without a server', () => {
  test('down stops it, agents and all; run then brings its own engine', async () => {
    expect(await run(['down', '--agents'])).toMatchObject({ code: 0 });
    expect((await server.exited).code).toBe(0);
    const gone = await run(['agents']);
    expect(gone.code).toBe(1);
    expect(gone.stderr).toContain('pointsman up');
    const alone = file(
      'alone.yaml',
      'nodes: [{ id: a, type: shell, config: { command: [echo, alone] } }]\noutputs: { said: nodes.a.output.stdout }\n',
    );
    const pinned = await run(['run', alone, '--wait', '--json', '--pin', 'a={"output": {"stdout": "given"}}']);
    expect(pinned.code, pinned.stderr).toBe(0);
    expect(JSON.parse(pinned.stdout)).toMatchObject({ outputs: { said: 'given' }, pinned: ['a'] });
    expect((await run(['run', alone, '--wait', '--pin', 'a={"outputs": 1}'])).code).toBe(2);
    const ran = await run(['run', alone, '--wait', '--json']);
    expect(ran.code, ran.stderr).toBe(0);
    expect(JSON.parse(ran.stdout).outputs).toEqual({ said: 'alone\n' });
    expect(readFileSync(path.join(home, 'token'), 'utf8').trim()).toBe(server.token);
  });

  test('a document is validated and its cases are tried in a build', async () => {
    const examples = path.resolve(import.meta.dirname, '../../examples');
    const tested = await run(['workflows', 'test', path.join(examples, 'ship-a-change.yaml')]);
    expect(tested.code, tested.stdout + tested.stderr).toBe(0);
    expect(tested.stdout).toContain('4 passed, 0 failed');
    const broken = file('broken.yaml', 'nodes:\n  - id: a\n    type: shel\n    config: { command: [ls] }\n');
    const checked = await run(['workflows', 'validate', broken, '--format', 'github']);
    expect(checked.code).toBe(2);
    expect(checked.stdout).toMatch(/^::error file=.*broken\.yaml,line=3,col=\d+,title=/);
  });
});
