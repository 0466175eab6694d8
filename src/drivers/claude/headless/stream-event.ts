/** What Claude Code prints in stream-json, as far as we act on it. Unknown events and fields are let through unread. */

import { isObject, type Json, jsonObject, list, objectIn, text } from '../../json-row.ts';

export type StreamEvent =
  | { type: 'command'; id: string; state: 'queued' | 'started' | 'completed' | 'cancelled' }
  | { type: 'init'; sessionId: string; model?: string; version?: string; brokenServers: string[] }
  | { type: 'asked'; requestId: string; tool: string; input: Record<string, unknown>; description?: string }
  | { type: 'ask_cancelled'; requestId: string }
  | { type: 'answered'; requestId: string; response: Record<string, unknown> }
  | { type: 'retry'; status: number | null; attempt: number; max: number }
  | { type: 'background'; tasks: number }
  /** `idle` only when nothing will wake it by itself: no subagent runs, and what they told is dealt with. */
  | { type: 'session'; state: 'idle' | 'running' | 'requires_action' }
  | { type: 'working' }
  | { type: 'result'; result: TurnResult }
  | { type: 'other' };

export interface TurnResult {
  ok: boolean;
  text: string;
  data?: unknown;
  subtype: string;
  terminalReason: string | null;
  apiStatus: number | null;
  errors: string[];
  sessionId: string;
  /** Of the whole conversation so far. */
  usage: { inputTokens: number; outputTokens: number; cost: number };
}

/** Null for a line that is no JSON object. */
export function parseStreamEvent(line: string): StreamEvent | null {
  const event = jsonObject(line);
  return event && streamEvent(event);
}

function streamEvent(event: Json): StreamEvent {
  switch (event['type']) {
    case 'command_lifecycle':
      return commandEvent(event);
    case 'control_request':
      return askedEvent(event);
    case 'control_cancel_request':
      return { type: 'ask_cancelled', requestId: text(event['request_id']) };
    case 'control_response': {
      const response = objectIn(event, 'response');
      return { type: 'answered', requestId: text(response['request_id']), response: objectIn(response, 'response') };
    }
    case 'assistant':
      // Rows of a subagent belong to the work of the turn, not to a turn of its own. What Claude Code itself says in the
      // model's name is an error, after which nobody works.
      return { type: objectIn(event, 'message')['model'] === '<synthetic>' ? 'other' : 'working' };
    case 'system':
      return systemEvent(event);
    case 'result':
      return { type: 'result', result: turnResult(event) };
    default:
      return { type: 'other' };
  }
}

function commandEvent(event: Json): StreamEvent {
  const state = event['state'];
  if (state !== 'queued' && state !== 'started' && state !== 'completed' && state !== 'cancelled')
    return { type: 'other' };
  return { type: 'command', id: text(event['command_uuid']), state };
}

function askedEvent(event: Json): StreamEvent {
  const request = objectIn(event, 'request');
  if (request['subtype'] !== 'can_use_tool') return { type: 'other' };
  const description = request['description'];
  return {
    type: 'asked',
    requestId: text(event['request_id']),
    tool: text(request['tool_name']),
    input: objectIn(request, 'input'),
    ...(typeof description === 'string' ? { description } : {}),
  };
}

function systemEvent(event: Json): StreamEvent {
  switch (event['subtype']) {
    case 'init': {
      const model = event['model'];
      const version = event['claude_code_version'];
      return {
        type: 'init',
        sessionId: text(event['session_id']),
        ...(typeof model === 'string' ? { model } : {}),
        ...(typeof version === 'string' ? { version } : {}),
        brokenServers: list(event['mcp_servers'])
          .filter(isObject)
          .filter((server) => server['status'] === 'failed')
          .map((server) => text(server['name'])),
      };
    }
    case 'api_retry':
      return {
        type: 'retry',
        status: numberOrNull(event['error_status']),
        attempt: numberOrNull(event['attempt']) ?? 0,
        max: numberOrNull(event['max_retries']) ?? 0,
      };
    case 'session_state_changed': {
      const state = event['state'];
      if (state !== 'idle' && state !== 'running' && state !== 'requires_action') return { type: 'other' };
      return { type: 'session', state };
    }
    case 'background_tasks_changed':
      return { type: 'background', tasks: list(event['tasks']).length };
    default:
      return { type: 'other' };
  }
}

function turnResult(event: Json): TurnResult {
  const subtype = text(event['subtype']);
  return {
    // Measured with 2.1.330: an API error is `success` with is_error, a failed structure is `success` without it.
    ok: event['is_error'] !== true && subtype === 'success',
    text: text(event['result']),
    ...('structured_output' in event ? { data: event['structured_output'] } : {}),
    subtype,
    terminalReason: typeof event['terminal_reason'] === 'string' ? event['terminal_reason'] : null,
    apiStatus: numberOrNull(event['api_error_status']),
    errors: list(event['errors']).map((error) => (typeof error === 'string' ? error : JSON.stringify(error))),
    sessionId: text(event['session_id']),
    usage: usageOf(event),
  };
}

/** `modelUsage` and `total_cost_usd` grow over the whole conversation, also across --resume; `usage` is of the turn. */
function usageOf(event: Json): TurnResult['usage'] {
  const models = Object.values(objectIn(event, 'modelUsage')).filter(isObject);
  const sum = (...names: string[]): number =>
    models.reduce((total, model) => names.reduce((part, name) => part + (numberOrNull(model[name]) ?? 0), total), 0);
  return {
    inputTokens: sum('inputTokens', 'cacheReadInputTokens', 'cacheCreationInputTokens'),
    outputTokens: sum('outputTokens'),
    cost: numberOrNull(event['total_cost_usd']) ?? 0,
  };
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
