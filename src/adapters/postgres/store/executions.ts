/** The executions' rows: claims, supersteps, mail, effects, timers and logs. */
import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gt,
  ilike,
  inArray,
  isNull,
  lt,
  lte,
  ne,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import type { Checkpoint, Step } from '../../../contract/executions.ts';
import { ID_ENDING } from '../../../contract/written-ids.ts';
import type {
  EffectRecord,
  ExecutionQuery,
  ExecutionRecord,
  ExecutionStore,
  ExecutionSummary,
  Lease,
} from '../../../ports/store/executions.ts';
import { toJsonText } from '../columns.ts';
import { type Database, often } from '../database.ts';
import type { CommitsAlone } from '../commits-alone.ts';
import { grownUsage } from '../grown-usage.ts';
import { beginExecution } from './begin-execution.ts';
import { commitSuperstep } from './commit-superstep.ts';
import { executionLogMethods } from './execution-logs.ts';
import { saveSteps } from './steps.ts';
import { checkpoints, effects, executions, mailbox, steps, timers } from '../schema.ts';

/** What is being deleted is gone for everybody. */
const IS_SEEN = eq(executions.deleting, false);

const byId = often('execution-by-id', (db) =>
  db
    .select()
    .from(executions)
    .where(and(eq(executions.id, sql.placeholder('id')), IS_SEEN)),
);
const stepsOf = often('steps-of-execution', (db) =>
  db
    .select()
    .from(steps)
    .where(eq(steps.executionId, sql.placeholder('executionId')))
    .orderBy(asc(steps.seq)),
);

