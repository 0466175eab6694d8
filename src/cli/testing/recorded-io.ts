/** Streams that remember what was written, for tests of commands. */
import { PassThrough, Writable } from 'node:stream';
import type { CommandIo, CommandOutput } from '../command-io.ts';

export interface RecordedIo extends CommandIo {
  out(): string;
  err(): string;
  interrupt(): void;
}

export function recordedIo({
  env = {},
  input = '',
  tty = false,
}: { env?: CommandIo['env']; input?: string; tty?: boolean } = {}): RecordedIo {
  const [stdout, out] = recorder(tty);
  const [stderr, err] = recorder(tty);
  const stdin = new PassThrough();
  stdin.end(input);
  const interrupts = new AbortController();
  return {
    env,
    stdin,
    stdout,
    stderr,
    out,
    err,
    interrupts: () => interrupts.signal,
    interrupt: () => interrupts.abort(),
  };
}

function recorder(tty: boolean): [CommandOutput, () => string] {
  let text = '';
  const stream: CommandOutput = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  if (tty) Object.assign(stream, { isTTY: true, columns: 80 });
  return [stream, () => text];
}
