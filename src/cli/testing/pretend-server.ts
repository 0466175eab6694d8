/**
 * A tiny server that keeps the contract's manners (problem documents, Link cursors, numbered frames) and answers what a
 * test tells it to. The real server is met in test/e2e.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { UpdatesServerFrame } from '../../contract/live.ts';

export interface SeenRequest {
  method: string;
  /** Path without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface PretendAnswer {
  status?: number;
  body?: unknown;
  /** Sent as it is instead of `body`. */
  text?: string;
  headers?: Record<string, string>;
  /** Cut the connection without an answer. */
  drop?: true;
}

export interface PretendServer {
  url: string;
  /** The environment that points a command here. */
  env: Record<string, string>;
  requests: SeenRequest[];
  /** `GET /api/agents` → answer; the newest word counts. */
  on(what: string, answer: PretendAnswer | ((request: SeenRequest) => PretendAnswer)): void;
  /** Called with each topic subscribed to. */
  onSubscribe(listener: (topic: string, send: (frame: UpdatesServerFrame) => void, socket: WebSocket) => void): void;
  close(): Promise<void>;
}

export const TOKEN = 'pm_test';

export async function pretendServer(): Promise<PretendServer> {
  const answers = new Map<string, PretendAnswer | ((request: SeenRequest) => PretendAnswer)>();
  const requests: SeenRequest[] = [];
  let subscribed: Parameters<PretendServer['onSubscribe']>[0] = () => undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const seen: SeenRequest = {
        method: request.method ?? '',
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      requests.push(seen);
      const prepared = answers.get(`${seen.method} ${seen.path}`);
      const authorized = request.headers.authorization === `Bearer ${TOKEN}`;
      const answer = !authorized
        ? problem(401, 'UNAUTHENTICATED', 'Sign in first')
        : ((typeof prepared === 'function' ? prepared(seen) : prepared) ??
          problem(404, 'NOT_FOUND', `Nothing at ${seen.path}`));
      if (answer.drop) return request.socket.destroy();
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
      response.end(answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body)));
    });
  });
  const sockets = new WebSocketServer({
    server,
    path: '/ws/updates',
    verifyClient: ({ req }: { req: IncomingMessage }) => req.headers.authorization === `Bearer ${TOKEN}`,
  });
  sockets.on('connection', (socket) => {
    socket.on('message', (raw: Buffer) => {
      const frame = JSON.parse(raw.toString()) as { type: string; topic: string };
      if (frame.type === 'subscribe') subscribed(frame.topic, (answer) => socket.send(JSON.stringify(answer)), socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    env: { POINTSMAN_URL: url, POINTSMAN_TOKEN: TOKEN },
    requests,
    on: (what, answer) => void answers.set(what, answer),
    onSubscribe: (listener) => void (subscribed = listener),
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function problem(
  status: number,
  code: string,
  detail: string,
  more: Record<string, unknown> = {},
): PretendAnswer {
  return { status, body: { type: 'about:blank', title: detail, status, detail, code, requestId: 'req-1', ...more } };
}
