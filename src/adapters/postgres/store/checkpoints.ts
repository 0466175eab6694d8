/** Checkpoints as differences: a superstep writes what it changed, a read folds them from the last complete one. */
import { and, asc, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import type { Change, Checkpoints, NewCheckpoint, StoredCheckpoint } from '../../../ports/checkpoints.ts';
import { toJsonText } from '../columns.ts';
import { type Database, prepared } from '../database.ts';
import { checkpoints, checkpointWrites } from '../schema.ts';

type Row = typeof checkpoints.$inferSelect;

export function checkpointStore(db: Database): Checkpoints {
  const at = (threadId: string, namespace: string) =>
    and(eq(checkpoints.threadId, threadId), eq(checkpoints.namespace, namespace));

  /** From the nearest complete ancestor on; along the parents, because forks lie in between. */
  async function changesOf(row: Row): Promise<Change[]> {
    if (row.complete || !row.parentId) return [row.changes as Change];
    const line = await db.execute<{ changes: Change }>(sql`
      WITH RECURSIVE line AS (
        SELECT checkpoint_id, parent_id, complete, changes, 0 AS distance FROM checkpoints
        WHERE thread_id = ${row.threadId} AND namespace = ${row.namespace} AND checkpoint_id = ${row.checkpointId}
        UNION ALL
        SELECT parent.checkpoint_id, parent.parent_id, parent.complete, parent.changes, line.distance + 1 FROM line JOIN checkpoints AS parent
        ON parent.thread_id = ${row.threadId} AND parent.namespace = ${row.namespace} AND parent.checkpoint_id = line.parent_id
        WHERE NOT line.complete)
      SELECT changes FROM line ORDER BY distance DESC`);
    return line.rows.map(({ changes }) => changes);
  }

  async function fold(row: Row): Promise<StoredCheckpoint> {
    const line = await changesOf(row);
    const values = line.reduce<unknown>(applyChange, {}) as Record<string, unknown>;
    const writes = await db
      .select()
      .from(checkpointWrites)
      .where(
        and(
          eq(checkpointWrites.threadId, row.threadId),
          eq(checkpointWrites.namespace, row.namespace),
          eq(checkpointWrites.checkpointId, row.checkpointId),
        ),
      )
      .orderBy(asc(checkpointWrites.taskPath), asc(checkpointWrites.taskId), asc(checkpointWrites.index));
    return {
      threadId: row.threadId,
      namespace: row.namespace,
      checkpointId: row.checkpointId,
      parentId: row.parentId,
      checkpoint: row.checkpoint,
      values,
      metadata: row.metadata,
      folded: line.length - 1,
      writes: writes.map(({ taskId, channel, value }) => ({ taskId, channel, value })),
    };
  }

  return {
    async put(checkpoint) {
      await prepared(db, 'put-checkpoint', PUT, [checkpointRows([checkpoint])]);
    },
    async putWrites({ threadId, namespace, checkpointId, taskId, taskPath, writes }) {
      if (writes.length === 0) return;
      await db
        .insert(checkpointWrites)
        .values(writes.map((write) => ({ threadId, namespace, checkpointId, taskId, taskPath, ...write })))
        .onConflictDoUpdate({
          target: [
            checkpointWrites.threadId,
            checkpointWrites.namespace,
            checkpointWrites.checkpointId,
            checkpointWrites.taskId,
            checkpointWrites.index,
          ],
          set: { channel: sql`excluded.channel`, value: sql`excluded.value` },
        });
    },
    async get(threadId, namespace, checkpointId) {
      const [row] = await db
        .select()
        .from(checkpoints)
        .where(and(at(threadId, namespace), checkpointId ? eq(checkpoints.checkpointId, checkpointId) : undefined))
        .orderBy(desc(checkpoints.seq))
        .limit(1);
      return row ? fold(row) : null;
    },
    async list(threadId, options) {
      const rows = await db
        .select()
        .from(checkpoints)
        .where(
          and(
            eq(checkpoints.threadId, threadId),
            options.namespace === undefined ? undefined : eq(checkpoints.namespace, options.namespace),
            options.before ? lt(checkpoints.checkpointId, options.before) : undefined,
          ),
        )
        .orderBy(desc(checkpoints.seq))
        .limit(options.limit ?? 1000);
      return Promise.all(rows.map(fold));
    },
    async deleteThread(threadId) {
      await db.delete(checkpointWrites).where(inArray(checkpointWrites.threadId, [threadId]));
      await db.delete(checkpoints).where(eq(checkpoints.threadId, threadId));
    },
  };
}

/** As the statement below takes them: numbered in their order. */
export function checkpointRows(checkpoints: readonly NewCheckpoint[]): string {
  return toJsonText(checkpoints.map((checkpoint, ord) => ({ ...checkpoint, ord })));
}

/** `checkpoints` is a parameter; `from` is a part of the statement that must have a row. */
export const PUT_CHECKPOINTS = ({ checkpoints, from }: { checkpoints: string; from?: string }) => `
  INSERT INTO checkpoints (thread_id, namespace, checkpoint_id, parent_id, checkpoint, changes, complete, metadata)
  SELECT "threadId", namespace, "checkpointId", "parentId", COALESCE(checkpoint, 'null'), changes, complete, COALESCE(metadata, 'null')
  FROM ${from ? `${from}, ` : ''}jsonb_to_recordset(${checkpoints}::jsonb) AS x(
    ord int, "threadId" text, namespace text, "checkpointId" text, "parentId" text, checkpoint jsonb, changes jsonb, complete boolean, metadata jsonb)
  ORDER BY ord
  ON CONFLICT (thread_id, namespace, checkpoint_id) DO UPDATE
    SET checkpoint = EXCLUDED.checkpoint, changes = EXCLUDED.changes, complete = EXCLUDED.complete, metadata = EXCLUDED.metadata`;

const PUT = PUT_CHECKPOINTS({ checkpoints: '$1' });

function applyChange(value: unknown, change: Change): unknown {
  if ('value' in change) return change.value;
  const next: Record<string, unknown> = { ...(value as Record<string, unknown>) };
  for (const key of change.removed ?? []) delete next[key];
  for (const [key, inner] of Object.entries(change.map)) next[key] = applyChange(next[key], inner);
  return next;
}
