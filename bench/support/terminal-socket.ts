/** A viewer of one agent's terminal, as the browser is one: repaint, bytes, and keys once it holds the seat. */
import { WebSocket } from 'ws';
import type { Pointsman } from '../../test/support/pointsman-process.ts';

export interface TerminalSocket {
  /** Called with every binary frame. */
  onBytes: (bytes: Buffer) => void;
  type(bytes: string): void;
  close(): void;
}

/** Resolves after the first repaint; with `seat` after the seat is ours as well. */
export async function openTerminal(
  server: Pick<Pointsman, 'url' | 'token'>,
  agentId: string,
  options: { seat?: boolean } = {},
): Promise<TerminalSocket> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/terminals/${agentId}`, {
    headers: { authorization: `Bearer ${server.token}` },
    perMessageDeflate: false,
  });
  const terminal: TerminalSocket = {
    onBytes: () => undefined,
    type: (bytes) => socket.send(Buffer.from(bytes)),
    close: () => socket.close(),
  };
  await new Promise<void>((resolve, reject) => {
    let painted = false;
    let seated = !options.seat;
    socket.on('open', () => (options.seat ? socket.send(JSON.stringify({ type: 'seat', action: 'take' })) : undefined));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the terminal of ${agentId} was closed`)));
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        painted = true;
        terminal.onBytes(data);
      } else {
        const frame = JSON.parse(data.toString()) as { type: string; yours?: boolean; detail?: string };
        if (frame.type === 'error') return reject(new Error(frame.detail));
        if (frame.type === 'seat' && frame.yours) seated = true;
      }
      if (painted && seated) resolve();
    });
  });
  return terminal;
}