export function executionStore(db: Database, alone: CommitsAlone | null): ExecutionStore {
  return {
    async insert(execution) {
      const { outputs, finishedAt, parent, ...rest } = execution;
      await db.insert(executions).values({
        ...rest,
        parentExecutionId: parent?.executionId ?? null,
        parentStepId: parent?.stepId ?? null,
        parentEffectKey: parent?.effectKey ?? null,
        result: outputs ?? null,
        completedAt: finishedAt,
      });
    },
    begin: (beginning, announced) => beginExecution(db, beginning, { announced, alone }),
    async get(id) {
      const [row] = await byId(db, { id });
      return row ? toRecord(row) : null;
    },
    async has(id) {
      const rows = await db
        .select({ id: executions.id })
        .from(executions)
        .where(and(eq(executions.id, id), IS_SEEN));
      return rows.length > 0;
    },
    async list(filter, page) {
      // The document may be large, and nobody reads it in a list.
      const { document: _, ...columns } = getTableColumns(executions);
      const rows = await db
        .select(columns)
        .from(executions)
        .where(and(IS_SEEN, ...conditionsOf(filter), page.before ? lt(executions.id, page.before) : undefined))
        .orderBy(desc(executions.id))
        .limit(page.limit);
      return rows.map(toSummary);
    },
    async steps(executionId) {
      return (await stepsOf(db, { executionId })).map(toStep);
    },
    async step(stepId) {
      const [row] = await db.select().from(steps).where(eq(steps.id, stepId));
      return row ? toStep(row) : null;
    },
    async insertSteps(executionId, taken) {
      await saveSteps(db, executionId, taken);
    },
    async setStepTask(stepId, taskId) {
      await db.update(steps).set({ taskId }).where(eq(steps.id, stepId));
    },
    async countOpen(workflowId) {
      const [row] = await db
        .select({ count: sql<string>`count(*)` })
        .from(executions)
        .where(and(eq(executions.workflowId, workflowId), isNull(executions.completedAt)));
      return Number(row?.count);
    },
    async openOf(workflowId, forChildOf) {
      return db
        .select({ id: executions.id, inLine: executions.inLine })
        .from(executions)
        .where(
          and(
            eq(executions.workflowId, workflowId),
            isNull(executions.completedAt),
            forChildOf === null ? undefined : sql`${executions.id} NOT IN ${waitingFor(sql`${forChildOf}::uuid`)}`,
          ),
        )
        .orderBy(asc(executions.createdAt), asc(executions.id));
    },
    async leavingLine(now) {
      // Mostly nobody waits, and to find that out is much less than to plan the rest.
      const [anybody] = await db
        .select({ id: executions.id })
        .from(executions)
        .where(and(eq(executions.inLine, true), isNull(executions.completedAt)))
        .limit(1);
      if (!anybody) return { leaving: [], nextDeadline: null };
      const rows = await db.execute<{ id: string; workflowId: string; deadline: Date | null; leaves: boolean }>(sql`
        SELECT * FROM (
          SELECT waits.id, waits.workflow_id AS "workflowId", limits.deadline, COALESCE(limits.deadline <= ${now}::timestamptz, false) OR NOT EXISTS (
            SELECT 1 FROM executions AS other WHERE other.workflow_id = waits.workflow_id AND other.completed_at IS NULL
            AND (NOT other.in_line OR (other.created_at, other.id) < (waits.created_at, waits.id))
            AND (waits.parent_execution_id IS NULL OR other.id NOT IN ${waitingFor(sql`waits.parent_execution_id`)})) AS leaves
          FROM executions AS waits
          LEFT JOIN LATERAL (SELECT waits.created_at + (payload->>'timeoutMs')::float8 * interval '1 millisecond' AS deadline FROM effects
            WHERE effects.execution_id = waits.parent_execution_id AND effects.key = waits.parent_effect_key) AS limits ON true
          WHERE waits.in_line AND waits.completed_at IS NULL ORDER BY waits.created_at, waits.id) AS line
        WHERE leaves OR deadline IS NOT NULL`);
      const line = rows.rows.map(({ deadline, ...one }) => ({
        ...one,
        deadline: deadline === null ? null : new Date(deadline).toISOString(),
      }));
      return {
        leaving: line.flatMap(({ leaves, ...one }) => (leaves ? [one] : [])),
        nextDeadline: line.flatMap(({ leaves, deadline }) => (leaves ? [] : (deadline ?? []))).toSorted()[0] ?? null,
      };
    },
    async leaveLine(id) {
      const rows = await db
        .update(executions)
        .set({ inLine: false })
        .where(and(eq(executions.id, id), eq(executions.inLine, true)))
        .returning({ id: executions.id });
      return rows.length > 0;
    },
    async openChildren(id) {
      const rows = await db
        .select({ id: executions.id, effectKey: executions.parentEffectKey })
        .from(executions)
        .where(and(eq(executions.parentExecutionId, id), isNull(executions.completedAt)))
        .orderBy(asc(executions.id));
      return rows.map((row) => ({ id: row.id, effectKey: row.effectKey ?? '' }));
    },
    async descendants(id) {
      const rows = await db.execute<{ id: string }>(sql`
        WITH RECURSIVE below AS (
          SELECT id FROM executions WHERE parent_execution_id = ${id}::uuid
          UNION ALL SELECT executions.id FROM executions JOIN below ON executions.parent_execution_id = below.id)
        SELECT id FROM below`);
      return rows.rows.map((row) => row.id);
    },
    ...leaseMethods(db),
    ...mailMethods(db),
    ...effectMethods(db),
    ...executionLogMethods(db),
    async addUsage(id, used) {
      const [row] = await db
        .update(executions)
        .set({ usage: grownUsage(executions.usage, used) })
        .where(eq(executions.id, id))
        .returning();
      return row ? toRecord(row) : null;
    },
    async lock(id) {
      const [row] = await db
        .select()
        .from(executions)
        .where(and(eq(executions.id, id), IS_SEEN))
        .for('no key update');
      return row ? toRecord(row) : null;
    },
    async setBudget(id, budget) {
      await db.update(executions).set({ budget }).where(eq(executions.id, id));
    },
    commit: (superstep, announced) => commitSuperstep(db, superstep, { announced, alone }),
    async checkpoints(executionId, page) {
      const rows = await db
        .select({
          id: checkpoints.checkpointId,
          seq: checkpoints.seq,
          at: checkpoints.createdAt,
          metadata: checkpoints.metadata,
        })
        .from(checkpoints)
        .where(
          and(
            eq(checkpoints.threadId, executionId),
            eq(checkpoints.namespace, ''),
            page.before ? lt(checkpoints.seq, page.before) : undefined,
          ),
        )
        .orderBy(desc(checkpoints.seq))
        .limit(page.limit);
      return rows.map((row) => {
        const summary = (row.metadata as { pointsman?: Omit<Checkpoint, 'id' | 'seq' | 'at'> }).pointsman;
        return {
          id: row.id,
          seq: row.seq,
          at: row.at,
          status: summary?.status ?? 'queued',
          changed: summary?.changed ?? [],
          ...(summary?.files ? { files: summary.files } : {}),
        };
      });
    },
  };
}

