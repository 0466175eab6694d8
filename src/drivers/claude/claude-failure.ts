/** Turns what Claude Code says of a turn that went wrong into a task's error and a status with what to do. */
import type { ObservedStatus } from '../../ports/agent-driver.ts';

export interface ClaudeFailure {
  error: { code: 'AGENT_AUTH_FAILED' | 'AGENT_RATE_LIMITED' | 'MODEL_FAILED'; message: string };
  /** What the agent is in from now on: it stays so until a later turn goes well. */
  status: Extract<ObservedStatus, 'auth_failed' | 'rate_limited' | 'idle'>;
  reason: string;
}

/** `apiStatus` is the HTTP status of the model's endpoint, null when there was no answer. */
export function claudeFailure(apiStatus: number | null, text: string): ClaudeFailure {
  const said = text.trim() === '' ? 'Claude Code gave no reason' : text.trim();
  if (apiStatus === 401 || apiStatus === 403 || /not logged in|\/login|invalid api key/i.test(text))
    return {
      error: { code: 'AGENT_AUTH_FAILED', message: `Claude Code is not signed in: ${said}` },
      status: 'auth_failed',
      reason: `${said} — sign in with \`claude\` in a terminal, or give the agent an ANTHROPIC_API_KEY, and send the task again`,
    };
  if (apiStatus === 429)
    return {
      error: { code: 'AGENT_RATE_LIMITED', message: `The model's rate limit was reached: ${said}` },
      status: 'rate_limited',
      reason: `${said} — its next task waits before it tries again; a restart of the agent tries at once`,
    };
  return {
    error: { code: 'MODEL_FAILED', message: said },
    status: 'idle',
    reason: `its last turn failed: ${said}`,
  };
}
