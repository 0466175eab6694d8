/** What `opencode serve` tells and answers, as far as we act on it. Unknown kinds and fields are let through unread. */

import { isObject, type Json, list, objectIn, text } from '../json-row.ts';

export type OpencodeEvent =
  | { type: 'connected' }
  | { type: 'status'; sessionId: string; status: SessionStatus }
  | { type: 'session'; session: SessionInfo }
  /** Something about a message changed: the conversation itself says what. */
  | { type: 'message'; sessionId: string; message: MessageInfo }
  | { type: 'part'; sessionId: string; part: MessagePart }
  /** Words as they come. */
  | { type: 'words'; sessionId: string }
  | { type: 'failed'; sessionId: string; error: TurnError }
  | { type: 'asked'; kind: 'permission' | 'question'; request: Json }
  | { type: 'settled'; requestId: string }
  /** `kind` is opencode's own name of it. */
  | { type: 'other'; kind: string };

export type SessionStatus =
  | { type: 'idle' | 'busy' }
  /** The model's endpoint failed; `next` is when it is asked again, in milliseconds. */
  | { type: 'retry'; message: string; next: number };

export interface SessionInfo {
  id: string;
  parentId: string;
  directory: string;
  inputTokens: number;
  outputTokens: number;
  cost: number;
  /** What was told to this session alone, in its order. */
  permission: unknown[];
}

export interface MessageInfo {
  id: string;
  /** Of the prompt that it answers. */
  parentId: string;
  role: string;
  completed: boolean;
  error: TurnError | null;
  /** Why the model stopped, empty when it was stopped. */
  finish: string;
  /** What it wrote to shorten the conversation: no answer to anybody. */
  summary: boolean;
}

export interface Message extends MessageInfo {
  text: string;
  /** Of tools, in their order. */
  calls: MessagePart[];
}

export interface MessagePart {
  id: string;
  type: string;
  callId: string;
  /** Of the call of a tool. */
  input: Json;
  running: boolean;
}

export interface TurnError {
  name: string;
  message: string;
  /** Of the model's endpoint, when opencode says so. */
  httpStatus: number | null;
}

/** Null for what is no event. */
export function parseOpencodeEvent(data: string): OpencodeEvent | null {
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch {
    return null;
  }
  if (!isObject(event)) return null;
  const kind = text(event['type']);
  const properties = objectIn(event, 'properties');
  const sessionId = text(properties['sessionID']);
  switch (kind) {
    case 'server.connected':
      return { type: 'connected' };
    case 'session.status':
      return { type: 'status', sessionId, status: statusOf(objectIn(properties, 'status')) };
    case 'session.created':
    case 'session.updated':
      return { type: 'session', session: sessionOf(objectIn(properties, 'info')) };
    case 'message.updated':
      return { type: 'message', sessionId, message: messageInfo(objectIn(properties, 'info')) };
    case 'message.part.updated':
      return { type: 'part', sessionId, part: partOf(objectIn(properties, 'part')) };
    case 'message.part.delta':
      return { type: 'words', sessionId };
    case 'session.error':
      return { type: 'failed', sessionId, error: errorOf(objectIn(properties, 'error')) };
    case 'permission.asked':
      return { type: 'asked', kind: 'permission', request: properties };
    case 'question.asked':
      return { type: 'asked', kind: 'question', request: properties };
    case 'permission.replied':
    case 'question.replied':
    case 'question.rejected':
      return { type: 'settled', requestId: text(properties['requestID']) };
    default:
      return { type: 'other', kind };
  }
}

export function statusOf(status: Json): SessionStatus {
  switch (status['type']) {
    case 'retry':
      return { type: 'retry', message: text(status['message']), next: count(status['next']) };
    case 'busy':
      return { type: 'busy' };
    default:
      return { type: 'idle' };
  }
}

export function sessionOf(info: Json): SessionInfo {
  const tokens = objectIn(info, 'tokens');
  const cache = objectIn(tokens, 'cache');
  return {
    id: text(info['id']),
    parentId: text(info['parentID']),
    directory: text(info['directory']),
    inputTokens: count(tokens['input']) + count(cache['read']) + count(cache['write']),
    outputTokens: count(tokens['output']) + count(tokens['reasoning']),
    cost: count(info['cost']),
    permission: list(info['permission']),
  };
}

/** One of the list of a conversation. */
export function messageOf(message: Json): Message {
  const parts = list(message['parts']).filter(isObject);
  return {
    ...messageInfo(objectIn(message, 'info')),
    calls: parts.filter((part) => part['type'] === 'tool').map(partOf),
    text: parts
      .filter((part) => part['type'] === 'text' && part['synthetic'] !== true && part['ignored'] !== true)
      .map((part) => text(part['text']))
      .join('\n')
      .trim(),
  };
}

function messageInfo(info: Json): MessageInfo {
  return {
    id: text(info['id']),
    parentId: text(info['parentID']),
    role: text(info['role']),
    completed: typeof objectIn(info, 'time')['completed'] === 'number',
    error: isObject(info['error']) ? errorOf(info['error']) : null,
    finish: text(info['finish']),
    summary: info['summary'] === true,
  };
}

export function partOf(part: Json): MessagePart {
  const state = objectIn(part, 'state');
  return {
    id: text(part['id']),
    type: text(part['type']),
    callId: text(part['callID']),
    input: objectIn(state, 'input'),
    running: state['status'] === 'pending' || state['status'] === 'running',
  };
}

function errorOf(error: Json): TurnError {
  const data = objectIn(error, 'data');
  const status = data['statusCode'];
  return {
    name: text(error['name']),
    // Of a fault of its own it shows where in its program it was.
    message: text(data['message']).split('\n    at ')[0] ?? '',
    httpStatus: typeof status === 'number' ? status : null,
  };
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
