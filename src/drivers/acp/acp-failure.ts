/** Turns what an ACP agent says of a turn that went wrong into a task's error and a status with what to do. */
import type { ObservedStatus } from '../../ports/agent-driver.ts';
import type { RpcError } from './acp-event.ts';

export interface AcpFailure {
  error: { code: 'AGENT_AUTH_FAILED' | 'AGENT_RATE_LIMITED' | 'MODEL_FAILED'; message: string };
  /** What the agent is in from now on: it stays so until a later turn goes well. */
  status: Extract<ObservedStatus, 'auth_failed' | 'rate_limited' | 'idle'>;
  reason: string;
}

const AUTH_REQUIRED = -32000; // of the protocol

/** `signIn` tells people how to sign this agent in. */
export function acpFailure(error: RpcError, { name, signIn }: { name: string; signIn: string }): AcpFailure {
  const said = wordsOf(error.message);
  switch (kindOf(error)) {
    case 'auth':
      return {
        error: { code: 'AGENT_AUTH_FAILED', message: `${name} is not signed in: ${said}` },
        status: 'auth_failed',
        reason: `${said} — ${signIn}, and send the task again`,
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

/** Agents pass the HTTP status of their model's endpoint on as the code, or in the text. */
export function kindOf({ code, message }: RpcError): 'auth' | 'rate' | 'other' {
  if (code === AUTH_REQUIRED || code === 401 || code === 403) return 'auth';
  if (code === 429) return 'rate';
  if (/\b(401|403|unauthorized|unauthenticated|API[_ ]key[_ ](not )?(in)?valid)\b/i.test(message)) return 'auth';
  if (/\b(429|rate.?limit|resource.?exhausted|quota|overloaded)\b/i.test(message)) return 'rate';
  return 'other';
}

/** The sentence inside of what an endpoint answered as JSON. */
function wordsOf(message: string): string {
  try {
    const found = JSON.parse(message) as { error?: { message?: unknown } };
    return typeof found.error?.message === 'string' ? found.error.message : message;
  } catch {
    return message;
  }
}
