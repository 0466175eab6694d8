/** The supervisor's own promises: files, crashes of the server at each point, and systems without /proc. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stepSupervisorConformance } from '../../ports/step-supervisor.conformance.ts';
import { readLimited } from './limited-output.ts';
import { createProcessTable } from './process-table.ts';
import { createRun, keyDirectory } from './run-directory.ts';
import { createStepSupervisor } from './step-supervisor.ts';
import { SUPERVISE_STEP_SCRIPT } from './supervise-step-script.ts';

stepSupervisorConformance('createStepSupervisor', (directory) => createStepSupervisor({ directory }));

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'pm supervisor $(x)\n-'));
});
afterEach(async () => {
  await createStepSupervisor({ directory: place }).kill('k', { graceMs: 0 });
  await rm(place, { recursive: true, force: true });
});
const env = { PATH: '/usr/bin:/bin' };
const ended = (key = 'k') => createStepSupervisor({ directory: place }).wait(key, AbortSignal.timeout(20_000));

describe('the files', () => {
  it('the embedded script is the committed one', () => {
    expect(SUPERVISE_STEP_SCRIPT).toBe(readFileSync(new URL('./supervise-step.sh', import.meta.url), 'utf8'));
  });

  it('are for their owner alone, and the command still has the usual umask', async () => {
    const supervisor = createStepSupervisor({ directory: place });
    await supervisor.start({ key: 'k', command: 'umask', cwd: place, env });
    expect(await ended()).toMatchObject({ exit: { stdout: `${process.umask().toString(8).padStart(4, '0')}\n` } });
    for (const name of await readdir(place, { recursive: true })) {
      const found = await stat(join(place, name));
      expect([name, (found.mode & 0o777).toString(8)]).toEqual([
        name,
        found.isDirectory() || name.endsWith('.sh') ? '700' : '600',
      ]);
    }
  });

  it('show no value of the environment in an argument list', async () => {
    const supervisor = createStepSupervisor({ directory: place });
    await supervisor.start({
      key: 'k',
      command: 'cat /proc/$PPID/cmdline',
      cwd: place,
      env: { ...env, TOKEN: 'hunter2' },
    });
    const end = await ended();
    expect(end).toMatchObject({ outcome: 'exited', exit: { stdout: expect.stringContaining('supervise-step.sh') } });
    expect(JSON.stringify(end)).not.toContain('hunter2');
  });

  it.skipIf(process.platform !== 'linux')('of a flood take little of the disk, and keep both ends', async () => {
    const supervisor = createStepSupervisor({ directory: place });
    const flood = `printf FIRST; head -c 200000000 /dev/zero | tr '\\0' x; printf LAST`;
    await supervisor.start({ key: 'k', command: `${flood}; until [ -e enough ]; do sleep 0.1; done`, cwd: place, env });
    const waiting = ended();
    const output = join(keyDirectory(place, 'k'), '1', 'stdout');
    for (let used = Infinity; used > 70_000_000; await sleep(50)) {
      const { size, blocks } = await stat(output);
      if (size === 200_000_009) used = blocks * 512;
    }
    await writeFile(join(place, 'enough'), '');
    expect(await waiting).toMatchObject({
      exit: { exitCode: 0, stdout: expect.stringMatching(/^FIRSTx+\n\[… \d+ bytes left out …\]\nx+LAST$/) },
    });
  });

  it('keep the whole character at both cuts, and no more than the limit when bytes grow by replacement', async () => {
    const supervisor = createStepSupervisor({ directory: place });
    await supervisor.start({
      key: 'k',
      command: ['sh', '-c', `${'printf "é🎉"; '.repeat(200)} head -c 300 /dev/zero | tr '\\0' '\\377' >&2`],
      cwd: place,
      env,
    });
    await ended();
    const run = join(keyDirectory(place, 'k'), '1');
    for (let limit = 200; limit < 210; limit += 1) {
      const text = await readLimited(join(run, 'stdout'), limit);
      expect(text).not.toContain('\uFFFD');
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      expect(Buffer.byteLength(await readLimited(join(run, 'stderr'), 500))).toBeLessThanOrEqual(500);
    }
  });
});

describe('a server that is killed with -9', () => {
  it('before the supervisor was spawned: the step never started and can be started anew', async () => {
    await crash('before-spawn');
    const supervisor = createStepSupervisor({ directory: place });
    expect(await supervisor.attach('k')).toEqual({ outcome: 'never_started' });
    await supervisor.start({ key: 'k', command: 'echo second', cwd: place, env });
    expect(await ended()).toMatchObject({ exit: { stdout: 'second\n' } });
  });

  it('right after the spawn: the step is found or never runs, and is run once in all', async () => {
    for (let round = 0; round < 8; round += 1) {
      const key = `k${round}`;
      await crash('after-spawn', key);
      const supervisor = createStepSupervisor({ directory: place });
      const found = await supervisor.attach(key);
      expect(found.outcome).toMatch(/never_started|running|exited/);
      if (found.outcome === 'never_started')
        await supervisor.start({ key, command: `echo ran >> log-${key}`, cwd: place, env });
      expect(await ended(key)).toMatchObject({ outcome: 'exited', exit: { exitCode: 0 } });
      expect(await readFile(join(place, `log-${key}`), 'utf8')).toBe('ran\n');
    }
  });

  it('after start() returned: the command goes on and its end is found', async () => {
    await crash('after-start');
    expect(await createStepSupervisor({ directory: place }).attach('k')).toMatchObject({
      outcome: expect.stringMatching(/running|exited/),
    });
    expect(await ended()).toMatchObject({ outcome: 'exited', exit: { exitCode: 0 } });
    expect(await readFile(join(place, 'log-k'), 'utf8')).toBe('ran\n');
  });

  it('with its whole process group: the command goes on', async () => {
    await crash('after-start-group');
    expect(await ended()).toMatchObject({ outcome: 'exited', exit: { exitCode: 0 } });
  });
});

describe('the claim', () => {
  it('a supervisor that comes after never_started runs nothing', async () => {
    const supervisor = createStepSupervisor({ directory: place });
    const run = await createRun({ keyPath: keyDirectory(place, 'k'), key: 'k', generation: 1, token: 'open' });
    expect(await supervisor.attach('k')).toEqual({ outcome: 'never_started' });
    const late = spawn('/bin/sh', [
      join(place, 'supervise-step.sh'),
      run?.path ?? '',
      place,
      '=/usr/bin:/bin',
      'touch',
      join(place, 'canary'),
    ]);
    await new Promise((resolve) => late.once('exit', resolve));
    await expect(stat(join(place, 'canary'))).rejects.toThrow('ENOENT');
    expect(await supervisor.attach('k')).toEqual({ outcome: 'never_started' });
  });

  it('a start that loses against never_started fails and runs nothing', async () => {
    const supervisor = createStepSupervisor({ directory: place });
    const outcomes = await Promise.all([
      supervisor.start({ key: 'k', command: 'touch canary', cwd: place, env }),
      supervisor.attach('k'),
    ]);
    const [start, attach] = outcomes;
    expect(start.outcome).toBe(attach.outcome === 'never_started' ? 'failed' : 'started');
    const ran = await ended().then((end) => end.outcome === 'exited');
    expect(ran).toBe(start.outcome === 'started');
  });

  it('a supervisor that was killed leaves an unknown step, which is not run again', async () => {
    const supervisor = createStepSupervisor({ directory: place });
    const started = await supervisor.start({ key: 'k', command: 'echo $$ > pid; exec sleep 60', cwd: place, env });
    if (started.outcome !== 'started') throw new Error(started.reason);
    await until(async () => (await readFile(join(place, 'pid'), 'utf8').catch(() => '')).endsWith('\n'));
    const waiting = ended();
    process.kill(started.pid, 'SIGKILL');
    expect(await waiting).toMatchObject({ outcome: 'unknown' });
    expect(await supervisor.attach('k')).toMatchObject({ outcome: 'unknown' });
    expect(await supervisor.start({ key: 'k', command: 'touch canary', cwd: place, env })).toMatchObject({
      outcome: 'started',
      pid: started.pid,
    });
    await supervisor.kill('k', { graceMs: 1000 });
    const command = await createProcessTable().read(Number(await readFile(join(place, 'pid'), 'utf8')));
    expect(command === undefined || command.zombie).toBe(true);
    expect(await supervisor.attach('k')).toMatchObject({ outcome: 'exited', exit: { exitCode: 143 } });
    await expect(stat(join(place, 'canary'))).rejects.toThrow('ENOENT');
  });
});

describe('without /proc', () => {
  it('ps tells the same processes, parents and marks', async () => {
    const child = spawn('sleep', ['60'], { env: { PATH: '/usr/bin:/bin', POINTSMAN_STEP: 'x.1' } });
    try {
      const pid = child.pid ?? 0;
      const table = createProcessTable('ps');
      const viaProc = await createProcessTable('proc').read(pid);
      expect(await table.read(pid)).toMatchObject({ pid, parent: process.pid, group: viaProc?.group, zombie: false });
      const rows = await table.list();
      await until(async () => (await table.marked(rows, 'POINTSMAN_STEP=x.1', [])).found.length > 0);
      expect((await table.marked(rows, 'POINTSMAN_STEP=x.1', [])).found.map((row) => row.pid)).toEqual([pid]);
      expect(await table.read(2 ** 22 + 1)).toBeUndefined();
    } finally {
      child.kill('SIGKILL');
    }
  });
});

/** A server of its own in a child process, which kills itself at the named point of start(). */
async function crash(point: string, key = 'k'): Promise<void> {
  // A link without odd characters: the program's text is an argument of node.
  const alias = join(tmpdir(), `pm-crash-${process.pid}-${Date.now()}`);
  await symlink(place, alias);
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `
    import child_process from 'node:child_process';
    import { syncBuiltinESMExports } from 'node:module';
    import { realpathSync } from 'node:fs';
    const die = () => process.kill(${point.endsWith('group') ? '-' : ''}process.pid, 'SIGKILL');
    const spawn = child_process.spawn;
    child_process.spawn = (...args) => {
      if (${JSON.stringify(point)} === 'before-spawn') die();
      const child = spawn(...args);
      if (${JSON.stringify(point)} === 'after-spawn') die();
      return child;
    };
    syncBuiltinESMExports();
    const { createStepSupervisor } = await import(${JSON.stringify(new URL('./step-supervisor.ts', import.meta.url).href)});
    const place = realpathSync(${JSON.stringify(alias)});
    await createStepSupervisor({ directory: place }).start({
      key: ${JSON.stringify(key)}, command: 'sleep 0.3; echo ran >> log-${key}', cwd: place, env: { PATH: '/usr/bin:/bin' },
    });
    die();
  `,
    ],
    { detached: true, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const signal = await new Promise((resolve) => child.once('exit', (_, name) => resolve(name)));
  await rm(alias);
  expect(signal).toBe('SIGKILL');
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(10);
}
