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
