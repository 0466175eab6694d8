/** The triggers' rows, and the calls of webhooks that were taken. */
import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, min, sql } from 'drizzle-orm';
import type { TriggerNote, TriggerRecord, TriggerStore } from '../../../ports/store/triggers.ts';
import type { Database } from '../database.ts';
import { triggerDeliveries, triggers, workflows } from '../schema.ts';

export function triggerStore(db: Database): TriggerStore {
  const withName = () =>
    db
      .select({ row: triggers, workflowName: workflows.name })
      .from(triggers)
      .innerJoin(workflows, eq(workflows.id, triggers.workflowId));
  return {
    async insert(record) {
      await db.insert(triggers).values(record);
    },
    async of(workflowId) {
      const rows = await db
        .select()
        .from(triggers)
        .where(and(eq(triggers.workflowId, workflowId), IS_THERE))
        .orderBy(asc(triggers.position));
      return rows.map(toRecord);
    },
    async get(id) {
      const [found] = await withName().where(and(eq(triggers.id, id), IS_THERE));
      return found ? { ...toRecord(found.row), workflowName: found.workflowName } : null;
    },
    async list(filter, page) {
      const rows = await withName()
        .where(
          and(
            IS_THERE,
            filter.workflowId ? eq(triggers.workflowId, filter.workflowId) : undefined,
            page.before ? lt(triggers.id, page.before) : undefined,
          ),
        )
        .orderBy(desc(triggers.id))
        .limit(page.limit);
      return rows.map(({ row, workflowName }) => ({ ...toRecord(row), workflowName }));
    },
    async workflowsWithout() {
      const rows = await db.execute<{ id: string }>(sql`
        SELECT workflows.id FROM workflows JOIN workflow_versions AS live ON live.workflow_id = workflows.id AND live.version = workflows.live_version
        WHERE deleted_at IS NULL AND jsonb_array_length(COALESCE(live.document->'triggers', '[]')) > 0
        AND NOT EXISTS (SELECT 1 FROM triggers WHERE triggers.workflow_id = workflows.id) ORDER BY workflows.id`);
      return rows.rows;
    },
    async rewrite(id, { position, config }) {
      await db.update(triggers).set({ position, config }).where(eq(triggers.id, id));
    },
    async retire(ids) {
      if (ids.length > 0)
        await db
          .update(triggers)
          .set({ retiredAt: sql`now()` as unknown as string })
          .where(inArray(triggers.id, [...ids]));
    },
    async retired(workflowId) {
      const rows = await db
        .select()
        .from(triggers)
        .where(and(eq(triggers.workflowId, workflowId), isNotNull(triggers.retiredAt)));
      return rows.map(toRecord);
    },
    async restore(id, { position, config, nextAt, cursor }) {
      // Whoever looked at it before is behind.
      const revision = sql`${triggers.revision} + 1` as unknown as number;
      await db
        .update(triggers)
        .set({ position, config, nextAt, cursor, revision, retiredAt: null })
        .where(eq(triggers.id, id));
    },
    async removeOf(workflowId) {
      await db.delete(triggers).where(eq(triggers.workflowId, workflowId));
    },
    async due({ now, hostId, limit }) {
      const rows = await db
        .select()
        .from(triggers)
        .where(
          sql`${triggers.enabled} AND ${IS_THERE} AND ((${triggers.nextAt} <= ${now}::timestamptz AND ${isOf(hostId)})
            OR (${triggers.kind} = 'workflow' AND ${behind('executions')})
            OR (${triggers.kind} = 'agent' AND ${behind('agents')}))`,
        )
        .orderBy(asc(triggers.nextAt), asc(triggers.id))
        .limit(limit);
      return rows.map(toRecord);
    },
    async nextMoment(hostId) {
      const [row] = await db
        .select({ at: min(triggers.nextAt) })
        .from(triggers)
        .where(and(eq(triggers.enabled, true), IS_THERE, isNotNull(triggers.nextAt), isOf(hostId)));
      return row?.at ?? null;
    },
    async advance({ id, revision }, { nextAt, cursor }, note) {
      const rows = await db
        .update(triggers)
        .set({ nextAt, cursor, revision: revision + 1, ...note })
        .where(and(eq(triggers.id, id), eq(triggers.revision, revision), eq(triggers.enabled, true), IS_THERE))
        .returning({ id: triggers.id });
      return rows.length > 0;
    },
    async note(id, note: TriggerNote) {
      await db.update(triggers).set(note).where(eq(triggers.id, id));
    },
    async setEnabled(id, enabled, { nextAt, cursor }) {
      await db
        .update(triggers)
        .set({ enabled, nextAt, cursor, revision: sql`${triggers.revision} + 1` as unknown as number })
        .where(eq(triggers.id, id));
    },
    async setSecret(id, ciphertext) {
      await db
        .update(triggers)
        .set({ secret: ciphertext, secretSetAt: sql`now()` as unknown as string })
        .where(eq(triggers.id, id));
      await db.delete(triggerDeliveries).where(eq(triggerDeliveries.triggerId, id));
    },
    async remember(delivery) {
      const rows = await db
        .insert(triggerDeliveries)
        .values(delivery)
        .onConflictDoNothing()
        .returning({ key: triggerDeliveries.key });
      return rows.length > 0;
    },
    async delivery(triggerId, key) {
      const [row] = await db
        .select({ executionId: triggerDeliveries.executionId })
        .from(triggerDeliveries)
        .where(and(eq(triggerDeliveries.triggerId, triggerId), eq(triggerDeliveries.key, key)));
      return row ?? null;
    },
    async pruneDeliveries(now) {
      await db.delete(triggerDeliveries).where(lt(triggerDeliveries.expiresAt, now));
    },
  };
}

const IS_THERE = isNull(triggers.retiredAt);

/** Files are those of one machine. */
function isOf(hostId: string | null) {
  return hostId === null
    ? sql`${triggers.kind} NOT IN ('file', 'git')`
    : sql`(${triggers.kind} NOT IN ('file', 'git') OR COALESCE(${triggers.cursor}->>'hostId', ${hostId}) = ${hostId})`;
}

/** Something happened in the topic since the trigger looked. */
function behind(topic: 'executions' | 'agents') {
  return sql`(${triggers.cursor}->>'seq')::bigint < (SELECT seq FROM topics WHERE topic = ${topic})`;
}

function toRecord(stored: typeof triggers.$inferSelect): TriggerRecord {
  const { retiredAt: _, ...row } = stored;
  return {
    ...row,
    // Written by this store alone, so the columns hold what the record says.
    kind: row.kind as TriggerRecord['kind'],
    config: row.config as TriggerRecord['config'],
    cursor: row.cursor ?? null,
    lastOutcome: row.lastOutcome as TriggerRecord['lastOutcome'],
    lastError: (row.lastError ?? null) as TriggerRecord['lastError'],
  };
}
