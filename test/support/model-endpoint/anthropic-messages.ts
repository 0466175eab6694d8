/** Anthropic's Messages, streamed: what Claude Code speaks. */
import type http from 'node:http';
import { type Conversation, type Protocol, spoken, type StreamedAnswer } from './script.ts';

export const anthropicMessages: Protocol = {
  path: '/v1/messages',
  conversation,
  errorBody: (status, text) => ({ type: 'error', error: { type: errorType(status), message: text } }),
  stream,
};

/** Prompt, number of tool results since it, and the newest result. Claude Code merges user turns after an error. */
function conversation(body: Record<string, unknown>): Conversation {
  const messages = (body['messages'] ?? []) as { role: string; content: string | Part[] }[];
  let steps = 0;
  let lastResult = '';
  let found: Conversation | null = null;
  for (const message of messages.toReversed()) {
    if (message.role !== 'user') continue;
    const parts: Part[] =
      typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
    const results = parts.filter((part) => part.type === 'tool_result');
    const texts = parts.flatMap((part) =>
      part.type === 'text' && part.text && !part.text.startsWith('<system-reminder>') ? [part.text] : [],
    );
    const scripted = texts.findLast((text) => text.includes('STUB:'));
    if (results.length > 0 && !scripted) {
      if (found) continue;
      steps += results.length;
      lastResult ||= textOf(results.at(-1)?.content);
      continue;
    }
    const prompt = scripted ?? texts.join('\n');
    if (prompt.trim() === '') continue;
    if (found) return { ...found, before: prompt };
    // An interrupted turn and the next prompt come as one message: its results belong to the turn before.
    found = { prompt, steps, lastResult };
  }
  return found ?? { prompt: '', steps, lastResult };
}

interface Part {
  type: string;
  text?: string;
  content?: unknown;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map((part: Part) => part.text ?? '').join('\n') : '';
}

function errorType(status: number): string {
  const types: Record<number, string> = {
    400: 'invalid_request_error',
    401: 'authentication_error',
    429: 'rate_limit_error',
    529: 'overloaded_error',
  };
  return types[status] ?? 'api_error';
}

let made = 0;

async function stream(response: http.ServerResponse, options: StreamedAnswer): Promise<void> {
  const { answer, sizes } = options;
  made += 1;
  const event = (type: string, data: object): boolean =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': `req_${made}` });
  event('message_start', {
    message: {
      id: `msg_stub_${process.pid}_${made}`,
      type: 'message',
      role: 'assistant',
      model: options.body['model'],
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: sizes.inputTokens,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 1,
      },
    },
  });
  const block =
    answer.kind === 'tool'
      ? { type: 'tool_use', id: `toolu_stub_${process.pid}_${made}`, name: answer.name, input: {} }
      : { type: 'text', text: '' };
  event('content_block_start', { index: 0, content_block: block });
  if (answer.kind === 'drop') {
    response.destroy();
    return;
  }
  if (answer.kind === 'tool') {
    event('content_block_delta', {
      index: 0,
      delta: { type: 'input_json_delta', partial_json: JSON.stringify(answer.input) },
    });
  } else {
    for await (const text of spoken(answer, options.holdOf))
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
  }
  event('content_block_stop', { index: 0 });
  event('message_delta', {
    delta: { stop_reason: answer.kind === 'tool' ? 'tool_use' : 'end_turn', stop_sequence: null },
    usage: { output_tokens: sizes.outputTokens },
  });
  event('message_stop', {});
  response.end();
}
