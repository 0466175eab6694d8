/** The agents' rows. */
import { and, asc, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import type { AgentChanges, AgentRecord, AgentStore } from '../../../ports/store/agents.ts';
import { toJsonText } from '../columns.ts';
import { type Database, postgresCode } from '../database.ts';
import { agentMetrics, agents } from '../schema.ts';

type Row = typeof agents.$inferSelect;

export function agentStore(db: Database): AgentStore {
  return {
    async insert(agent) {
      const { kind, ...rest } = agent;
      try {
        // A savepoint: a taken name must not end the caller's transaction.
        await db.transaction((inner) => inner.insert(agents).values({ ...rest, type: kind }));
        return 'inserted';
      } catch (error) {
        if (postgresCode(error) === '23505') return 'name_taken';
        throw error;
      }
    },
    async get(id) {
      const [row] = await db
        .select()
        .from(agents)
        .where(and(eq(agents.id, id), isNull(agents.deletedAt)));
      return row ? toRecord(row) : null;
    },
    async lock(id) {
      const [row] = await db
        .select()
        .from(agents)
        .where(and(eq(agents.id, id), isNull(agents.deletedAt)))
        .for('no key update');
      return row ? toRecord(row) : null;
    },
    async held() {
      const rows = await db
        .select()
        .from(agents)
        .where(and(isNull(agents.deletedAt), sql`jsonb_typeof(${agents.held}) = 'object'`));
      return rows.map(toRecord);
    },
    async getByName(name) {
      const [row] = await db
        .select()
        .from(agents)
        .where(and(eq(agents.name, name), isNull(agents.deletedAt)));
      return row ? toRecord(row) : null;
    },
    async list(page) {
      const query = db
        .select()
        .from(agents)
        .where(and(isNull(agents.deletedAt), page?.after ? gt(agents.id, page.after) : undefined))
        .orderBy(asc(agents.id));
      const rows = await (page ? query.limit(page.limit) : query);
      return rows.map(toRecord);
    },
    async update(id, changes) {
      if (Object.keys(changes).length === 0) return this.get(id);
      const [row] = await db
        .update(agents)
        .set(changes)
        .where(and(eq(agents.id, id), isNull(agents.deletedAt)))
        .returning();
      return row ? toRecord(row) : null;
    },
    async takeSeat(id, seat, force) {
      const free = force
        ? undefined
        : sql`(${agents.seat} is null or jsonb_typeof(${agents.seat}) = 'null' or ${agents.seat}->>'by' = ${seat.by})`;
      const [row] = await db
        .update(agents)
        .set({ seat } satisfies AgentChanges)
        .where(and(eq(agents.id, id), isNull(agents.deletedAt), free))
        .returning();
      return row ? toRecord(row) : null;
    },
    async remove(id) {
      await db
        .update(agents)
        .set({ deletedAt: sql`now()` as unknown as string })
        .where(eq(agents.id, id));
    },
    async measured(at, samples) {
      if (samples.length === 0) return;
      await db.execute(sql`
        WITH sample AS (SELECT * FROM jsonb_to_recordset(${toJsonText(samples)}::jsonb) AS x("agentId" uuid, cpu float8, memory bigint)),
        changed AS (UPDATE agents SET cpu = sample.cpu, memory = sample.memory FROM sample WHERE agents.id = sample."agentId"
                    RETURNING agents.id, sample.cpu, sample.memory, agents.tokens, agents.cost)
        INSERT INTO agent_metrics (agent_id, at, cpu, memory, tokens, cost)
        SELECT id, ${at}::timestamptz, cpu, memory, tokens, cost FROM changed ON CONFLICT DO NOTHING`);
    },
    async metrics(agentId, since) {
      return db
        .select({
          at: agentMetrics.at,
          cpu: agentMetrics.cpu,
          memory: agentMetrics.memory,
          tokens: agentMetrics.tokens,
          cost: agentMetrics.cost,
        })
        .from(agentMetrics)
        .where(and(eq(agentMetrics.agentId, agentId), gt(agentMetrics.at, since)))
        .orderBy(asc(agentMetrics.at));
    },
    async loads(since) {
      // Agent by agent, so that only the newest part of the history is read.
      const { rows } = await db.execute<{ agentId: string; cpu: number[] }>(sql`
        SELECT agents.id AS "agentId", lately.cpu
        FROM agents CROSS JOIN LATERAL (
          SELECT array_agg(cpu ORDER BY at) AS cpu FROM agent_metrics WHERE agent_id = agents.id AND at > ${since}::timestamptz
        ) AS lately
        WHERE agents.deleted_at IS NULL AND lately.cpu IS NOT NULL ORDER BY agents.id`);
      return rows;
    },
    async pruneMetrics(before) {
      await db.delete(agentMetrics).where(lt(agentMetrics.at, before));
    },
  };
}

/** The JSON columns are written by this store alone, from records of exactly these types. */
function toRecord(row: Row): AgentRecord {
  const { type, deletedAt: _deletedAt, ...rest } = row;
  return {
    ...rest,
    kind: type,
    definition: row.definition ?? null,
    seat: row.seat ?? null,
    session: row.session ?? null,
    command: row.command ?? null,
    budget: row.budget ?? null,
    held: row.held ?? null,
  } as AgentRecord;
}
