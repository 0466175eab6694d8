/** The Store on tables in memory, as src/adapters/postgres has it in SQL; the engine's tests and its simulator run on it. */
import { PointsmanError } from '../../../src/contract/errors.ts';
import type { Notice } from '../../../src/ports/event-bus.ts';
import type { NewEvent } from '../../../src/ports/store/events.ts';
import type { Store, StoreRooms, StoreTransaction } from '../../../src/ports/store/store.ts';
import { agentRoom, taskRoom } from './agent-rooms.ts';
import { appendEvents } from './append-events.ts';
import { checkpointRoom } from './checkpoint-room.ts';
import { executionRoom } from './execution-room.ts';
import { inboxRoom } from './inbox-room.ts';
import { incidentRoom } from './incident-room.ts';
import { ConnectionCut, type MemoryDatabase, stored, type Transaction } from './memory-database.ts';

/** The way to the database and back. */
export interface Wire {
  /** Resolves when a statement arrives there, or with why it never will. */
  request(what: string): Promise<Error | null>;
  /** Resolves when its answer arrives here, or with why it never will. */
  response(what: string): Promise<Error | null>;
  /** The database's clock. */
  now(): number;
  opened(transaction: Transaction): void;
  announced(notices: readonly Notice[]): void;
}

export const DIRECT: Wire = {
  request: async () => null,
  response: async () => null,
  now: () => Date.now(),
  opened: () => undefined,
  announced: () => undefined,
};

/** Runs one statement, in a transaction of its own or in that of the room. */
export type Run = <T>(what: string, statement: (transaction: Transaction, now: string) => T) => Promise<T>;

export function createMemoryStore(database: MemoryDatabase, wire: Wire = DIRECT): Store {
  const now = () => new Date(wire.now()).toISOString();

  /** Errors travel like answers, so that nobody hears of them sooner. */
  async function send<T>(what: string, work: () => Promise<T>): Promise<T> {
    let failure: unknown = await wire.request(what);
    let result: T | undefined;
    if (!failure)
      try {
        result = await work();
      } catch (error) {
        failure = error instanceof ConnectionCut ? unavailable(error) : error;
      }
    failure = (await wire.response(what)) ?? failure;
    if (failure) throw failure as Error;
    return result as T; // it did not fail
  }

  const alone: Run = (what, statement) =>
    send(what, async () => {
      const transaction = database.begin();
      try {
        const result = await transaction.run(what, (open) => statement(open, now()));
        transaction.commit();
        wire.announced(transaction.notices);
        return result;
      } catch (error) {
        transaction.drop();
        throw error;
      }
    });

  return {
    ...rooms(alone),
    async transaction(work) {
      const transaction = database.begin();
      wire.opened(transaction);
      const published: NewEvent[] = [];
      const within: Run = (what, statement) =>
        send(what, () => transaction.run(what, (open) => statement(open, now())));
      try {
        const result = await work({
          ...rooms(within),
          publish: (...events) => void published.push(...events),
          notify: (...added) => void transaction.notices.push(...added),
        } satisfies StoreTransaction);
        if (published.length > 0) await within('events', (open, at) => appendEvents(open, published, at));
        await send('commit', async () => {
          transaction.commit();
          wire.announced(transaction.notices);
        });
        return result;
      } catch (error) {
        transaction.drop();
        throw error;
      }
    },
    touchHost: async () => undefined,
    hosts: async () => [],
    figures: async () => [],
    ping: () => alone('ping', () => undefined),
    close: async () => undefined,
  };
}

export function unavailable(cause: unknown): PointsmanError {
  return new PointsmanError('DATABASE_UNAVAILABLE', { cause, retryAfterSeconds: 2 });
}

function rooms(run: Run): StoreRooms {
  return {
    executions: executionRoom(run),
    inbox: inboxRoom(run),
    incidents: incidentRoom(run),
    checkpoints: checkpointRoom(run),
    agents: agentRoom(run),
    tasks: taskRoom(run),
    events: {
      seq: (topic) => run('events.seq', (open) => (open.get('topics', topic)?.['seq'] as number | undefined) ?? 0),
      after: () => Promise.reject(new Error('nobody follows events here')),
      newest: () => Promise.reject(new Error('nobody looks for events here')),
      prune: async () => undefined,
    },
    usage: absent('usage'),
    workflows: absent('workflows'),
    triggers: absent('triggers'),
    policies: absent('policies'),
    secrets: absent('secrets'),
    sharedState: absent('sharedState'),
    channels: absent('channels'),
    auditSeals: absent('auditSeals'),
    preferences: absent('preferences'),
    push: absent('push'),
    retention: absent('retention'),
    identity: {
      ...absent<StoreRooms['identity']>('identity'),
      audit: (entry) =>
        run('audit', (open, at) => {
          const seq = open.database.draw();
          open.put('audit', String(seq), { ...stored(entry), seq, at });
        }),
    },
  };
}

/** A room that nothing here uses says so when somebody does. */
function absent<T extends object>(room: string): T {
  return new Proxy({} as T, {
    get: (_, method) => () => Promise.reject(new Error(`${room}.${String(method)} is not part of the memory store`)),
  });
}
