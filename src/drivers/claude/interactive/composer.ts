/**
 * Claude Code's input line, read and written through its own "edit in $EDITOR" key: exact in every character, of any
 * length, never mixed with a person's draft, and provably untouched when it did not work. (A paste of four lines or
 * 900 characters reaches the model as quoted data, and its tabs as blanks; 2.1.330.)
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentSession } from '../../../ports/agent-host.ts';
import { writeWhole } from './terminal-files.ts';
import { watchFolder } from './watch-folder.ts';

const EDITOR_KEY = Buffer.from([0x07]); // ^G
const OPENS_WITHIN_MS = 8000; // about 150 ms, but 1.4 s were seen while the machine was busy
const PRESS_AGAIN_MS = 1500; // the key is lost for a moment after an Esc
const PRESSED_FOR_MS = 3000; // then no key of ours is on its way any more
const ENDS_WITHIN_MS = 10_000; // a few ms for two copies of a file
const RETURNS_WITHIN_MS = 8000; // about 50 ms; an Enter before it is a newline, so a busy machine gets its time
const RESUMED = /\u001b\[\?(?:1049|2004)h/; // it takes the terminal back, and has set it to read keys again

export type SwapOutcome =
  /** It held what was expected, and holds the text now. */
  | { outcome: 'placed' }
  /** It holds this, and was left alone. */
  | { outcome: 'other'; draft: string }
  /** The key opened nothing: a dialog or a menu is in front. Nothing was touched. */
  | { outcome: 'unreachable' }
  /** Opened, and not seen to end. */
  | { outcome: 'unknown' };

export interface Composer {
  swap(options: { expected: string; text: string }): Promise<SwapOutcome>;
}

export function createComposer({ session, directory }: { session: AgentSession; directory: string }): Composer {
  const current = join(directory, 'current');
  const pressing = join(directory, 'pressing');
  let release: NodeJS.Timeout | undefined;
  // An order that a server before us left would be carried out when a person presses the key.
  for (const name of readdirSync(directory).filter((one) => one !== 'pressing'))
    rmSync(join(directory, name), { recursive: true, force: true });
  // A key that it pressed may still be on its way: it must not open the person's own editor.
  if (existsSync(pressing)) releaseSoon();

  return {
    async swap({ expected, text }) {
      const order = randomBytes(6).toString('hex');
      const place = join(directory, order);
      mkdirSync(place, { mode: 0o700 });
      writeFileSync(join(place, 'expected'), expected, { mode: 0o600 });
      writeFileSync(join(place, 'text'), text, { mode: 0o600 });
      const has = (name: string) => (): boolean => existsSync(join(place, name));
      const resumed = whenResumed(session);
      clearTimeout(release);
      try {
        writeWhole(pressing, '');
        writeWhole(current, order);
        let opened = false;
        for (let waited = 0; !opened && waited < OPENS_WITHIN_MS; waited += PRESS_AGAIN_MS) {
          await session.keys(EDITOR_KEY);
          opened = await appears({ place, isSo: has('taken'), withinMs: PRESS_AGAIN_MS });
        }
        if (!opened && withdraw(current, place)) return { outcome: 'unreachable' };
        if (!(await appears({ place, isSo: has('draft'), withinMs: ENDS_WITHIN_MS }))) return { outcome: 'unknown' };
        await resumed.within(RETURNS_WITHIN_MS);
        return has('placed')()
          ? { outcome: 'placed' }
          : { outcome: 'other', draft: readFileSync(join(place, 'draft'), 'utf8') };
      } finally {
        resumed.stop();
        rmSync(place, { recursive: true, force: true });
        releaseSoon();
      }
    },
  };

  function releaseSoon(): void {
    release = setTimeout(() => rmSync(pressing, { force: true }), PRESSED_FOR_MS).unref();
  }
}

/** False when the editor took the order in this moment. */
function withdraw(current: string, place: string): boolean {
  try {
    renameSync(current, join(place, 'withdrawn'));
    return true;
  } catch {
    return false;
  }
}

/** Enter that comes before the terminal is set to read keys again would be read as a newline. */
function whenResumed(session: AgentSession): { within(ms: number): Promise<void>; stop(): void } {
  const resumed = Promise.withResolvers<void>();
  let tail = '';
  const stop = session.watch((event) => {
    // The first one shows what was there before.
    if (event.type !== 'bytes') return;
    const text = tail + Buffer.from(event.data).toString('latin1');
    if (RESUMED.test(text)) resumed.resolve();
    tail = text.slice(-16);
  });
  return {
    async within(ms) {
      const limit = setTimeout(resumed.resolve, ms);
      await resumed.promise;
      clearTimeout(limit);
    },
    stop,
  };
}

async function appears({
  place,
  isSo,
  withinMs,
}: {
  place: string;
  isSo: () => boolean;
  withinMs: number;
}): Promise<boolean> {
  const found = Promise.withResolvers<void>();
  const look = (): void => {
    if (isSo()) found.resolve();
  };
  const watcher = watchFolder({ directory: place, onChange: look });
  const limit = setTimeout(found.resolve, withinMs);
  try {
    look();
    await found.promise;
    return isSo();
  } finally {
    clearTimeout(limit);
    watcher.close();
  }
}
