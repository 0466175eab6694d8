/** A WebSocket of a Pointsman under test, with everything that came through it. */
import { WebSocket } from 'ws';
import type { Pointsman } from './pointsman-process.ts';
import { until } from './pointsman-process.ts';

export interface Frame {
  type: string;
  [field: string]: any;
}

export interface LiveSocket {
  socket: WebSocket;
  /** Text frames, oldest first. */
  frames: Frame[];
  /** Binary frames, oldest first. */
  bytes: Buffer[];
  closed: Promise<{ code: number; reason: string }>;
  send(frame: object | string | Uint8Array): void;
  /** The first text frame from now or before that fits and was not taken by this before. */
  next(fits: Partial<Frame> | ((frame: Frame) => boolean), withinMs?: number): Promise<Frame>;
  /** All bytes so far as text. */
  screen(): string;
  close(): void;
}

export async function openSocket(
  server: Pointsman,
  path: string,
  headers: Record<string, string> = { authorization: `Bearer ${server.token}` },
): Promise<LiveSocket> {
  const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}${path}`, { headers });
  const frames: Frame[] = [];
  const bytes: Buffer[] = [];
  const taken = new Set<Frame>();
  socket.on(
    'message',
    (data: Buffer, isBinary) => void (isBinary ? bytes.push(data) : frames.push(JSON.parse(data.toString()) as Frame)),
  );
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  return {
    socket,
    frames,
    bytes,
    closed,
    send: (frame) =>
      socket.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame)),
    async next(fits, withinMs = 10_000) {
      const fitting =
        typeof fits === 'function'
          ? fits
          : (frame: Frame) => Object.entries(fits).every(([name, value]) => frame[name] === value);
      const found = await until(
        `a frame ${typeof fits === 'function' ? '' : JSON.stringify(fits)}`,
        async () => frames.find((frame) => !taken.has(frame) && fitting(frame)),
        withinMs,
      ).catch((error: unknown) =>
        Promise.reject(new Error(`${String(error)}; there were ${JSON.stringify(frames.slice(-5)).slice(0, 2000)}`)),
      );
      taken.add(found);
      return found;
    },
    screen: () => Buffer.concat(bytes).toString('utf8'),
    close: () => socket.close(),
  };
}
