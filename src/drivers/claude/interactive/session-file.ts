/**
 * What Claude Code says of itself in `<config>/sessions/<pid>.json`: idle, busy or waiting. The one source that also
 * tells of what no hook and no transcript tells, such as an Esc before the first word of an answer (2.1.330).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LiveState {
  /** `shell`: the turn is over and a background command lives on. */
  status: 'idle' | 'busy' | 'waiting' | 'shell';
  waitingFor?: string;
  /** Milliseconds since 1970, by Claude Code's clock, which is ours. */
  since: number;
}

/** All that is told of a session which somebody else started. */
export interface SessionRecord extends LiveState {
  conversation: string;
  /** Start ticks of the process that wrote it: its number may be another's by now. */
  process: string;
  directory: string;
  startedAt: string;
  /** `cli` at a terminal; `sdk-cli` for `claude -p`. */
  entrypoint: string;
  name?: string;
  isBackground: boolean;
  /** In the background: under this name Claude Code's own service starts it again when it dies. */
  job?: string;
}

export interface SessionFile {
  /** As it is written now; undefined when this version writes none, or has not begun to. */
  read(): LiveState | undefined;
}

export function sessionsFolder(configDirectory: string): string {
  return join(configDirectory, 'sessions');
}

export function sessionFile(configDirectory: string, pid: number): SessionFile {
  const file = join(sessionsFolder(configDirectory), `${pid}.json`);
  let last: LiveState | undefined;
  return {
    read() {
      // Read in the middle of being written: the next change tells.
      last = readState(file) ?? last;
      return last;
    },
  };
}

/** Undefined when there is none, or one in a form that we do not know. */
export function readSession(configDirectory: string, pid: number): SessionRecord | undefined {
  const file = join(sessionsFolder(configDirectory), `${pid}.json`);
  const state = readState(file);
  if (!state) return undefined;
  try {
    const told = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const { sessionId, procStart, cwd, startedAt, entrypoint, name, kind, jobId } = told;
    if (typeof sessionId !== 'string' || !/^[0-9a-f-]{36}$/.test(sessionId)) return undefined;
    if (typeof procStart !== 'string' || typeof cwd !== 'string' || typeof startedAt !== 'number') return undefined;
    return {
      ...state,
      conversation: sessionId,
      process: procStart,
      directory: cwd,
      startedAt: new Date(startedAt).toISOString(),
      entrypoint: typeof entrypoint === 'string' ? entrypoint : '',
      isBackground: kind !== 'interactive',
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof jobId === 'string' ? { job: jobId } : {}),
    };
  } catch {
    return undefined;
  }
}

function readState(file: string): LiveState | undefined {
  try {
    const { status, waitingFor, statusUpdatedAt } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (typeof statusUpdatedAt !== 'number') return undefined;
    if (status !== 'idle' && status !== 'busy' && status !== 'waiting' && status !== 'shell') return undefined;
    return { status, since: statusUpdatedAt, ...(typeof waitingFor === 'string' ? { waitingFor } : {}) };
  } catch {
    return undefined;
  }
}
