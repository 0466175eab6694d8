/** Sends messages to a program one after the other: a long one goes into the pipe in parts, and must not be mixed with the next. */
import { type WriteOutcome, writeLine } from './stdin-pipe.ts';

export type LineSender = (message: object) => Promise<WriteOutcome>;

/** `lineMayBeOpen`: a server that died in the middle of a prompt left half a line, which would swallow the next one. */
export function lineSender(pipe: string, options: { ended: () => boolean; lineMayBeOpen: boolean }): LineSender {
  let sending: Promise<unknown> = Promise.resolve();
  let { lineMayBeOpen } = options;
  return async (message) => {
    const mine = sending.then(async () => {
      const written = await writeLine(pipe, message, options.ended, { afterBroken: lineMayBeOpen });
      if (written.outcome === 'written') lineMayBeOpen = false;
      if (written.outcome === 'broken') lineMayBeOpen = true;
      return written;
    });
    sending = mine.catch(() => undefined);
    return mine;
  };
}
