/** Real shells in a real tmux: what a task's command line can do to them, and what a killed server leaves behind. */
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually, temporaryPlace } from '../../adapters/tmux/testing/temporary-host.ts';
import { agentDriverConformance, connectTo, type DriverWorld } from '../../ports/agent-driver.conformance.ts';
import type { AgentSession } from '../../ports/agent-host.ts';
import type { LaunchContext } from '../../ports/agent-driver.ts';
import { createShellDriver } from './shell-driver.ts';
import { quoted } from './shell-quoting.ts';

const hasZsh = spawnSync('zsh', ['--version']).status === 0;
const SHELLS = hasZsh ? ['bash', 'zsh'] : ['bash'];

for (const shell of SHELLS)
  agentDriverConformance(`the shell driver with ${shell}`, async () => world({ command: [shell] }));

describe.each(SHELLS)('a task in %s', (shell) => {
  it('has exactly what its command printed as result, and the exit status', async () => {
    const live = await connectTo(await world({ command: [shell] }));
    const results: Record<string, object> = {
      [String.raw`printf 'a\tb\n\033[31mred\033[0m\n'`]: {
        status: 'succeeded',
        result: { text: 'a\tb\nred', exitCode: 0 },
      },
      [String.raw`printf '10%%\r20%%\r100%%'`]: { status: 'succeeded', result: { text: '100%', exitCode: 0 } },
      true: { status: 'succeeded', result: { text: '', exitCode: 0 } },
      '(exit 41)': { status: 'failed', result: { text: '', exitCode: 41 }, error: { code: 'COMMAND_FAILED' } },
      'echo out; echo err >&2; false': { status: 'failed', result: { text: 'out\nerr', exitCode: 1 } },
      'sh -c "kill -9 \\$\\$" 2>/dev/null': { status: 'failed', result: { exitCode: 137 } },
      'no-such-command-here': {
        status: 'failed',
        result: { exitCode: 127, text: expect.stringContaining('not found') },
      },
      [String.raw`printf 'x\000y\n'`]: { result: { text: 'xy' } },
      // A forged end mark does not have the number of this delivery.
      [String.raw`printf '\033]133;D;0;123\007after'`]: { result: { text: 'after' } },
    };
    for (const [prompt, outcome] of Object.entries(results)) {
      expect(await live.run(prompt)).toMatchObject(outcome);
    }
  });

  it('receives any line of text byte for byte, and nothing of it is understood by anybody in between', async () => {
    const here = await world({ command: [shell] });
    const live = await connectTo(here);
    const canary = join(here.directory, 'canary');
    const hostile = fc.constantFrom(
      ';',
      '\\;',
      '$(touch canary)',
      `#(touch ${canary})`,
      '`touch canary`',
      '!!',
      '!echo',
      '-x',
      '~',
      '\t',
      '  ',
      '%',
      '\\',
      "'",
      '"',
      '[200~',
      '[201~',
      '{',
      '*',
      '🎉',
      '\u00a0',
      'é',
      '\u202e',
      '#',
    );
    const text = fc
      .array(fc.oneof(hostile, fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), { maxLength: 10 })
      .map((parts) =>
        parts
          .join('')
          .toWellFormed()
          .replaceAll(/[^\P{Cc}\t]|[\u2028\u2029]/gu, '')
          .replaceAll(shell === 'zsh' ? /[\ue000-\ue0ff]/g : /^$/g, ''),
      );
    const out = join(here.directory, 'out');
    let count = 0;
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), async (argument, blank) => {
        const prompt = `${blank ? ' ' : ''}printf %s ${quoted(argument)} >${quoted(out)}`;
        const outcome = await live.run(prompt, `fuzz-${(count += 1)}`);
        expect(outcome.status).toBe('succeeded');
        expect(await readFile(out, 'utf8')).toBe(argument);
      }),
      { numRuns: 40 },
    );
    expect(existsSync(canary)).toBe(false);
  });

  it('is never taken for another line: mixed with what a person typed, it is unknown and not run again', async () => {
    const here = await world({ command: [shell] });
    const mixed = over(here.session, 'submit', async (text) => {
      await here.session.keys(Buffer.from('echo mixed '));
      await here.session.submit(text);
    });
    const live = await connectTo({ connect: here.connectWith(mixed) });
    await live.status('idle');
    expect(await live.connection.deliver({ id: 'a', prompt: 'echo task' })).toMatchObject({ outcome: 'unknown' });
    expect(live.seen.filter((one) => one.type === 'task_finished')).toEqual([]);
    const after = await connectTo(here);
    expect(await after.connection.recover({ id: 'a', prompt: 'echo task' })).toMatchObject({ outcome: 'unknown' });
  });

  it('may be 64 KB long', async () => {
    const here = await world({ command: [shell] });
    const live = await connectTo(here);
    const long = 'aé🎉 '.repeat(9000).slice(0, 42_000);
    expect(Buffer.byteLength(long)).toBeGreaterThan(64 * 1024);
    await live.run(`printf %s ${quoted(long)} > out`);
    expect(await readFile(join(here.workspace, 'out'), 'utf8')).toBe(long);
  });

  it('that floods the terminal keeps head and tail', async () => {
    const live = await connectTo(await world({ command: [shell] }));
    const outcome = await live.run('echo FIRST; yes 0123456789 | head -n 600000; echo LAST');
    const { text } = outcome.result ?? { text: '' };
    expect(text.replaceAll(/(0123456789\n)+/g, '#')).toMatch(/^FIRST\n#\d*\n\[… \d+ bytes left out …\]\n\d*\n#LAST$/);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(256 * 1024);
    expect(Buffer.byteLength(text)).toBeGreaterThan(200 * 1024);
  });

  it('that starts a background job ends at once, and an interruption later leaves the job alone', async () => {
    const live = await connectTo(await world({ command: [shell] }));
    const { text = '' } = (await live.run('sleep 300 & echo pid=$!')).result ?? {};
    const pid = Number(/pid=(\d+)/.exec(text)?.[1]);
    onTestFinished(() => {
      process.kill(pid, 'SIGKILL');
    });
    await live.connection.deliver({ id: 'long', prompt: `sh -c "trap '' INT; sleep 300"` });
    await live.connection.interrupt({ graceMs: 100 });
    expect((await live.end('long')).outcome).toMatchObject({ status: 'cancelled' });
    expect(process.kill(pid, 0)).toBe(true);
  });

  it('that ignores ^C is killed after the grace time, one process after the other', async () => {
    const here = await world({ command: [shell] });
    const live = await connectTo(here);
    await live.connection.deliver({
      id: 'a',
      prompt: `echo go; sh -c "trap '' INT; while :; do sleep 1; done"; sh -c "trap '' INT; sleep 300"`,
    });
    await eventually(async () => /^go$/m.test(await here.session.screen('text')), 'the output');
    await live.connection.interrupt({ graceMs: 100 });
    expect((await live.end('a')).outcome).toMatchObject({
      status: 'cancelled',
      result: { text: expect.stringContaining('go') },
    });
    expect((await live.run('echo on')).result?.text).toBe('on');
  });

  it('that cannot be run is refused with the reason, and leaves nothing on the line', async () => {
    const live = await connectTo(await world({ command: [shell] }));
    const refused: Record<string, { code: string; reason: string }> = {
      'echo "open': { code: 'COMMAND_FAILED', reason: 'not complete' },
      'cat <<END': { code: 'COMMAND_FAILED', reason: 'not complete' },
      'echo trailing \\': { code: 'COMMAND_FAILED', reason: 'not complete' },
      'for x in a': { code: 'COMMAND_FAILED', reason: 'not complete' },
      'echo )': { code: 'COMMAND_FAILED', reason: 'nothing that it could run' },
      '# only a comment': { code: 'COMMAND_FAILED', reason: 'nothing that it could run' },
      ' ': { code: 'COMMAND_FAILED', reason: 'empty' },
      'echo a\necho b': { code: 'SHELL_PROMPT_MULTILINE', reason: 'more than one line' },
      'echo a\rexit': { code: 'SHELL_PROMPT_MULTILINE', reason: 'more than one line' },
      'echo \u001b[201~\u0003': { code: 'PROMPT_CONTROL_CHARACTERS', reason: 'control character' },
    };
    let count = 0;
    for (const [prompt, { code, reason }] of Object.entries(refused)) {
      const id = `refused-${(count += 1)}`;
      expect([prompt, await live.connection.deliver({ id, prompt })]).toMatchObject([
        prompt,
        { outcome: 'refused', code, reason: expect.stringContaining(reason) },
      ]);
      expect(await live.connection.recover({ id, prompt })).toEqual({ outcome: 'not_started' });
    }
    expect((await live.run('echo clean')).result?.text).toBe('clean');
  });

  it('that ends the shell fails with its exit status', async () => {
    const live = await connectTo(await world({ command: [shell] }));
    expect(await live.run('echo bye; exit 7')).toMatchObject({
      status: 'failed',
      error: { code: 'AGENT_EXITED' },
      result: { exitCode: 7, text: expect.stringMatching(/^bye/) },
    });
    expect(await live.connection.deliver({ id: 'after', prompt: 'echo' })).toMatchObject({
      outcome: 'refused',
      code: 'AGENT_EXITED',
    });
  });

  it('that replaces the shell ends with what replaced it', async () => {
    const live = await connectTo(await world({ command: [shell] }));
    expect(await live.run('exec sh -c "echo replaced; exit 3"')).toMatchObject({
      status: 'failed',
      error: { code: 'AGENT_EXITED' },
      result: { exitCode: 3, text: 'replaced' },
    });
  });

  it('survives a shell killed with -9', async () => {
    const live = await connectTo(await world({ command: [shell] }));
    expect(await live.run('echo x; kill -9 $$')).toMatchObject({
      status: 'failed',
      error: { code: 'AGENT_EXITED' },
      result: { exitCode: 137 },
    });
  });
});

