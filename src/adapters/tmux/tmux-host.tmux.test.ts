/** How sessions begin, are found again, and end. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AgentSession } from '../../ports/agent-host.ts';
import { readProcessTable, readStartTicks } from './process-table.ts';
import { eventually, hostProcess, opened, temporaryPlace, textShown, within } from './testing/temporary-host.ts';
import { createTmuxHost } from './tmux-host.ts';

async function running(pid: number): Promise<boolean> {
  return (await readStartTicks(pid)) !== null;
}

async function gone(...pids: number[]): Promise<void> {
  await eventually(
    async () => (await Promise.all(pids.map(running))).every((alive) => !alive),
    `the end of ${pids.join(', ')}`,
  );
}

/** The tmux server is the parent of the pane's process. */
async function serverOf(session: AgentSession): Promise<number> {
  return (await readProcessTable()).get(session.ref.panePid)!.parent;
}

describe('opening', () => {
  test('says what is missing: tmux, a new enough tmux, the directory, the program', async () => {
    const place = await temporaryPlace();
    const old = join(place.directory, 'tmux');
    await writeFile(old, '#!/bin/sh\necho tmux 3.1c\n');
    await chmod(old, 0o755);
    const spec = { agentId: randomUUID(), argv: ['sh'] as [string], cwd: '/', env: {}, cols: 80, rows: 24 };
    const openWith = (tmux: string) => createTmuxHost({ runDirectory: place.runDirectory, tmux }).open(spec);
    expect(await openWith('no-such-tmux')).toMatchObject({ outcome: 'failed', code: 'TMUX_MISSING' });
    expect(await openWith(old)).toMatchObject({
      outcome: 'failed',
      code: 'TMUX_TOO_OLD',
      reason: expect.stringContaining('3.1c'),
    });
    const host = place.host();
    expect(await host.open({ ...spec, cwd: '/no/such' })).toMatchObject({ outcome: 'failed', code: 'CWD_MISSING' });
    expect(await host.open({ ...spec, argv: ['no-such-program'] })).toMatchObject({
      outcome: 'failed',
      code: 'SPAWN_FAILED',
    });
    expect(await host.open({ ...spec, agentId: '; touch x' })).toMatchObject({
      outcome: 'failed',
      code: 'SPAWN_FAILED',
    });
    expect(await host.list()).toEqual([]);
  });

  test('a run directory too long for a socket gives way to a short private one', async () => {
    const place = await temporaryPlace({ runName: 'long-'.repeat(30) });
    const host = place.host();
    const session = await opened(host, { argv: ['sh', '-c', 'echo HI; exec sleep 1000'] });
    await textShown(session, 'HI');
    expect(await host.list()).toEqual([{ agentId: session.ref.agentId, sessionName: session.ref.sessionName }]);
  });

  test('leaves nothing readable to others, and no environment on disk', async () => {
    const place = await temporaryPlace();
    await opened(place.host(), { argv: ['sleep', '1000'], env: { PATH: '/usr/bin:/bin', SECRET: 's' } });
    expect((await stat(place.runDirectory)).mode & 0o777).toBe(0o700);
    expect((await readdir(place.runDirectory)).filter((name) => name.endsWith('.launch'))).toEqual([]);
  });

  test('an agent has one session; after its end a new one takes its place', async () => {
    const place = await temporaryPlace();
    const host = place.host();
    // Not `cat`: it closes its terminal itself a moment before it exits, and a tmux that is quicker hangs up on it.
    const argv = ['sh', '-c', 'read line'] as [string, ...string[]];
    const first = await opened(host, { argv });
    const spec = {
      agentId: first.ref.agentId,
      argv,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      cols: 80,
      rows: 24,
    };
    expect(await host.open(spec)).toMatchObject({ outcome: 'failed', code: 'SPAWN_FAILED' });
    await first.keys(Buffer.from('\r'));
    expect(await within(first.exited, 'the end of read')).toMatchObject({ how: 'exited', status: 0 });
    const second = await opened(host, { ...spec });
    await second.keys(Buffer.from('hello'));
    await textShown(second, 'hello');
  });
});

