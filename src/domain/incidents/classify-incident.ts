/** What kind of trouble something is, by the first rule that fits; the rule says so in words. Pure. */
import type { IncidentClass } from '../../contract/incidents.ts';

export interface Trouble {
  /** Of the error, or the status of the agent. */
  code: string;
  message: string;
}

interface Rule {
  class: IncidentClass;
  codes: readonly string[];
  /** Words of a message that say the same. */
  words?: RegExp;
}

/** In this order: what a quota or a right refused often also looks like a failed command. */
const RULES: readonly Rule[] = [
  {
    class: 'quota',
    codes: ['rate_limited', 'RATE_LIMITED', 'BUDGET_EXCEEDED'],
    words: /\b429\b|too many requests|rate.?limit|usage limit|quota/i,
  },
  {
    class: 'permission',
    codes: ['auth_failed', 'AGENT_AUTH_FAILED', 'FORBIDDEN', 'UNAUTHENTICATED'],
    words: /\b40[13]\b|permission denied|EACCES|EPERM|unauthori[sz]ed|forbidden|not logged in/i,
  },
  {
    class: 'config',
    codes: [
      'could_not_start',
      'EXPRESSION_FAILED',
      'OUTPUT_FAILED',
      'INVALID_REQUEST',
      'INPUTS_INVALID',
      'AGENT_NOT_FOUND',
      'AGENT_KIND_UNAVAILABLE',
      'AGENT_NOT_A_SHELL',
      'CHANNEL_NOT_FOUND',
      'SECRET_NOT_FOUND',
      'WORKFLOW_NOT_FOUND',
      'WORKFLOW_TOO_DEEP',
      'WORKSPACE_NOT_FOUND',
      'WORKSPACE_NOT_A_REPOSITORY',
      'SPAWN_FAILED',
    ],
    words: /command not found|no such file or directory|ENOENT/i,
  },
  {
    class: 'agent',
    codes: [
      'crashed',
      'no_signal',
      'AGENT_EXITED',
      'AGENT_NOT_RUNNING',
      'MODEL_FAILED',
      'OUTPUT_SCHEMA_MISMATCH',
      'DELIVERY_FAILED',
      'OUTCOME_UNKNOWN',
    ],
  },
  {
    class: 'transient',
    codes: ['TIMEOUT', 'DATABASE_UNAVAILABLE', 'QUEUE_UNAVAILABLE', 'HTTP_FAILED'],
    words: /ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|socket hang up|\b50[234]\b|timed? ?out/i,
  },
];

export function classifyIncident({ code, message }: Trouble): { class: IncidentClass; rule: string } {
  const byCode = RULES.find(({ codes }) => codes.includes(code));
  // A code of one meaning says more than words; that a command failed or a service answered says nothing yet.
  if (byCode) return { class: byCode.class, rule: `${code} is always of this class` };
  for (const rule of RULES) {
    const words = rule.words?.exec(message)?.[0];
    if (words !== undefined) return { class: rule.class, rule: `the message says “${words}”` };
  }
  return { class: 'bug', rule: `no other class has a rule for ${code}` };
}

const HEALS_BY_ITSELF: ReadonlySet<IncidentClass> = new Set(['transient', 'agent', 'quota']);

/** `spent`: whatever would have been tried by itself was tried, or nothing is. */
export function responseTo(trouble: { class: IncidentClass; spent: boolean }): 'automatic' | 'manual' {
  return !trouble.spent && HEALS_BY_ITSELF.has(trouble.class) ? 'automatic' : 'manual';
}
