/**
 * A model on loopback that does what the prompt says, for the real agent command lines: the vendors' clouds are the one
 * part that cannot run in a test. The last user prompt holds a script, one line per answer:
 *
 *     STUB:text <text>            says it                 STUB:slow <seconds> <text>   says it bit by bit
 *     STUB:tool <Name> <json>     calls a tool            STUB:hold <name> <text>      says it after release(name)
 *     STUB:error <status> [text]  answers with an error   STUB:hang                    never answers
 *     STUB:drop                   breaks off              STUB:once429 <text>          429 first, then says it
 *     STUB:later <text>           says it to the next prompt, when that has no script of its own
 *
 * Line k is for the k-th answer since that prompt. It keeps every request, so tests know what the model really got.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropicMessages } from './model-endpoint/anthropic-messages.ts';
import { geminiGenerate, geminiStream } from './model-endpoint/gemini-generate.ts';
import { openaiChat } from './model-endpoint/openai-chat.ts';
import { openaiResponses } from './model-endpoint/openai-responses.ts';
import { answerTo } from './model-endpoint/script.ts';

const PROTOCOLS = [anthropicMessages, openaiResponses, openaiChat, geminiGenerate, geminiStream];

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
  /** Resolves when a request with this text in its prompt has come, or has come so many times. */
  asked(text: string, times?: number): Promise<ModelRequest>;
  close(): Promise<void>;
}

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
    async asked(text, times = 1) {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = requests.filter((one) => one.prompt.includes(text))[times - 1];
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
    const protocol = PROTOCOLS.find((one) => path.endsWith(one.path));
    if (!protocol) return reply(response, 404, { error: { type: 'not_found_error', message: path } });
    const conversation = protocol.conversation(body);
    const { prompt } = conversation;
    const answer = answerTo(
      prompt.includes('STUB:') ? conversation : { ...conversation, prompt: `${prompt}\n${script(prompt)}` },
      refused,
    );
    const entry: ModelRequest = { at: Date.now(), path, body, prompt, usage: null, status: 200 };
    requests.push(entry);
    for (const look of waiting) look();
    if (answer.kind === 'hang') return;
    if (answer.kind === 'error') {
      entry.status = answer.status;
      return reply(
        response,
        answer.status,
        protocol.errorBody(answer.status, answer.text),
        answer.status === 429 ? { 'retry-after': '1' } : {},
      );
    }
    const sizes = {
      inputTokens: Math.ceil(raw.length / 4),
      outputTokens: Math.ceil(JSON.stringify(answer).length / 4),
    };
    entry.usage = sizes;
    await protocol.stream(response, { answer, body, sizes, holdOf });
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
