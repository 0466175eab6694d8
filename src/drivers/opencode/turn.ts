/** One task's turn as far as we know of it, and the errors that we give it ourselves. */
import type { TaskOutcome } from '../../ports/agent-driver.ts';
import type { Json } from '../json-row.ts';
import type { TurnError } from './opencode-event.ts';
import { opencodeFailure } from './opencode-failure.ts';

export interface Turn {
  taskId: string;
  state: 'sent' | 'accepted' | 'started';
  typed: boolean;
  interrupted: boolean;
  /** Why we stopped it. */
  givenUp: TurnError | null;
  /** What opencode said of it outside of its messages. */
  error: TurnError | null;
  failingSince: number | null;
  /** Calls of tools, by their ids: what they were called with, and which run now. */
  inputs: Map<string, Json>;
  running: Set<string>;
}

export function newTurn(taskId: string): Turn {
  return {
    taskId,
    state: 'sent',
    typed: false,
    interrupted: false,
    givenUp: null,
    error: null,
    failingSince: null,
    inputs: new Map(),
    running: new Set(),
  };
}

export function exitError(): { code: string; message: string } {
  return { code: 'AGENT_EXITED', message: 'opencode ended in the middle of the turn.' };
}

export function silenceError(afterMs: number): TurnError {
  return {
    name: 'silence',
    message: `the model has said nothing for ${Math.round(afterMs / 1000)} seconds, and the turn was given up`,
    httpStatus: null,
  };
}

export function failed(error: TurnError): Extract<TaskOutcome, { status: 'failed' }> {
  return { status: 'failed', error: opencodeFailure(error).error };
}

export const GIVEN_UP: TurnError = {
  name: 'given up',
  message: 'opencode gave the prompt up before it asked the model',
  httpStatus: null,
};
