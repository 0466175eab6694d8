/** The rows of web push. */
import { and, asc, eq, gt, inArray, min, sql } from 'drizzle-orm';
import type { InboxItemType } from '../../../contract/inbox.ts';
import type { DuePush, PushStore, PushSubscriptionRecord } from '../../../ports/store/push.ts';
import type { Database } from '../database.ts';
import { pushDeliveries, pushKeys, pushSubscriptions } from '../schema.ts';

export function pushStore(db: Database): PushStore {
  const keys: PushStore['keys'] = async () => {
    const [row] = await db.select().from(pushKeys);
    return row ? { publicKey: row.publicKey, privateKey: row.privateKey } : null;
  };
  const ofOwner = (id: string, ownerId: string) =>
    and(eq(pushSubscriptions.id, id), eq(pushSubscriptions.ownerId, ownerId));
  return {
    keys,
    async keepKeys(made) {
      await db.insert(pushKeys).values(made).onConflictDoNothing();
      return (await keys()) ?? made;
    },
    async put(subscription, most) {
      const { ownerId, service, device, kinds, sealed, since } = subscription;
      const [row] = await db
        .insert(pushSubscriptions)
        .values(subscription)
        .onConflictDoUpdate({
          target: pushSubscriptions.endpointHash,
          set: {
            ownerId,
            service,
            device,
            kinds,
            sealed,
            since: sql`CASE WHEN ${pushSubscriptions.kinds} = excluded.kinds AND ${pushSubscriptions.ownerId} = excluded.owner_id THEN ${pushSubscriptions.since} ELSE ${since}::timestamptz END`,
          },
        })
        .returning();
      const all = await db
        .select({ id: pushSubscriptions.id })
        .from(pushSubscriptions)
        .where(eq(pushSubscriptions.ownerId, ownerId))
        .orderBy(asc(pushSubscriptions.createdAt), asc(pushSubscriptions.id));
      const surplus = all.map(({ id }) => id).slice(0, Math.max(0, all.length - most));
      if (surplus.length > 0) await db.delete(pushSubscriptions).where(inArray(pushSubscriptions.id, surplus));
      return toRecord(row as typeof pushSubscriptions.$inferSelect); // an upsert always returns its row
    },
    async of(ownerId) {
      const rows = await db
        .select()
        .from(pushSubscriptions)
        .where(eq(pushSubscriptions.ownerId, ownerId))
        .orderBy(asc(pushSubscriptions.createdAt), asc(pushSubscriptions.id));
      return rows.map(toRecord);
    },
    async get(id, ownerId) {
      const [row] = await db.select().from(pushSubscriptions).where(ofOwner(id, ownerId));
      return row ? toRecord(row) : null;
    },
    async setKinds(id, ownerId, { kinds, at }) {
      const rows = await db
        .update(pushSubscriptions)
        .set({ kinds, since: at })
        .where(ofOwner(id, ownerId))
        .returning({ id: pushSubscriptions.id });
      return rows.length > 0;
    },
    async remove(id) {
      const rows = await db
        .delete(pushSubscriptions)
        .where(eq(pushSubscriptions.id, id))
        .returning({ id: pushSubscriptions.id });
      return rows.length > 0;
    },
    async claim(now, limit) {
      // Most of the time there is nothing, and then nothing is written.
      const due = await db.execute<{ item_id: string; subscription_id: string }>(dueQuery(now, limit));
      if (due.rows.length === 0) return [];
      const claimed = await db
        .insert(pushDeliveries)
        .values(
          due.rows.map(({ item_id, subscription_id }) => ({
            itemId: item_id,
            subscriptionId: subscription_id,
            status: 'sending',
            tries: 1,
            at: now,
          })),
        )
        .onConflictDoUpdate({
          target: [pushDeliveries.itemId, pushDeliveries.subscriptionId],
          set: { status: 'sending', tries: sql`${pushDeliveries.tries} + 1`, at: now },
          // Another process may have been faster.
          setWhere: eq(pushDeliveries.status, 'again'),
        })
        .returning({
          itemId: pushDeliveries.itemId,
          subscriptionId: pushDeliveries.subscriptionId,
          tries: pushDeliveries.tries,
        });
      return withDetails(db, claimed);
    },
    async settle({ itemId, subscriptionId }, { outcome, at }) {
      const ofPush = and(eq(pushDeliveries.itemId, itemId), eq(pushDeliveries.subscriptionId, subscriptionId));
      await db.update(pushDeliveries).set({ status: outcome, at }).where(ofPush);
      if (outcome === 'sent')
        await db.update(pushSubscriptions).set({ lastSentAt: at }).where(eq(pushSubscriptions.id, subscriptionId));
    },
    async nextAgain(now) {
      const [row] = await db
        .select({ at: min(pushDeliveries.at) })
        .from(pushDeliveries)
        // What is due and was not claimed is nobody's any more: answered meanwhile, or its owner has left.
        .where(and(eq(pushDeliveries.status, 'again'), gt(pushDeliveries.at, now)));
      return row?.at ?? null;
    },
  };
}

