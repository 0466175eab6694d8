/** OpenAI's Chat Completions, streamed: what most other providers speak, and opencode with them. */
import type http from 'node:http';
import { type Conversation, type Protocol, spoken, type StreamedAnswer } from './script.ts';

export const openaiChat: Protocol = {
  path: '/chat/completions',
  conversation,
  errorBody: (status, text) => ({ error: { type: ERROR_TYPES[status] ?? 'api_error', message: text } }),
  stream,
};

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  429: 'rate_limit_error',
};

interface Message {
  role: string;
  content?: string | { text?: string }[] | null;
}

function conversation(body: Record<string, unknown>): Conversation {
  let steps = 0;
  let lastResult = '';
  for (const message of ((body['messages'] ?? []) as Message[]).toReversed()) {
    if (message.role === 'tool') {
      steps += 1;
      lastResult ||= textOf(message.content);
    } else if (message.role === 'user') return { prompt: textOf(message.content), steps, lastResult };
  }
  return { prompt: '', steps, lastResult };
}

function textOf(content: Message['content']): string {
  return typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n');
}

let made = 0;

async function stream(response: http.ServerResponse, { answer, body, sizes, holdOf }: StreamedAnswer): Promise<void> {
  made += 1;
  const name = `${process.pid}_${made}`;
  const chunk = (choices: object[], more: object = {}): boolean =>
    response.write(
      `data: ${JSON.stringify({
        id: `chatcmpl_${name}`,
        object: 'chat.completion.chunk',
        created: 1_700_000_000,
        model: body['model'],
        choices,
        ...more,
      })}\n\n`,
    );
  const delta = (part: object, finish: string | null = null): boolean =>
    chunk([{ index: 0, delta: part, finish_reason: finish }]);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  delta({ role: 'assistant', content: '' });
  if (answer.kind === 'drop') {
    response.destroy();
    return;
  }
  if (answer.kind === 'tool') {
    const call = { name: answer.name, arguments: JSON.stringify(answer.input) };
    delta({ tool_calls: [{ index: 0, id: `call_${name}`, type: 'function', function: call }] });
  } else for await (const content of spoken(answer, holdOf)) delta({ content });
  delta({}, answer.kind === 'tool' ? 'tool_calls' : 'stop');
  chunk([], {
    usage: {
      prompt_tokens: sizes.inputTokens,
      completion_tokens: sizes.outputTokens,
      total_tokens: sizes.inputTokens + sizes.outputTokens,
    },
  });
  response.end('data: [DONE]\n\n');
}
