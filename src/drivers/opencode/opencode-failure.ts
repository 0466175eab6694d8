/** Turns what opencode says of a turn that went wrong into a task's error and a status with what to do. */
import type { ObservedStatus } from '../../ports/agent-driver.ts';
import type { TurnError } from './opencode-event.ts';

export interface OpencodeFailure {
  error: { code: 'AGENT_AUTH_FAILED' | 'AGENT_RATE_LIMITED' | 'MODEL_FAILED'; message: string };
  /** What the agent is in from now on: it stays so until a later turn goes well. */
  status: Extract<ObservedStatus, 'auth_failed' | 'rate_limited' | 'idle'>;
  reason: string;
}

export function opencodeFailure(error: TurnError): OpencodeFailure {
  const said = error.message.trim() || 'opencode gave no reason';
  switch (failureKind(error)) {
    case 'auth':
      return {
        error: { code: 'AGENT_AUTH_FAILED', message: `opencode is not signed in: ${said}` },
        status: 'auth_failed',
        reason: `${said} — sign in with \`opencode auth login\` in a terminal, or give the agent the key of its provider, and send the task again`,
      };
    case 'rate':
      return {
        error: { code: 'AGENT_RATE_LIMITED', message: `The model's rate limit was reached: ${said}` },
        status: 'rate_limited',
        reason: `${said} — it takes tasks again when the limit is lifted`,
      };
    case 'other':
      return {
        error: { code: 'MODEL_FAILED', message: said },
        status: 'idle',
        reason: `its last turn failed: ${said}`,
      };
  }
}

/** While it tries again it gives the message alone, without the status. */
export function failureKind({ name, httpStatus, message }: TurnError): 'auth' | 'rate' | 'other' {
  if (name === 'ProviderAuthError' || httpStatus === 401 || httpStatus === 403) return 'auth';
  if (httpStatus === 429) return 'rate';
  if (httpStatus === null && /rate.?limit|too many requests|usage limit|quota|\b429\b/i.test(message)) return 'rate';
  return 'other';
}
