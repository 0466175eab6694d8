/**
 * /ws/updates: numbered events by topic. A subscriber gets a snapshot or what it missed, then every event in order;
 * one that is too slow gets a fresh snapshot later instead of a backlog.
 */
import type { RawData } from 'ws';
import { UpdatesClientFrame, type UpdatesServerFrame } from '../../contract/live.ts';
import type { EventBus } from '../../ports/event-bus.ts';
import type { Store } from '../../ports/store/store.ts';
import { embedMayFollow } from '../auth/embed-grant.ts';
import type { LiveSocket } from './upgrade.ts';

/** Updates of a topic are gathered this long: at most 20 deliveries a second. */
const GATHER_MS = 50;
/** More than this waiting in a socket and it is skipped until it has drained. */
const MAX_BUFFERED_BYTES = 1_048_576;
const DRAIN_CHECK_MS = 200;
const MAX_TOPICS = 300;
const BATCH = 500;

export type SnapshotOf = (topic: string) => Promise<unknown>;

interface Subscription {
  client: Client;
  /** The last event this client has, or null while it waits for a snapshot. */
  seq: number | null;
}

interface Client extends LiveSocket {
  topics: Set<string>;
}

interface TopicRoom {
  /** Whoever asked for the topic; a subscription comes when it is their turn. */
  members: Set<Client>;
  subscriptions: Map<Client, Subscription>;
  timer: NodeJS.Timeout | null;
  turn: Promise<void>;
}

