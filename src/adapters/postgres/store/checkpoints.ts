/** Checkpoints as differences: a superstep writes what it changed, a read folds them from the last complete one. */
import { and, asc, desc, eq, gte, inArray, lt, lte, sql } from 'drizzle-orm';
import type { Change, Checkpoints, NewCheckpoint, StoredCheckpoint } from '../../../ports/checkpoints.ts';
import type { Database } from '../database.ts';
import { checkpoints, checkpointWrites } from '../schema.ts';

type Row = typeof checkpoints.$inferSelect;

export function checkpointStore(db: Database): Checkpoints {
  const at = (threadId: string, namespace: string) => and(eq(checkpoints.threadId, threadId), eq(checkpoints.namespace, namespace));

  async function fold(row: Row): Promise<StoredCheckpoint> {
    const [base] = await db
      .select({ seq: checkpoints.seq })
      .from(checkpoints)
      .where(and(at(row.threadId, row.namespace), eq(checkpoints.complete, true), lte(checkpoints.seq, row.seq)))
      .orderBy(desc(checkpoints.seq))
      .limit(1);
    const chain = await db
      .select()
      .from(checkpoints)
      .where(and(at(row.threadId, row.namespace), gte(checkpoints.seq, base?.seq ?? 0), lte(checkpoints.seq, row.seq)))
      .orderBy(asc(checkpoints.seq));
    const values = ancestry(chain, row).reduce<unknown>((folded, link) => applyChange(folded, link.changes as Change), {}) as Record<string, unknown>;
    const writes = await db
      .select()
      .from(checkpointWrites)
      .where(and(eq(checkpointWrites.threadId, row.threadId), eq(checkpointWrites.namespace, row.namespace), eq(checkpointWrites.checkpointId, row.checkpointId)))
      .orderBy(asc(checkpointWrites.taskPath), asc(checkpointWrites.taskId), asc(checkpointWrites.index));
    return {
      threadId: row.threadId,
      namespace: row.namespace,
      checkpointId: row.checkpointId,
      parentId: row.parentId,
      checkpoint: row.checkpoint,
      values,
      metadata: row.metadata,
      writes: writes.map(({ taskId, channel, value }) => ({ taskId, channel, value })),
    };
  }

  return {
    put: (checkpoint) => insertCheckpoint(db, checkpoint),
    async putWrites({ threadId, namespace, checkpointId, taskId, taskPath, writes }) {
      if (writes.length === 0) return;
      await db
        .insert(checkpointWrites)
        .values(writes.map((write) => ({ threadId, namespace, checkpointId, taskId, taskPath, ...write })))
        .onConflictDoUpdate({
          target: [checkpointWrites.threadId, checkpointWrites.namespace, checkpointWrites.checkpointId, checkpointWrites.taskId, checkpointWrites.index],
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

export async function insertCheckpoint(db: Database, checkpoint: NewCheckpoint): Promise<void> {
  await db
    .insert(checkpoints)
    .values(checkpoint)
    .onConflictDoUpdate({
      target: [checkpoints.threadId, checkpoints.namespace, checkpoints.checkpointId],
      set: { checkpoint: checkpoint.checkpoint, changes: checkpoint.changes, complete: checkpoint.complete, metadata: checkpoint.metadata },
    });
}

/** The links of the chain that lead to this row; a fork's siblings are left out. */
function ancestry(chain: Row[], row: Row): Row[] {
  const byId = new Map(chain.map((link) => [link.checkpointId, link]));
  const path: Row[] = [];
  for (let link: Row | undefined = row; link; link = link.complete || !link.parentId ? undefined : byId.get(link.parentId)) path.push(link);
  return path.reverse();
}

function applyChange(value: unknown, change: Change): unknown {
  if ('value' in change) return change.value;
  const next: Record<string, unknown> = { ...(value as Record<string, unknown>) };
  for (const key of change.removed ?? []) delete next[key];
  for (const [key, inner] of Object.entries(change.map)) next[key] = applyChange(next[key], inner);
  return next;
}