describe('a person at the same shell', () => {
  it.each(SHELLS)("shows as working and idle in %s and completes nobody's task", async (shell) => {
    const here = await world({ command: [shell] });
    const live = await connectTo(here);
    await live.status('idle');
    await here.session.keys(Buffer.from('read -r x\r'));
    await live.status('working');
    expect(await live.connection.deliver({ id: 'a', prompt: 'echo a' })).toMatchObject({
      outcome: 'refused',
      code: 'AGENT_BUSY',
    });
    await here.session.keys(Buffer.from('\r'));
    await live.status('idle');
    expect(live.seen.filter((one) => one.type !== 'status')).toEqual([]);
  });

  it.each(SHELLS)('who presses Enter a moment before the task in %s does not become the task', async (shell) => {
    const here = await world({ command: [shell] });
    const hurried = over(here.session, 'submit', async (text) => {
      await here.session.keys(Buffer.from('echo by-hand; (exit 9)\r'));
      await here.session.submit(text);
    });
    const live = await connectTo({ connect: here.connectWith(hurried) });
    await live.status('idle');
    expect(await live.run('echo by-task')).toMatchObject({
      status: 'succeeded',
      result: { text: 'by-task', exitCode: 0 },
    });
  });

  it.each(SHELLS)('who left half a line in %s loses it, and it does not become part of the task', async (shell) => {
    const here = await world({ command: [shell] });
    const live = await connectTo(here);
    await live.status('idle');
    for (const draft of ['rm -rf half', 'echo "open\r', 'cat <<END\rline\r', '\u0012search', '\u0016', '( \r ( \r']) {
      await here.session.keys(Buffer.from(draft));
      expect([draft, await live.run('echo mine')]).toMatchObject([
        draft,
        { status: 'succeeded', result: { text: 'mine' } },
      ]);
    }
  });
});

