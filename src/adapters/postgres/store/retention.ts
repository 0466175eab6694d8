/** Deletes what lies below old executions in bounded statements, and keeps the rows of the runs that do it. */
import { desc, eq, sql, type SQL } from 'drizzle-orm';
import { type Deleted, NOTHING_DELETED } from '../../../contract/retention.ts';
import type { RetentionStore } from '../../../ports/store/retention.ts';
import type { Database } from '../database.ts';
import { retentionRuns } from '../schema.ts';

/** Finished runs that are remembered. */
const REMEMBERED = 20;
/** Hidden executions that one sweep looks below. */
const SWEPT = 100;

export function retentionStore(db: Database): RetentionStore {
  return { ...runMethods(db), ...deletingMethods(db), ...reportMethods(db) };
}

type Methods<K extends keyof RetentionStore> = Pick<RetentionStore, K>;

function runMethods(db: Database): Methods<'begin' | 'hold' | 'note' | 'finish' | 'letGo'> {
  const until = (ttlMs: number) => sql`clock_timestamp() + ${`${ttlMs} milliseconds`}::interval`;
  return {
    async begin({ id, owner, ownerPrefix, keep, now, everyMs, ttlMs }) {
      // Free as a lease of an execution is: expired, or given by a clock that has been set back since.
      const taken = await db.execute<{ id: string }>(sql`
        UPDATE retention_runs SET owner = ${owner}, lease_expires_at = ${until(ttlMs)},
          before = ${keep?.before ?? null}::timestamptz, keep_days = ${keep?.days ?? null}::double precision
        WHERE finished_at IS NULL AND (owner = ${owner} OR starts_with(owner, ${ownerPrefix})
          OR lease_expires_at < clock_timestamp() OR lease_expires_at > clock_timestamp() + interval '2 minutes')
        RETURNING id`);
      const [open] = taken.rows;
      if (open) return { id: open.id, before: keep?.before ?? null };
      if (!keep) {
        // Switched off in the middle: what nobody sees any more goes all the same.
        const left = await db.execute(sql`SELECT 1 FROM executions WHERE deleting LIMIT 1`);
        if (left.rows.length === 0) return null;
      }
      const begun = await db.execute<{ id: string }>(sql`
        INSERT INTO retention_runs (id, keep_days, before, started_at, deleted, owner, lease_expires_at)
        SELECT ${id}::uuid, ${keep?.days ?? null}::double precision, ${keep?.before ?? null}::timestamptz, ${now}::timestamptz,
          ${JSON.stringify(NOTHING_DELETED)}::jsonb, ${owner}, ${until(ttlMs)}
        WHERE NOT EXISTS (
          SELECT 1 FROM (SELECT started_at, keep_days FROM retention_runs ORDER BY started_at DESC LIMIT 1) AS last
          WHERE last.started_at BETWEEN ${now}::timestamptz - ${`${everyMs} milliseconds`}::interval AND ${now}::timestamptz
            AND last.keep_days IS NOT DISTINCT FROM ${keep?.days ?? null}::double precision)
        ON CONFLICT DO NOTHING RETURNING id`);
      return begun.rows.length > 0 ? { id, before: keep?.before ?? null } : null;
    },
    async hold(id, owner, ttlMs) {
      const rows = await db.execute<{ deleted: Deleted }>(sql`
        UPDATE retention_runs SET lease_expires_at = ${until(ttlMs)}
        WHERE id = ${id}::uuid AND owner = ${owner} AND finished_at IS NULL RETURNING deleted`);
      return rows.rows[0]?.deleted ?? null;
    },
    async note(id, deleted) {
      await db.update(retentionRuns).set({ deleted }).where(eq(retentionRuns.id, id));
    },
    async finish(id, at) {
      await db.update(retentionRuns).set({ finishedAt: at }).where(eq(retentionRuns.id, id));
      await db.execute(sql`
        DELETE FROM retention_runs WHERE finished_at IS NOT NULL
        AND id NOT IN (SELECT id FROM retention_runs ORDER BY started_at DESC LIMIT ${REMEMBERED})`);
    },
    async letGo(id, owner) {
      await db.execute(sql`
        UPDATE retention_runs SET lease_expires_at = clock_timestamp() - interval '1 second'
        WHERE id = ${id}::uuid AND owner = ${owner} AND finished_at IS NULL`);
    },
  };
}

