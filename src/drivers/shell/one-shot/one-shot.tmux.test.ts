/** One-shot agents with real shells and programs, in the sessions that they have in the product. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { launchDriver } from '../../../../test/support/launched-driver.ts';
import { eventually, temporaryPlace } from '../../../adapters/tmux/testing/temporary-host.ts';
import { agentDriverConformance, connectTo, type DriverWorld } from '../../../ports/agent-driver.conformance.ts';
import type { LaunchContext } from '../../../ports/agent-driver.ts';
import { createOneShotDriver } from './one-shot-driver.ts';

agentDriverConformance('the one-shot driver with sh', async () => world({ command: ['sh'] }));

describe.each([[['sh']], [['bash']]])('a one-shot task in %j', (command) => {
  it('has what its command printed as result, and the exit status', async () => {
    const live = await connectTo(await world({ command }));
    const results: Record<string, object> = {
      [String.raw`printf 'a\tb\n\033[31mred\033[0m\n'`]: {
        status: 'succeeded',
        result: { text: 'a\tb\nred', exitCode: 0 },
      },
      true: { status: 'succeeded', result: { text: '', exitCode: 0 } },
      'exit 41': { status: 'failed', result: { exitCode: 41 }, error: { code: 'COMMAND_FAILED' } },
      'exit 127': { status: 'failed', result: { exitCode: 127 } },
      'kill -9 $$': { status: 'failed', result: { exitCode: 137 } },
      'echo out; echo err >&2; false': { status: 'failed', result: { text: 'out\nerr', exitCode: 1 } },
      'no-such-command-here': {
        status: 'failed',
        result: { exitCode: 127, text: expect.stringContaining('not found') },
      },
      'read x; echo "$?"': { status: 'succeeded', result: { text: '1' } },
      'set | grep -c "^child="': { status: 'failed', result: { text: '0' } },
    };
    for (const [prompt, outcome] of Object.entries(results)) expect(await live.run(prompt)).toMatchObject(outcome);
  });
});

it('gives a program that is no shell the prompt as its last argument, 64 KiB of any Unicode unchanged', async () => {
  const here = await world({ command: ['sh', '-c', 'printf %s "$1" >got; printf %s "$#"', 'name'] });
  const program = join(here.context.directory, 'program');
  await writeFile(program, '#!/bin/sh\nprintf %s "$2" >got; printf %s "$1 $#"\n', { mode: 0o755 });
  const live = await connectTo(await here.relaunch({ command: [program, '--message'] }));
  const prompt = `${'é🎉"\\$`~\t漢字 \u202e'.repeat(2400)}\n$(touch canary) 'x' \\`.slice(-20_000);
  expect(await live.run(prompt)).toEqual({ status: 'succeeded', result: { text: '--message 2', exitCode: 0 } });
  expect(await readFile(join(here.context.workspace, 'got'), 'utf8')).toBe(prompt);
  expect(existsSync(join(here.context.workspace, 'canary'))).toBe(false);
});

it('kills with its children a command that ignores the interruption', async () => {
  const here = await world();
  const live = await connectTo(here);
  const prompt = `trap '' INT TERM; sleep 1000 & echo $! >pid; while :; do sleep 1; done`;
  await live.connection.deliver({ id: 'a', prompt });
  const pidFile = join(here.context.workspace, 'pid');
  const pid = Number(
    await eventually(async () => (await readFile(pidFile, 'utf8').catch(() => '')) || null, 'its child'),
  );
  await live.connection.interrupt({ graceMs: 200 });
  expect((await live.end('a')).outcome).toMatchObject({ status: 'cancelled', result: { exitCode: 137 } });
  await eventually(async () => !existsSync(`/proc/${pid}`), 'the end of its child');
  expect(await live.run('echo on', 'b')).toMatchObject({ result: { text: 'on' } });
});

it('does not wait for what a command leaves in the background', async () => {
  const live = await connectTo(await world());
  expect(await live.run('sleep 1000 >/dev/null 2>&1 & echo left')).toMatchObject({ result: { text: 'left' } });
});

it('keeps the ends of a flood', async () => {
  const live = await connectTo(await world());
  const outcome = await live.run('echo first; seq 1 1000000; echo last');
  expect(outcome.result?.text).toMatch(/^first\n1\n[\s\S]*bytes left out[\s\S]*1000000\nlast$/);
});

it.skipIf(process.platform !== 'linux')('gives the middle of a flood back to the disk while it runs', async () => {
  const here = await world();
  const live = await connectTo(here);
  const flood = `printf first; head -c 200000000 /dev/zero | tr '\\0' x; echo; echo last`;
  await live.connection.deliver({ id: 'a', prompt: `${flood}; until [ -e released ]; do sleep 0.05; done` });
  const output = await eventually(
    async () =>
      (await readdir(here.context.directory, { recursive: true })).find((name) => name.endsWith('/output')) ?? null,
    'its output',
  );
  await eventually(async () => {
    const { size, blocks } = await stat(join(here.context.directory, output));
    return size > 200_000_000 && blocks * 512 < 70_000_000;
  }, 'the hole');
  await writeFile(join(here.context.workspace, 'released'), '');
  expect((await live.end('a')).outcome.result?.text).toMatch(/^firstx+[\s\S]*bytes left out[\s\S]*x\nlast$/);
});

it('refuses more than one line, and works for one task in the directory of the task', async () => {
  const here = await world();
  const live = await connectTo(here);
  expect(await live.connection.deliver({ id: 'a', prompt: 'one\ntwo' })).toMatchObject({
    code: 'SHELL_PROMPT_MULTILINE',
  });
  const directory = join(here.context.directory, 'tree');
  await mkdir(directory);
  await live.connection.deliver({ id: 'b', prompt: 'pwd', directory });
  expect((await live.end('b')).outcome.result?.text).toBe(directory);
  expect(await live.run('pwd', 'c')).toMatchObject({ result: { text: here.context.workspace } });
});

it('is unusable, with what to do, when its program is not installed', async () => {
  const { context } = await world();
  const absent = await createOneShotDriver().launch({ ...context, command: ['no-such-program'] });
  expect(absent.outcome === 'unusable' && absent.reason).toContain('no-such-program is not installed');
});

interface OneShotWorld extends DriverWorld {
  context: LaunchContext;
  relaunch(change: Partial<LaunchContext>): Promise<OneShotWorld>;
}

async function world(change: Partial<LaunchContext> = {}): Promise<OneShotWorld> {
  const place = await temporaryPlace();
  const directory = join(place.directory, 'agent');
  const workspace = join(place.directory, 'work "space"');
  for (const path of [directory, workspace]) await mkdir(path, { mode: 0o700 });
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: place.directory };
  return launched(place, {
    agentId: randomUUID(),
    name: 'one',
    directory,
    workspace,
    permissionMode: 'manual',
    env,
    ...change,
  });
}

async function launched(
  place: Awaited<ReturnType<typeof temporaryPlace>>,
  context: LaunchContext,
): Promise<OneShotWorld> {
  const driver = createOneShotDriver();
  const { session, connect } = await launchDriver({ place, driver, context });
  const file = join(context.workspace, 'released');
  return {
    session,
    context,
    connect,
    prompts: {
      quick: 'echo all done',
      answer: 'all done',
      endless: 'sleep 1000',
      held: 'until [ -e released ]; do sleep 0.02; done; echo all done',
      release: async () => writeFile(file, ''),
      deadly: `kill -9 ${session.ref.panePid}; sleep 1000`,
    },
    async relaunch(other) {
      await session.kill({ graceMs: 0 });
      return launched(place, { ...context, ...other });
    },
  };
}
