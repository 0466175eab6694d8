/** The inbox's rows. */
import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm';
import type { InboxRecord, InboxStore } from '../../../ports/store/inbox.ts';
import type { Database } from '../database.ts';
import { inboxItems } from '../schema.ts';

export function inboxStore(db: Database): InboxStore {
  return {
    async open(item) {
      const rows = await db.insert(inboxItems).values(item).onConflictDoNothing().returning({ id: inboxItems.id });
      return rows.length > 0 ? 'opened' : 'exists';
    },
    async get(id) {
      const [row] = await db.select().from(inboxItems).where(eq(inboxItems.id, id));
      return row ? toRecord(row) : null;
    },
    async list(filter, page) {
      const rows = await db
        .select()
        .from(inboxItems)
        .where(
          and(
            filter.state ? eq(inboxItems.state, filter.state) : undefined,
            filter.type ? eq(inboxItems.type, filter.type) : undefined,
            filter.executionId ? eq(inboxItems.executionId, filter.executionId) : undefined,
            filter.agentId ? eq(inboxItems.agentId, filter.agentId) : undefined,
            filter.by === undefined ? undefined : sql`${inboxItems.resolution}->>'by' = ${filter.by}`,
            page.after ? (page.newestFirst ? lt : gt)(inboxItems.id, page.after) : undefined,
          ),
        )
        .orderBy(page.newestFirst ? desc(inboxItems.id) : asc(inboxItems.id))
        .limit(page.limit);
      return rows.map(toRecord);
    },
    async close(id, outcome) {
      const [row] = await db
        .update(inboxItems)
        .set({ state: outcome.state, resolution: outcome.resolution ?? null, form: outcome.form ?? null })
        .where(and(eq(inboxItems.id, id), eq(inboxItems.state, 'open')))
        .returning();
      return row ? toRecord(row) : null;
    },
    async overtaken(id) {
      const [row] = await db
        .update(inboxItems)
        .set({ state: 'withdrawn', resolution: null, form: null })
        .where(and(eq(inboxItems.id, id), eq(inboxItems.state, 'resolved')))
        .returning();
      return row ? toRecord(row) : null;
    },
    async wasAllowed(requestId) {
      const rows = await db
        .select({ id: inboxItems.id })
        .from(inboxItems)
        .where(
          and(
            eq(inboxItems.requestId, requestId),
            eq(inboxItems.state, 'resolved'),
            sql`${inboxItems.resolution}->>'decision' = 'allow'`,
          ),
        )
        .limit(1);
      return rows.length > 0;
    },
    async forgetRequest(id) {
      await db.update(inboxItems).set({ requestId: null }).where(eq(inboxItems.id, id));
    },
    async byRequest(agentId, requestId) {
      const [row] = await db
        .select()
        .from(inboxItems)
        .where(and(eq(inboxItems.agentId, agentId), eq(inboxItems.requestId, requestId)));
      return row ? toRecord(row) : null;
    },
    async openOf(filter) {
      const rows = await db
        .select()
        .from(inboxItems)
        .where(
          and(
            eq(inboxItems.state, 'open'),
            filter.executionId ? eq(inboxItems.executionId, filter.executionId) : undefined,
            filter.effectKey ? eq(inboxItems.effectKey, filter.effectKey) : undefined,
            filter.agentId ? eq(inboxItems.agentId, filter.agentId) : undefined,
            filter.type ? eq(inboxItems.type, filter.type) : undefined,
          ),
        );
      return rows.map(toRecord);
    },
  };
}

/** Written by this store alone, so the text columns hold exactly the enums of the contract. */
function toRecord(row: typeof inboxItems.$inferSelect): InboxRecord {
  return {
    id: row.id,
    type: row.type as InboxRecord['type'],
    state: row.state as InboxRecord['state'],
    title: row.title,
    payload: row.payload as InboxRecord['payload'],
    hash: row.hash,
    ...(row.agentId ? { agentId: row.agentId } : {}),
    ...(row.executionId ? { executionId: row.executionId } : {}),
    ...(row.stepId ? { stepId: row.stepId } : {}),
    choices: row.choices as InboxRecord['choices'],
    createdAt: row.createdAt,
    ...(row.expiresAt ? { expiresAt: row.expiresAt } : {}),
    ...(row.resolution ? { resolution: row.resolution as NonNullable<InboxRecord['resolution']> } : {}),
    effectKey: row.effectKey,
    roles: row.roles as string[] | null,
    form: row.form,
    requestId: row.requestId,
  };
}
