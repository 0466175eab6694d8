/**
 * Writes lines into the named pipe that is a program's standard input. The program holds both ends open, so the pipe
 * outlives any writer; a line that was written whole is read by the program however we end.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

const RETRY_EVERY_MS = 5; // the pipe holds 64 KiB; the program reads it within a few milliseconds
const GIVE_UP_AFTER_MS = 10_000;

export type WriteOutcome =
  | { outcome: 'written' }
  /** The program has ended, nobody reads: not a byte has gone. */
  | { outcome: 'nobody_reads' }
  /** A part has gone: the program finds a line that is not JSON, and ends or passes over it. */
  | { outcome: 'broken'; reason: string };

/**
 * A program that has just been started gets a moment to open its pipe; `ended` says that it never will. `afterBroken`
 * first ends a line that may have been left unfinished, for a program that passes over what it cannot read.
 */
export async function writeLine(
  pipe: string,
  message: object,
  ended: () => boolean,
  { afterBroken = false }: { afterBroken?: boolean } = {},
): Promise<WriteOutcome> {
  const until = Date.now() + GIVE_UP_AFTER_MS;
  const handle = await openForWriting(pipe, { until, ended });
  if (handle === null) return { outcome: 'nobody_reads' };
  try {
    const bytes = Buffer.from(`${afterBroken ? '\n' : ''}${JSON.stringify(message)}\n`, 'utf8');
    let sent = 0;
    while (sent < bytes.length) {
      try {
        sent += (await handle.write(bytes, sent)).bytesWritten;
      } catch (error) {
        if (codeOf(error) !== 'EAGAIN')
          return sent === 0
            ? { outcome: 'nobody_reads' }
            : { outcome: 'broken', reason: error instanceof Error ? error.message : String(error) };
        if (Date.now() > until)
          return sent === 0
            ? { outcome: 'nobody_reads' }
            : { outcome: 'broken', reason: 'the program stopped reading in the middle of the prompt' };
        await wait(RETRY_EVERY_MS);
      }
    }
    return { outcome: 'written' };
  } finally {
    await handle.close();
  }
}

async function openForWriting(
  pipe: string,
  { until, ended }: { until: number; ended: () => boolean },
): Promise<FileHandle | null> {
  while (!ended() && Date.now() <= until) {
    try {
      // Without O_NONBLOCK the opening itself would wait for a reader, for ever.
      return await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (!['ENXIO', 'ENOENT'].includes(codeOf(error))) throw error;
      await wait(RETRY_EVERY_MS);
    }
  }
  return null;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
