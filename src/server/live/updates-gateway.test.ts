/** The moments between two events of the gateway, held still: a log in memory whose reads wait to be let go. */
import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import type { Notice } from '../../ports/event-bus.ts';
import type { Store } from '../../ports/store/store.ts';
import { createUpdatesGateway } from './updates-gateway.ts';
import type { LiveSocket } from './upgrade.ts';

const TOPIC = 'state:plans';

test('who joins a topic while the last one leaves it hears what is told afterwards', async () => {
  const { gateway, connect, tell, hold } = gatewayOn(TOPIC);
  const first = connect();
  first.subscribe();
  await vi.waitFor(() => expect(first.frames).toHaveLength(1));

  const letGo = hold();
  const second = connect();
  second.subscribe({ since: 0 });
  await vi.waitFor(() => expect(letGo.isAsked()).toBe(true));
  first.leave();
  letGo();
  await letGo.isOver();
  tell(1);
  await vi.waitFor(() => expect(second.frames.at(-1)).toMatchObject({ type: 'event', seq: 1, data: 1 }));
  gateway.close();
});

function gatewayOn(topic: string) {
  const log: { topic: string; seq: number; event: string; data: unknown; at: string }[] = [];
  let heard: (notice: Notice) => void = () => undefined;
  let held: Promise<void> | null = null;
  let isAsked = false;
  const seq = async (): Promise<number> => {
    isAsked = true;
    await held;
    return log.length;
  };
  const gateway = createUpdatesGateway({
    store: { events: { seq, after: async (_: string, since: number) => log.slice(since) } } as unknown as Store,
    bus: {
      publish: async () => undefined,
      subscribe: (listener) => {
        heard = listener;
        return () => undefined;
      },
      close: async () => undefined,
    },
    snapshotOf: async () => [],
    onError: (error) => expect.fail(String(error)),
  });
  return {
    gateway,
    connect() {
      const frames: { type: string }[] = [];
      const socket = Object.assign(new EventEmitter(), {
        readyState: 1,
        bufferedAmount: 0,
        send: (text: string) => void frames.push(JSON.parse(text) as { type: string }),
      });
      gateway.connect({ socket, principal: {}, allowed: async () => true } as unknown as LiveSocket);
      return {
        frames,
        subscribe: (from: { since?: number } = {}) =>
          socket.emit('message', Buffer.from(JSON.stringify({ type: 'subscribe', topic, ...from })), false),
        leave: () => socket.emit('close'),
      };
    },
    tell(data: unknown) {
      log.push({ topic, seq: log.length + 1, event: 'state.changed', data, at: '2026-01-01T00:00:00.000Z' });
      heard({ channel: 'events', key: topic });
    },
    hold() {
      const gate = Promise.withResolvers<void>();
      held = gate.promise;
      isAsked = false;
      // What waits for the same promise has gone on a turn of the event loop later.
      const isOver = () => new Promise((resolve) => setTimeout(resolve, 0));
      return Object.assign(() => gate.resolve(), { isAsked: () => isAsked, isOver });
    },
  };
}
