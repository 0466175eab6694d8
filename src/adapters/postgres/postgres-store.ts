/** The Store on PostgreSQL: the rooms over one pool, and transactions that number and announce their events. */
import { and, count, eq, isNull, sql } from 'drizzle-orm';
import type { Notice } from '../../ports/event-bus.ts';
import type { NewEvent } from '../../ports/store/events.ts';
import type { Store, StoreRooms, StoreTransaction } from '../../ports/store/store.ts';
import type { Connection, Database } from './database.ts';
import { guarded } from './database.ts';
import { agents, hosts } from './schema.ts';
import { agentStore } from './store/agents.ts';
import { checkpointStore } from './store/checkpoints.ts';
import { appendEvents, eventStore } from './store/events.ts';
import { executionStore } from './store/executions.ts';
import { identityStore } from './store/identity.ts';
import { inboxStore } from './store/inbox.ts';
import { policyStore } from './store/policies.ts';
import { secretStore } from './store/secrets.ts';
import { sharedStateStore } from './store/shared-state.ts';
import { taskStore } from './store/tasks.ts';
import { usageStore } from './store/usage.ts';
import { workflowStore } from './store/workflows.ts';

/** PostgreSQL's channel for every notice; payloads are `channel key`. */
export const NOTICE_CHANNEL = 'pointsman';

export function createPostgresStore({ db, pool }: Connection): Store {
  return {
    ...guardedRooms(rooms(db)),
    transaction: (work) =>
      guarded(() =>
        db.transaction(async (tx) => {
          const published: NewEvent[] = [];
          const notices: Notice[] = [];
          const transaction: StoreTransaction = {
            ...rooms(tx),
            publish: (...events) => void published.push(...events),
            notify: (...added) => void notices.push(...added),
          };
          const result = await work(transaction);
          if (published.length > 0) await appendEvents(tx, published);
          await announce(tx, published, notices);
          return result;
        }),
      ),
    touchHost: (host) =>
      guarded(async () => {
        const lastSeenAt = sql`clock_timestamp()` as unknown as string;
        await db
          .insert(hosts)
          .values({ ...host, lastSeenAt })
          .onConflictDoUpdate({ target: hosts.id, set: { ...host, lastSeenAt } });
      }),
    hosts: () =>
      guarded(async () =>
        db
          .select({
            id: hosts.id,
            name: hosts.name,
            roles: hosts.roles,
            startedAt: hosts.startedAt,
            lastSeenAt: hosts.lastSeenAt,
            agents: count(agents.id),
          })
          .from(hosts)
          .leftJoin(agents, and(eq(agents.hostId, hosts.id), isNull(agents.deletedAt)))
          .groupBy(hosts.id)
          .orderBy(hosts.id),
      ),
    ping: () => guarded(async () => void (await pool.query('SELECT 1'))),
    close: () => pool.end(),
  };
}

function rooms(db: Database): StoreRooms {
  return {
    agents: agentStore(db),
    tasks: taskStore(db),
    workflows: workflowStore(db),
    executions: executionStore(db),
    inbox: inboxStore(db),
    identity: identityStore(db),
    events: eventStore(db),
    checkpoints: checkpointStore(db),
    policies: policyStore(db),
    usage: usageStore(db),
    secrets: secretStore(db),
    sharedState: sharedStateStore(db),
  };
}

/** Outside a transaction every method says DATABASE_UNAVAILABLE itself; inside, the transaction does. */
function guardedRooms(all: StoreRooms): StoreRooms {
  const guardedRoom = <T extends object>(room: T): T =>
    Object.fromEntries(
      Object.entries(room).map(([name, method]: [string, (...args: unknown[]) => Promise<unknown>]) => [
        name,
        (...args: unknown[]) => guarded(() => method.apply(room, args)),
      ]),
    ) as T; // the same methods under the same names
  return Object.fromEntries(
    Object.entries(all).map(([name, room]: [string, object]) => [name, guardedRoom(room)]),
  ) as unknown as StoreRooms;
}

/** One statement; PostgreSQL delivers at the commit and drops what is said twice. */
async function announce(db: Database, published: readonly NewEvent[], notices: readonly Notice[]): Promise<void> {
  const payloads = new Set([
    ...published.map((event) => `events ${event.topic}`),
    ...notices.map((notice) => `${notice.channel} ${notice.key}`),
  ]);
  if (payloads.size === 0) return;
  await db.execute(
    sql`SELECT pg_notify(${NOTICE_CHANNEL}, payload) FROM jsonb_array_elements_text(${JSON.stringify([...payloads])}::jsonb) AS payload`,
  );
}
