/** An HTTP server on loopback that a test is the other side of: what came is kept, and the test decides the answer. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  body: string;
  /** The same as it came. */
  bytes: Buffer;
  /** Fires when the other side is gone before it had its answer. */
  gone: Promise<void>;
}

export interface HttpEndpoint {
  url: string;
  port: number;
  seen: SeenRequest[];
  /** How requests are answered from now on; null: not at all. */
  answer: ((request: SeenRequest, response: http.ServerResponse) => void) | null;
  close(): Promise<void>;
}

/** `at`: a port that was free a moment ago. */
export async function httpEndpoint(at = 0): Promise<HttpEndpoint> {
  const server = http.createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => void chunks.push(chunk));
    incoming.on('error', () => undefined);
    incoming.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const request = {
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        headers: incoming.headers,
        body: bytes.toString('utf8'),
        bytes,
        gone: new Promise<void>((resolve) => response.once('close', () => !response.writableFinished && resolve())),
      };
      endpoint.seen.push(request);
      endpoint.answer?.(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint: HttpEndpoint = {
    url: `http://127.0.0.1:${port}`,
    port,
    seen: [],
    answer: (_, response) => response.setHeader('content-type', 'application/json').end('{"ok":true}'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return endpoint;
}