/** Nobody is told whose account was disabled or whose token was revoked. */
function dueQuery(now: string, limit: number) {
  return sql`
    SELECT item.id AS item_id, subscription.id AS subscription_id
    FROM push_subscriptions AS subscription
    JOIN inbox_items AS item ON item.state = 'open' AND item.type = ANY (subscription.kinds)
      AND item.created_at >= subscription.since AND (item.expires_at IS NULL OR item.expires_at > ${now}::timestamptz)
    LEFT JOIN push_deliveries AS delivery ON delivery.item_id = item.id AND delivery.subscription_id = subscription.id
    WHERE (delivery.status IS NULL OR (delivery.status = 'again' AND delivery.at <= ${now}::timestamptz))
      AND (EXISTS (SELECT 1 FROM users WHERE users.id = subscription.owner_id AND NOT users.disabled)
        OR EXISTS (SELECT 1 FROM tokens WHERE tokens.id = subscription.owner_id AND tokens.revoked_at IS NULL
          AND (tokens.expires_at IS NULL OR tokens.expires_at > ${now}::timestamptz)))
    ORDER BY item.created_at, item.id LIMIT ${limit}`;
}

async function withDetails(
  db: Database,
  claimed: readonly Pick<DuePush, 'itemId' | 'subscriptionId' | 'tries'>[],
): Promise<DuePush[]> {
  if (claimed.length === 0) return [];
  const { rows } = await db.execute<{
    item_id: string;
    subscription_id: string;
    sealed: string;
    type: string;
    origin: string | null;
    expires_at: string | null;
    waiting: number;
  }>(sql`
    SELECT item.id AS item_id, subscription.id AS subscription_id, sealed, item.type, item.expires_at,
      COALESCE(agents.name, executions.name) AS origin,
      (SELECT count(*)::int FROM inbox_items WHERE state = 'open') AS waiting
    FROM inbox_items AS item CROSS JOIN push_subscriptions AS subscription
    LEFT JOIN agents ON agents.id = item.agent_id LEFT JOIN executions ON executions.id = item.execution_id
    WHERE item.id = ANY (${sql.param(claimed.map(({ itemId }) => itemId))}::uuid[])
      AND subscription.id = ANY (${sql.param(claimed.map(({ subscriptionId }) => subscriptionId))}::uuid[])`);
  return claimed.flatMap((push) => {
    const row = rows.find((one) => one.item_id === push.itemId && one.subscription_id === push.subscriptionId);
    if (!row) return []; // the subscription was removed this moment
    const { sealed, type, origin, expires_at: expiresAt, waiting } = row;
    return [
      {
        ...push,
        sealed,
        type: type as InboxItemType, // written by the inbox's store alone
        from: origin,
        expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
        waiting,
      },
    ];
  });
}

function toRecord({ kinds, ...row }: typeof pushSubscriptions.$inferSelect): PushSubscriptionRecord {
  return { ...row, kinds: kinds as InboxItemType[] }; // written by this store alone
}
