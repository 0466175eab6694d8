/** What every StepSupervisor must do, as sentences. Run by the tests of each implementation. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StepCommand, StepSupervisor } from './step-supervisor.ts';

const PATH = '/usr/local/bin:/usr/bin:/bin';

export function stepSupervisorConformance(name: string, create: (directory: string) => StepSupervisor): void {
  describe(`${name} as a step supervisor`, () => {
    let place: string;
    let supervisor: StepSupervisor;
    let used: string[];
    const step = (key: string, command: StepCommand['command'], more: Partial<StepCommand> = {}): StepCommand => {
      used.push(key);
      return { key, command, cwd: place, env: { PATH }, ...more };
    };
    const ended = async (key: string) => supervisor.wait(key, AbortSignal.timeout(20_000));
    const exitOf = async (command: StepCommand) => {
      expect(await supervisor.start(command)).toMatchObject({ outcome: 'started' });
      const end = await ended(command.key);
      if (end.outcome !== 'exited') throw new Error(end.reason);
      return end.exit;
    };

    beforeEach(async () => {
      place = await mkdtemp(join(tmpdir(), 'pm steps \'"-'));
      supervisor = create(join(place, 'records'));
      used = [];
    });
    afterEach(async () => {
      for (const key of used) await supervisor.kill(key, { graceMs: 0 });
      await rm(place, { recursive: true, force: true });
    });

    it('keeps the exit status and both streams of a command', async () => {
      const exit = await exitOf(step('k', 'echo out; echo err >&2; exit 7'));
      expect(exit).toMatchObject({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
      expect(Date.parse(exit.finishedAt)).toBeGreaterThanOrEqual(Date.parse(exit.startedAt));
    });

    it('runs a list as it is, whatever its arguments hold', async () => {
      const hostile = ['a b', '$(touch canary)', '`id`', '"\'\\', '-n', '', 'ünïcødé 🎉', ';', '*', 'line\nbreak'];
      const exit = await exitOf(
        step('k', ['node', '-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--', ...hostile], {
          env: { PATH: process.env['PATH'] ?? PATH },
        }),
      );
      expect(JSON.parse(exit.stdout)).toEqual(hostile);
    });

    it('gives the command exactly the environment it was given', async () => {
      const env = {
        PATH,
        A: 'x y',
        'no-identifier.at/all': '1',
        SHELLOPTS: 'noexec',
        OPTIND: 'x',
        BASH_ENV: '/nowhere',
        IFS: 'e',
        PWD: '/wrong',
        LD_PRELOAD: '',
        path: 'p',
        NL: 'a\nb',
      };
      const exit = await exitOf(step('k', ['env', '-0'], { env }));
      // NUL is kept out of the text, so the variables are asked for one by one.
      const { POINTSMAN_STEP: marker, ...seen } = await environmentSeen(
        exitOf,
        step('k2', [process.execPath, '-e', 'process.stdout.write(JSON.stringify(process.env))'], { env }),
      );
      expect(exit.exitCode).toBe(0);
      expect(marker).toBeTruthy();
      expect(seen).toEqual(env);
    });

    it('tells 128 + the signal for a command that a signal ended', async () => {
      expect((await exitOf(step('k', 'kill -9 $$'))).exitCode).toBe(137);
    });

    it('survives a command that signals its whole process group', async () => {
      expect((await exitOf(step('k', 'kill -9 0'))).exitCode).toBe(137);
    });

    it('reports a program that is not there without starting anything', async () => {
      expect(await supervisor.start(step('k', ['no-such-program-anywhere']))).toMatchObject({
        outcome: 'failed',
        code: 'COMMAND_NOT_FOUND',
      });
      expect(await supervisor.start(step('l', ['sh'], { env: { PATH: '/nowhere' } }))).toMatchObject({
        outcome: 'failed',
        code: 'COMMAND_NOT_FOUND',
      });
      expect(await supervisor.start(step('m', []))).toMatchObject({ outcome: 'failed', code: 'COMMAND_NOT_FOUND' });
    });

    it('reports a working directory that is not there', async () => {
      expect(await supervisor.start(step('k', 'true', { cwd: join(place, 'missing') }))).toMatchObject({
        outcome: 'failed',
        code: 'CWD_MISSING',
      });
    });

    it('reports a command that the kernel cannot take', async () => {
      expect(await supervisor.start(step('k', ['echo', 'a\0b']))).toMatchObject({
        outcome: 'failed',
        code: 'SPAWN_FAILED',
      });
      expect(await supervisor.start(step('l', ['echo', 'x'.repeat(4_000_000)]))).toMatchObject({
        outcome: 'failed',
        code: 'SPAWN_FAILED',
      });
      expect(await supervisor.attach('l')).toEqual({ outcome: 'never_started' });
    });

    it('starts a key once, however often it is asked to', async () => {
      const command = step('k', 'echo run >> log; sleep 0.2');
      const outcomes = await Promise.all([
        supervisor.start(command),
        supervisor.start(command),
        create(join(place, 'records')).start(command),
      ]);
      expect(outcomes.filter(({ outcome }) => outcome === 'started').length).toBeGreaterThan(0);
      await ended('k');
      expect(await supervisor.start(command)).toMatchObject({ outcome: 'started' });
      expect((await exitOf(step('count', 'wc -l < log'))).stdout.trim()).toBe('1');
    });

    it('says never_started of a key it does not know, and can start that key afterwards', async () => {
      expect(await supervisor.attach('k')).toEqual({ outcome: 'never_started' });
      expect(await supervisor.attach('k')).toEqual({ outcome: 'never_started' });
      expect((await exitOf(step('k', 'echo now'))).stdout).toBe('now\n');
      expect(await supervisor.attach('k')).toMatchObject({ outcome: 'exited', exit: { stdout: 'now\n' } });
    });

    it('finds a running and a finished command again from another instance', async () => {
      await supervisor.start(step('k', 'read -r line < gate; echo "$line"'));
      await exitOf(step('pipe', 'mkfifo gate'));
      const other = create(join(place, 'records'));
      expect(await other.attach('k')).toMatchObject({ outcome: expect.stringMatching(/running|exited/) });
      await other.kill('k', { graceMs: 0 });
      expect(await other.attach('k')).toMatchObject({ outcome: 'exited' });
    });

    it('streams output by offset while the command runs', async () => {
      await exitOf(step('pipe', 'mkfifo gate'));
      await supervisor.start(step('k', 'printf héllo; read -r line < gate; printf " $line"; printf e >&2'));
      await until(async () => (await supervisor.readOutput('k', { stdout: 0, stderr: 0 })).stdout.length === 6);
      await exitOf(step('open', 'echo world > gate'));
      await ended('k');
      const rest = await supervisor.readOutput('k', { stdout: 6, stderr: 0 });
      expect(Buffer.from(rest.stdout).toString()).toBe(' world');
      expect(Buffer.from(rest.stderr).toString()).toBe('e');
      expect((await supervisor.readOutput('nobody', { stdout: 0, stderr: 0 })).stdout).toHaveLength(0);
    });

    it('keeps head and tail of a flood and says how much is missing', async () => {
      const exit = await exitOf(step('k', 'printf FIRST; head -c 5000000 /dev/zero | tr "\\0" x; printf LAST'));
      expect(Buffer.byteLength(exit.stdout)).toBeLessThanOrEqual(1024 * 1024);
      expect(exit.stdout).toMatch(/^FIRSTx+\n\[… \d+ bytes left out …\]\nx+LAST$/);
    });

    it('replaces invalid UTF-8 and keeps NUL out', async () => {
      expect((await exitOf(step('k', String.raw`printf 'a\000b\377c'`))).stdout).toBe('ab\uFFFDc');
    });

    it('stops waiting when it is told to', async () => {
      await supervisor.start(step('k', 'sleep 60'));
      const stop = new AbortController();
      const waiting = supervisor.wait('k', stop.signal);
      stop.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
      expect(await supervisor.attach('k')).toMatchObject({ outcome: 'running' });
    });

    it('ends a command with TERM and keeps a record of that', async () => {
      await supervisor.start(step('k', 'exec sleep 60'));
      await supervisor.kill('k');
      expect(await supervisor.attach('k')).toMatchObject({ outcome: 'exited', exit: { exitCode: 143 } });
    });

    it('lets a command say goodbye within the grace time', async () => {
      await supervisor.start(step('k', 'trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.05; done'));
      await until(async () => (await supervisor.readOutput('k', { stdout: 0, stderr: 0 })).stdout.length > 0);
      await supervisor.kill('k');
      expect(await supervisor.attach('k')).toMatchObject({ outcome: 'exited', exit: { stdout: 'up\nbye\n' } });
    });

    it('R6b: leaves none alive: not one that ignores TERM, is stopped, left the group or became a daemon', async () => {
      await supervisor.start(
        step(
          'k',
          [
            `trap '' TERM`,
            `echo $$ >> pids`,
            `sh -c 'kill -STOP $$' & echo $! >> pids`,
            `setsid sh -c 'echo $$ >> pids; exec sleep 60' &`,
            // The daemon's double fork, closing what it inherited.
            `(setsid sh -c '(sh -c "echo \\$\\$ >> pids; exec sleep 60" </dev/null >/dev/null 2>&1 &)' &)`,
            // One that hides its environment keeps its parent or its output.
            `env -i sh -c 'echo $$ >> pids; exec sleep 60' &`,
            `sleep 60`,
          ].join('\n'),
        ),
      );
      await until(
        async () => (await exitOf(step(`lines-${used.length}`, 'cat pids 2>/dev/null | wc -l'))).stdout.trim() === '5',
      );
      await supervisor.kill('k', { graceMs: 200 });
      const pids = (await exitOf(step('pids', 'cat pids'))).stdout.trim().split('\n').map(Number);
      expect(pids.filter(isRunning)).toEqual([]);
      expect(await supervisor.attach('k')).toMatchObject({ outcome: 'exited', exit: { exitCode: 137 } });
    });

    it('also ends what a finished command left behind', async () => {
      const { stdout } = await exitOf(step('k', 'setsid sleep 60 >/dev/null 2>&1 & echo $!'));
      expect(isRunning(Number(stdout))).toBe(true);
      await supervisor.kill('k', { graceMs: 1000 });
      expect(isRunning(Number(stdout))).toBe(false);
      expect(await supervisor.attach('k')).toMatchObject({ outcome: 'exited', exit: { exitCode: 0 } });
    });

    it('forgets a finished key, refuses to forget a running one', async () => {
      await exitOf(step('k', 'true'));
      await supervisor.forget('k');
      expect(await supervisor.attach('k')).toEqual({ outcome: 'never_started' });
      await supervisor.start(step('l', 'sleep 60'));
      await expect(supervisor.forget('l')).rejects.toThrow('still running');
      await supervisor.forget('nobody');
    });
  });
}

async function environmentSeen(
  exitOf: (command: StepCommand) => Promise<{ stdout: string }>,
  command: StepCommand,
): Promise<Record<string, string>> {
  // This cast: it is our own script's JSON.
  return JSON.parse((await exitOf(command)).stdout) as Record<string, string>;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !zombie(pid);
}

function zombie(pid: number): boolean {
  try {
    return / [ZX] /.test(
      process.getBuiltinModule('node:fs').readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\)/, ''),
    );
  } catch {
    return false;
  }
}

/** Looks until it is so; the test's own timeout ends it when it never is. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(10);
}