describe('the end of a program', () => {
  test('is told with its status, and its last screen stays', async () => {
    const place = await temporaryPlace();
    const session = await opened(place.host(), { argv: ['sh', '-c', 'read x; echo LAST; exit 7'] });
    await session.keys(Buffer.from('\r'));
    expect(await within(session.exited, 'exit 7')).toMatchObject({ how: 'exited', status: 7 });
    expect((await session.screen('text')).trim()).toContain('LAST');
    expect(await session.processes()).toEqual([]);
  });

  test('is told with its signal', async () => {
    const session = await opened((await temporaryPlace()).host(), { argv: ['sleep', '1000'] });
    process.kill(session.ref.panePid, 'SIGKILL');
    expect(await within(session.exited, 'signal 9')).toMatchObject({ how: 'signalled', signal: 9 });
  });

  test('is told when it came before we could look, and when a child still holds the terminal', async () => {
    const host = (await temporaryPlace()).host();
    expect(await within((await opened(host, { argv: ['true'] })).exited, 'the end of true')).toMatchObject({
      how: 'exited',
      status: 0,
    });
    const session = await opened(host, { argv: ['sh', '-c', '(trap "" HUP; exec sleep 1000) & exit 3'] });
    expect(await within(session.exited, 'exit 3')).toMatchObject({ how: 'exited', status: 3 });
    await session.kill({ graceMs: 0 });
  });
});

describe('the end of a tmux server', () => {
  test('is told at once, nothing of its agent stays, and no other agent is touched', async () => {
    const host = (await temporaryPlace()).host();
    const stubborn = `trap "" HUP TERM; echo READY; (setsid sleep 1000 &) ; while :; do sleep 1000; done`;
    const session = await opened(host, { argv: ['bash', '-c', stubborn] });
    const other = await opened(host, { argv: ['cat'] });
    await textShown(session, 'READY');
    const pids = await eventually(async () => {
      const all = [...(await readProcessTable()).keys()];
      const ours = await session.processes();
      return ours.length >= 2 && all.length > 0 ? ours : null;
    }, 'its children');
    const start = performance.now();
    process.kill(await serverOf(session), 'SIGKILL');
    expect(await within(session.exited, 'the loss')).toMatchObject({ how: 'lost' });
    expect(performance.now() - start).toBeLessThan(2_000);
    await gone(...pids);
    await other.keys(Buffer.from('still here\r'));
    await textShown(other, 'still here');
    await eventually(async () => (await host.list()).length === 1, 'one session left');
    await expect(session.keys(Buffer.from('x'))).rejects.toMatchObject({ code: expect.any(String) });
  });

  test('the end of our client alone is no loss: the session is taken up again', async () => {
    const session = await opened((await temporaryPlace()).host(), { argv: ['cat'] });
    const server = await serverOf(session);
    let repaints = 0;
    session.watch((event) => event.type === 'repaint' && repaints++);
    await eventually(() => repaints === 1, 'the first repaint');
    const mark = Buffer.from(`attach-session\0-t\0=${session.ref.sessionName}:`);
    for (const pid of (await readProcessTable()).keys()) {
      if (pid !== server && (await readFile(`/proc/${pid}/cmdline`).catch(() => Buffer.of())).includes(mark))
        process.kill(pid, 'SIGKILL');
    }
    await eventually(() => repaints === 2, 'a repaint by the next client');
    await session.keys(Buffer.from('on we go\r'));
    await textShown(session, 'on we go');
  });
});

