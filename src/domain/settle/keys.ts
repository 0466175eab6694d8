// The names of things between settle and the host: run keys, attempt keys and timer ids.
import type { Run } from './execution-state.ts';
import type { AttemptKey } from './settle-events.ts';

/** `node:iteration:-`, or the item indexes joined with dots in place of the dash. */
export function runKey(nodeId: string, iteration: number, path: readonly number[]): string {
  return `${nodeId}:${iteration}:${path.length === 0 ? '-' : path.join('.')}`;
}

export function attemptKey(run: Pick<Run, 'key' | 'attempt'>): AttemptKey {
  return `${run.key}:${run.attempt}`;
}

/** The run key and attempt of an attempt key; undefined for text that is none. */
export function splitAttemptKey(key: AttemptKey): { run: string; attempt: number } | undefined {
  const colon = key.lastIndexOf(':');
  const attempt = Number(key.slice(colon + 1));
  return colon > 0 && Number.isInteger(attempt) ? { run: key.slice(0, colon), attempt } : undefined;
}

export type TimerKind = 'retry' | 'wait' | 'expiry' | 'timeout';

export function timerId(kind: TimerKind, run: Pick<Run, 'key' | 'attempt'>): string {
  return `${kind}:${attemptKey(run)}`;
}

/** The timer of the time that a whole execution may take. */
export const DEADLINE = 'deadline';

/** The attempt key that a timer belongs to. */
export function timerAttempt(id: string): AttemptKey {
  return id.slice(id.indexOf(':') + 1);
}
