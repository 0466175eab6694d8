/** What is typed arrives byte for byte, and nothing of it is ever understood by tmux or a shell. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentSession } from '../../ports/agent-host.ts';
import { eventually, opened, temporaryPlace, textShown, type Place } from './testing/temporary-host.ts';

const SINK = join(import.meta.dirname, 'testing/raw-sink.mjs');
const BEGIN = '\x1b[200~';
const END = '\x1b[201~';

interface Sink {
  session: AgentSession;
  /** The bytes that arrived since the last call, once there are as many. */
  take(length: number): Promise<Buffer>;
}

async function sink(place: Place): Promise<Sink> {
  const file = join(place.directory, 'typed');
  const session = await opened(place.host(), { argv: [process.execPath, SINK, file], cwd: place.directory });
  await textShown(session, 'READY');
  let taken = 0;
  return {
    session,
    async take(length) {
      const bytes = await eventually(async () => {
        const all = await readFile(file);
        return all.length >= taken + length ? all.subarray(taken) : null;
      }, `${length} typed bytes`);
      taken += bytes.length;
      return bytes;
    },
  };
}

/** What a prompt may hold: any Unicode, and much of what has meaning to tmux, to formats and to shells. */
function prompts(canary: string): fc.Arbitrary<string> {
  const hostile = fc.constantFrom(
    ';',
    '\\;',
    ' ; ',
    `#(touch ${canary})`,
    `#{E:#(touch ${canary})}`,
    `$(touch ${canary})`,
    `\`touch ${canary}\``,
    `'; touch ${canary}; '`,
    `\n run-shell 'touch ${canary}'\n`,
    `; run-shell "touch ${canary}"`,
    '-x',
    '--',
    '~',
    '$HOME',
    '%H',
    'C-c',
    'Enter',
    '[201~',
    '"',
    "'",
    '\\',
    '{',
    '}',
    '#',
    '\t',
    '\n',
  );
  return (
    fc
      .array(fc.oneof(hostile, fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), {
        minLength: 1,
        maxLength: 12,
      })
      // A lone surrogate has no bytes, and control characters are refused (see below).
      .map((parts) =>
        parts
          .join('')
          .toWellFormed()
          .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, ''),
      )
      .filter((text) => text !== '')
  );
}