/**
 * Those that cannot end before this one: itself, the one that has started it and so on, and who stands in line behind any of
 * them. A child that waited for one of these would wait for itself. `above`: of children in line, whom they do not wait for.
 */
function waitingFor(id: SQL): SQL {
  return sql`(
    WITH RECURSIVE above AS (
      SELECT id AS child, parent_execution_id AS id FROM executions
        WHERE in_line AND completed_at IS NULL AND parent_execution_id IS NOT NULL
      UNION ALL SELECT above.child, one.parent_execution_id FROM above JOIN executions AS one ON one.id = above.id
        WHERE one.parent_execution_id IS NOT NULL),
    waiting AS (
      SELECT id, workflow_id, parent_execution_id, in_line, created_at FROM executions WHERE id = ${id}
      UNION SELECT next.id, next.workflow_id, next.parent_execution_id, next.in_line, next.created_at
        FROM waiting JOIN executions AS next ON next.completed_at IS NULL AND (next.id = waiting.parent_execution_id
          OR next.in_line AND next.workflow_id = waiting.workflow_id
            AND (NOT waiting.in_line OR (waiting.created_at, waiting.id) < (next.created_at, next.id))
            AND NOT EXISTS (SELECT 1 FROM above WHERE above.child = next.id AND above.id = waiting.id)))
    SELECT id FROM waiting)`;
}

function conditionsOf(filter: ExecutionQuery): (SQL | undefined)[] {
  const text = filter.search?.replaceAll(/[\\%_]/g, '\\$&');
  return [
    filter.workflowId ? eq(executions.workflowId, filter.workflowId) : undefined,
    filter.statuses ? inArray(executions.status, [...filter.statuses]) : undefined,
    filter.parent ? eq(executions.parentExecutionId, filter.parent) : undefined,
    filter.parent === null ? isNull(executions.parentExecutionId) : undefined,
    text
      ? or(
          ilike(executions.name, `%${text}%`),
          sql`${executions.id}::text LIKE ${`${text.toLowerCase()}%`}`,
          text.length < ID_ENDING ? undefined : sql`${executions.id}::text LIKE ${`%${text.toLowerCase()}`}`,
        )
      : undefined,
    filter.startedAfter ? gt(executions.startedAt, filter.startedAfter) : undefined,
    filter.startedBefore ? lt(executions.startedAt, filter.startedBefore) : undefined,
    filter.notRetried
      ? sql`NOT EXISTS (SELECT 1 FROM executions AS retry
          WHERE retry.origin->>'kind' = 'retry' AND retry.origin->>'executionId' = ${executions.id}::text)`
      : undefined,
  ];
}

/** What the timer of a budget's time is called; those of steps are named after them, with a colon. */
const BUDGET_TIMER = 'budget';

type Methods<K extends keyof ExecutionStore> = Pick<ExecutionStore, K>;

/**
 * Expired by the clock of the database, or given by a clock that has been set back since: nobody who lives holds a lease for
 * so long ahead, and nobody would get one after a worker that died before it could renew.
 */
const LEASE_IS_FREE = sql`(lease_expires_at IS NULL OR lease_expires_at < clock_timestamp() OR lease_expires_at > clock_timestamp() + interval '2 minutes')`;

