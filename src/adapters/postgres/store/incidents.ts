/** The incidents' rows. */
import { and, desc, eq, isNotNull, isNull, lt, sql } from 'drizzle-orm';
import type { IncidentRecord, IncidentStore } from '../../../ports/store/incidents.ts';
import type { Database } from '../database.ts';
import { incidents } from '../schema.ts';

export function incidentStore(db: Database): IncidentStore {
  return {
    async newest(fingerprint) {
      // A row that is not there yet cannot be locked. What waits here is trouble, never what succeeds.
      await db.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`incident ${fingerprint}`}, 0))`);
      const [row] = await db
        .select()
        .from(incidents)
        .where(eq(incidents.fingerprint, fingerprint))
        .orderBy(desc(incidents.id))
        .limit(1)
        .for('update');
      return row ? toRecord(row) : null;
    },
    async lock(id) {
      const [row] = await db.select().from(incidents).where(eq(incidents.id, id)).for('update');
      return row ? toRecord(row) : null;
    },
    async get(id) {
      const [row] = await db.select().from(incidents).where(eq(incidents.id, id));
      return row ? toRecord(row) : null;
    },
    async insert(incident) {
      await db.insert(incidents).values(toRow(incident));
    },
    async put(incident) {
      await db.update(incidents).set(toRow(incident)).where(eq(incidents.id, incident.id));
    },
    async list({ state, open }, page) {
      const rows = await db
        .select()
        .from(incidents)
        .where(
          and(
            state ? eq(incidents.state, state) : undefined,
            open === undefined ? undefined : open ? isNull(incidents.closedAt) : isNotNull(incidents.closedAt),
            page.before ? lt(incidents.id, page.before) : undefined,
          ),
        )
        .orderBy(desc(incidents.id))
        .limit(page.limit);
      return rows.map(toRecord);
    },
    async openOf(of) {
      const about =
        'agentId' in of
          ? eq(incidents.agentId, of.agentId)
          : 'executionId' in of
            ? eq(incidents.executionId, of.executionId)
            : eq(incidents.fingerprint, of.fingerprint);
      const rows = await db
        .select()
        .from(incidents)
        .where(and(isNull(incidents.closedAt), about))
        .orderBy(incidents.id);
      return rows.map(toRecord);
    },
    async outlived() {
      const { rows } = await db.execute<{ id: string; reason: string }>(OUTLIVED);
      return rows;
    },
    async silentAgents(before) {
      const { rows } = await db.execute<{ agentId: string; name: string; reason: string; since: Date }>(sql`
        SELECT id AS "agentId", name, status_reason AS reason, status_since AS since FROM agents
        WHERE deleted_at IS NULL AND status = 'no_signal' AND status_since < ${before}
          AND NOT EXISTS (
            SELECT 1 FROM incidents
            WHERE incidents.agent_id = agents.id AND incidents.closed_at IS NULL AND last_seen_at >= status_since)`);
      return rows.map(({ since, ...row }) => ({ ...row, since: new Date(since).toISOString() }));
    },
  };
}

/**
 * Only open incidents are looked at, and of executions only what their indexes lead to: the one itself, and those of the
 * same workflow that began after it.
 */
const OUTLIVED = sql`
  SELECT incidents.id, CASE
      WHEN incidents.scope = 'agent' AND (agents.id IS NULL OR agents.deleted_at IS NOT NULL) THEN 'the agent was removed'
      WHEN incidents.scope = 'agent' THEN 'the agent is ' || agents.status
      WHEN own.status = 'cancelled' THEN 'the execution was cancelled'
      WHEN own.status = 'succeeded' THEN 'the execution succeeded after all'
      ELSE 'execution ' || later.id || ' of the same workflow succeeded'
    END AS reason
  FROM incidents
  LEFT JOIN agents ON agents.id = incidents.agent_id
  LEFT JOIN executions own ON own.id = incidents.execution_id AND own.status IN ('succeeded', 'cancelled')
  LEFT JOIN LATERAL (
    SELECT executions.id FROM executions
    WHERE executions.workflow_id = incidents.workflow_id AND executions.created_at > incidents.last_seen_at
      AND executions.status = 'succeeded'
    LIMIT 1
  ) later ON incidents.scope IN ('step', 'execution')
  WHERE incidents.closed_at IS NULL AND (
    incidents.scope = 'agent' AND (agents.id IS NULL OR agents.deleted_at IS NOT NULL
      OR agents.status IN ('idle', 'working', 'waiting_input', 'stopped'))
    OR own.id IS NOT NULL OR later.id IS NOT NULL)`;

function toRow(incident: IncidentRecord): typeof incidents.$inferInsert {
  const {
    closedAt = null,
    takenBy = null,
    resolution = null,
    agentId = null,
    workflowId = null,
    executionId = null,
    stepId = null,
    nodeId = null,
    ...always
  } = incident;
  return { ...always, closedAt, takenBy, resolution, agentId, workflowId, executionId, stepId, nodeId };
}

/** Written by this store alone, so the text columns hold exactly the enums of the contract. */
function toRecord(row: typeof incidents.$inferSelect): IncidentRecord {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as IncidentRecord;
}
