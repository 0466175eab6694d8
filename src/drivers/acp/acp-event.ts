/** What an ACP agent prints, as far as we act on it (protocol version 1). Unknown messages and fields are let through unread. */

import { isObject, type Json, jsonObject, object, text } from '../json-row.ts';

export type RequestId = string | number;

export interface RpcError {
  code: number;
  message: string;
}

export type AcpEvent =
  /** The answer to a request of ours. */
  | { type: 'answered'; id: string; result: Json; error: RpcError | null }
  /** A request of the agent's, which waits until it has an answer. */
  | { type: 'asked'; id: RequestId; method: string; params: Json }
  | { type: 'text'; sessionId: string; text: string }
  /** A tool call, told again whenever something of it is news; `call` has only what is. */
  | { type: 'tool_call'; sessionId: string; call: ToolCall }
  /** US dollars of the whole session so far. */
  | { type: 'cost'; sessionId: string; amount: number }
  /** Any other sign of life of a session. */
  | { type: 'update'; sessionId: string }
  | { type: 'other' };

export interface ToolCall {
  id: string;
  status?: string;
  title?: string;
  kind?: string;
  rawInput?: Json;
  content?: Json[];
  locations?: Json[];
}

/** Null for a line that is no JSON object. */
export function parseAcpEvent(line: string): AcpEvent | null {
  const message = jsonObject(line);
  if (!message) return null;
  const { id, method } = message;
  const params = object(message['params']);
  if (typeof method !== 'string') {
    if (typeof id !== 'string') return { type: 'other' };
    const error = message['error'] === undefined ? null : errorOf(object(message['error']));
    return { type: 'answered', id, result: object(message['result']), error };
  }
  if (typeof id === 'string' || typeof id === 'number') return { type: 'asked', id, method, params };
  return method === 'session/update'
    ? updateOf(text(params['sessionId']), object(params['update']))
    : { type: 'other' };
}

function updateOf(sessionId: string, update: Json): AcpEvent {
  switch (update['sessionUpdate']) {
    case 'agent_message_chunk':
      return { type: 'text', sessionId, text: text(object(update['content'])['text']) };
    case 'tool_call':
    case 'tool_call_update':
      return { type: 'tool_call', sessionId, call: toolCallOf(update) };
    case 'usage_update': {
      const { amount, currency } = object(update['cost']);
      return typeof amount === 'number' && (currency === undefined || currency === 'USD')
        ? { type: 'cost', sessionId, amount }
        : { type: 'update', sessionId };
    }
    case 'agent_thought_chunk':
    case 'plan':
      return { type: 'update', sessionId };
    default:
      // Commands, modes and titles are told at any time: they prove no turn.
      return { type: 'other' };
  }
}

export function toolCallOf(call: Json): ToolCall {
  const { status, title, kind, rawInput, content, locations } = call;
  return {
    id: text(call['toolCallId']),
    ...(typeof status === 'string' ? { status } : {}),
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(isObject(rawInput) ? { rawInput } : {}),
    ...(Array.isArray(content) ? { content: content.filter(isObject) } : {}),
    ...(Array.isArray(locations) ? { locations: locations.filter(isObject) } : {}),
  };
}

function errorOf(error: Json): RpcError {
  const { code } = error;
  const detail = object(error['data'])['details'];
  const message = text(error['message']) || 'the agent gave no reason';
  return {
    code: typeof code === 'number' ? code : 0,
    message: typeof detail === 'string' ? `${message}: ${detail}` : message,
  };
}
