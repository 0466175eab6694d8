/** The socket of one agent's terminal: what came, and what a person may send. Knows nothing of xterm. */
import type { TerminalClientFrame, TerminalServerFrame } from '../../../src/contract/live.ts';
import { backOffMs } from '../live/back-off.ts';
import { maySocket, openSocket } from '../live/live.ts';

export interface TerminalEvents {
  onBytes: (bytes: Uint8Array) => void;
  onFrame: (frame: TerminalServerFrame) => void;
  onState: (state: TerminalLinkState) => void;
}
export type TerminalLinkState = 'connecting' | 'live' | 'reconnecting' | 'ended';

const LOOK_AGAIN_MS = 3_000; // an agent that ended may be started again by anybody

export class TerminalLink {
  readonly #agentId: string;
  readonly #events: TerminalEvents;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #attempt = 0;
  #ended = false;
  #closed = false;

  constructor(agentId: string, events: TerminalEvents) {
    this.#agentId = agentId;
    this.#events = events;
    this.#connect();
  }

  type(bytes: string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(new TextEncoder().encode(bytes));
  }

  send(frame: TerminalClientFrame): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** Looks at once instead of when its time has come: the agent was started. */
  retryNow(): void {
    if (!this.#timer || this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    void this.#again();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #connect(): void {
    const socket = openSocket(`/ws/terminals/${encodeURIComponent(this.#agentId)}`);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer) {
        this.#attempt = 0;
        this.#ended = false;
        this.#events.onState('live');
        this.#events.onBytes(new Uint8Array(data));
      } else if (typeof data === 'string') {
        const frame = JSON.parse(data) as TerminalServerFrame;
        if (frame.type === 'ended' || (frame.type === 'error' && frame.code === 'NO_TERMINAL')) {
          this.#ended = true;
          this.#events.onState('ended');
        }
        this.#events.onFrame(frame);
      }
    });
    socket.addEventListener('close', () => {
      if (this.#closed) return;
      if (!this.#ended) this.#events.onState(this.#attempt === 0 ? 'reconnecting' : 'connecting');
      this.#attempt += 1;
      this.#timer = setTimeout(
        () => this.retryNow(),
        this.#ended ? LOOK_AGAIN_MS : backOffMs(this.#attempt, Math.random()),
      );
    });
  }

  async #again(): Promise<void> {
    if ((await maySocket()) && !this.#closed) this.#connect();
  }
}
