/**
 * Runs the commands of shell steps outside the server's process group and keeps their start, output and exit
 * status in files, so that a server that died finds them again.
 */

export interface StepCommand {
  /** `execution:node:iteration:item:attempt`; names the run directory for ever. */
  key: string;
  /** A list is run as it is, a string with `sh -c`. */
  command: string | readonly string[];
  cwd: string;
  /** Complete environment. */
  env: Readonly<Record<string, string>>;
}

export interface StepExit {
  /** Exit status of the command; 128 + signal number when a signal ended it. */
  exitCode: number;
  /** Output as UTF-8 text; past the limit the middle is left out and marked. */
  stdout: string;
  stderr: string;
  startedAt: string;
  finishedAt: string;
}

export type StartOutcome =
  | { outcome: 'started'; pid: number; startedAt: string }
  | { outcome: 'failed'; code: 'COMMAND_NOT_FOUND' | 'CWD_MISSING' | 'SPAWN_FAILED'; reason: string };

export type AttachOutcome =
  /** Nothing ran and, by this call's claim, nothing of this key ever will. */
  | { outcome: 'never_started' }
  | { outcome: 'running'; startedAt: string }
  | { outcome: 'exited'; exit: StepExit }
  /** It began and neither it nor its record of an end can be found. */
  | { outcome: 'unknown'; reason: string };

export interface StepSupervisor {
  start(command: StepCommand): Promise<StartOutcome>;
  /** After a restart: what became of this key. */
  attach(key: string): Promise<AttachOutcome>;
  /** Resolves at the end of a running command; 'unknown' when its supervisor was killed without a record. */
  wait(
    key: string,
    signal: AbortSignal,
  ): Promise<{ outcome: 'exited'; exit: StepExit } | { outcome: 'unknown'; reason: string }>;
  /** New output since a byte offset of each stream, for the live log. */
  readOutput(
    key: string,
    from: { stdout: number; stderr: number },
  ): Promise<{ stdout: Uint8Array; stderr: Uint8Array }>;
  /** TERM to every process of the step, KILL after graceMs; resolves when none is left, also not one that left its process group. */
  kill(key: string, options?: { graceMs?: number }): Promise<void>;
  /** Removes the records of a key whose outcome has been stored. */
  forget(key: string): Promise<void>;
}
