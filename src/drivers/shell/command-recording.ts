/**
 * Records what one command prints, in files beside its task, and cuts the text out of them between the marks that
 * the shell integration prints. A flood keeps its first file and its last two; only their ends are ever shown.
 */
import { watch } from 'node:fs';
import { open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentSession } from '../../ports/agent-host.ts';
import { keepHeadAndTail, terminalText } from './terminal-text.ts';

export const RESULT_MAX_BYTES = 256 * 1024; // of a task's result text
export const RAW_END_BYTES = 512 * 1024; // escape sequences and overwritten progress bars need more than what is left of them
const FILE_MAX_BYTES = 32 * 1024 * 1024; // then the next file; at most three remain
const SIZE_CHECK_MS = 2000; // a terminal prints about 40 MB/s at most
const MARK_SILENCE_MS = 1500; // the terminal hands bytes to the file a few ms after the shell printed them
const UNMARKED_SILENCE_MS = 200; // a shell that ended prints no mark, and what it printed is on its way

export interface CommandRecording {
  /** Goes on with a recording that a server before us began. */
  start(): Promise<void>;
  /** Stops, and gives the text; `open` when the shell ended without printing its end mark. */
  finish(options: { open: boolean }): Promise<string>;
  abandon(): Promise<void>;
}

/**
 * The nonce is in the files' names: a recorder that an earlier delivery started may come to write only now, and
 * opens its file by name.
 */
export function commandRecording({
  session,
  directory,
  nonce,
}: {
  session: AgentSession;
  directory: string;
  nonce: string;
}): CommandRecording {
  let timer: NodeJS.Timeout | undefined;
  let turning: Promise<void> = Promise.resolve();
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await turning;
    // A session that has ended has stopped recording too.
    await session.record(null).catch(() => undefined);
  };
  const record = async (number: number): Promise<void> => {
    const file = join(directory, `output-${nonce}-${number}`);
    // Made here, for the owner alone: the terminal's own recorder has another idea of a new file's mode.
    await writeFile(file, '', { flag: 'a', mode: 0o600 });
    await session.record(file);
  };
  const turn = async (): Promise<void> => {
    const files = await recordings(directory, nonce);
    const last = files.at(-1);
    if (!last || (await stat(last)).size < FILE_MAX_BYTES) return;
    await record(numberOf(last) + 1);
    for (const middle of files.slice(1, -1)) await rm(middle, { force: true });
  };
  return {
    async start() {
      const files = await recordings(directory, nonce);
      if (files.length === 0) await record(0);
      timer = setInterval(() => {
        turning = turn().catch(() => undefined);
      }, SIZE_CHECK_MS).unref();
    },
    async finish({ open: unmarked }) {
      await arrived({ directory, nonce, unmarked });
      await stop();
      return cutOutput({ files: await recordings(directory, nonce), nonce });
    },
    abandon: stop,
  };
}

/** The text between the first start mark and the last end mark of this nonce. */
export async function cutOutput({ files, nonce }: { files: readonly string[]; nonce: string }): Promise<string> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const [first] = files;
  if (first === undefined) return '';
  const startMark = `\u001b]133;C;${nonce}\u0007`;
  if (files.length === 1 && total <= 2 * RAW_END_BYTES) {
    const text = (await readBytes(first, 0, total)).toString('utf8');
    return keepHeadAndTail(terminalText(between(text, startMark, nonce)), RESULT_MAX_BYTES);
  }
  // Around the cut there may be half a character or half an escape sequence: whole lines only.
  const head = afterMark((await readBytes(first, 0, RAW_END_BYTES)).toString('utf8'), startMark);
  const tail = beforeMark((await lastBytes(files, sizes)).toString('utf8'), nonce);
  const headText = terminalText(head.slice(0, head.lastIndexOf('\n') + 1 || head.length));
  const tailText = terminalText(tail.slice(tail.indexOf('\n') + 1));
  return keepHeadAndTail(`${headText}\n${tailText}`, RESULT_MAX_BYTES, Math.max(1, total - 2 * RAW_END_BYTES));
}

function between(text: string, startMark: string, nonce: string): string {
  return beforeMark(afterMark(text, startMark), nonce);
}

function afterMark(text: string, startMark: string): string {
  const at = text.indexOf(startMark);
  return at < 0 ? text : text.slice(at + startMark.length);
}

/** The last one: a command may print what looks like ours, but never after it has ended. */
function beforeMark(text: string, nonce: string): string {
  const at = endMarkAt(text, nonce);
  return at < 0 ? text : text.slice(0, at);
}

function endMarkAt(text: string, nonce: string): number {
  for (let end = text.length; ;) {
    end = text.lastIndexOf(`;${nonce}\u0007`, end - 1);
    if (end < 0) return -1;
    const at = text.lastIndexOf(END_MARK, end);
    if (at >= 0 && /^\d+$/.test(text.slice(at + END_MARK.length, end))) return at;
    if (end === 0) return -1;
  }
}

const END_MARK = '\u001b]133;D;';

async function lastBytes(files: readonly string[], sizes: readonly number[]): Promise<Buffer> {
  let missing = RAW_END_BYTES;
  const parts: Buffer[] = [];
  for (let index = files.length - 1; index >= 0 && missing > 0; index -= 1) {
    const size = sizes[index] ?? 0;
    const part = await readBytes(files[index] ?? '', Math.max(0, size - missing), size);
    parts.unshift(part);
    missing -= part.length;
  }
  return Buffer.concat(parts);
}

/** Resolves when the end mark has arrived in the file, or where none will come, when nothing has arrived for a while. */
async function arrived({
  directory,
  nonce,
  unmarked,
}: {
  directory: string;
  nonce: string;
  unmarked: boolean;
}): Promise<void> {
  let wake = (): void => undefined;
  const watcher = watch(directory, () => wake());
  watcher.on('error', () => wake());
  try {
    for (let seen = -1; ;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const files = await recordings(directory, nonce);
      const file = files.at(-1);
      if (!file) return;
      const { size } = await stat(file);
      const tail = (await readBytes(file, Math.max(0, size - 64 * 1024), size)).toString('latin1');
      if (endMarkAt(tail, nonce) >= 0) return;
      const begun = files.length > 1 || size > tail.length || tail.includes(`;C;${nonce}`);
      const silence = new AbortController();
      const silent = await Promise.race([
        changed.then(() => false),
        sleep(unmarked && begun ? UNMARKED_SILENCE_MS : MARK_SILENCE_MS, true, {
          signal: silence.signal,
          ref: false,
        }).catch(() => false),
      ]);
      silence.abort();
      if (silent && seen === size) return;
      seen = size;
    }
  } finally {
    watcher.close();
  }
}

async function recordings(directory: string, nonce: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(`output-${nonce}-`));
  return names.toSorted((a, b) => numberOf(a) - numberOf(b)).map((name) => join(directory, name));
}

function numberOf(file: string): number {
  return Number(/\d+$/.exec(file)?.[0] ?? 0);
}

async function readBytes(file: string, from: number, to: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const buffer = Buffer.alloc(Math.max(0, to - from));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, from + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } finally {
    await handle.close();
  }
}
