/** The executions' rows: claims, supersteps, mail, effects, timers and logs. */
import { and, asc, desc, eq, gt, isNull, lt, lte, ne, sql } from 'drizzle-orm';
import { PointsmanError } from '../../../contract/errors.ts';
import type { Step } from '../../../contract/executions.ts';
import type {
  EffectRecord,
  ExecutionRecord,
  ExecutionStore,
  Lease,
  Superstep,
} from '../../../ports/store/executions.ts';
import { toJsonText } from '../columns.ts';
import type { Database } from '../database.ts';
import { grownUsage } from '../grown-usage.ts';
import { checkpoints, effects, executionLogs, executions, mailbox, steps, timers } from '../schema.ts';

export function executionStore(db: Database): ExecutionStore {
  return {
    async insert(execution) {
      const { outputs, finishedAt, ...rest } = execution;
      await db.insert(executions).values({ ...rest, result: outputs ?? null, completedAt: finishedAt });
    },
    async get(id) {
      const [row] = await db.select().from(executions).where(eq(executions.id, id));
      return row ? toRecord(row) : null;
    },
    async list(filter, page) {
      const rows = await db
        .select()
        .from(executions)
        .where(
          and(
            filter.workflowId ? eq(executions.workflowId, filter.workflowId) : undefined,
            filter.status ? eq(executions.status, filter.status) : undefined,
            page.before ? lt(executions.id, page.before) : undefined,
          ),
        )
        .orderBy(desc(executions.id))
        .limit(page.limit);
      return rows.map(toRecord);
    },
    async steps(executionId) {
      const rows = await db.select().from(steps).where(eq(steps.executionId, executionId)).orderBy(asc(steps.seq));
      return rows.map(toStep);
    },
    async step(stepId) {
      const [row] = await db.select().from(steps).where(eq(steps.id, stepId));
      return row ? toStep(row) : null;
    },
    async insertSteps(executionId, taken) {
      if (taken.length > 0) await saveSteps(db, executionId, taken);
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
    ...leaseMethods(db),
    ...mailMethods(db),
    ...effectMethods(db),
    ...logMethods(db),
    async addUsage(id, used) {
      const [row] = await db
        .update(executions)
        .set({ usage: grownUsage(executions.usage, used) })
        .where(eq(executions.id, id))
        .returning();
      return row ? toRecord(row) : null;
    },
    async lock(id) {
      const [row] = await db.select().from(executions).where(eq(executions.id, id)).for('no key update');
      return row ? toRecord(row) : null;
    },
    async setBudget(id, budget) {
      await db.update(executions).set({ budget }).where(eq(executions.id, id));
    },
    commit: (superstep) => commitSuperstep(db, superstep),
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
        const summary = (row.metadata as { pointsman?: { status: ExecutionRecord['status']; changed: string[] } })
          .pointsman;
        return {
          id: row.id,
          seq: row.seq,
          at: row.at,
          status: summary?.status ?? 'queued',
          changed: summary?.changed ?? [],
        };
      });
    },
  };
}

/** What the timer of a budget's time is called; those of steps are named after them, with a colon. */
const BUDGET_TIMER = 'budget';

type Methods<K extends keyof ExecutionStore> = Pick<ExecutionStore, K>;

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
            sql`(${executions.leaseExpiresAt} is null or ${executions.leaseExpiresAt} < clock_timestamp())`,
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
        SELECT id FROM executions WHERE completed_at IS NULL AND (lease_expires_at IS NULL OR lease_expires_at < clock_timestamp())
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

function logMethods(db: Database): Methods<'appendLogs' | 'logs'> {
  return {
    async appendLogs(executionId, lines) {
      if (lines.length === 0) return [];
      const rows = await db.execute<{ seq: string }>(sql`
        INSERT INTO execution_logs (execution_id, step_id, node_id, at, stream, text)
        SELECT ${executionId}::uuid, "stepId", "nodeId", at, stream, text
        FROM jsonb_to_recordset(${toJsonText(lines.map((line, ord) => ({ ...line, ord })))}::jsonb) AS x(
          ord int, "stepId" uuid, "nodeId" text, at timestamptz, stream text, text text)
        ORDER BY ord RETURNING seq`);
      // Lines and numbers are in the same order.
      const numbers = rows.rows.map(({ seq }) => Number(seq)).toSorted((a, b) => a - b);
      return lines.map((line, index) => ({ ...line, seq: numbers[index] ?? 0 }));
    },
    async logs(executionId, page) {
      const rows = await db
        .select()
        .from(executionLogs)
        .where(and(eq(executionLogs.executionId, executionId), gt(executionLogs.seq, page.after)))
        .orderBy(asc(executionLogs.seq))
        .limit(page.limit);
      return rows.map((row) => ({
        seq: row.seq,
        at: row.at,
        ...(row.stepId ? { stepId: row.stepId } : {}),
        ...(row.nodeId ? { nodeId: row.nodeId } : {}),
        stream: row.stream as 'stdout' | 'stderr' | 'system',
        text: row.text,
      }));
    },
  };
}

/**
 * Runs inside the caller's transaction, beside the checkpoint: the first statement is the fence. What may be many goes
 * as one JSON value: a statement takes 65 535 parameters, and a large map or a log has more.
 */