function leaseMethods(db: Database): Methods<'claim' | 'renew' | 'release' | 'expireLeases' | 'stranded' | 'open'> {
  const held = (lease: Lease) =>
    and(
      eq(executions.id, lease.executionId),
      eq(executions.leaseEpoch, lease.epoch),
      eq(executions.leaseOwner, lease.owner),
    );
  const until = (ttlMs: number) => sql`clock_timestamp() + ${`${ttlMs} milliseconds`}::interval` as unknown as string;
  return {
    async claim(executionId, owner, ttlMs) {
      const [row] = await db
        .update(executions)
        .set({ leaseOwner: owner, leaseEpoch: sql`${executions.leaseEpoch} + 1`, leaseExpiresAt: until(ttlMs) })
        .where(
          and(
            eq(executions.id, executionId),
            isNull(executions.completedAt),
            eq(executions.inLine, false),
            LEASE_IS_FREE,
          ),
        )
        .returning({ epoch: executions.leaseEpoch });
      return row ? { executionId, owner, epoch: row.epoch } : null;
    },
    async renew(lease, ttlMs) {
      const rows = await db
        .update(executions)
        .set({ leaseExpiresAt: until(ttlMs) })
        .where(held(lease))
        .returning({ id: executions.id });
      return rows.length > 0;
    },
    async release(lease) {
      await db.update(executions).set({ leaseExpiresAt: null, leaseOwner: null }).where(held(lease));
    },
    async expireLeases(ownerPrefix) {
      const rows = await db
        .update(executions)
        .set({ leaseExpiresAt: null, leaseOwner: null })
        .where(sql`starts_with(${executions.leaseOwner}, ${ownerPrefix})`)
        .returning({ id: executions.id });
      return rows.length;
    },
    async stranded(limit) {
      const rows = await db.execute<{ id: string }>(sql`
        SELECT id FROM executions WHERE completed_at IS NULL AND NOT in_line AND ${LEASE_IS_FREE}
        AND EXISTS (SELECT 1 FROM mailbox WHERE mailbox.execution_id = executions.id AND NOT mailbox.taken) ORDER BY created_at LIMIT ${limit}`);
      return rows.rows.map((row) => row.id);
    },
    async open() {
      const rows = await db
        .select({ id: executions.id })
        .from(executions)
        .where(isNull(executions.completedAt))
        .orderBy(asc(executions.createdAt));
      return rows.map((row) => row.id);
    },
  };
}

function mailMethods(
  db: Database,
): Methods<'post' | 'mail' | 'pruneMail' | 'fireTimers' | 'nextTimer' | 'setBudgetTimer' | 'budgetsDue'> {
  return {
    async post(executionId, events) {
      if (events.length === 0) return;
      await db.execute(sql`
        INSERT INTO mailbox (execution_id, event)
        SELECT ${executionId}::uuid, event FROM jsonb_array_elements(${toJsonText(events)}::jsonb) WITH ORDINALITY AS x(event, ord) ORDER BY ord`);
    },
    async mail(executionId, limit) {
      return db
        .select({ id: mailbox.id, event: mailbox.event, at: mailbox.at })
        .from(mailbox)
        .where(and(eq(mailbox.executionId, executionId), eq(mailbox.taken, false)))
        .orderBy(asc(mailbox.id))
        .limit(limit);
    },
    async pruneMail(before) {
      await db.delete(mailbox).where(and(eq(mailbox.taken, true), lt(mailbox.at, before)));
    },
    async fireTimers(now) {
      const rows = await db.execute<{ execution_id: string }>(sql`
        WITH due AS (DELETE FROM timers WHERE fire_at <= ${now}::timestamptz AND timer_id <> ${BUDGET_TIMER} RETURNING execution_id, timer_id)
        INSERT INTO mailbox (execution_id, event)
        SELECT execution_id, jsonb_build_object('type', 'timer_fired', 'timerId', timer_id, 'at', ${now}::text) FROM due RETURNING execution_id`);
      return [...new Set(rows.rows.map((row) => row.execution_id))];
    },
    async setBudgetTimer(executionId, fireAt) {
      if (fireAt === null)
        await db.delete(timers).where(and(eq(timers.executionId, executionId), eq(timers.timerId, BUDGET_TIMER)));
      else
        await db
          .insert(timers)
          .values({ executionId, timerId: BUDGET_TIMER, fireAt })
          .onConflictDoUpdate({ target: [timers.executionId, timers.timerId], set: { fireAt } });
    },
    async budgetsDue(now) {
      const rows = await db
        .select({ id: timers.executionId })
        .from(timers)
        .where(and(eq(timers.timerId, BUDGET_TIMER), lte(timers.fireAt, now)));
      return rows.map((row) => row.id);
    },
    async nextTimer() {
      const [row] = await db.select({ fireAt: timers.fireAt }).from(timers).orderBy(asc(timers.fireAt)).limit(1);
      return row?.fireAt ?? null;
    },
  };
}

