/** The letters that Claude Code's hooks post, in the order in which they were written. */
import {
  constants,
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export interface Letter {
  name: string;
  at: string;
  event: string;
  /** As the hook was told, by Claude Code's own names. */
  body: Record<string, unknown>;
}

export interface LetterBox {
  /** Hands over what is new. */
  catchUp(): void;
  /** Whether the hook of this letter still waits for its verdict. */
  waits(name: string): boolean;
  /** False when nobody waits. An empty verdict lets the hook go without one. */
  answer(name: string, verdict: string): boolean;
  /** Letters that nobody needs to read again. */
  discard(names: readonly string[]): void;
}

export function openLetterBox({
  directory,
  onLetter,
}: {
  directory: string;
  onLetter: (letter: Letter) => void;
}): LetterBox {
  const seen = new Set<string>();

  const catchUp = (): void => {
    const fresh = readdirSync(directory).filter((name) => name.endsWith('.json') && !seen.has(name));
    const aged = fresh.map((name) => ({ name, at: statSync(join(directory, name), { bigint: true }).mtimeNs }));
    for (const { name, at } of aged.toSorted((a, b) => Number(a.at - b.at))) {
      seen.add(name);
      const letter = readLetter({ directory, name, at });
      if (letter) onLetter(letter);
    }
  };

  const fifo = (name: string): string => join(directory, `${name}.answer`);
  return {
    catchUp,
    waits: (name) => toReader(fifo(name), () => undefined),
    answer(name, verdict) {
      const told = toReader(fifo(name), (fd) => writeAll(fd, Buffer.from(`${verdict}\n`)));
      rmSync(fifo(name), { force: true });
      return told;
    },
    discard(names) {
      for (const name of names) {
        rmSync(fifo(name), { force: true });
        rmSync(join(directory, `${name}.json`), { force: true });
        seen.delete(`${name}.json`);
      }
    },
  };
}

function readLetter({ directory, name, at }: { directory: string; name: string; at: bigint }): Letter | undefined {
  try {
    const body = JSON.parse(readFileSync(join(directory, name), 'utf8')) as Record<string, unknown>;
    const event = body['hook_event_name'];
    if (typeof event !== 'string') return undefined;
    return { name: name.slice(0, -'.json'.length), at: new Date(Number(at / 1_000_000n)).toISOString(), event, body };
  } catch {
    // Not a letter: a hook whose disk was full.
    return undefined;
  }
}

/** Without a reader this fails at once (ENXIO); opened for blocking it would hold up the whole server. */
function toReader(file: string, use: (fd: number) => void): boolean {
  try {
    if (!lstatSync(file).isFIFO()) return false;
    const fd = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      use(fd);
    } finally {
      closeSync(fd);
    }
    return true;
  } catch {
    return false;
  }
}

/** A FIFO takes 16 KiB on macOS and 64 KiB on Linux at once; the hook reads the rest while we write it. */
function writeAll(fd: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length; from += writeSync(fd, bytes, from));
}
