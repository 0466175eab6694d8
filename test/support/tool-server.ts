/** A server of tools over HTTP for the real command lines: what reaches it is what an agent's configuration says. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** The smallest server of tools over HTTP: one tool, and what it was shown as a token. */
export async function toolServer(): Promise<{ url: string; authorizations: (string | undefined)[] }> {
  const authorizations: (string | undefined)[] = [];
  const answers: Record<string, (params: { arguments?: { who: string } }) => object> = {
    initialize: () => ({
      protocolVersion: '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'tools', version: '1' },
    }),
    'tools/list': () => ({ tools: [{ name: 'greet', inputSchema: { type: 'object' } }] }),
    'tools/call': (params) => ({ content: [{ type: 'text', text: `hello ${params.arguments?.who}` }] }),
  };
  const reply = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    authorizations.push(request.headers.authorization);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { id, method, params } = (body === '' ? {} : JSON.parse(body)) as {
      id?: number;
      method?: string;
      params?: object;
    };
    const answer = answers[method ?? ''];
    if (id === undefined) response.writeHead(request.method === 'POST' ? 202 : 405).end();
    else
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          jsonrpc: '2.0',
          id,
          ...(answer ? { result: answer(params ?? {}) } : { error: { code: -32601, message: 'unknown' } }),
        }),
      );
  };
  const server = http.createServer((request, response) => {
    reply(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, authorizations };
}
