/** Turns what an ACP agent says of a turn that went wrong into a task's error and a status with what to do. */
import { type FailureKind, type ModelFailure, modelFailure } from '../model-failure.ts';
import type { RpcError } from './acp-event.ts';

const AUTH_REQUIRED = -32000; // of the protocol

/** `signIn` tells people how to sign this agent in. */
export function acpFailure(error: RpcError, { name, signIn }: { name: string; signIn: string }): ModelFailure {
  const whenLimited = 'it takes tasks again when the limit is lifted';
  return modelFailure(kindOf(error), wordsOf(error.message), { name, signIn, whenLimited });
}

/** What a turn that did not end as it should says of it. */
export function stopError(reason: string): RpcError {
  const words: Readonly<Record<string, string>> = {
    max_tokens: 'the answer was longer than the model may give',
    max_turn_requests: 'the turn needed more requests than the agent allows',
    refusal: 'the model refused to go on',
  };
  return { code: 0, message: words[reason] ?? `the turn ended with “${reason || 'no reason'}”` };
}

/** Agents pass the HTTP status of their model's endpoint on as the code, or in the text. */
function kindOf({ code, message }: RpcError): FailureKind {
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
