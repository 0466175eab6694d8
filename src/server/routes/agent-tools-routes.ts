/** MCP over HTTP for agents: one message in, one answer out; an answer that a person gives is held on a stream. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AGENT_TOOLS } from '../../contract/agent-tools.ts';
import { PointsmanError } from '../../contract/errors.ts';
import { answerMcp, mcpFailure, toolAnswer, toolCalledBy } from '../../contract/mcp.ts';
import { agentTools, resumeTool, type ToolConnection } from '../../engine/agent-tools/agent-tools.ts';
import { type HeldRequest, holdAnswer, readHeldName, readHeldRequest } from '../http/held-answer.ts';
import type { Services } from '../services.ts';

export function agentToolsRoutes(app: FastifyInstance, services: Services): void {
  const config = { permission: 'agent' as const };
  const context = { ...services.engine, agents: services.agents };

  app.post('/mcp', { config }, async (request, reply) => {
    const read = readMessage(request.body);
    if (!read.valid) return reply.status(400).send(mcpFailure(null, 'parse', 'The body is not valid JSON.'));
    const { message } = read;
    const tools = (connection: ToolConnection) => agentTools(context, { ...connection, version: services.version });
    const call = heldCall(message, request);
    if (call) {
      return holdAnswer(reply, call, (held, signal) =>
        answerMcp(tools({ agentId: agentOf(request), signal, held }), message),
      );
    }
    const answer = await answerMcp(
      tools({ agentId: agentOf(request), signal: goneSignal(reply), held: () => undefined }),
      message,
    );
    if (answer === null) return reply.status(202).send();
    return reply.status(answer.id === null && answer.error ? 400 : 200).send(answer);
  });

  app.get('/mcp', { config }, async (request, reply) => {
    const lost = readHeldName(request.headers['last-event-id']);
    if (!lost) throw notAllowed(reply);
    return holdAnswer(reply, lost.request, async (held, signal) => {
      held(lost.name); // before anything can fail: a stream without a name is waited for without end
      const result = await resumeTool(context, { agentId: agentOf(request), signal, held }, lost.name);
      return { jsonrpc: '2.0', id: lost.request.id, result: toolAnswer(result) };
    });
  });

  app.delete('/mcp', { config }, async (_request, reply) => {
    throw notAllowed(reply);
  });
}

/** The proof was the token. */
function agentOf(request: FastifyRequest): string {
  return request.principal?.id ?? '';
}

function readMessage(body: unknown): { valid: true; message: unknown } | { valid: false } {
  try {
    return { valid: true, message: JSON.parse(typeof body === 'string' ? body : '') as unknown };
  } catch {
    return { valid: false };
  }
}

/** A call that may take as long as a person takes, when its caller can hold on to it. */
function heldCall(message: unknown, request: FastifyRequest): HeldRequest | null {
  const name = toolCalledBy(message);
  const waits = Object.entries(AGENT_TOOLS).some(([tool, of]) => tool === name && 'waits' in of);
  const streams = (request.headers.accept ?? '').includes('text/event-stream');
  return waits && streams ? readHeldRequest(message) : null;
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.on('close', () => gone.abort());
  return gone.signal;
}

function notAllowed(reply: FastifyReply): PointsmanError {
  void reply.header('allow', 'POST');
  return new PointsmanError('METHOD_NOT_ALLOWED', {
    detail: 'Sessions and streams of the server’s own are not offered here: POST each message.',
  });
}