describe('after kill -9 of the server', () => {
  test('agents run on and are adopted with their screen as it is', async () => {
    const place = await temporaryPlace();
    const { child, ref } = await hostProcess(place, [
      'sh',
      '-c',
      'i=0; while read line; do i=$((i+1)); echo "answer $i"; done',
    ]);
    child.kill('SIGKILL');
    await once(child, 'close');
    const host = place.host();
    expect(await host.list()).toEqual([{ agentId: ref.agentId, sessionName: ref.sessionName }]);
    const adopted = await host.adopt(ref);
    if (adopted.outcome !== 'adopted') throw new Error(adopted.outcome);
    const { session } = adopted;
    expect(session.ref).toEqual(ref);
    expect(session.size).toEqual({ cols: 80, rows: 24 });
    await session.keys(Buffer.from('a\r'));
    await textShown(session, 'answer 1');
    await host.close();
    expect(await running(ref.panePid)).toBe(true);
    const again = await place.host().adopt(ref);
    if (again.outcome !== 'adopted') throw new Error(again.outcome);
    await textShown(again.session, 'answer 1');
    await again.session.keys(Buffer.from('\x04'));
    expect(await within(again.session.exited, 'the end')).toMatchObject({ how: 'exited', status: 0 });
  });

  test('what ended meanwhile is told as ended, what is not the same as lost', async () => {
    const place = await temporaryPlace();
    const first = place.host();
    const session = await opened(first, { argv: ['sh', '-c', 'read x; exit 5'] });
    const foreign = await opened(first, { argv: ['cat'] });
    await session.keys(Buffer.from('\r'));
    await within(session.exited, 'exit 5');
    await first.close();
    const host = place.host();
    expect(await host.adopt(session.ref)).toMatchObject({ outcome: 'exited', exit: { how: 'exited', status: 5 } });
    expect(await host.adopt({ ...foreign.ref, panePidStartTicks: foreign.ref.panePidStartTicks - 1 })).toMatchObject({
      outcome: 'lost',
    });
    expect(await host.adopt({ ...foreign.ref, agentId: randomUUID() })).toMatchObject({ outcome: 'lost' });
    await host.kill(session.ref.sessionName);
    await host.kill(foreign.ref.sessionName);
    expect(await host.list()).toEqual([]);
    await gone(foreign.ref.panePid);
  });

  test('a recording goes on while no server runs', async () => {
    const place = await temporaryPlace();
    const first = place.host();
    const session = await opened(first, {
      argv: ['sh', '-c', 'while [ ! -e go ]; do sleep 0.05; done; echo UNSEEN; exec cat'],
      cwd: place.directory,
    });
    const file = join(place.directory, 'terminal.log');
    await session.record(file);
    await first.close();
    await mkdir(join(place.directory, 'go'));
    await eventually(async () => (await readFile(file, 'utf8').catch(() => '')).includes('UNSEEN'), 'the recording');
  });
});

describe('killing', () => {
  test('ends the whole tree, also what left its group, its parent and its terminal', async () => {
    const place = await temporaryPlace();
    const host = place.host();
    const pidFile = join(place.directory, 'daemon');
    const session = await opened(host, {
      argv: [
        'bash',
        '-c',
        `trap "" TERM HUP; (setsid sh -c 'echo $$ > ${pidFile}; exec sleep 1000' >/dev/null 2>&1 &); sleep 1000 & echo READY; wait`,
      ],
    });
    await textShown(session, 'READY');
    const daemon = Number(
      await eventually(async () => (await readFile(pidFile, 'utf8').catch(() => '')).trim() || null, 'the daemon'),
    );
    const pids = await session.processes();
    expect(pids[0]).toBe(session.ref.panePid);
    expect(pids).not.toContain(daemon);
    await session.kill({ graceMs: 300 });
    expect(await session.exited).toMatchObject({ how: 'signalled', signal: 9 });
    expect(await Promise.all([daemon, ...pids].map(running))).not.toContain(true);
    expect(await host.list()).toEqual([]);
    expect((await readdir(place.runDirectory)).filter((name) => name !== 'tmux.conf')).toEqual([]);
  });

  test('leaves time to end in order', async () => {
    const place = await temporaryPlace();
    const file = join(place.directory, 'bye');
    const session = await opened(place.host(), {
      argv: ['bash', '-c', `trap 'echo bye > ${file}; exit 4' TERM; echo READY; while :; do sleep 0.05; done`],
    });
    await textShown(session, 'READY');
    await session.kill({ graceMs: 10_000 });
    expect(await session.exited).toMatchObject({ how: 'exited', status: 4 });
    expect(await readFile(file, 'utf8')).toBe('bye\n');
  });
});

test('usage is measured over the whole tree', async () => {
  const host = (await temporaryPlace()).host();
  const busy = await opened(host, { argv: ['sh', '-c', '(while :; do :; done) & wait'] });
  const idle = await opened(host, { argv: ['sleep', '1000'] });
  await host.sample();
  const usage = await eventually(async () => {
    const sample = await host.sample();
    return (sample.get(busy.ref.agentId)?.cpu ?? 0) > 20 ? sample : null;
  }, 'a busy agent');
  expect(usage.get(busy.ref.agentId)).toMatchObject({ processes: 2 });
  expect(usage.get(idle.ref.agentId)).toMatchObject({ processes: 1 });
  expect(usage.get(idle.ref.agentId)?.cpu).toBeLessThan(5);
  expect(usage.get(idle.ref.agentId)?.memory).toBeGreaterThan(100_000);
  await busy.kill({ graceMs: 0 });
  expect((await host.sample()).has(busy.ref.agentId)).toBe(false);
});
