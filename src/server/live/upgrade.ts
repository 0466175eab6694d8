/** The door of both WebSockets: the same checks as for requests, before the connection exists. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { ERRORS, PointsmanError, isPointsmanError } from '../../contract/errors.ts';
import type { IdentityService } from '../auth/identity-service.ts';
import { embedMayWatch } from '../auth/embed-grant.ts';
import { may, type Principal } from '../auth/principal.ts';
import type { AllowedHosts } from '../http/allowed-hosts.ts';
import { principalOf } from '../http/request-checks.ts';

const MAX_FRAME_BYTES = 1_048_576;
/** Answered when it is offered; the token beside it never is. */
const SOCKET_PROTOCOL = 'pointsman';
const PING_EVERY_MS = 20_000;
/** Rights are looked at this often while a socket is open, besides at once when a session ends. */
const RIGHTS_EVERY_MS = 1_000;

export interface LiveSocket {
  socket: WebSocket;
  principal: Principal;
  /** Checks that the identity still has its rights; closes the socket and returns false when not. */
  allowed(): Promise<boolean>;
}

export interface UpgradeOptions {
  server: Server;
  identity: IdentityService;
  hosts: AllowedHosts;
  /** Null when there is nothing at this address. */
  route: (path: string) => ((live: LiveSocket) => void) | null;
  onSessionEnded: (listener: (credentialId: string) => void) => () => void;
}

export function acceptUpgrades({ server, identity, hosts, route, onSessionEnded }: UpgradeOptions): { close(): void } {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SOCKET_PROTOCOL) ? SOCKET_PROTOCOL : false),
  });
  const open = new Set<LiveSocket & { alive: boolean }>();

  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy());
    void check(request).then(
      ({ principal, connect }) =>
        sockets.handleUpgrade(request, stream, head, (socket) => accept(socket, principal, connect)),
      (error: unknown) => refuse(stream, error),
    );
  });

  async function check(request: IncomingMessage) {
    if (!hosts.host(request)) throw new PointsmanError('HOST_NOT_ALLOWED');
    const { origin } = request.headers;
    if (origin !== undefined && !hosts.origin(origin)) throw new PointsmanError('ORIGIN_NOT_ALLOWED');
    const cookies = readCookies(request.headers.cookie);
    const bearer = bearerProtocol(request);
    const principal = await principalOf({ identity }, {
      headers: bearer === null ? request.headers : { ...request.headers, authorization: `Bearer ${bearer}` },
      cookies,
    } as unknown as Parameters<typeof principalOf>[1]);
    if (!principal) throw new PointsmanError('UNAUTHENTICATED');
    // A cookie travels by itself: only a page of ours may use it.
    if (principal.via === 'session' && origin === undefined)
      throw new PointsmanError('ORIGIN_NOT_ALLOWED', { detail: 'A browser session needs its Origin.' });
    const address = new URL(request.url ?? '/', 'http://localhost').pathname;
    const connect = route(address);
    if (!connect) throw new PointsmanError('NOT_FOUND');
    if (!mayConnect(principal, address)) throw new PointsmanError('FORBIDDEN');
    return { principal, connect };
  }

  function accept(socket: WebSocket, principal: Principal, connect: (live: LiveSocket) => void): void {
    const live = {
      socket,
      principal,
      alive: true,
      async allowed() {
        const holds = await identity.stillHolds(principal).catch(() => true); // a database away is no reason to close
        if (!holds) socket.close(4401, 'your rights have changed');
        return holds;
      },
    };
    open.add(live);
    socket.on('pong', () => (live.alive = true));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => open.delete(live));
    connect(live);
  }

  const unsubscribe = onSessionEnded((credentialId) => {
    identity.rightsChanged();
    for (const live of open) if (live.principal.credentialId === credentialId) void live.allowed();
  });
  const rights = setInterval(() => void checkRights(open), RIGHTS_EVERY_MS);
  const pings = setInterval(() => {
    for (const live of open) {
      if (!live.alive) live.socket.terminate();
      live.alive = false;
      live.socket.ping();
    }
  }, PING_EVERY_MS);

  return {
    close() {
      clearInterval(rights);
      clearInterval(pings);
      unsubscribe();
      for (const live of open) live.socket.close(1012, 'the server is restarting');
      setTimeout(() => open.forEach((live) => live.socket.terminate()), 500).unref();
      sockets.close();
    },
  };
}

/** One look per credential, however many sockets it has open. */
async function checkRights(open: ReadonlySet<LiveSocket>): Promise<void> {
  const seen = new Map<string, boolean>();
  for (const live of open) {
    const known = seen.get(live.principal.credentialId);
    if (known === undefined) seen.set(live.principal.credentialId, await live.allowed());
    else if (!known) live.socket.close(4401, 'your rights have changed');
  }
}

function refuse(stream: Duplex, error: unknown): void {
  const code = isPointsmanError(error) ? error.code : 'INTERNAL';
  const { status, title } = ERRORS[code];
  const body = JSON.stringify({ type: `/docs/errors#${code}`, title, status, code });
  stream.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** A view in another page is of one thing; which topics it may follow is asked at each. */
function mayConnect(principal: Principal, address: string): boolean {
  const agentId = /^\/ws\/terminals\/(.+)$/.exec(address)?.[1];
  if (principal.embed && agentId !== undefined && !embedMayWatch(principal.embed, agentId)) return false;
  return may(principal, 'read');
}

/** A page without a cookie cannot set a header on a socket: it names its token as a second protocol, `bearer.TOKEN`. */
function bearerProtocol({ headers }: IncomingMessage): string | null {
  const [first, second] = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
  return first === SOCKET_PROTOCOL && second?.startsWith('bearer.') ? second.slice('bearer.'.length) : null;
}

function readCookies(header: string | undefined): Record<string, string> {
  const cookies: Record<string, string> = {};
  for (const part of (header ?? '').split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) cookies[part.slice(0, equals).trim()] = part.slice(equals + 1).trim();
  }
  return cookies;
}
