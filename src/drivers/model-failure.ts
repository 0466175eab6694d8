/** What is said of a turn whose model could not be used: a task's error, and a status with what to do. */
import type { ObservedStatus } from '../ports/agent-driver.ts';

export type FailureKind = 'auth' | 'rate' | 'other';

export interface ModelFailure {
  error: { code: 'AGENT_AUTH_FAILED' | 'AGENT_RATE_LIMITED' | 'MODEL_FAILED'; message: string };
  /** What the agent is in from now on: it stays so until a later turn goes well. */
  status: Extract<ObservedStatus, 'auth_failed' | 'rate_limited' | 'idle'>;
  reason: string;
}

/** `signIn` and `whenLimited` tell people how to sign this agent in, and how it goes on after a limit. */
export function modelFailure(
  kind: FailureKind,
  said: string,
  { name, signIn, whenLimited }: { name: string; signIn: string; whenLimited: string },
): ModelFailure {
  switch (kind) {
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
        reason: `${said} — ${whenLimited}`,
      };
    case 'other':
      return {
        error: { code: 'MODEL_FAILED', message: said },
        status: 'idle',
        reason: `its last turn failed: ${said}`,
      };
  }
}
