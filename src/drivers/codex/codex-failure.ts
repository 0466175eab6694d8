/** Turns what Codex says of a turn that went wrong into a task's error and a status with what to do. */
import { type FailureKind, type ModelFailure, modelFailure } from '../model-failure.ts';
import type { TurnError } from './codex-event.ts';

export function codexFailure(error: TurnError | null): ModelFailure {
  return modelFailure(failureKind(error), error?.message.trim() || 'Codex gave no reason', {
    name: 'Codex',
    signIn: 'sign in with `codex login` in a terminal, or give the agent an OPENAI_API_KEY',
    whenLimited: 'its next task waits before it tries again; a restart of the agent tries at once',
  });
}

/** Codex names the kind for its own cloud, and only the HTTP status for other endpoints. */
export function failureKind(error: TurnError | null): FailureKind {
  if (error?.kind === 'unauthorized' || error?.httpStatus === 401 || error?.httpStatus === 403) return 'auth';
  if (error?.kind === 'usageLimitExceeded' || error?.kind === 'rateLimitExceeded' || error?.httpStatus === 429)
    return 'rate';
  return 'other';
}