describe('typing', () => {
  test('any text arrives byte for byte between the paste markers, submitted once, and runs nothing', async () => {
    const place = await temporaryPlace();
    const { session, take } = await sink(place);
    const canary = join(place.directory, 'canary');
    await fc.assert(
      fc.asyncProperty(prompts(canary), fc.boolean(), async (text, submits) => {
        const expected = `${BEGIN}${text}${END}${submits ? '\r' : ''}`;
        await (submits ? session.submit(text) : session.paste(text));
        expect((await take(Buffer.byteLength(expected))).toString()).toBe(expected);
      }),
      { numRuns: 150 },
    );
    expect(existsSync(canary)).toBe(false);
    expect(existsSync(join(place.directory, 'touch'))).toBe(false);
  });

  test('64 KB and 1 MB arrive whole', async () => {
    const { session, take } = await sink(await temporaryPlace());
    for (const size of [64 * 1024, 1024 * 1024]) {
      const text = Array.from({ length: size }, (_, index) => 'abc;é\n#~'[index % 8])
        .join('')
        .slice(0, size);
      await session.submit(text);
      const expected = `${BEGIN}${text}${END}\r`;
      expect((await take(Buffer.byteLength(expected))).equals(Buffer.from(expected))).toBe(true);
    }
  });

  test('every byte can be typed as a key, in order with what is pasted', async () => {
    const { session, take } = await sink(await temporaryPlace());
    const bytes = Buffer.from(Array.from({ length: 700 }, (_, index) => index % 256));
    const done = [session.keys(bytes), session.paste('x'), session.submit(''), session.keys(Buffer.from('y'))];
    await Promise.all(done);
    const typed = await take(bytes.length + BEGIN.length + 1 + END.length + 2);
    expect(typed.subarray(0, bytes.length)).toEqual(bytes);
    expect(typed.subarray(bytes.length).toSorted()).toEqual(Buffer.from(`${BEGIN}x${END}\ry`).toSorted());
  });

  test('control characters are refused and nothing is typed', async () => {
    const { session, take } = await sink(await temporaryPlace());
    for (const text of ['a\x1b[201~\rb', '\x03', 'a\rb', '\x7f', '\x9b31m', '\0']) {
      await expect(session.submit(text)).rejects.toMatchObject({ code: 'PROMPT_CONTROL_CHARACTERS' });
    }
    await session.keys(Buffer.from('k'));
    expect((await take(1)).toString()).toBe('k');
  });

  test('a person who scrolled back in an attached tmux does not swallow a prompt', async () => {
    const place = await temporaryPlace();
    const { session, take } = await sink(place);
    const { execFileSync } = await import('node:child_process');
    execFileSync('tmux', [
      '-S',
      join(place.runDirectory, `${session.ref.agentId}.sock`),
      'copy-mode',
      '-t',
      session.ref.paneId,
    ]);
    await session.submit('hello');
    expect((await take(18)).toString()).toBe(`${BEGIN}hello${END}\r`);
  });

  test('hostile arguments, environment, directories and titles arrive as they are and run nothing', async () => {
    const place = await temporaryPlace({ runName: `it's "my" #(touch canary) $HOME %H ;x` });
    const canary = join(place.directory, 'canary');
    const hostile = [
      ';',
      `#(touch ${canary})`,
      '-x',
      '~',
      'a:b.c',
      `a\n  # b\n\t;c`,
      `'"\\`,
      '$HOME',
      '%end 1 2 1',
      '{',
      'é漢',
    ];
    const cwd = join(place.directory, `cwd #(touch ${canary.replaceAll('/', '_')}) %H 'q`);
    await mkdir(cwd);
    const out = join(place.directory, 'out.json');
    const script = `
      require('fs').writeFileSync(process.argv[1], JSON.stringify({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() }));
      process.stdout.write('\\x1b]2;#(touch ${canary})\\x07\\x1bk#(touch ${canary})\\x1b\\\\\\x1b]52;c;aGk=\\x07DONE');
      setInterval(() => {}, 1e6)`;
    const env = {
      PATH: '/usr/bin:/bin',
      ...Object.fromEntries(hostile.map((value, index) => [`X${index}`, value])),
      TMUX_OWN: '1',
    };
    const host = place.host();
    const session = await opened(host, { argv: [process.execPath, '-e', script, out, ...hostile], cwd, env });
    await textShown(session, 'DONE');
    const seen = JSON.parse(await readFile(out, 'utf8'));
    expect(seen.argv).toEqual(hostile);
    expect(seen.cwd).toBe(cwd);
    expect(seen.env).toMatchObject(env);
    expect(
      Object.keys(seen.env)
        .filter((name) => !(name in env))
        .sort(),
    ).toEqual(['POINTSMAN_AGENT', 'PWD', 'TERM', 'TERM_PROGRAM', 'TERM_PROGRAM_VERSION']);

    const record = join(place.directory, `rec #(touch canary) $HOME %H 'q" ;.log`);
    await session.record(record);
    session.watch(() => undefined)();
    await session.screen('ansi', { scrollback: 100 });
    await session.resize({ cols: 100, rows: 30 });
    await session.paste(`#(touch ${canary})`);
    await eventually(
      async () => (await readFile(record, 'utf8').catch(() => '')).includes('touch'),
      'the echo in the recording',
    );
    await session.record(null);
    await host.list();
    expect(existsSync(canary)).toBe(false);
    expect(existsSync(join(cwd, 'canary'))).toBe(false);
    await session.kill({ graceMs: 0 });
  });

  test('nothing of the server’s environment reaches a pane or its tmux', async () => {
    const place = await temporaryPlace();
    process.env.CANARY_SECRET = 'canary-7f3';
    try {
      const out = join(place.directory, 'env');
      const session = await opened(place.host(), {
        argv: ['sh', '-c', `env > '${out}'; ps -o ppid= -p $$ > '${out}.tmux'; echo DONE; exec sleep 1000`],
        env: { PATH: '/usr/bin:/bin', MINE: 'spec-5a1' },
      });
      await textShown(session, 'DONE');
      const env = await readFile(out, 'utf8');
      expect(env).toContain('MINE=spec-5a1');
      expect(env).not.toContain('canary-7f3');
      const tmux = (await readFile(`${out}.tmux`, 'utf8')).trim();
      for (const file of ['environ', 'cmdline']) {
        const text = await readFile(`/proc/${tmux}/${file}`, 'utf8');
        expect(text).not.toContain('canary-7f3');
        expect(text).not.toContain('spec-5a1'); // nor can `ps` show what one agent was given
      }
      await writeFile(out, '');
    } finally {
      delete process.env.CANARY_SECRET;
    }
  });
});
