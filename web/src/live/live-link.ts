/** The one socket to /ws/updates: opened once, reopened with back-off, its condition visible. */
import type { UpdatesClientFrame, UpdatesServerFrame } from '../../../src/contract/live.ts';
import { backOffMs } from './back-off.ts';

export type LinkState = { status: 'closed' } | { status: 'connecting'; staleSince: number | null } | { status: 'live' };

interface Options {
  connect: () => WebSocket;
  /** Asked before each attempt after the first: may renew the session; false: nobody is signed in, stop. */
  mayConnect: () => Promise<boolean>;
}

export class LiveLink {
  onOpen: () => void = () => {};
  onFrame: (frame: UpdatesServerFrame) => void = () => {};
  state: LinkState = { status: 'closed' };
  readonly #options: Options;
  readonly #listeners = new Set<() => void>();
  #socket: WebSocket | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #attempt = 0;
  #wanted = false;

  constructor(options: Options) {
    this.#options = options;
  }

  open(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#connect();
    addEventListener('online', this.#hurry);
    document.addEventListener('visibilitychange', this.#hurry);
  }

  close(): void {
    this.#wanted = false;
    removeEventListener('online', this.#hurry);
    document.removeEventListener('visibilitychange', this.#hurry);
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    this.#socket?.close();
    this.#socket = null;
    this.#change({ status: 'closed' });
  }

  send(frame: UpdatesClientFrame): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Tries at once instead of waiting for the back-off to run out. */
  reconnectNow(): void {
    if (!this.#wanted || !this.#retry) return;
    clearTimeout(this.#retry);
    this.#attempt = 0;
    this.#connect();
  }

  readonly #hurry = (): void => {
    if (document.visibilityState === 'visible') this.reconnectNow();
  };

  #connect(): void {
    this.#retry = null;
    const socket = this.#options.connect();
    this.#socket = socket;
    if (this.state.status === 'closed') this.#change({ status: 'connecting', staleSince: null });
    socket.addEventListener('open', () => {
      if (socket !== this.#socket) return;
      this.#attempt = 0;
      this.#change({ status: 'live' });
      this.onOpen();
    });
    socket.addEventListener('message', (message) => {
      if (socket === this.#socket && typeof message.data === 'string')
        this.onFrame(JSON.parse(message.data) as UpdatesServerFrame);
    });
    socket.addEventListener('close', () => {
      if (socket !== this.#socket || !this.#wanted) return;
      this.#socket = null;
      if (this.state.status === 'live') this.#change({ status: 'connecting', staleSince: Date.now() });
      this.#attempt += 1;
      this.#retry = setTimeout(() => void this.#again(), backOffMs(this.#attempt, Math.random()));
    });
  }

  async #again(): Promise<void> {
    if ((await this.#options.mayConnect()) && this.#wanted) this.#connect();
  }

  #change(state: LinkState): void {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
}
