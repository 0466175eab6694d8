/** `pointsman mcp`: one line of JSON-RPC in, one out; calls run side by side, and a call that is cancelled is not answered. */
import { createInterface } from 'node:readline';
import { answerMcp, type McpAnswer, mcpFailure } from '../../contract/mcp.ts';
import { assistantTools } from '../assistant-tools.ts';
import type { CommandIo } from '../command-io.ts';
import { EXIT } from '../output/exit-codes.ts';
import type { CommonOptions } from '../session.ts';

export async function serveAssistant(io: CommandIo, options: CommonOptions): Promise<number> {
  const stop = io.interrupts();
  const running = new Map<unknown, AbortController>();
  const pending = new Set<Promise<void>>();
  const write = (answer: McpAnswer) => io.stdout.write(`${JSON.stringify(answer)}\n`);
  const lines = createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  stop.addEventListener('abort', () => lines.close());

  for await (const line of lines) {
    if (line.trim() === '') continue;
    const message = parsed(line);
    if (message === undefined) {
      write(mcpFailure(null, 'parse', 'The line is not valid JSON.'));
      continue;
    }
    running.get(cancelledBy(message))?.abort();
    const work = answer(message).finally(() => pending.delete(work));
    pending.add(work);
  }
  if (stop.aborted) for (const one of running.values()) one.abort();
  await Promise.all(pending);
  return EXIT.ok;

  async function answer(message: unknown): Promise<void> {
    const { id } = message as { id?: unknown };
    const cancel = new AbortController();
    if (id !== undefined) running.set(id, cancel);
    try {
      const found = await answerMcp(assistantTools(io, options, cancel.signal), message);
      if (found && !cancel.signal.aborted) write(found);
    } finally {
      if (running.get(id) === cancel) running.delete(id);
    }
  }
}

/** Undefined for what is no JSON: JSON itself has no such value. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return undefined;
  }
}

function cancelledBy(message: unknown): unknown {
  const { method, params } = message as { method?: unknown; params?: { requestId?: unknown } };
  return method === 'notifications/cancelled' ? params?.requestId : undefined;
}