/**
 * Executions with which something still goes on, those above them, and those that they go on from at any remove: these
 * have the files they need. Found from what is open, which is little, however much has ended.
 */
const KEPT = sql`
  WITH RECURSIVE kept AS (
    SELECT id FROM (
      SELECT id FROM executions WHERE completed_at IS NULL
      UNION SELECT execution_id FROM inbox_items WHERE state = 'open'
      UNION SELECT execution_id FROM effects WHERE status <> 'done'
      UNION SELECT execution_id FROM agent_tasks WHERE finished_at IS NULL) AS open WHERE id IS NOT NULL
    UNION SELECT above.id FROM kept JOIN executions AS below ON below.id = kept.id
      CROSS JOIN LATERAL (VALUES (below.parent_execution_id), ((below.origin->>'executionId')::uuid)) AS above (id)
      WHERE above.id IS NOT NULL)`;

/** What belongs to executions, and how it is found by their ids. Deleted in this order. */
const BELOW = [
  { table: 'execution_logs', key: 'execution_id', counts: 'logLines' },
  { table: 'steps', key: 'execution_id', counts: 'steps' },
  { table: 'effects', key: 'execution_id' },
  { table: 'mailbox', key: 'execution_id' },
  { table: 'timers', key: 'execution_id' },
  { table: 'inbox_items', key: 'execution_id' },
  // Those of registered graphs lie in the threads of their executions; what they wrote goes along.
  { table: 'checkpoints', key: 'thread_id', counts: 'checkpoints' },
] as const;

function deletingMethods(db: Database): Methods<'hide' | 'sweep'> {
  /** Locked first, then looked at anew: whoever goes on from one holds its row, and is seen when it is ours. */
  async function hideFree(candidates: SQL): Promise<string[]> {
    const locked = await db.execute<{ id: string }>(candidates);
    const ids = locked.rows.map(({ id }) => id);
    if (ids.length === 0) return [];
    const hidden = await db.execute<{ id: string }>(sql`
      ${KEPT} UPDATE executions SET deleting = true
      WHERE id = ANY(${idsOf(ids)}) AND NOT deleting AND id NOT IN (SELECT id FROM kept) RETURNING id`);
    return hidden.rows.map(({ id }) => id);
  }

  /** Up to `limit` rows of a table. */
  async function deleteBelow({ table, key }: (typeof BELOW)[number], ids: SQL, limit: number): Promise<number> {
    const [from, by] = [sql.raw(table), sql.raw(key)];
    const keys = key === 'thread_id' ? sql`${ids}::text[]` : ids;
    const gone = await db.execute(sql`
      DELETE FROM ${from} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${from} WHERE ${by} = ANY(${keys}) LIMIT ${limit}))`);
    return gone.rowCount ?? 0;
  }

  return {
    async hide({ before, limit }) {
      // Of a hidden one all below goes; what somebody still goes on from keeps the rows above it until then.
      const children = await hideFree(sql`
        SELECT one.id FROM executions AS one JOIN executions AS parent ON parent.id = one.parent_execution_id
        WHERE parent.deleting AND NOT one.deleting ORDER BY one.id LIMIT ${limit} FOR UPDATE OF one SKIP LOCKED`);
      if (before === null || children.length >= limit) return children;
      const roots = await hideFree(sql`
        ${KEPT} SELECT id FROM executions AS one
        WHERE completed_at IS NOT NULL AND completed_at < ${before}::timestamptz AND parent_execution_id IS NULL
          AND NOT deleting AND id NOT IN (SELECT id FROM kept)
        ORDER BY completed_at LIMIT ${limit - children.length} FOR UPDATE OF one SKIP LOCKED`);
      return [...children, ...roots];
    },
    async sweep({ rows }) {
      const found = await db.execute<{ id: string }>(sql`
        SELECT id FROM executions AS one WHERE deleting
        AND NOT EXISTS (SELECT 1 FROM executions AS child WHERE child.parent_execution_id = one.id) ORDER BY id LIMIT ${SWEPT} FOR UPDATE`);
      const ids = idsOf(found.rows.map(({ id }) => id));
      const deleted: Deleted = { ...NOTHING_DELETED };
      if (found.rows.length === 0) return { deleted, rows: 0, topics: [] };
      let left = rows;
      for (const below of BELOW) {
        if (left === 0) break;
        const gone = await deleteBelow(below, ids, left);
        if ('counts' in below) deleted[below.counts] += gone;
        left -= gone;
      }
      left -= left > 0 ? await forgetTasks(ids, left) : 0;
      left -= left > 0 ? await deleteEvents(ids, left) : 0;
      const topics = found.rows.map(({ id }) => `execution:${id}`);
      if (left === 0) return { deleted, rows, topics: [] };
      // Nothing is below them any more: the rest is one row each.
      await db.execute(sql`DELETE FROM topics WHERE topic = ANY(SELECT 'execution:' || id FROM unnest(${ids}) AS id)`);
      await db.execute(sql`UPDATE triggers SET last_execution_id = NULL WHERE last_execution_id = ANY(${ids})`);
      const gone = await db.execute(sql`DELETE FROM executions WHERE id = ANY(${ids})`);
      deleted.executions = gone.rowCount ?? 0;
      return { deleted, rows: rows - left + deleted.executions, topics };
    },
  };

  /** A task is its agent's; it only forgets for whom it was done. */
  async function forgetTasks(ids: SQL, limit: number): Promise<number> {
    const forgot = await db.execute(sql`
      UPDATE agent_tasks SET execution_id = NULL, step_id = NULL, effect_key = NULL
      WHERE id IN (SELECT id FROM agent_tasks WHERE execution_id = ANY(${ids}) LIMIT ${limit})`);
    return forgot.rowCount ?? 0;
  }

  /** Oldest first, so that what is left of a topic has no gap. */
  async function deleteEvents(ids: SQL, limit: number): Promise<number> {
    const gone = await db.execute(sql`
      DELETE FROM events WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM events WHERE topic = ANY(ARRAY(SELECT 'execution:' || id FROM unnest(${ids}) AS id))
        ORDER BY topic, seq LIMIT ${limit}))`);
    return gone.rowCount ?? 0;
  }
}

