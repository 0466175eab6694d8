/** A running program that launch-piped.ts started: what it prints, also while nobody looked, what it is sent, its end. */
import type { AgentSession } from '../ports/agent-host.ts';
import { followLines } from './follow-lines.ts';
import type { DeliveryRecord, PipedFiles } from './launch-piped.ts';
import { lineSender } from './line-sender.ts';
import { TOLD_WITHIN_MS } from './told-within.ts';

const INTERRUPT_KEY = Uint8Array.of(3); // Ctrl-C: the program ends, and its conversation can be resumed

/**
 * What ran before the last delivery has been dealt with: its end was told before the next prompt went. So `onLine` gets
 * what was printed since then, before this returns, and later every line as it comes.
 */
export function pipedProgram(options: {
  session: AgentSession;
  files: PipedFiles;
  delivered: DeliveryRecord | null;
  /** Half a line that was left makes it end, instead of being passed over. */
  endsOnBrokenLine?: true;
  /** `end`: the byte after the line. */
  onLine: (line: string, end: number) => void;
  onExit: () => void;
}) {
  const { session, files, delivered } = options;
  let exited = false;
  let closed = false;
  const send = lineSender(files.input, {
    ended: () => exited || closed,
    lineMayBeOpen: delivered !== null && !options.endsOnBrokenLine,
  });
  const stream = followLines({
    file: files.output,
    offset: delivered?.offset ?? 0,
    onLine: (line, { end }) => options.onLine(line, end),
  });
  const until = async (isSo: () => boolean, maxMs: number): Promise<boolean> => {
    await stream.until(() => exited || isSo(), maxMs);
    return isSo();
  };

  void session.exited.then(() => {
    stream.catchUp();
    exited = true;
    options.onExit();
    stream.catchUp(); // nothing more is printed: who waits for a line learns it now
  });

  return {
    get exited() {
      return exited;
    },
    /** Bytes of its output read so far. */
    get offset() {
      return stream.offset;
    },
    send,
    catchUp: stream.catchUp,
    /** True as soon as it is so; false after maxMs, and when the program ends without it. */
    until,
    /** One that has printed something before us is waited for until it is so; a fresh one is not. */
    async takenUp(isSo: () => boolean): Promise<void> {
      if (stream.offset > 0) await until(isSo, TOLD_WITHIN_MS);
    },
    /** Ends the program if it is not so within maxMs. */
    async endUnless(isSo: () => boolean, maxMs: number): Promise<void> {
      if (!(await until(isSo, maxMs)) && !closed) await session.keys(INTERRUPT_KEY);
    },
    close(): void {
      closed = true;
      stream.close();
    },
  };
}
