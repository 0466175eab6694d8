/**
 * Follows topics of /ws/updates until told to stop: reconnects when the server goes away and comes back, and asks for a
 * snapshot when a number is missing. Knows frames, not what they are about.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type ErrorCode, ERRORS, PointsmanError } from '../contract/errors.ts';
import type { UpdatesClientFrame, UpdatesServerFrame } from '../contract/live.ts';
import type { ServerLocation } from './server-location.ts';

export interface FollowOptions {
  /** Asked again before each connection: a restarted server may be elsewhere. Null while there is none. */
  locate: () => ServerLocation | null;
  topics: readonly string[];
  signal: AbortSignal;
  onSnapshot: (topic: string, data: unknown) => void;
  onEvent: (topic: string, event: string, data: unknown) => void;
  onLost?: () => void;
  onBack?: () => void;
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 3_000;
/** A server that is away longer than this is not being restarted. */
const GIVE_UP_MS = 10 * 60_000;
/** A connection whose other end vanished says nothing by itself. */
const PING_EVERY_MS = 20_000;

/** Resolves when `signal` aborts; rejects when the server refuses or stays away. */
export async function followUpdates(options: FollowOptions): Promise<void> {
  let lostAt: number | undefined;
  let wait = FIRST_RETRY_MS;
  while (!options.signal.aborted) {
    const location = locateQuietly(options);
    if (location) {
      const served = await connectOnce(location, options, () => {
        if (lostAt !== undefined) options.onBack?.();
        lostAt = undefined;
        wait = FIRST_RETRY_MS;
      });
      if (options.signal.aborted) return;
      if (served) options.onLost?.();
    }
    lostAt ??= performance.now();
    if (performance.now() - lostAt > GIVE_UP_MS) {
      throw new PointsmanError('SERVER_UNREACHABLE', {
        detail: 'The server went away and did not come back within 10 minutes.',
      });
    }
    await delay(wait, undefined, { signal: options.signal }).catch(() => undefined);
    wait = Math.min(wait * 2, LAST_RETRY_MS);
  }
}

function locateQuietly(options: FollowOptions): ServerLocation | null {
  try {
    return options.locate();
  } catch {
    return null; // its files are being written
  }
}

/** Resolves when the connection has ended, with whether it ever stood. */
function connectOnce(location: ServerLocation, options: FollowOptions, onOpen: () => void): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${location.url.replace(/^http/, 'ws')}/ws/updates`, {
      headers: { authorization: `Bearer ${location.token}` },
      maxPayload: 64 * 1024 * 1024,
    });
    const lastSeq = new Map<string, number>();
    let opened = false;
    let answered = true;
    const send = (frame: UpdatesClientFrame) => socket.send(JSON.stringify(frame));
    const stop = () => socket.terminate();
    const ping = setInterval(() => {
      if (!answered) return socket.terminate();
      answered = false;
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    }, PING_EVERY_MS);
    options.signal.addEventListener('abort', stop, { once: true });
    const settle = (finish: () => void) => {
      clearInterval(ping);
      options.signal.removeEventListener('abort', stop);
      finish();
    };

    socket.on('open', () => {
      opened = true;
      onOpen();
      for (const topic of options.topics) send({ type: 'subscribe', topic });
    });
    socket.on('pong', () => (answered = true));
    socket.on('message', (raw, isBinary) => {
      answered = true;
      if (isBinary || options.signal.aborted) return;
      try {
        receive(JSON.parse(String(raw)) as UpdatesServerFrame); // the server's own frames; unknown types are passed over
      } catch (error) {
        settle(() => reject(error));
        socket.terminate();
      }
    });
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      const status = response.statusCode ?? 0;
      // While it starts or is overloaded it may be asked again; what it refuses it will refuse again.
      if (status >= 500 || status === 429) settle(() => resolve(opened));
      else settle(() => reject(refusal(status)));
      socket.terminate();
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', (code) => settle(() => (code === 1008 ? reject(refusal(403)) : resolve(opened))));

    function receive(frame: UpdatesServerFrame): void {
      if (frame.type === 'snapshot') {
        lastSeq.set(frame.topic, frame.seq);
        options.onSnapshot(frame.topic, frame.data);
      } else if (frame.type === 'event') {
        const last = lastSeq.get(frame.topic);
        if (last === undefined || frame.seq <= last) return;
        if (frame.seq > last + 1) {
          lastSeq.delete(frame.topic);
          send({ type: 'unsubscribe', topic: frame.topic });
          send({ type: 'subscribe', topic: frame.topic });
          return;
        }
        lastSeq.set(frame.topic, frame.seq);
        options.onEvent(frame.topic, frame.event, frame.data);
      } else if (frame.type === 'error') {
        throw new PointsmanError(frame.code in ERRORS ? (frame.code as ErrorCode) : 'INTERNAL', {
          detail: frame.detail,
        });
      }
    }
  });
}

function refusal(status: number): PointsmanError {
  const detail = `The server refused live updates (status ${status}).`;
  return new PointsmanError(status === 401 ? 'UNAUTHENTICATED' : status === 421 ? 'HOST_NOT_ALLOWED' : 'FORBIDDEN', {
    detail,
  });
}
