/** MCP over HTTP for agents: one message in, one answer out; what waits for a person is answered as a stream kept alive. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PassThrough } from 'node:stream';
import { AGENT_TOOLS } from '../../contract/agent-tools.ts';
import { PointsmanError } from '../../contract/errors.ts';
import { answerMcp, type McpAnswer, mcpFailure, toolCalledBy } from '../../contract/mcp.ts';
import { agentTools } from '../../engine/agent-tools/agent-tools.ts';
import type { Services } from '../services.ts';

/** HTTP clients and proxies give up on a connection that is silent for a minute, some of them sooner. */
const KEEP_ALIVE_EVERY_MS = 10_000;

export function agentToolsRoutes(app: FastifyInstance, services: Services): void {
  const config = { permission: 'agent' as const };

  app.post('/mcp', { config }, async (request, reply) => {
    const agentId = request.principal?.id ?? '';
    const read = readMessage(request.body);
    if (!read.valid) return reply.status(400).send(mcpFailure(null, 'parse', 'The body is not valid JSON.'));
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort());
    const server = agentTools(
      { ...services.engine, agents: services.agents },
      { agentId, version: services.version, signal: gone.signal },
    );
    const answering = answerMcp(server, read.message);
    if (waits(read.message) && acceptsStream(request)) return stream(reply, answering);
    const answer = await answering;
    if (answer === null) return reply.status(202).send();
    return reply.status(answer.id === null && answer.error ? 400 : 200).send(answer);
  });

  for (const method of ['GET', 'DELETE'] as const)
    app.route({
      method,
      url: '/mcp',
      config,
      handler: async (_request, reply) => {
        void reply.header('allow', 'POST');
        throw new PointsmanError('METHOD_NOT_ALLOWED', {
          detail: 'Sessions and streams of the server’s own are not offered here: POST each message.',
        });
      },
    });
}

function readMessage(body: unknown): { valid: true; message: unknown } | { valid: false } {
  try {
    return { valid: true, message: JSON.parse(String(body ?? '')) as unknown };
  } catch {
    return { valid: false };
  }
}

function waits(message: unknown): boolean {
  const name = toolCalledBy(message);
  return name !== null && Object.entries(AGENT_TOOLS).some(([tool, of]) => tool === name && 'waits' in of);
}

function acceptsStream(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes('text/event-stream');
}

function stream(reply: FastifyReply, answering: Promise<McpAnswer | null>): FastifyReply {
  const body = new PassThrough();
  body.write(': waiting\n\n');
  const beat = setInterval(() => body.write(': still waiting\n\n'), KEEP_ALIVE_EVERY_MS);
  reply.raw.on('close', () => clearInterval(beat));
  void answering
    .then(
      (answer) => (answer ? body.end(`event: message\ndata: ${JSON.stringify(answer)}\n\n`) : body.end()),
      (error: unknown) => body.destroy(error instanceof Error ? error : new Error(String(error))),
    )
    .finally(() => clearInterval(beat));
  return reply.status(200).type('text/event-stream').send(body);
}