function reportMethods(db: Database): Methods<'lastRun' | 'stored'> {
  return {
    async lastRun() {
      const [row] = await db.select().from(retentionRuns).orderBy(desc(retentionRuns.startedAt)).limit(1);
      if (!row) return null;
      const { startedAt, finishedAt, keepDays, deleted } = row;
      return {
        startedAt,
        ...(finishedAt === null ? {} : { finishedAt }),
        keepDays,
        deleted: deleted as Deleted, // written by this store alone
      };
    },
    async stored() {
      const { rows } = await db.execute<Record<'executions' | 'ended', string> & { oldest: string | null }>(sql`
        SELECT count(*) AS executions, count(completed_at) AS ended, min(completed_at) AS oldest FROM executions WHERE NOT deleting`);
      const sizes = await db.execute<
        Record<'executions' | 'logs' | 'checkpoints' | 'events' | 'audit' | 'total', string>
      >(sql`
        SELECT ${bytesOf('executions', 'steps', 'effects', 'mailbox', 'timers', 'inbox_items')} AS executions,
          ${bytesOf('execution_logs')} AS logs, ${bytesOf('checkpoints', 'checkpoint_writes')} AS checkpoints,
          ${bytesOf('events')} AS events, ${bytesOf('audit', 'audit_seals')} AS audit,
          pg_database_size(current_database()) AS total`);
      const [row] = rows;
      const oldest = row?.oldest ?? null;
      return {
        executions: Number(row?.executions),
        ended: Number(row?.ended),
        oldestEndedAt: oldest === null ? null : new Date(oldest).toISOString(),
        bytes: Object.fromEntries(
          Object.entries(sizes.rows[0] ?? {}).map(([name, bytes]) => [name, Number(bytes)]),
        ) as Awaited<ReturnType<RetentionStore['stored']>>['bytes'], // the columns of the statement
      };
    },
  };
}

function bytesOf(...tables: string[]): SQL {
  return sql.raw(tables.map((table) => `pg_total_relation_size('${table}')`).join(' + '));
}

function idsOf(ids: readonly string[]): SQL {
  return sql`${`{${ids.join(',')}}`}::uuid[]`;
}