describe('hooks of bash', () => {
  it('survive what commands do to the shell', async () => {
    const live = await connectTo(await world({}));
    for (const harm of [
      'set -u',
      'set -x',
      'set +x',
      'set -f',
      'set -C',
      'IFS=x',
      'set -o vi',
      'set -o posix',
      'set +o posix',
      'set -o emacs',
      'shopt -u promptvars',
      'shopt -s extdebug',
      'unset PROMPT_COMMAND',
      'PROMPT_COMMAND=false',
      'PROMPT_COMMAND="echo >/dev/null"',
      'unset PS0',
      'PS0=',
      "PS1='$ '",
      'PS2=',
      'unset PS1',
      'unset HISTCMD',
      'HISTCONTROL=ignoreboth',
      'HISTIGNORE="*"',
      'set +o history',
      'unset HISTFILE',
      'HISTSIZE=0',
      'printf() { return 3; }; read() { return 3; }; history() { return 3; }; set +o errexit',
      'shopt -s expand_aliases; alias printf=false local=false',
      'unset -f __pointsman_prompt; __pointsman_prompt() { :; }',
      'unset __pointsman_miss __pointsman_history __pointsman_name',
      '__pointsman_dir=/nowhere',
      'trap "echo -n" DEBUG',
      'trap - DEBUG',
      'exec 2>/dev/null',
      'exec 2>/dev/tty',
      'umask 000',
      'export LC_ALL=C',
      'cd /',
      'set -e',
    ]) {
      const ended = await live.run(harm);
      expect([harm, ended.status]).toEqual([harm, expect.stringMatching(/succeeded|failed/)]);
      expect([harm, await live.run('(exit 5)||echo still "$?"')]).toMatchObject([
        harm,
        { status: 'succeeded', result: { text: expect.stringMatching(/(^|\n)still 5$/), exitCode: 0 } },
      ]);
    }
    // With set -e a failing command ends the shell, as it would for a person.
    expect(await live.run('false')).toMatchObject({
      status: 'failed',
      error: { code: 'AGENT_EXITED' },
      result: { exitCode: 1 },
    });
  });

  it("keep the exit status of the command when PROMPT_COMMAND is somebody else's too", async () => {
    const live = await connectTo(await world({ env: { PROMPT_COMMAND: 'true' } }));
    expect(await live.run('(exit 6)')).toMatchObject({ status: 'failed', result: { exitCode: 6 } });
    await live.run('PROMPT_COMMAND="(exit 3)"');
    expect(await live.run('(exit 8)')).toMatchObject({ status: 'failed', result: { exitCode: 8 } });
    expect((await live.run('echo $?')).result?.text).toBe('8');
  });

  it('show in no environment, output or history', async () => {
    const live = await connectTo(await world({}));
    await live.run('echo one');
    expect((await live.run('history')).result?.text).not.toContain('pointsman');
    // The host marks its processes; the shell adds nothing. A directory in the PATH may well be called pointsman.
    expect(
      (await live.run('env | grep -v ^POINTSMAN_AGENT= | grep -iE "^[^=]*pointsman|__pointsman"')).result?.text,
    ).toBe('');
    expect((await live.run('echo "$-"')).result?.text).not.toContain('H');
  });

  it('take a hostile name, directory and workspace as mere text', async () => {
    const name = '$(touch canary) `touch canary` \\w \u001b]0;x\u0007 "\'\n!!';
    const here = await world({ name, directoryName: `it's "$(touch canary)" \`touch canary\`` });
    const live = await connectTo(here);
    expect((await live.run('pwd')).result?.text.replaceAll('\n', '')).toBe(here.workspace);
    expect(await here.session.screen('text')).toContain('$(touch canary) `touch canary` \\w ]0;x');
    for (const place of [here.directory, here.workspace]) expect(await readdir(place)).not.toContain('canary');
    for (const file of await readdir(join(here.directory, 'shell'), { recursive: true })) {
      expect([file, (await stat(join(here.directory, 'shell', file))).mode & 0o077]).toEqual([file, 0]);
    }
  });

  it("read the user's own rc file only when told to", async () => {
    const home = { POINTSMAN_SHELL_USER_RC: '' };
    const without = await world({
      env: home,
      bashrc: 'mine=yes; PS1="custom> "; PROMPT_COMMAND=true; HISTCONTROL=ignoreboth',
    });
    expect((await (await connectTo(without)).run('echo "[$mine]"')).result?.text).toBe('[]');
    const withRc = await world({
      env: { POINTSMAN_SHELL_USER_RC: '1' },
      bashrc: 'mine=yes; PS1="custom> "; PROMPT_COMMAND=true; HISTCONTROL=ignoreboth',
    });
    const live = await connectTo(withRc);
    expect((await live.run(' echo "[$mine]"')).result?.text).toBe('[yes]');
    expect(await withRc.session.screen('text')).toContain('custom>');
  });

  it('deliver many tasks one right after the other', async () => {
    const live = await connectTo(await world({}));
    for (let count = 0; count < 25; count += 1)
      expect((await live.run(`echo ${count}`)).result?.text).toBe(String(count));
  });
});

