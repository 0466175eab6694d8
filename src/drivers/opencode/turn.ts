/** One task's turn as far as we know of it. */
import type { Json } from '../json-row.ts';
import type { MessagePart, TurnError } from './opencode-event.ts';

export interface Turn {
  taskId: string;
  /** Of its prompt; empty before that has one. */
  messageId: string;
  state: 'sent' | 'accepted' | 'started';
  typed: boolean;
  /** Its first message is there, though it may be empty. */
  answering: boolean;
  interrupted: boolean;
  /** It did not stop in time, and the whole program was told to end. */
  endedByUs: boolean;
  /** Why we stopped it. */
  givenUp: TurnError | null;
  /** What opencode said of it outside of its messages. */
  error: TurnError | null;
  failingSince: number | null;
  /** Calls of tools, by their ids: what they were called with, and which run now. */
  inputs: Map<string, Json>;
  running: Set<string>;
}

export function newTurn(taskId: string, messageId = ''): Turn {
  return {
    taskId,
    messageId,
    state: 'sent',
    typed: false,
    answering: false,
    interrupted: false,
    endedByUs: false,
    givenUp: null,
    error: null,
    failingSince: null,
    inputs: new Map(),
    running: new Set(),
  };
}

export function noteCall(turn: Turn, part: MessagePart): void {
  turn.inputs.set(part.callId, part.input);
  if (part.running) turn.running.add(part.callId);
  else turn.running.delete(part.callId);
}

export function silenceError(afterMs: number): TurnError {
  return {
    name: 'silence',
    message: `the model has said nothing for ${Math.round(afterMs / 1000)} seconds, and the turn was given up`,
    httpStatus: null,
  };
}
