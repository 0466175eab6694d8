/**
 * A model on loopback that does what the prompt says, for the real agent command lines: the vendors' clouds are the one
 * part that cannot run in a test. The last user prompt holds a script, one line per answer:
 *
 *     STUB:text <text>            says it                 STUB:slow <seconds> <text>   says it bit by bit
 *     STUB:tool <Name> <json>     calls a tool            STUB:hold <name> <text>      says it after release(name)
 *     STUB:error <status> [text]  answers with an error   STUB:hang                    never answers
 *     STUB:drop                   breaks off              STUB:once429 <text>          429 first, then says it
 *     STUB:later <text>           says it to the next prompt without a script
 *
 * Line k is for the k-th answer since that prompt. It keeps every request, so tests know what the model really got.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface ModelRequest {
  at: number;
  path: string;
  body: Record<string, unknown>;
  /** What the user said last, as the model got it. */
  prompt: string;
  usage: { inputTokens: number; outputTokens: number } | null;
  status: number;
}

export interface ModelEndpoint {
  url: string;
  requests: ModelRequest[];
  /** Lets every answer held under this name go, also those to come. */
  release(name: string): void;
  /** Resolves when a request with this text in its prompt has come. */
  asked(text: string): Promise<ModelRequest>;
  close(): Promise<void>;
}

type Answer =
  | { kind: 'text'; text: string; seconds: number; hold: string | null }
  | { kind: 'tool'; name: string; input: unknown }
  | { kind: 'error'; status: number; text: string }
  | { kind: 'hang' }
  | { kind: 'drop' };

/** `script` gives the lines for a prompt that has none of its own. */
export async function startModelEndpoint({
  script = () => '',
}: { script?: (prompt: string) => string } = {}): Promise<ModelEndpoint> {
  const requests: ModelRequest[] = [];
  const waiting = new Set<() => void>();
  const held = new Map<string, PromiseWithResolvers<void>>();
  const refused = new Set<string>();
  const holdOf = (name: string): PromiseWithResolvers<void> => {
    const known = held.get(name) ?? Promise.withResolvers<void>();
    held.set(name, known);
    return known;
  };

  const server = http.createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    release: (name) => holdOf(name).resolve(),
    async asked(text) {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = requests.find((one) => one.prompt.includes(text));
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString('utf8');
    const body = (raw === '' ? {} : JSON.parse(raw)) as Record<string, unknown>;
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (!path.endsWith('/v1/messages'))
      return reply(response, 404, { type: 'error', error: { type: 'not_found_error', message: path } });
    const { prompt, steps, lastResult, later } = anthropicConversation(body);
    const scripted = prompt.includes('STUB:') ? prompt : `${prompt}\n${script(prompt)}`;
    const answer = answerTo(scripted, steps, lastResult, { refused, later });
    const entry: ModelRequest = { at: Date.now(), path, body, prompt, usage: null, status: 200 };
    requests.push(entry);
    for (const look of waiting) look();
    if (answer.kind === 'hang') return;
    if (answer.kind === 'error') {
      entry.status = answer.status;
      return reply(
        response,
        answer.status,
        { type: 'error', error: { type: anthropicErrorType(answer.status), message: answer.text } },
        answer.status === 429 ? { 'retry-after': '1' } : {},
      );
    }
    const sizes = {
      inputTokens: Math.ceil(raw.length / 4),
      outputTokens: Math.ceil(JSON.stringify(answer).length / 4),
    };
    entry.usage = sizes;
    await answerAnthropic(response, { answer, model: body['model'], sizes, holdOf });
  }
}

function reply(
  response: http.ServerResponse,
  status: number,
  body: object,
  headers: http.OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** The script's line for this answer; without a script it tells what it heard. */
function answerTo(
  prompt: string,
  steps: number,
  lastResult: string,
  { refused, later }: { refused: Set<string>; later: string | undefined },
): Answer {
  const lines = scriptOf(prompt).filter((line) => line.word !== 'later');
  const say = (text: string, seconds = 0, hold: string | null = null): Answer => ({
    kind: 'text',
    text,
    seconds,
    hold,
  });
  const line = lines[steps];
  if (!line && lines.length === 0 && later !== undefined) return say(later);
  if (!line)
    return say(
      steps > 0
        ? `Finished after ${steps} tool call(s). Last result: ${lastResult.slice(0, 300)}`
        : `You said: ${prompt.slice(-200)}`,
    );
  const [first = '', ...others] = line.rest.split(' ');
  const remainder = others.join(' ');
  switch (line.word) {
    case 'tool':
      return { kind: 'tool', name: first, input: JSON.parse(remainder || '{}') };
    case 'error':
      return { kind: 'error', status: Number(first), text: remainder || 'an error of the scripted model' };
    case 'slow':
      return say(remainder, Number(first));
    case 'hold':
      return say(remainder, 0, first);
    case 'hang':
      return { kind: 'hang' };
    case 'drop':
      return { kind: 'drop' };
    case 'once429':
      if (refused.has(prompt)) return say(line.rest);
      refused.add(prompt);
      return { kind: 'error', status: 429, text: 'too many requests' };
    default:
      return say(line.rest);
  }
}

function scriptOf(prompt: string): { word: string; rest: string }[] {
  return [...prompt.matchAll(/STUB:(\w+)[ \t]*(.*)/g)].map((match) => ({
    word: match[1] ?? '',
    rest: (match[2] ?? '').trim(),
  }));
}

/** Prompt, number of tool results since it, and the newest result. Claude Code merges user turns after an error. */
function anthropicConversation(body: Record<string, unknown>): {
  prompt: string;
  steps: number;
  lastResult: string;
  /** What an earlier prompt wants said to this one. */
  later: string | undefined;
} {
  const messages = (body['messages'] ?? []) as { role: string; content: string | Part[] }[];
  let steps = 0;
  let lastResult = '';
  let found: { prompt: string; steps: number; lastResult: string } | null = null;
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
    if (found) return { ...found, later: scriptOf(prompt).findLast((line) => line.word === 'later')?.rest };
    found = { prompt, steps, lastResult };
  }
  return { ...(found ?? { prompt: '', steps, lastResult }), later: undefined };
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

function anthropicErrorType(status: number): string {
  const types: Record<number, string> = {
    400: 'invalid_request_error',
    401: 'authentication_error',
    429: 'rate_limit_error',
    529: 'overloaded_error',
  };
  return types[status] ?? 'api_error';
}

let made = 0;

async function answerAnthropic(
  response: http.ServerResponse,
  options: {
    answer: Exclude<Answer, { kind: 'error' | 'hang' }>;
    model: unknown;
    sizes: { inputTokens: number; outputTokens: number };
    holdOf: (name: string) => PromiseWithResolvers<void>;
  },
): Promise<void> {
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
      model: options.model,
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
    if (answer.hold) await options.holdOf(answer.hold).promise;
    const pieces = answer.seconds > 0 ? (answer.text.match(/[\s\S]{1,4}/g) ?? []) : [answer.text];
    for (const piece of pieces) {
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: piece } });
      if (answer.seconds > 0) await wait((answer.seconds * 1000) / pieces.length);
    }
  }
  event('content_block_stop', { index: 0 });
  event('message_delta', {
    delta: { stop_reason: answer.kind === 'tool' ? 'tool_use' : 'end_turn', stop_sequence: null },
    usage: { output_tokens: sizes.outputTokens },
  });
  event('message_stop', {});
  response.end();
}
