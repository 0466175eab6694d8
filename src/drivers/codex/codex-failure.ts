/** Turns what Codex says of a turn that went wrong into a task's error and a status with what to do. */
import type { ObservedStatus } from '../../ports/agent-driver.ts';
import type { TurnError } from './codex-event.ts';

export interface CodexFailure {
  error: { code: 'AGENT_AUTH_FAILED' | 'AGENT_RATE_LIMITED' | 'MODEL_FAILED'; message: string };
  /** What the agent is in from now on: it stays so until a later turn goes well. */
  status: Extract<ObservedStatus, 'auth_failed' | 'rate_limited' | 'idle'>;
  reason: string;
}

export function codexFailure(error: TurnError | null): CodexFailure {
  const said = error?.message.trim() || 'Codex gave no reason';
  switch (failureKind(error)) {
    case 'auth':
      return {
        error: { code: 'AGENT_AUTH_FAILED', message: `Codex is not signed in: ${said}` },
        status: 'auth_failed',
        reason: `${said} — sign in with \`codex login\` in a terminal, or give the agent an OPENAI_API_KEY, and send the task again`,
      };
    case 'rate':
      return {
        error: { code: 'AGENT_RATE_LIMITED', message: `The model's rate limit was reached: ${said}` },
        status: 'rate_limited',
        reason: `${said} — its next task waits before it tries again; a restart of the agent tries at once`,
      };
    case 'other':
      return {
        error: { code: 'MODEL_FAILED', message: said },
        status: 'idle',
        reason: `its last turn failed: ${said}`,
      };
  }
}

/** Codex names the kind for its own cloud, and only the HTTP status for other endpoints. */
export function failureKind(error: TurnError | null): 'auth' | 'rate' | 'other' {
  if (error?.kind === 'unauthorized' || error?.httpStatus === 401 || error?.httpStatus === 403) return 'auth';
  if (error?.kind === 'usageLimitExceeded' || error?.kind === 'rateLimitExceeded' || error?.httpStatus === 429)
    return 'rate';
  return 'other';
}