export function createUpdatesGateway({
  store,
  bus,
  snapshotOf,
  onError,
}: {
  store: Store;
  bus: EventBus;
  snapshotOf: SnapshotOf;
  onError: (error: unknown) => void;
}): { connect(live: LiveSocket): void; close(): void } {
  const rooms = new Map<string, TopicRoom>();

  const unsubscribe = bus.subscribe(
    (notice) => {
      const room = notice.channel === 'events' ? rooms.get(notice.key) : undefined;
      if (room) gather(notice.key, room);
    },
    () => rooms.forEach((room, topic) => gather(topic, room)),
  );
  const drain = setInterval(() => {
    for (const [topic, room] of rooms)
      if ([...room.subscriptions.values()].some((subscription) => subscription.seq === null)) gather(topic, room);
  }, DRAIN_CHECK_MS);

  function gather(topic: string, room: TopicRoom): void {
    room.timer ??= setTimeout(() => {
      room.timer = null;
      room.turn = room.turn.then(() => deliver(topic, room)).catch(onError);
    }, GATHER_MS);
  }

  async function deliver(topic: string, room: TopicRoom): Promise<void> {
    const ready = [...room.subscriptions.values()].filter(
      ({ client }) => client.socket.bufferedAmount <= MAX_BUFFERED_BYTES,
    );
    for (const subscription of room.subscriptions.values()) if (!ready.includes(subscription)) subscription.seq = null;
    const behind = ready.filter((subscription) => subscription.seq !== null);
    if (behind.length > 0) await sendEvents(topic, behind);
    const lost = ready.filter((subscription) => subscription.seq === null);
    if (lost.length > 0) await sendSnapshot(topic, lost);
  }

  async function sendEvents(topic: string, subscriptions: Subscription[]): Promise<void> {
    for (;;) {
      const from = Math.min(...subscriptions.map((subscription) => subscription.seq ?? Infinity));
      if (!Number.isFinite(from)) return;
      const events = await store.events.after(topic, from, BATCH);
      if (events === null) {
        // No longer kept from there: whoever is that far behind starts afresh.
        for (const subscription of subscriptions) if (subscription.seq === from) subscription.seq = null;
        continue;
      }
      for (const event of events) {
        const text = JSON.stringify({ type: 'event', ...event } satisfies UpdatesServerFrame);
        for (const subscription of subscriptions) {
          if (subscription.seq === null || subscription.seq >= event.seq || subscription.client.socket.readyState !== 1)
            continue;
          subscription.client.socket.send(text);
          subscription.seq = event.seq;
        }
      }
      if (events.length < BATCH) return;
    }
  }

  /** The number first, then the data: what happens between the two is sent again, and does no harm twice. */
  async function sendSnapshot(topic: string, subscriptions: Subscription[]): Promise<void> {
    const seq = await store.events.seq(topic);
    const data = await snapshotOf(topic);
    const text = JSON.stringify({ type: 'snapshot', topic, seq, data } satisfies UpdatesServerFrame);
    for (const subscription of subscriptions) {
      if (!subscription.client.topics.has(topic)) continue;
      subscription.client.socket.send(text);
      subscription.seq = seq;
    }
    const room = rooms.get(topic);
    if (room) gather(topic, room); // whatever was committed meanwhile
  }

  async function onMessage(client: Client, raw: RawData, isBinary: boolean): Promise<void> {
    if (!(await client.allowed())) return;
    const frame = isBinary ? null : parseFrame(raw.toString());
    if (!frame?.success)
      return send(client, {
        type: 'error',
        code: 'INVALID_REQUEST',
        detail: frame?.error.issues[0]?.message ?? 'Send JSON text frames as documented.',
      });
    const { topic } = frame.data;
    if (frame.data.type === 'unsubscribe') {
      leave(client, topic);
      return send(client, { type: 'unsubscribed', topic });
    }
    const { embed } = client.principal;
    if (embed && !embedMayFollow(embed, topic))
      return send(client, { type: 'error', topic, code: 'FORBIDDEN', detail: 'This view shows one thing only.' });
    if (client.topics.size >= MAX_TOPICS && !client.topics.has(topic))
      return send(client, {
        type: 'error',
        topic,
        code: 'RATE_LIMITED',
        detail: `At most ${MAX_TOPICS} topics per connection.`,
      });
    const room = rooms.get(topic) ?? {
      members: new Set<Client>(),
      subscriptions: new Map<Client, Subscription>(),
      timer: null,
      turn: Promise.resolve(),
    };
    rooms.set(topic, room);
    client.topics.add(topic);
    room.members.add(client);
    room.turn = room.turn
      .then(() => join(client, topic, room, frame.data.type === 'subscribe' ? frame.data.since : undefined))
      .catch(onError);
  }

  async function join(client: Client, topic: string, room: TopicRoom, since: number | undefined): Promise<void> {
    if (!room.members.has(client)) return;
    const known =
      since !== undefined &&
      since <= (await store.events.seq(topic)) &&
      (await store.events.after(topic, since, 1)) !== null;
    const subscription: Subscription = { client, seq: known ? since : null };
    room.subscriptions.set(client, subscription);
    if (known) await sendEvents(topic, [subscription]);
    if (subscription.seq === null) await sendSnapshot(topic, [subscription]);
  }

  function leave(client: Client, topic: string): void {
    client.topics.delete(topic);
    const room = rooms.get(topic);
    room?.members.delete(client);
    room?.subscriptions.delete(client);
    if (room && room.members.size === 0) {
      if (room.timer) clearTimeout(room.timer);
      rooms.delete(topic);
    }
  }

  return {
    connect(live) {
      const client: Client = { ...live, topics: new Set() };
      let turn: Promise<void> = Promise.resolve();
      client.socket.on('message', (raw, isBinary) => {
        turn = turn.then(() => onMessage(client, raw, isBinary)).catch(onError);
      });
      client.socket.on('close', () => [...client.topics].forEach((topic) => leave(client, topic)));
    },
    close() {
      clearInterval(drain);
      unsubscribe();
      for (const room of rooms.values()) if (room.timer) clearTimeout(room.timer);
    },
  };
}

function parseFrame(text: string) {
  try {
    return UpdatesClientFrame.safeParse(JSON.parse(text));
  } catch {
    return null;
  }
}

function send(client: LiveSocket, frame: UpdatesServerFrame): void {
  client.socket.send(JSON.stringify(frame));
}
