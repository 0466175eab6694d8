/**
 * What Claude Code says of itself in `<config>/sessions/<pid>.json`: idle, busy or waiting. The one source that also
 * tells of what no hook and no transcript tells, such as an Esc before the first word of an answer (2.1.330).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { watchFolder } from './watch-folder.ts';

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
  close(): void;
}

export function sessionsFolder(configDirectory: string): string {
  return join(configDirectory, 'sessions');
}

export function watchSessionFile({
  configDirectory,
  pid,
  onChange,
}: {
  configDirectory: string;
  pid: number;
  onChange: () => void;
}): SessionFile {
  const directory = sessionsFolder(configDirectory);
  const watcher = watchFolder({ directory, onChange });
  let last: LiveState | undefined;
  return {
    read() {
      // Read in the middle of being written: the next change tells.
      last = readState(join(directory, `${pid}.json`)) ?? last;
      return last;
    },
    close: () => watcher.close(),
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
