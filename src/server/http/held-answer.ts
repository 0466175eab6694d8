/**
 * An answer that may take hours, as a stream of events. Measured with Claude Code 2.1: without headers within 60 s, or a
 * sign of progress within 300 s, it gives up; a stream that breaks before it was named is waited for without end; a named
 * one is asked for again, once, by its name.
 */
import { PassThrough } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { McpAnswer } from '../../contract/mcp.ts';

/** HTTP clients and proxies give up on a connection that is silent for a minute, some of them sooner. */
const KEEP_ALIVE_EVERY_MS = 10_000;
/** A server that is started again answers by then. */
const ASK_AGAIN_AFTER_MS = 10_000;

const Token = z.union([z.string(), z.number()]);

/** The request of the client's that is answered, and the token under which it wants to hear of progress. */
export interface HeldRequest {
  id: string | number;
  progressToken: string | number | null;
}

const HeldName = z.tuple([Token, Token.nullable(), z.string()]);

/** What travels as the id of an event: the request, and what it waits for. Null when it is nothing of ours. */
export function readHeldName(header: string | string[] | undefined): { request: HeldRequest; name: string } | null {
  try {
    const [id, progressToken, name] = HeldName.parse(
      JSON.parse(Buffer.from(String(header ?? ''), 'base64url').toString('utf8')),
    );
    return { request: { id, progressToken }, name };
  } catch {
    return null;
  }
}

export function readHeldRequest(message: unknown): HeldRequest | null {
  const Request = z.object({
    id: Token,
    params: z.object({ _meta: z.object({ progressToken: Token.optional() }).optional() }),
  });
  const parsed = Request.safeParse(message);
  if (!parsed.success) return null;
  return { id: parsed.data.id, progressToken: parsed.data.params._meta?.progressToken ?? null };
}

export function holdAnswer(
  reply: FastifyReply,
  { id, progressToken }: HeldRequest,
  work: (held: (name: string) => void, signal: AbortSignal) => Promise<McpAnswer | null>,
): FastifyReply {
  const body = new PassThrough();
  const gone = new AbortController();
  const send = (message: object) => body.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  let progress = 0;
  const beat = setInterval(() => {
    progress += 1;
    if (progressToken === null) return body.write(': waiting\n\n');
    const params = { progressToken, progress, message: 'waiting for a person' };
    return send({ jsonrpc: '2.0', method: 'notifications/progress', params });
  }, KEEP_ALIVE_EVERY_MS);
  reply.raw.on('close', () => {
    clearInterval(beat);
    gone.abort();
  });
  const held = (name: string) => {
    const event = Buffer.from(JSON.stringify([id, progressToken, name])).toString('base64url');
    body.write(`id: ${event}\nretry: ${ASK_AGAIN_AFTER_MS}\ndata: \n\n`);
  };
  void work(held, gone.signal)
    .then((answer) => {
      if (answer) send(answer);
      body.end();
    })
    .catch((error: unknown) => body.destroy(error instanceof Error ? error : new Error(String(error))))
    .finally(() => clearInterval(beat));
  return reply.status(200).type('text/event-stream').send(body);
}
