/** Judges how a turn ended that opencode works on no more: by its last message, and by what was heard and done meanwhile. */
import type { ObservedStatus, TaskOutcome } from '../../ports/agent-driver.ts';
import type { SessionExit } from '../../ports/agent-host.ts';
import { endsWithQuestion } from '../ends-with-question.ts';
import type { Message, TurnError } from './opencode-event.ts';
import { opencodeFailure } from './opencode-failure.ts';
import { newTurn, type Turn } from './turn.ts';

export interface Verdict {
  outcome: TaskOutcome;
  /** What the agent is in from now on. */
  status: ObservedStatus;
  reason: string;
}

/** How a message ends that is not the last word: stopped while the endpoint was tried again, or between two steps. */
const STOPPED = new Set(['', 'tool-calls']);

const ABORTED = 'MessageAbortedError';

const GIVEN_UP: TurnError = {
  name: 'given up',
  message: 'opencode gave the prompt up before it asked the model',
  httpStatus: null,
};

const BROKEN_OFF: TurnError = {
  name: 'broken off',
  message: 'opencode stopped in the middle of its answer',
  httpStatus: null,
};

const SIGKILL = 9;

/**
 * Null while more may come: opencode completes the last message, and says what went wrong, when it rests already.
 * `waited`: it has rested for a while, and nothing more has come.
 */
export function verdictOf(turn: Turn, last: Message | null, { waited }: { waited: boolean }): Verdict | null {
  if (last?.error && !isAbort(last.error)) return failure(last.error, last);
  if (last?.completed && !last.error && !STOPPED.has(last.finish)) return success(last.text);
  const complete = last === null || last.completed || last.error !== null;
  if (!complete && !waited) return null;
  // It was stopped before its last word; without a message, between the prompt and the question to the model.
  if (turn.givenUp) return failure(turn.givenUp, last);
  if (last?.error || turn.interrupted || (turn.error && isAbort(turn.error))) return cancelled(last);
  if (turn.error) return failure(turn.error, last);
  if (!waited) return null;
  if (!complete) return failure(BROKEN_OFF, last);
  return turn.state === 'started' ? cancelled(last) : failure(GIVEN_UP, last);
}

/** Of a turn that a program did which has ended since. */
export function endAfterExit(last: Message | null): TaskOutcome {
  return verdictOf(newTurn(''), last, { waited: false })?.outcome ?? { status: 'failed', error: exitError() };
}

/** Of the turn that was running when its program ended. */
export function endAtExit(turn: Turn, { how, signal }: SessionExit): TaskOutcome {
  // Whoever interrupted it did not kill the program: what it was doing is unknown.
  const killed = how === 'lost' || (how === 'signalled' && signal === SIGKILL);
  if (turn.endedByUs || (turn.interrupted && !killed)) return { status: 'cancelled' };
  return { status: 'failed', error: exitError() };
}

export function isAbort({ name }: TurnError): boolean {
  return name === ABORTED;
}

function exitError(): { code: string; message: string } {
  return { code: 'AGENT_EXITED', message: 'opencode ended in the middle of the turn.' };
}

function success(text: string): Verdict {
  const outcome: TaskOutcome = { status: 'succeeded', result: { text } };
  return endsWithQuestion(text)
    ? { outcome, status: 'waiting_input', reason: 'its turn ended with a question' }
    : { outcome, status: 'idle', reason: 'its turn ended' };
}

function cancelled(last: Message | null): Verdict {
  return { outcome: { status: 'cancelled', ...said(last) }, status: 'idle', reason: 'its turn was interrupted' };
}

function failure(of: TurnError, last: Message | null): Verdict {
  const { error, status, reason } = opencodeFailure(of);
  return { outcome: { status: 'failed', ...said(last), error }, status, reason };
}

function said(last: Message | null): { result?: { text: string } } {
  return last === null || last.text === '' ? {} : { result: { text: last.text } };
}
