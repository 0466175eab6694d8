/** The Store on PostgreSQL: the rooms over one pool, and transactions that number and announce their events. */
import { and, count, eq, isNull, sql } from 'drizzle-orm';
import type { Notice } from '../../ports/event-bus.ts';
import type { NewEvent } from '../../ports/store/events.ts';
import type { Store, StoreRooms, StoreTransaction } from '../../ports/store/store.ts';
import type { Connection, Database } from './database.ts';
import { guarded, prepared } from './database.ts';
import { type CommitsAlone } from './commits-alone.ts';
import { GroupCommit } from './group-commit.ts';
import { createLateNotices } from './late-notices.ts';
import { NOTICE_CHANNEL, noticePayloads } from './notices.ts';
import { agents, hosts } from './schema.ts';
import { agentStore } from './store/agents.ts';
import { auditSealStore } from './store/audit-seals.ts';
import { channelStore } from './store/channels.ts';
import { checkpointStore } from './store/checkpoints.ts';
import { appendEvents, eventStore } from './store/events.ts';
import { executionStore } from './store/executions.ts';
import { readFigures } from './store/figures.ts';
import { identityStore } from './store/identity.ts';
import { inboxStore } from './store/inbox.ts';
import { incidentStore } from './store/incidents.ts';
import { policyStore } from './store/policies.ts';
import { preferenceStore } from './store/preferences.ts';
import { pushStore } from './store/push.ts';
import { retentionStore } from './store/retention.ts';
import { secretStore } from './store/secrets.ts';
import { sharedStateStore } from './store/shared-state.ts';
import { taskStore } from './store/tasks.ts';
import { triggerStore } from './store/triggers.ts';
import { usageStore } from './store/usage.ts';
import { workflowStore } from './store/workflows.ts';

export function createPostgresStore({ db, pool }: Connection): Store {
  return {
    ...guardedRooms(rooms(db, { late: createLateNotices(pool), shared: new GroupCommit(pool) })),
    transaction: (work) =>
      guarded(() =>
        db.transaction(async (tx) => {
          const published: NewEvent[] = [];
          const notices: Notice[] = [];
          const transaction: StoreTransaction = {
            ...rooms(tx, null),
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
    figures: () => guarded(() => readFigures(db)),
    ping: () => guarded(async () => void (await pool.query('SELECT 1'))),
    close: () => pool.end(),
  };
}

function rooms(db: Database, alone: CommitsAlone | null): StoreRooms {
  return {
    agents: agentStore(db),
    tasks: taskStore(db),
    workflows: workflowStore(db),
    triggers: triggerStore(db),
    executions: executionStore(db, alone),
    inbox: inboxStore(db),
    incidents: incidentStore(db),
    identity: identityStore(db),
    auditSeals: auditSealStore(db),
    events: eventStore(db),
    checkpoints: checkpointStore(db),
    channels: channelStore(db),
    policies: policyStore(db),
    preferences: preferenceStore(db),
    push: pushStore(db),
    usage: usageStore(db),
    retention: retentionStore(db),
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

/** One statement. */
async function announce(db: Database, published: readonly NewEvent[], notices: readonly Notice[]): Promise<void> {
  const payloads = noticePayloads(published, notices);
  if (payloads.length === 0) return;
  await prepared(db, 'announce', ANNOUNCE, [JSON.stringify(payloads)]);
}

const ANNOUNCE = `SELECT pg_notify('${NOTICE_CHANNEL}', payload) FROM jsonb_array_elements_text($1::jsonb) AS payload`;
