/**
 * The Model Context Protocol as far as we speak it: messages of JSON-RPC 2.0 in, answers out, tools and nothing else.
 * Knows no transport: the same function answers agents over HTTP and people's assistants over standard input.
 */
import { z } from 'zod';
import { ERRORS, isPointsmanError, type ProblemItem } from './errors.ts';

/** Newest first; a client that names another is offered the newest. */
export const MCP_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

export const JSON_RPC_ERRORS = {
  parse: -32700,
  invalidRequest: -32600,
  unknownMethod: -32601,
  invalidParams: -32602,
  internal: -32603,
} as const;

export interface McpTool {
  description: string;
  input: z.ZodObject;
  /** Changes nothing. */
  readOnly?: true;
  /** May take as long as a person takes; whoever carries the answer keeps the connection alive meanwhile. */
  waits?: true;
}

/** Isomorphic to a tool's name, so that the table and the calls cannot differ. */
export type McpTools = Readonly<Record<string, McpTool>>;

export type McpToolResult =
  | { outcome: 'done'; text: string; data?: Record<string, unknown> }
  /** For the model to read: it may call again, and better. */
  | { outcome: 'refused'; text: string };

export interface McpCall {
  /** The client's own id of this use of a tool: the same when it is sent again. */
  callId: string | null;
}

export interface McpServer<T extends McpTools = McpTools> {
  name: string;
  version: string;
  instructions?: string;
  tools: T;
  /** `args` fit the tool's schema. An error with a code of our catalogue is told to the model. */
  call<N extends keyof T & string>(name: N, args: z.output<T[N]['input']>, call: McpCall): Promise<McpToolResult>;
  onError?: (error: unknown) => void;
}

const Message = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).optional(),
});
const Initialize = z.object({ protocolVersion: z.string() });
const CallTool = z.object({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).optional(),
  _meta: z.record(z.string(), z.unknown()).optional(),
});

