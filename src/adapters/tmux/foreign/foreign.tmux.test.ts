/** A tmux server of a person's own is looked at without being touched, and nothing is taken for what it is not. */
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { AgentHost, RunningProgram, SessionRef, TerminalEvent } from '../../../ports/agent-host.ts';
import { eventually, opened, temporaryPlace, textShown, type Place } from '../testing/temporary-host.ts';

interface Own {
  place: Place;
  host: AgentHost;
  tmux(...args: string[]): string;
  /** The program with these words among its arguments. */
  program(words: string): Promise<RunningProgram>;
  take(program: RunningProgram): Promise<SessionRef>;
}

/** A server on a socket of its own, with a window in which `command` runs below a shell. */
async function ownServer(command: string): Promise<Own> {
  const place = await temporaryPlace();
  const socket = join(place.directory, 'own, of a person.sock');
  const tmux = (...args: string[]) => execFileSync('tmux', ['-S', socket, ...args], { encoding: 'utf8' });
  tmux(
    '-f',
    '/dev/null',
    'new-session',
    '-d',
    '-s',
    'my work',
    '-x',
    '70',
    '-y',
    '20',
    '/bin/sh',
    '-c',
    `${command}; :`,
  );
  onTestFinished(() => void tmux('kill-server'));
  const host = place.host();
  return {
    place,
    host,
    tmux,
    program: async (words) =>
      eventually(
        async () => (await host.running()).find(({ argv }) => argv.join(' ') === words),
        `the program ${words}`,
      ),
    take: async ({ pid, startTicks, terminal }) => ({
      agentId: '0198aaaa-0000-7000-8000-000000000001',
      sessionName: terminal?.sessionName ?? '',
      paneId: terminal?.paneId ?? '',
      panePid: pid,
      panePidStartTicks: startTicks,
      adopted: { terminal },
    }),
  };
}

async function held(own: Own, ref: SessionRef) {
  const found = await own.host.adopt(ref);
  if (found.outcome !== 'adopted') throw new Error(found.outcome);
  return found.session;
}

test('a program is found with the pane above it; one that a Pointsman started is not', async () => {
  const own = await ownServer('sleep 4001');
  const session = await opened(own.host, { argv: ['/bin/sleep', '4002'] });
  const { terminal, pid } = await own.program('sleep 4001');
  expect(terminal).toMatchObject({ paneId: '%0', sessionName: 'my work' });
  expect(String(pid)).not.toBe(own.tmux('display-message', '-p', '#{pane_pid}').trim());
  const all = await own.host.running();
  expect(all.some((program) => program.argv.join(' ').includes('sleep 4002'))).toBe(false);
  await session.kill();
});

test('its screen is shown as it changes, while nobody is attached and no size changes', async () => {
  const own = await ownServer('printf first; read line; echo second; exec sleep 4003');
  const ref = await own.take(await own.program(`/bin/sh -c printf first; read line; echo second; exec sleep 4003; :`));
  const session = await held(own, ref);
  await textShown(session, 'first');
  expect(session.size).toEqual({ cols: 70, rows: 20 });
  const events: TerminalEvent[] = [];
  const stop = session.watch((event) => events.push(event));
  await eventually(() => events.length > 0, 'the first picture');
  await session.keys(Buffer.from('x\r'));
  await eventually(
    () => events.some((event) => 'data' in event && Buffer.from(event.data).includes('second')),
    'the second picture',
  );
  await session.resize({ cols: 200, rows: 60 });
  expect(own.tmux('list-clients')).toBe('');
  expect(own.tmux('display-message', '-p', '#{window_width}x#{window_height}').trim()).toBe('70x20');
  stop();
});

test('another process under the same number or pane is neither held nor typed into', async () => {
  const own = await ownServer('exec sleep 4004');
  const program = await own.program('sleep 4004');
  const ref = await own.take(program);
  expect(await own.host.adopt({ ...ref, panePidStartTicks: ref.panePidStartTicks + 1 })).toMatchObject({
    outcome: 'exited',
  });
  const session = await held(own, ref);
  own.tmux('respawn-pane', '-k', '-t', '%0', 'cat');
  await expect(session.keys(Buffer.from('secret'))).rejects.toMatchObject({ code: 'AGENT_EXITED' });
  await expect(session.screen('text')).rejects.toMatchObject({ code: 'AGENT_EXITED' });
  expect(own.tmux('capture-pane', '-p', '-t', '%0')).not.toContain('secret');
  expect(await session.exited).toMatchObject({ how: 'exited' });
});

test('it is ended only when asked, and its server goes on', async () => {
  const own = await ownServer('sleep 4005; exec sleep 4006');
  const session = await held(own, await own.take(await own.program('sleep 4005')));
  const pid = session.ref.panePid;
  await own.host.release(session.ref.agentId);
  expect(await own.host.ownerOf(pid)).toBe('us');
  const again = await held(own, session.ref);
  await again.kill();
  await expect(again.exited).resolves.toMatchObject({ how: 'exited' });
  await own.program('sleep 4006');
});

test('in the background it is held without a terminal', async () => {
  const own = await ownServer('sleep 4007');
  const child = spawn('sleep', ['4008'], { stdio: 'ignore', env: { PATH: process.env['PATH'] } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const program = await own.program('sleep 4008');
  const session = await held(own, await own.take({ ...program, terminal: null }));
  expect(await session.screen('text')).toContain('no terminal');
  await expect(session.keys(Buffer.from('x'))).rejects.toMatchObject({ code: 'NO_TERMINAL' });
  expect(await session.processes()).toEqual([child.pid]);
});
