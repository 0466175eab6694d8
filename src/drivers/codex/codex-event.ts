/** What `codex app-server` prints, as far as we act on it. Unknown messages and fields are let through unread. */

import { isObject, type Json, jsonObject, list, objectIn, text } from '../json-row.ts';

export type CodexEvent =
  /** The answer to a request of ours. */
  | { type: 'answered'; id: string; result: Json; error: { message: string } | null }
  /** A request of Codex's, which waits until it has an answer. */
  | { type: 'asked'; id: RequestId; method: string; params: Json; turnId: string }
  | { type: 'ask_resolved'; id: RequestId }
  | { type: 'turn_started'; threadId: string; turnId: string }
  | { type: 'turn_completed'; threadId: string; turnId: string; status: string; error: TurnError | null }
  | { type: 'item'; threadId: string; turnId: string; completed: boolean; item: CodexItem }
  | { type: 'usage'; threadId: string; inputTokens: number; outputTokens: number }
  | { type: 'failing'; threadId: string; error: TurnError; willRetry: boolean }
  | { type: 'other' };

export type RequestId = string | number;

export interface CodexItem {
  id: string;
  type: string;
  /** Of a user's message: the id that its sender gave it. */
  clientId: string | null;
  /** Of the agent's message. */
  text: string;
  /** Of a change of files. */
  changes: FileChange[];
}

export interface FileChange {
  path: string;
  kind: string;
  diff: string;
  movedTo?: string;
}

export interface TurnError {
  message: string;
  kind: string;
  /** Of the model's endpoint, when Codex says so. */
  httpStatus: number | null;
}

/** Null for a line that is no JSON object. */
export function parseCodexEvent(line: string): CodexEvent | null {
  const message = jsonObject(line);
  if (!message) return null;
  const { id, method } = message;
  const params = objectIn(message, 'params');
  if (typeof method !== 'string') return answered(message);
  if (typeof id === 'string' || typeof id === 'number')
    return { type: 'asked', id, method, params, turnId: text(params['turnId']) };
  return notification(method, params);
}

function answered(message: Json): CodexEvent {
  const { id } = message;
  // All of ours are text.
  if (typeof id !== 'string') return { type: 'other' };
  const error = message['error'];
  return {
    type: 'answered',
    id,
    result: objectIn(message, 'result'),
    error: isObject(error) ? { message: text(error['message']) } : null,
  };
}

function notification(method: string, params: Json): CodexEvent {
  const threadId = text(params['threadId']);
  const turn = objectIn(params, 'turn');
  switch (method) {
    case 'serverRequest/resolved': {
      const id = params['requestId'];
      return typeof id === 'string' || typeof id === 'number' ? { type: 'ask_resolved', id } : { type: 'other' };
    }
    case 'turn/started':
      return { type: 'turn_started', threadId, turnId: text(turn['id']) };
    case 'turn/completed':
      return {
        type: 'turn_completed',
        threadId,
        turnId: text(turn['id']),
        status: text(turn['status']),
        error: isObject(turn['error']) ? turnError(turn['error']) : null,
      };
    case 'item/started':
    case 'item/completed':
      return {
        type: 'item',
        threadId,
        turnId: text(params['turnId']),
        completed: method === 'item/completed',
        item: itemOf(objectIn(params, 'item')),
      };
    case 'thread/tokenUsage/updated': {
      const total = objectIn(objectIn(params, 'tokenUsage'), 'total');
      // Of the whole conversation, also across a resume; what was read from a cache is part of the input.
      return {
        type: 'usage',
        threadId,
        inputTokens: count(total['inputTokens']),
        outputTokens: count(total['outputTokens']),
      };
    }
    case 'error':
      return {
        type: 'failing',
        threadId,
        error: turnError(objectIn(params, 'error')),
        willRetry: params['willRetry'] === true,
      };
    default:
      return { type: 'other' };
  }
}

function itemOf(item: Json): CodexItem {
  return {
    id: text(item['id']),
    type: text(item['type']),
    clientId: typeof item['clientId'] === 'string' ? item['clientId'] : null,
    text: text(item['text']),
    changes: list(item['changes'])
      .filter(isObject)
      .map((change) => ({
        path: text(change['path']),
        kind: text(objectIn(change, 'kind')['type']),
        diff: text(change['diff']),
        ...(text(objectIn(change, 'kind')['move_path'])
          ? { movedTo: text(objectIn(change, 'kind')['move_path']) }
          : {}),
      })),
  };
}

/** `codexErrorInfo` is a word, or an object with one word that holds the HTTP status. */
function turnError(error: Json): TurnError {
  const info = error['codexErrorInfo'];
  const [kind, about] = isObject(info) ? (Object.entries(info)[0] ?? ['', null]) : [text(info), null];
  const status = isObject(about) ? about['httpStatusCode'] : null;
  const details = text(error['additionalDetails']);
  const message = text(error['message']);
  return {
    message: details === '' ? message : `${message}: ${details}`,
    kind,
    httpStatus: typeof status === 'number' ? status : null,
  };
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