describe('a program that is no shell', () => {
  it.each([[['cat']], [['sh']], [['bash', '-c', 'sleep 300']]])(
    '%j is launched and shown, and takes no tasks',
    async (command) => {
      const here = await world({ command });
      const live = await connectTo(here);
      await live.status('no_signal');
      expect(await live.connection.deliver({ id: 'a', prompt: 'echo a' })).toMatchObject({
        outcome: 'refused',
        code: 'AGENT_NOT_A_SHELL',
      });
      expect(await here.session.screen('text')).not.toContain('echo a');
    },
  );
});

describe('a server that is killed with -9', () => {
  const points = [
    'record:before',
    'record:after',
    'keys:before',
    'keys:sent',
    'keys:after',
    'submit:before',
    'submit:sent',
    'submit:after',
    'delivered',
  ];
  it.each(SHELLS.flatMap((shell) => points.map((point) => [shell, point] as const)))(
    'in %s at %s: the command runs exactly once',
    async (shell, point) => {
      const here = await world({ command: [shell] });
      const task = { id: 'crash', prompt: 'echo ran >> log; sleep 0.2; echo done' };
      await here.host.close();
      await dieAt({ point, here, task });

      const host = here.place.host();
      const adopted = await host.adopt(here.session.ref);
      if (adopted.outcome !== 'adopted') throw new Error(adopted.outcome);
      const live = await connectTo({ connect: here.connectWith(adopted.session) });
      const found = await live.connection.recover(task);
      expect(found.outcome).toMatch(/not_started|running|finished/);
      if (/before$|^record|^keys/.test(point)) expect(found).toEqual({ outcome: 'not_started' });
      if (/after$|delivered/.test(point) && point.startsWith('submit')) expect(found.outcome).not.toBe('not_started');
      if (found.outcome === 'not_started')
        expect(await live.connection.deliver(task)).toEqual({ outcome: 'submitted' });
      const outcome = found.outcome === 'finished' ? found.taskOutcome : (await live.end('crash')).outcome;
      expect(outcome).toMatchObject({ status: 'succeeded', result: { text: 'done', exitCode: 0 } });
      await live.run('echo fence');
      expect(await readFile(join(here.workspace, 'log'), 'utf8')).toBe('ran\n');
    },
  );

  it.each(SHELLS)('whose command begins in %s in the moment in which it is asked after', async (shell) => {
    const here = await world({ command: [shell] });
    const task = { id: 'late', prompt: 'echo ran >> log; sleep 0.2; echo done' };
    await here.host.close();
    await dieAt({ point: 'submit:before', here, task });

    const adopted = await here.place.host().adopt(here.session.ref);
    if (adopted.outcome !== 'adopted') throw new Error(adopted.outcome);
    const { session } = adopted;
    let typed = false;
    const slow = over(session, 'keys', async (bytes) => {
      if (!typed) await session.submit(task.prompt);
      typed = true;
      await eventually(() => existsSync(join(here.directory, 'shell/tasks/late/started')), 'its start');
      await session.keys(bytes);
    });
    const live = await connectTo({ connect: here.connectWith(slow) });
    const found = await live.connection.recover(task);
    expect(found.outcome).toMatch(/running|finished/);
    if (found.outcome === 'running')
      expect((await live.end('late')).outcome).toMatchObject({ status: 'succeeded', result: { text: 'done' } });
    await live.run('echo fence');
    expect(await readFile(join(here.workspace, 'log'), 'utf8')).toBe('ran\n');
  });

  it('and whose shell is gone too: a task that had begun has failed, one that had not never started', async () => {
    const here = await world({});
    const first = await connectTo(here);
    await first.connection.deliver({ id: 'begun', prompt: 'echo begun; sleep 300' });
    const tasks = join(here.directory, 'shell/tasks/begun');
    await eventually(async () => {
      const [output] = (await readdir(tasks)).filter((name) => name.startsWith('output-'));
      return /C;\w+\u0007begun/.test(await readFile(join(tasks, output ?? ''), 'utf8'));
    }, 'the output');
    first.connection.close();
    await here.session.kill({ graceMs: 0 });
    const again = await here.relaunch();
    const live = await connectTo(again);
    expect(await live.connection.recover({ id: 'begun', prompt: '' })).toMatchObject({
      outcome: 'finished',
      taskOutcome: { status: 'failed', error: { code: 'AGENT_EXITED' }, result: { text: 'begun' } },
    });
    expect(await live.connection.recover({ id: 'other', prompt: '' })).toEqual({ outcome: 'not_started' });
    expect((await live.run('echo on')).result?.text).toBe('on');
  });

  it('while it interrupted a task: the task ends as cancelled all the same', async () => {
    const here = await world({});
    const first = await connectTo(here);
    const task = { id: 'a', prompt: 'trap "" INT; touch deaf; sh -c "sleep 300"; trap - INT' };
    await first.connection.deliver(task);
    await eventually(() => existsSync(join(here.workspace, 'deaf')), 'the command');
    const interrupting = first.connection.interrupt({ graceMs: 60_000 });
    await eventually(() => existsSync(join(here.directory, 'shell/tasks/a/interrupted')), 'the interruption');
    first.connection.close();
    await interrupting.catch(() => undefined);
    const live = await connectTo(here);
    expect(await live.connection.recover(task)).toEqual({ outcome: 'running' });
    await live.connection.interrupt({ graceMs: 0 });
    expect((await live.end('a')).outcome.status).toBe('cancelled');
  });
});

