/**
 * Runs a program that speaks lines of JSON over standard input and output so that it outlives us: its input is a named
 * pipe and its output a file, both in the agent's directory. A server that comes back finds in the file what it missed.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UsageTotal } from '../ports/agent-driver.ts';
import { writePrivate } from './private-file.ts';

export interface PipedFiles {
  directory: string;
  /** A named pipe. */
  input: string;
  /** What the session that runs now has printed, from its first byte. */
  output: string;
  errors: string;
  delivery: string;
}

export function pipedFiles(agentDirectory: string): PipedFiles {
  const directory = join(agentDirectory, 'session');
  return {
    directory,
    input: join(directory, 'input'),
    output: join(directory, 'output.jsonl'),
    errors: join(directory, 'errors.log'),
    delivery: join(directory, 'delivery.json'),
  };
}

const PREPARE = 'umask 077; input=$1 output=$2 errors=$3; shift 3; mkfifo "$input" || exit 1; ';

/** `<>` holds the pipe open at both ends: no end of input when a writer goes, no wait for one. */
const RUN = '"$@" <>"$input" >>"$output" 2>>"$errors"';

/** tmux hangs up on a program when nobody holds its terminal any more: descriptor 9 does, or the shell that waits. */
const LAUNCH = {
  alone: `${PREPARE} exec ${RUN} 9>/dev/tty`,
  underShell: `${PREPARE} ${RUN}; exit $?`,
};

/**
 * Makes the files of a new session, with nothing read and nothing written, and says how to start the program on them.
 * `underShell` is for a program that lets go of descriptors it does not know.
 */
export async function launchPiped(
  files: PipedFiles,
  program: readonly [string, ...string[]],
  how: keyof typeof LAUNCH = 'alone',
): Promise<[string, ...string[]]> {
  await rm(files.directory, { recursive: true, force: true });
  await mkdir(files.directory, { recursive: true, mode: 0o700 });
  for (const file of [files.output, files.errors]) await writeFile(file, '', { mode: 0o600 });
  return ['/bin/sh', '-c', LAUNCH[how], 'pointsman', files.input, files.output, files.errors, ...program];
}

/** Written before the first byte of a prompt leaves: without it nothing was sent. */
export interface DeliveryRecord {
  taskId: string;
  /** Where the output file ended at that moment; all that belongs to the task comes after it. */
  offset: number;
  /** What the conversation had used by then, for a CLI that tells only what each prompt has used. */
  used?: UsageTotal;
}

export async function readDelivery(files: PipedFiles): Promise<DeliveryRecord | null> {
  const text = await readFile(files.delivery, 'utf8').catch(() => null);
  // Written by us alone, and whole or not at all.
  return text === null ? null : (JSON.parse(text) as DeliveryRecord);
}

export async function writeDelivery(files: PipedFiles, record: DeliveryRecord): Promise<void> {
  await writePrivate(files.delivery, JSON.stringify(record));
}
