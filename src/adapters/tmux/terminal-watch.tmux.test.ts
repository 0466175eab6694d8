/** What watchers get is what the terminal shows. The reference terminal is another tmux, fed with what a watcher got. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { AgentHost, AgentSession, TerminalEvent } from '../../ports/agent-host.ts';
import { readProcessTable } from './process-table.ts';
import { eventually, hostProcess, opened, temporaryPlace, textShown, type Place } from './testing/temporary-host.ts';

const SCRIPT = join(import.meta.dirname, 'testing/scripted-screen.mjs');

/** Collects all a watcher is told, as one stream of bytes. */
class Log {
  readonly parts: Buffer[] = [];
  readonly kinds: TerminalEvent['type'][] = [];
  readonly listener = (event: TerminalEvent) => {
    this.kinds.push(event.type);
    if (event.type !== 'resize') this.parts.push(Buffer.from(event.data));
  };

  get bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

let replays = 0;

/** A terminal that shows exactly these bytes. */
async function replayed(options: {
  host: AgentHost;
  place: Place;
  bytes: Buffer;
  like: AgentSession;
}): Promise<AgentSession> {
  const file = join(options.place.directory, `replay-${replays++}`);
  await writeFile(file, options.bytes);
  return opened(options.host, {
    argv: ['sh', '-c', 'stty raw -echo; cat "$0"; exec sleep 1000', file],
    ...options.like.size,
  });
}

/**
 * Text, cursor and modes, without colours (those of a text half written at the cut are nowhere to be read) and
 * without bracketed paste, which tmux before 3.7 does not tell.
 */
async function shape(session: AgentSession): Promise<string> {
  return (await session.screen('ansi')).replace(/\x1b\[([0-9;:]*m|\?2004[hl])/g, '');
}

async function expectSame(options: {
  host: AgentHost;
  place: Place;
  log: Log;
  session: AgentSession;
  look?: (session: AgentSession) => Promise<string>;
}): Promise<void> {
  const look = options.look ?? shape;
  const wanted = await look(options.session);
  const copy = await replayed({
    host: options.host,
    place: options.place,
    bytes: options.log.bytes,
    like: options.session,
  });
  let found = '';
  const same = await eventually(async () => (found = await look(copy)) === wanted, 'the same screen', 4_000).catch(
    () => false,
  );
  if (!same) expect(found).toBe(wanted);
  await copy.kill({ graceMs: 0 });
}

/** A host in another process that was stopped just when its agent began to print 47 MB. */
async function stoppedInFlood(place: Place) {
  const at = (name: string) => join(place.directory, name);
  const flood =
    'while [ ! -e go ]; do sleep 0.05; done; touch gone; seq 1 6000000; printf FLOODED; touch flooded; exec sleep 1000';
  const process = await hostProcess(place, ['sh', '-c', `cd '${place.directory}'; ${flood}`]);
  await eventually(() => process.repaints.length === 1, 'the first repaint');
  process.child.kill('SIGSTOP');
  await writeFile(at('go'), '');
  await eventually(() => existsSync(at('gone')), 'the beginning of the flood');
  return { ...process, flooded: () => existsSync(at('flooded')) };
}

describe('watching', () => {
  test.each([1, 2, 3])(
    'a repaint and the bytes after it show the same, wherever the cut falls (script %i)',
    async (seed) => {
      const place = await temporaryPlace();
      const host = place.host();
      const session = await opened(host, {
        argv: [process.execPath, SCRIPT, String(seed), 'THE-END'],
        cols: 60,
        rows: 16,
      });
      await textShown(session, 'READY');
      const whole = new Log();
      session.watch(whole.listener);
      await session.keys(Buffer.from('x'));
      const logs: Log[] = [whole];
      // Every wait is only for the next cut to fall elsewhere.
      while (!(await session.screen('text')).includes('THE-END')) {
        if (logs.length < 9) {
          const log = new Log();
          logs.push(log);
          session.watch(log.listener);
        }
        await delay(20 + Math.random() * 30);
      }
      await eventually(() => logs.every((log) => log.bytes.includes('THE-END')), 'the last bytes');
      expect(logs.length).toBeGreaterThan(3);
      for (const log of logs) {
        expect(log.kinds[0]).toBe('repaint');
        await expectSame({ host, place, log, session });
      }
    },
  );

  test('of vim, with edits and scrolling, shows the same at every cut', async () => {
    const place = await temporaryPlace();
    const host = place.host();
    const file = join(place.directory, 'text');
    await writeFile(
      file,
      Array.from({ length: 300 }, (_, index) => `line ${index} 漢字 ${'word '.repeat(index % 9)}`).join('\n'),
    );
    const session = await opened(host, {
      argv: ['vim', '-u', 'NONE', '-i', 'NONE', '-n', 'text'],
      cwd: place.directory,
      cols: 70,
      rows: 20,
      env: { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' },
    });
    await textShown(session, 'line 3');
    const logs: Log[] = [];
    for (const keys of ['20\x04', 'ihello \x1b', 'G', '/line 150\r', 'dd', 'O漢字\x1b', ':set nu\r', '\x02']) {
      await session.keys(Buffer.from(keys));
      const log = new Log();
      logs.push(log);
      session.watch(log.listener);
    }
    await session.keys(Buffer.from(':echo "THE"."-END"\r'));
    await textShown(session, 'THE-END');
    await eventually(() => logs.every((log) => log.bytes.includes('THE-END')), 'the last bytes');
    for (const log of logs) await expectSame({ host, place, log, session });
  });

  test('a repaint alone shows colours, line drawing, modes and both screens', async () => {
    const place = await temporaryPlace();
    const host = place.host();
    const draw = String.raw`printf '\033[31;44mred \033[1;38;2;9;8;7mrgb\033[m plain \033[7m  inverse  \033[m\r\n\033(0lqqk\033(B 漢字\r\n'
      printf '\033[?1049h\033[3;9Hother \033[32mscreen\033[m\033[?1h\033=\033[?1002h\033[?1006h\033[?25l\033[2;7r\033[5;40H%s' "$0"; exec sleep 1000`;
    const session = await opened(host, { argv: ['bash', '-c', draw, 'x'.repeat(41)] });
    await textShown(session, 'xxx');
    const log = new Log();
    session.watch(log.listener);
    await eventually(() => log.parts.length === 1, 'the repaint');
    await expectSame({ host, place, log, session, look: (each) => each.screen('ansi') });
    expect(log.bytes.toString()).toMatch(/\x1b\[\?1002h.*\x1b\[\?1006h.*\x1b\[\?25l/s);
  });

  test('a character half printed at the cut is whole for whoever comes then', async () => {
    const place = await temporaryPlace();
    const session = await opened(place.host(), {
      argv: ['bash', '-c', String.raw`printf 'a\xe6'; read -s x; printf '\xbc\xa2b'; exec sleep 1000`],
    });
    await textShown(session, 'a');
    const log = new Log();
    session.watch(log.listener);
    await eventually(() => log.parts.length === 1, 'the repaint');
    await session.keys(Buffer.from('\r'));
    await textShown(session, 'a漢b');
    await eventually(() => log.bytes.includes('a漢b') || log.bytes.includes('漢'), 'the character');
    expect(log.bytes.toString()).not.toContain('\ufffd');
  });

  test('scrollback comes before the screen, as text and as bytes', async () => {
    const place = await temporaryPlace();
    const host = place.host();
    const session = await opened(host, {
      argv: ['sh', '-c', 'seq 1 100; printf END; exec sleep 1000'],
      cols: 40,
      rows: 10,
    });
    await textShown(session, 'END');
    const text = (await session.screen('text', { scrollback: 20 })).split('\n');
    expect(text.map((line) => line.trim())).toEqual([
      ...Array.from({ length: 29 }, (_, index) => String(72 + index)),
      'END',
    ]);
    const bytes = Buffer.from(await session.screen('ansi', { scrollback: 20 }));
    const copy = await replayed({ host, place, bytes, like: session });
    await textShown(copy, 'END');
    expect(await copy.screen('text', { scrollback: 20 })).toBe(await session.screen('text', { scrollback: 20 }));
  });

  test('a new size is told, and what follows fits it', async () => {
    const place = await temporaryPlace();
    const host = place.host();
    const session = await opened(host, { argv: ['cat'] });
    const log = new Log();
    session.watch(log.listener);
    await eventually(() => log.kinds.length === 1, 'the repaint');
    await session.resize({ cols: 50, rows: 12 });
    expect(session.size).toEqual({ cols: 50, rows: 12 });
    await eventually(() => log.kinds.length >= 3, 'the new size');
    expect(log.kinds.slice(0, 3)).toEqual(['repaint', 'resize', 'repaint']);
    await expect(session.resize({ cols: 0, rows: 5 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  test('a flood becomes frames, and ends with the right screen and bytes again', async () => {
    const place = await temporaryPlace();
    const host = place.host();
    const session = await opened(host, { argv: ['sh', '-c', 'read x; seq 1 3000000; printf FLOODED; exec cat'] });
    const log = new Log();
    session.watch(log.listener);
    const start = performance.now();
    await session.keys(Buffer.from('\r'));
    await textShown(session, 'FLOODED', 40_000);
    await eventually(() => log.bytes.includes('FLOODED'), 'the end of the flood');
    const seconds = (performance.now() - start) / 1000;
    expect(log.kinds.filter((kind) => kind === 'repaint').length).toBeLessThan(5 + seconds * 25);
    expect(log.bytes.length).toBeLessThan(22_888_896 / 2);
    await eventually(async () => {
      await session.keys(Buffer.from('calm\r'));
      return log.kinds.at(-1) === 'bytes' && log.bytes.includes('calm');
    }, 'bytes after the flood');
    await session.keys(Buffer.from('QUIET\r'));
    await eventually(
      () => log.bytes.subarray(log.bytes.lastIndexOf('\x1b[!p')).toString().split('QUIET').length === 3,
      'the last bytes',
    );
    await expectSame({ host, place, log, session });
  });

  test('a server that does not read for a while costs tmux little memory, and is sent a repaint when it reads again', async () => {
    const { child, ref, repaints, flooded } = await stoppedInFlood(await temporaryPlace());
    const server = (await readProcessTable()).get(ref.panePid)!.parent;
    // tmux pauses its client or stops reading from the program, whichever it comes to first.
    for (let look = 0; look < 100 && !flooded(); look++) {
      expect((await readProcessTable()).get(server)?.memory).toBeLessThan(45e6);
      await delay(20);
    }
    child.kill('SIGCONT');
    await eventually(flooded, 'the end of the flood', 40_000);
    await eventually(() => repaints.at(-1)?.includes('FLOODED'), 'the repaint that shows the end');
    expect((await readProcessTable()).get(server)?.memory).toBeLessThan(12e6);
  });

  test('a server that is killed while it has not read everything holds up no agent', async () => {
    const place = await temporaryPlace();
    const { child, ref, flooded } = await stoppedInFlood(place);
    child.kill('SIGKILL');
    await eventually(flooded, 'the end of the flood', 40_000);
    const adopted = await place.host().adopt(ref);
    if (adopted.outcome !== 'adopted') throw new Error(adopted.outcome);
    await textShown(adopted.session, 'FLOODED');
  });

  test('who stops watching hears nothing more, and nothing is sent while nobody watches', async () => {
    const session = await opened((await temporaryPlace()).host(), { argv: ['cat'] });
    const log = new Log();
    const stop = session.watch(log.listener);
    await eventually(() => log.kinds.length === 1, 'the repaint');
    stop();
    await session.keys(Buffer.from('unseen\r'));
    await textShown(session, 'unseen\nunseen');
    expect(log.kinds).toEqual(['repaint']);
    const next = new Log();
    session.watch(next.listener);
    await eventually(() => next.bytes.includes('unseen'), 'the screen as it is now');
    expect((await readProcessTable()).has(session.ref.panePid)).toBe(true);
  });
});