/** The same session with one method of our own. */
function over<M extends 'submit' | 'keys'>(session: AgentSession, method: M, own: AgentSession[M]): AgentSession {
  return new Proxy(session, {
    get(target, name) {
      const value: unknown = name === method ? own : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

interface ShellWorld extends DriverWorld {
  directory: string;
  workspace: string;
  context: LaunchContext;
  host: ReturnType<Awaited<ReturnType<typeof temporaryPlace>>['host']>;
  place: Awaited<ReturnType<typeof temporaryPlace>>;
  connectWith(session: AgentSession): DriverWorld['connect'];
  relaunch(): Promise<ShellWorld>;
}

async function world(options: {
  command?: readonly string[];
  name?: string;
  directoryName?: string;
  env?: Record<string, string>;
  bashrc?: string;
}): Promise<ShellWorld> {
  const place = await temporaryPlace();
  const directory = join(place.directory, options.directoryName ?? 'agent');
  const workspace = join(place.directory, `${options.directoryName ?? 'work'} space`);
  const home = join(place.directory, 'home');
  for (const path of [directory, workspace, home]) await mkdir(path, { mode: 0o700 });
  if (options.bashrc !== undefined) await writeFile(join(home, '.bashrc'), options.bashrc);
  const context: LaunchContext = {
    agentId: randomUUID(),
    name: options.name ?? 'shell one',
    directory,
    workspace,
    permissionMode: 'manual',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: home, ...options.env },
    ...(options.command ? { command: options.command } : {}),
  };
  return launched({ place, context, directory, workspace });
}

async function launched({
  place,
  context,
  directory,
  workspace,
}: Pick<ShellWorld, 'place' | 'context' | 'directory' | 'workspace'>): Promise<ShellWorld> {
  const driver = createShellDriver();
  const host = place.host();
  const plan = await driver.launch(context);
  if (plan.outcome !== 'ready') throw new Error(plan.reason);
  const outcome = await host.open({ agentId: context.agentId, ...plan, cols: 100, rows: 30 });
  if (outcome.outcome === 'failed') throw new Error(outcome.reason);
  const { session } = outcome;
  // A shell that is still writing its history would be in the way of removing the directory.
  onTestFinished(() => {
    try {
      process.kill(session.ref.panePid, 'SIGKILL');
    } catch {
      // It had ended.
    }
  });
  const connectWith: ShellWorld['connectWith'] = (over) => async (observe) => {
    const connection = await driver.connect({ session: over, context, observe });
    onTestFinished(() => connection.close());
    return connection;
  };
  return {
    place,
    host,
    session,
    directory,
    workspace,
    context,
    connectWith,
    connect: connectWith(session),
    relaunch: async () => launched({ place, context, directory, workspace }),
    prompts: {
      quick: 'echo "the answer"',
      answer: 'the answer',
      endless: 'sleep 300',
      deadly: 'exit 4',
      held: 'until [ -e released ]; do sleep 0.02; done; rm released',
      async release() {
        await writeFile(join(workspace, 'released'), '');
        await eventually(() => !existsSync(join(workspace, 'released')), 'the released command');
      },
    },
  };
}

/** A server of its own in a child process, which delivers the task and kills itself at the named point. */
async function dieAt({
  point,
  here,
  task,
}: {
  point: string;
  here: ShellWorld;
  task: { id: string; prompt: string };
}): Promise<void> {
  const file = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `
    import { createTmuxHost } from ${file('../../adapters/tmux/tmux-host.ts')};
    import { createShellDriver } from ${file('./shell-driver.ts')};
    const die = () => process.kill(process.pid, 'SIGKILL');
    const { runDirectory, ref, context, task, point } = JSON.parse(process.env.CRASH);
    const { session } = await createTmuxHost({ runDirectory }).adopt(ref);
    const [method, when] = point.split(':');
    const dying = new Proxy(session, { get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...args) => {
        if (name === method && when === 'before') die();
        const result = value.apply(target, args);
        if (name === method && when === 'sent') die();
        await result;
        if (name === method) die();
        return result;
      };
    } });
    const connection = await createShellDriver().connect({ session: dying, context, observe: () => undefined });
    console.error(await connection.deliver(task));
    die();
  `,
    ],
    {
      stdio: ['ignore', 'ignore', point === 'delivered' ? 'ignore' : 'inherit'],
      env: {
        ...process.env,
        CRASH: JSON.stringify({
          runDirectory: here.place.runDirectory,
          ref: here.session.ref,
          context: here.context,
          task,
          point,
        }),
      },
    },
  );
  expect(await new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))).toBe('SIGKILL');
}
