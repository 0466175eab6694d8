/** Google's generateContent, whole or streamed: what Gemini CLI speaks. */
import type http from 'node:http';
import { type Conversation, type Protocol, spoken, type StreamedAnswer } from './script.ts';

export const geminiGenerate: Protocol = {
  path: ':generateContent',
  conversation,
  errorBody,
  // Gemini asks so for small things beside the work: which model fits the prompt, who speaks next.
  stream: async (response, { sizes }) => {
    const aside = { reasoning: 'scripted', model_choice: 'flash', next_speaker: 'user', complexity_score: 10 };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(piece([{ text: JSON.stringify(aside) }], sizes, 'STOP')));
  },
};

export const geminiStream: Protocol = { path: ':streamGenerateContent', conversation, errorBody, stream };

interface Content {
  role?: string;
  parts?: { text?: string; functionResponse?: { response?: unknown } }[];
}

function conversation(body: Record<string, unknown>): Conversation {
  let steps = 0;
  let lastResult = '';
  for (const { role, parts = [] } of ((body['contents'] ?? []) as Content[]).toReversed()) {
    if (role === 'model') continue;
    const results = parts.filter((part) => part.functionResponse);
    if (results.length > 0) {
      steps += results.length;
      lastResult ||= JSON.stringify(results.at(-1)?.functionResponse?.response);
      continue;
    }
    // Gemini says where it runs in the user's name, before the first prompt.
    const said = parts.map((part) => part.text ?? '').filter((text) => !text.startsWith('<session_context>'));
    if (said.length > 0) return { prompt: newest(said).join('\n'), steps, lastResult };
  }
  return { prompt: '', steps, lastResult };
}

/** A prompt that was never answered comes once more, together with the next one. */
function newest(said: readonly string[]): readonly string[] {
  const isScripted = (text: string): boolean => text.includes('STUB:');
  const last = said.findLastIndex(isScripted);
  return said.findIndex(isScripted) < last ? said.slice(last) : said;
}

function errorBody(status: number, message: string): object {
  return { error: { code: status, message, status: status === 429 ? 'RESOURCE_EXHAUSTED' : 'INTERNAL' } };
}

let made = 0;

async function stream(response: http.ServerResponse, { answer, sizes, holdOf }: StreamedAnswer): Promise<void> {
  const event = (data: object): boolean => response.write(`data: ${JSON.stringify(data)}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (answer.kind === 'drop') {
    response.flushHeaders();
    response.destroy();
    return;
  }
  if (answer.kind === 'tool') {
    made += 1;
    const functionCall = { id: `call_${process.pid}_${made}`, name: answer.name, args: answer.input };
    event(piece([{ functionCall }], sizes, 'STOP'));
  } else {
    for await (const text of spoken(answer, holdOf)) event(piece([{ text }], sizes));
    event(piece([{ text: '' }], sizes, 'STOP'));
  }
  response.end();
}

function piece(parts: object[], sizes: StreamedAnswer['sizes'], finishReason?: string): object {
  return {
    candidates: [{ index: 0, content: { role: 'model', parts }, ...(finishReason ? { finishReason } : {}) }],
    usageMetadata: {
      promptTokenCount: sizes.inputTokens,
      candidatesTokenCount: sizes.outputTokens,
      totalTokenCount: sizes.inputTokens + sizes.outputTokens,
    },
    modelVersion: 'scripted',
  };
}
