/** Every status that Pointsman announces of one agent, in order, with the moment it arrived here; also over restarts of the server. */
import { WebSocket } from 'ws';
import type { Agent } from '../../../src/contract/agents.ts';
import type { UpdatesServerFrame } from '../../../src/contract/live.ts';
import type { Pointsman } from '../../../test/support/pointsman-process.ts';

export interface Announcement {
  status: Agent['status'];
  reason: string;
  source: string;
  /** Milliseconds since 1970, when it arrived. */
  at: number;
}

export interface Announcements {
  /** Oldest first; what repeats the one before is not kept. */
  readonly heard: readonly Announcement[];
  /** Follows this server from where the one before ended; resolves when it has told what was missed. */
  follow(server: Pick<Pointsman, 'url' | 'token'>): Promise<void>;
  /** Resolves to the moment at which the next event about the agent arrives, whatever it tells. */
  next(): Promise<number>;
  /** Looks at everything that is heard until it fits; false after that time. */
  until(fits: () => boolean, withinMs: number): Promise<boolean>;
  close(): void;
}

export function followStatus(agentId: string): Announcements {
  const topic = `agent:${agentId}`;
  const heard: Announcement[] = [];
  const lookers = new Set<() => void>();
  let next = Promise.withResolvers<number>();
  let socket: WebSocket | undefined;
  let seen: number | undefined;

  const hear = ({ status, statusReason, statusSource }: Agent): void => {
    if (heard.at(-1)?.status === status) return;
    heard.push({ status, reason: statusReason, source: statusSource, at: Date.now() });
    for (const look of lookers) look();
  };

  return {
    heard,
    async follow(server) {
      socket?.close();
      const mine = new WebSocket(`${server.url.replace('http', 'ws')}/ws/updates`, {
        headers: { authorization: `Bearer ${server.token}` },
        perMessageDeflate: false,
      });
      socket = mine;
      await new Promise<void>((resolve, reject) => {
        mine.on('error', reject);
        mine.on('open', () => {
          mine.send(JSON.stringify({ type: 'subscribe', topic, ...(seen === undefined ? {} : { since: seen }) }));
          if (seen !== undefined) resolve();
        });
        mine.on('message', (data: Buffer) => {
          const frame = JSON.parse(data.toString()) as UpdatesServerFrame;
          if (frame.type === 'error') return reject(new Error(frame.detail));
          if (frame.type === 'unsubscribed') return;
          seen = frame.seq;
          // What the contract promises for this topic.
          if (frame.type === 'snapshot') hear((frame.data as { agent: Agent }).agent);
          else if (frame.event === 'agent.changed') {
            hear(frame.data as Agent);
            next.resolve(Date.now());
            next = Promise.withResolvers();
          }
          resolve();
        });
      });
    },
    next: async () => next.promise,
    async until(fits, withinMs) {
      if (fits()) return true;
      const met = Promise.withResolvers<void>();
      const look = (): void => {
        if (fits()) met.resolve();
      };
      lookers.add(look);
      const limit = setTimeout(met.resolve, withinMs);
      await met.promise;
      clearTimeout(limit);
      lookers.delete(look);
      return fits();
    },
    close: () => socket?.close(),
  };
}