function effectMethods(
  db: Database,
): Methods<'effect' | 'openEffects' | 'startEffect' | 'setProgress' | 'finishEffect'> {
  const here = (executionId: string, key: string) => and(eq(effects.executionId, executionId), eq(effects.key, key));
  return {
    async effect(executionId, key) {
      const [row] = await db.select().from(effects).where(here(executionId, key));
      return row ? toEffect(row) : null;
    },
    async openEffects(filter) {
      const rows = await db
        .select()
        .from(effects)
        .where(
          and(
            ne(effects.status, 'done'),
            filter?.executionId ? eq(effects.executionId, filter.executionId) : undefined,
            filter?.kind ? eq(effects.kind, filter.kind) : undefined,
          ),
        )
        .orderBy(asc(effects.createdAt), asc(effects.key));
      return rows.map(toEffect);
    },
    async startEffect(executionId, key, hostId) {
      const rows = await db
        .update(effects)
        .set({ status: 'started', hostId, startedAt: sql`clock_timestamp()` as unknown as string })
        .where(and(here(executionId, key), eq(effects.status, 'intended')))
        .returning({ key: effects.key });
      return rows.length > 0;
    },
    async setProgress(executionId, key, progress) {
      await db.update(effects).set({ progress }).where(here(executionId, key));
    },
    async finishEffect(executionId, key) {
      const rows = await db
        .update(effects)
        .set({ status: 'done', finishedAt: sql`clock_timestamp()` as unknown as string })
        .where(and(here(executionId, key), ne(effects.status, 'done')))
        .returning({ key: effects.key });
      return rows.length > 0;
    },
  };
}

function toRecord(row: typeof executions.$inferSelect): ExecutionRecord {
  return { ...toSummary(row), document: row.document as ExecutionRecord['document'] };
}

function toSummary(row: Omit<typeof executions.$inferSelect, 'document'>): ExecutionSummary {
  return {
    id: row.id,
    workflowId: row.workflowId,
    version: row.version,
    name: row.name,
    status: row.status as ExecutionRecord['status'],
    inputs: row.inputs as ExecutionRecord['inputs'],
    origin: row.origin as ExecutionRecord['origin'],
    parent:
      row.parentExecutionId && row.parentStepId && row.parentEffectKey
        ? { executionId: row.parentExecutionId, stepId: row.parentStepId, effectKey: row.parentEffectKey }
        : null,
    depth: row.depth,
    trigger: (row.trigger ?? null) as ExecutionRecord['trigger'],
    chain: row.chain,
    inLine: row.inLine,
    outputs: row.result,
    error: row.error as ExecutionRecord['error'],
    usage: row.usage as ExecutionRecord['usage'],
    budget: (row.budget ?? null) as ExecutionRecord['budget'],
    pausedAt: row.pausedAt,
    pausedMs: row.pausedMs,
    createdBy: row.createdBy,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    finishedAt: row.completedAt,
  };
}

function toStep(row: typeof steps.$inferSelect): Step {
  return {
    id: row.id,
    nodeId: row.nodeId,
    iteration: row.iteration,
    ...(row.item ? { item: row.item as NonNullable<Step['item']> } : {}),
    attempt: row.attempt,
    status: row.status as Step['status'],
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.reason === 'pinned' ? { pinned: true } : {}),
    ...(row.input === null ? {} : { input: row.input }),
    ...(row.output === null ? {} : { output: row.output }),
    ...(row.error ? { error: row.error as NonNullable<Step['error']> } : {}),
    ...(row.taskId ? { taskId: row.taskId } : {}),
    ...(row.childExecutionId ? { childExecutionId: row.childExecutionId } : {}),
    ...(row.carriedFrom ? { carriedFrom: row.carriedFrom } : {}),
    ...(row.startedAt ? { startedAt: row.startedAt } : {}),
    ...(row.finishedAt ? { finishedAt: row.finishedAt } : {}),
  };
}

function toEffect(row: typeof effects.$inferSelect): EffectRecord {
  return {
    executionId: row.executionId,
    key: row.key,
    kind: row.kind,
    payload: row.payload as EffectRecord['payload'],
    status: row.status as EffectRecord['status'],
    cancel: row.cancel,
    hostId: row.hostId,
    startedAt: row.startedAt,
    progress: row.progress as EffectRecord['progress'],
  };
}