async function commitSuperstep(db: Database, superstep: Superstep): Promise<Pick<ExecutionRecord, 'usage' | 'budget'>> {
  const { lease, execution } = superstep;
  const [fenced] = await db
    .update(executions)
    .set({
      status: execution.status,
      ...(execution.outputs === undefined ? {} : { result: execution.outputs }),
      ...(execution.error === undefined ? {} : { error: execution.error }),
      ...(execution.usage === undefined ? {} : { usage: execution.usage }),
      ...(execution.startedAt === undefined ? {} : { startedAt: execution.startedAt }),
      ...(execution.pausedAt === undefined ? {} : { pausedAt: execution.pausedAt }),
      ...(execution.pausedMs === undefined ? {} : { pausedMs: execution.pausedMs }),
      ...(execution.finishedAt === undefined ? {} : { completedAt: execution.finishedAt }),
    })
    .where(and(eq(executions.id, lease.executionId), eq(executions.leaseEpoch, lease.epoch)))
    .returning({ usage: executions.usage, budget: executions.budget });
  if (!fenced)
    throw new PointsmanError('LEASE_LOST', {
      detail: `Execution ${lease.executionId} is held under a newer epoch than ${lease.epoch}.`,
    });

  const executionId = lease.executionId;
  if (superstep.steps.length > 0) await saveSteps(db, executionId, superstep.steps);
  if (superstep.takenMail.length > 0)
    await db
      .update(mailbox)
      .set({ taken: true })
      .where(sql`${mailbox.id} = ANY(${sql.param(superstep.takenMail)}::bigint[])`);
  if (superstep.newEffects.length > 0) {
    await db.execute(sql`
      INSERT INTO effects (execution_id, key, kind, payload, status)
      SELECT ${executionId}::uuid, key, kind, COALESCE(payload, 'null'), 'intended'
      FROM jsonb_to_recordset(${toJsonText(superstep.newEffects.map((effect, ord) => ({ ...effect, ord })))}::jsonb) AS x(ord int, key text, kind text, payload jsonb)
      ORDER BY ord ON CONFLICT DO NOTHING`);
  }
  for (const { key, reason } of superstep.cancelEffects) {
    await db
      .update(effects)
      .set({ cancel: reason })
      .where(and(eq(effects.executionId, executionId), eq(effects.key, key)));
  }
  if (superstep.clearTimers.length > 0)
    await db
      .delete(timers)
      .where(
        and(
          eq(timers.executionId, executionId),
          sql`${timers.timerId} = ANY(${sql.param(superstep.clearTimers)}::text[])`,
        ),
      );
  if (superstep.setTimers.length > 0) {
    await db.execute(sql`
      INSERT INTO timers (execution_id, timer_id, fire_at)
      SELECT ${executionId}::uuid, "timerId", at FROM jsonb_to_recordset(${toJsonText(superstep.setTimers)}::jsonb) AS x("timerId" text, at timestamptz)
      ON CONFLICT (execution_id, timer_id) DO UPDATE SET fire_at = EXCLUDED.fire_at`);
  }
  return {
    usage: fenced.usage as ExecutionRecord['usage'],
    budget: (fenced.budget ?? null) as ExecutionRecord['budget'],
  };
}

/** New steps keep the order in which they were decided; known ones are brought up to date, but never out of an end. */
async function saveSteps(db: Database, executionId: string, changed: readonly Step[]): Promise<void> {
  await db.execute(sql`
    INSERT INTO steps (id, execution_id, node_id, iteration, item, attempt, status, reason, input, output, error, task_id, carried_from, started_at, finished_at)
    SELECT id, ${executionId}::uuid, "nodeId", iteration, item, attempt, status, reason, input, output, error, "taskId", "carriedFrom", "startedAt", "finishedAt"
    FROM jsonb_to_recordset(${toJsonText(changed.map((step, ord) => ({ ...step, ord })))}::jsonb) AS x(
      ord int, id uuid, "nodeId" text, iteration int, item jsonb, attempt int, status text, reason text, input jsonb, output jsonb, error jsonb,
      "taskId" uuid, "carriedFrom" uuid, "startedAt" timestamptz, "finishedAt" timestamptz)
    ORDER BY ord
    ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status, reason = EXCLUDED.reason, input = COALESCE(EXCLUDED.input, steps.input), output = EXCLUDED.output,
      error = EXCLUDED.error, started_at = EXCLUDED.started_at, finished_at = EXCLUDED.finished_at
    WHERE steps.status NOT IN ('succeeded', 'failed', 'skipped', 'cancelled')`);
}

function toRecord(row: typeof executions.$inferSelect): ExecutionRecord {
  return {
    id: row.id,
    workflowId: row.workflowId,
    version: row.version,
    name: row.name,
    document: row.document as ExecutionRecord['document'],
    status: row.status as ExecutionRecord['status'],
    inputs: row.inputs as ExecutionRecord['inputs'],
    origin: row.origin as ExecutionRecord['origin'],
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
    ...(row.input === null ? {} : { input: row.input }),
    ...(row.output === null ? {} : { output: row.output }),
    ...(row.error ? { error: row.error as NonNullable<Step['error']> } : {}),
    ...(row.taskId ? { taskId: row.taskId } : {}),
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
