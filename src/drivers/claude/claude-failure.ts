/** Turns what Claude Code says of a turn that went wrong into a task's error and a status with what to do. */
import { type ModelFailure, modelFailure } from '../model-failure.ts';

export type ClaudeFailure = ModelFailure;

/** `apiStatus` is the HTTP status of the model's endpoint, null when there was no answer. */
export function claudeFailure(apiStatus: number | null, text: string): ClaudeFailure {
  const isSignedOut = apiStatus === 401 || apiStatus === 403 || /not logged in|\/login|invalid api key/i.test(text);
  const kind = isSignedOut ? 'auth' : apiStatus === 429 ? 'rate' : 'other';
  return modelFailure(kind, text.trim() || 'Claude Code gave no reason', {
    name: 'Claude Code',
    signIn: 'sign in with `claude` in a terminal, or give the agent an ANTHROPIC_API_KEY',
    whenLimited: 'its next task waits before it tries again; a restart of the agent tries at once',
  });
}
