/** OpenAI's Responses, streamed: what Codex speaks. */
import type http from 'node:http';
import { type Conversation, type Protocol, spoken, type StreamedAnswer } from './script.ts';

export const openaiResponses: Protocol = {
  path: '/responses',
  conversation,
  errorBody: (status, text) => ({ error: { type: 'scripted', code: `scripted_${status}`, message: text } }),
  stream,
};

interface Item {
  type?: string;
  role?: string;
  content?: string | { text?: string }[];
  output?: unknown;
  tools?: Tool[];
}

interface Tool {
  type: string;
  name?: string;
  tools?: Tool[];
}

function conversation(body: Record<string, unknown>): Conversation {
  let steps = 0;
  let lastResult = '';
  for (const item of itemsOf(body).toReversed()) {
    if (item.type?.endsWith('_output')) {
      steps += 1;
      lastResult ||= typeof item.output === 'string' ? item.output : JSON.stringify(item.output);
    } else if (item.role === 'user') {
      const prompt = textOf(item.content);
      // Codex says where it runs in the user's name.
      if (!prompt.trimStart().startsWith('<environment_context>')) return { prompt, steps, lastResult };
    }
  }
  return { prompt: '', steps, lastResult };
}

function itemsOf(body: Record<string, unknown>): Item[] {
  return (body['input'] ?? []) as Item[];
}

function textOf(content: Item['content']): string {
  return typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n');
}

let made = 0;

async function stream(response: http.ServerResponse, { answer, body, sizes, holdOf }: StreamedAnswer): Promise<void> {
  made += 1;
  const name = `${process.pid}_${made}`;
  const event = (type: string, data: object): boolean =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const whole = { id: `resp_${name}`, object: 'response', model: body['model'], status: 'in_progress', output: [] };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  event('response.created', { response: whole });
  const item =
    answer.kind === 'tool'
      ? toolCall(body, answer, name)
      : {
          type: 'message',
          id: `msg_${name}`,
          role: 'assistant',
          content: [{ type: 'output_text', text: answer.kind === 'text' ? answer.text : '', annotations: [] }],
        };
  event('response.output_item.added', {
    output_index: 0,
    item: { ...item, status: 'in_progress', ...(answer.kind === 'tool' ? {} : { content: [] }) },
  });
  if (answer.kind === 'drop') {
    response.destroy();
    return;
  }
  if (answer.kind === 'text')
    for await (const delta of spoken(answer, holdOf))
      event('response.output_text.delta', { item_id: item.id, output_index: 0, content_index: 0, delta });
  event('response.output_item.done', { output_index: 0, item: { ...item, status: 'completed' } });
  event('response.completed', {
    response: {
      ...whole,
      status: 'completed',
      output: [item],
      usage: {
        input_tokens: sizes.inputTokens,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: sizes.outputTokens,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: sizes.inputTokens + sizes.outputTokens,
      },
    },
  });
  response.end();
}

/** Tools of an MCP server stand in a namespace; a tool whose input is no JSON is called with `{"input": text}`. */
function toolCall(body: Record<string, unknown>, call: { name: string; input: unknown }, id: string) {
  const tools = [...((body['tools'] ?? []) as Tool[]), ...itemsOf(body).flatMap((item) => item.tools ?? [])];
  const custom = tools.flatMap((tool) => [tool, ...(tool.tools ?? [])]).find((tool) => tool.name === call.name);
  const common = { id: `item_${id}`, call_id: `call_${id}` };
  if (custom?.type === 'custom' || call.name === 'apply_patch')
    return {
      type: 'custom_tool_call',
      ...common,
      name: call.name,
      input: (call.input as { input: string }).input,
    };
  const space = tools.find(
    (tool) => tool.type === 'namespace' && tool.name !== undefined && call.name.startsWith(`${tool.name}__`),
  );
  return {
    type: 'function_call',
    ...common,
    ...(space?.name ? { namespace: space.name, name: call.name.slice(space.name.length + 2) } : { name: call.name }),
    arguments: JSON.stringify(call.input),
  };
}