export interface McpAnswer {
  jsonrpc: '2.0';
  id: string | number | null;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

/** The tool that a message calls, without judging it: whoever carries it may have to wait differently. */
export function toolCalledBy(message: unknown): string | null {
  const parsed = Message.safeParse(message);
  const name = parsed.success && parsed.data.method === 'tools/call' ? parsed.data.params?.['name'] : null;
  return typeof name === 'string' ? name : null;
}

export function mcpFailure(
  id: McpAnswer['id'],
  code: keyof typeof JSON_RPC_ERRORS,
  message: string,
  data?: unknown,
): McpAnswer {
  return {
    jsonrpc: '2.0',
    id,
    error: { code: JSON_RPC_ERRORS[code], message, ...(data === undefined ? {} : { data }) },
  };
}

/** Null for what is not to be answered: notifications, and answers of the client's. */
export async function answerMcp(server: McpServer, message: unknown): Promise<McpAnswer | null> {
  if (Array.isArray(message))
    return mcpFailure(null, 'invalidRequest', 'Batches are not supported: send one message at a time.');
  if (isAnswer(message)) return null;
  const parsed = Message.safeParse(message);
  if (!parsed.success)
    return mcpFailure(
      idOf(message),
      'invalidRequest',
      `This is not a request of JSON-RPC 2.0: ${sentence(problemsOf(parsed.error))}`,
    );
  const { id, method, params } = parsed.data;
  if (id === undefined) return null;
  switch (method) {
    case 'initialize':
      return withParams(id, Initialize, params, async ({ protocolVersion }) => initialized(server, protocolVersion));
    case 'ping':
      return { jsonrpc: '2.0', id, result: {} };
    case 'tools/list':
      return { jsonrpc: '2.0', id, result: { tools: Object.entries(server.tools).map(describeTool) } };
    case 'tools/call':
      return withParams(id, CallTool, params, async (call) => callTool(server, call), server.onError);
    default:
      return mcpFailure(id, 'unknownMethod', `There is no method “${method}” here.`);
  }
}

/** Thrown inside a handler: the request itself is wrong. */
class InvalidParams extends Error {
  readonly problems: ProblemItem[];
  constructor(problems: ProblemItem[]) {
    super(sentence(problems));
    this.problems = problems;
  }
}

async function withParams<S extends z.ZodType>(
  id: string | number,
  schema: S,
  params: unknown,
  work: (params: z.output<S>) => Promise<unknown>,
  onError?: (error: unknown) => void,
): Promise<McpAnswer> {
  try {
    return { jsonrpc: '2.0', id, result: await work(read(schema, params ?? {}, '')) };
  } catch (error) {
    if (error instanceof InvalidParams)
      return mcpFailure(id, 'invalidParams', error.message, { problems: error.problems });
    onError?.(error);
    return mcpFailure(id, 'internal', ERRORS.INTERNAL.title);
  }
}

function initialized(server: McpServer, asked: string): object {
  return {
    protocolVersion: MCP_VERSIONS.find((version) => version === asked) ?? MCP_VERSIONS[0],
    capabilities: { tools: {} },
    serverInfo: { name: server.name, version: server.version },
    ...(server.instructions ? { instructions: server.instructions } : {}),
  };
}

function describeTool([name, { description, input, readOnly }]: [string, McpTool]): object {
  return {
    name,
    description,
    inputSchema: z.toJSONSchema(input, { io: 'input' }),
    ...(readOnly ? { annotations: { readOnlyHint: true } } : {}),
  };
}

async function callTool(
  server: McpServer,
  { name, arguments: args, _meta: meta }: z.output<typeof CallTool>,
): Promise<object> {
  const tool = Object.hasOwn(server.tools, name) ? server.tools[name] : undefined;
  if (!tool)
    throw new InvalidParams([
      {
        path: '/name',
        code: 'UNKNOWN_TOOL',
        message: `There is no tool “${name}”; there are ${Object.keys(server.tools).join(', ')}.`,
        severity: 'error',
      },
    ]);
  const given = read(tool.input, args ?? {}, '/arguments');
  const toolUse = meta?.['claudecode/toolUseId'];
  const callId = typeof toolUse === 'string' && toolUse.length <= 200 ? toolUse : null;
  return toolAnswer(await server.call(name, given, { callId }).catch(refusalOf));
}

export function toolAnswer(result: McpToolResult): object {
  return {
    content: [{ type: 'text', text: result.text }],
    ...(result.outcome === 'done' && result.data ? { structuredContent: result.data } : {}),
    ...(result.outcome === 'refused' ? { isError: true } : {}),
  };
}

/** What we refuse on purpose is for the model to read; everything else is our fault. */
function refusalOf(error: unknown): McpToolResult {
  if (!isPointsmanError(error)) throw error;
  const { next } = ERRORS[error.code];
  const problems = (error.problems ?? []).map((problem) => `\n${problem.path || '/'}: ${problem.message}`).join('');
  return { outcome: 'refused', text: `${error.code}: ${error.message}${problems}\n${next}` };
}

function read<S extends z.ZodType>(schema: S, value: unknown, at: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new InvalidParams(problemsOf(parsed.error, at));
  return parsed.data;
}

function problemsOf(error: z.ZodError, at = ''): ProblemItem[] {
  return error.issues.flatMap((issue) => {
    const path = at + issue.path.map(pointer).join('');
    const item = (where: string, code: string, message: string): ProblemItem => ({
      path: where,
      code,
      message,
      severity: 'error',
    });
    if (issue.code !== 'unrecognized_keys') return [item(path, issue.code.toUpperCase(), issue.message)];
    return issue.keys.map((key) => item(path + pointer(key), 'UNKNOWN_FIELD', `“${key}” is not a field here.`));
  });
}

function pointer(part: PropertyKey): string {
  return `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function sentence(problems: readonly ProblemItem[]): string {
  return problems.map(({ path, message }) => `${path || '/'}: ${message}`).join('; ');
}

function isAnswer(message: unknown): boolean {
  if (typeof message !== 'object' || message === null || 'method' in message) return false;
  return 'result' in message || 'error' in message;
}

function idOf(message: unknown): McpAnswer['id'] {
  const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : null;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
