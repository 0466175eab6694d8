/** The tasks' rows. */
import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, sql } from 'drizzle-orm';
import type { TaskRecord, TaskStore } from '../../../ports/store/agents.ts';
import { FINISHED_TASK } from '../../../contract/tasks.ts';
import type { Database } from '../database.ts';
import { grownUsage } from '../grown-usage.ts';
import { agents, agentTasks, executions } from '../schema.ts';
import { storableText, toJsonText } from '../columns.ts';

type Row = typeof agentTasks.$inferSelect;

/** What it is for: an execution whose step it is, or whose agent has sent it. */
const FOR_EXECUTION = sql`coalesce(${agentTasks.executionId}, (${agentTasks.delegation}->>'executionId')::uuid)`;

/** What begins nothing holds also what it has started, and that is told so a moment later. */
const HELD_ABOVE = sql`
  WITH RECURSIVE above AS (
    SELECT ${executions.parentExecutionId} AS id
    UNION ALL SELECT one.parent_execution_id FROM executions AS one JOIN above ON one.id = above.id)
  SELECT 1 FROM above JOIN executions AS one ON one.id = above.id
  WHERE one.status = 'paused' OR one.budget->>'itemId' IS NOT NULL`;

export function taskStore(db: Database): TaskStore {
  return {
    async insert(task) {
      const { receipts, ...rest } = task;
      const rows = await db
        .insert(agentTasks)
        .values({ ...rest, ...receipts, prompt: storableText(task.prompt) })
        .onConflictDoNothing()
        .returning({ id: agentTasks.id });
      return rows.length > 0 ? 'inserted' : 'exists';
    },
    async addUsage(id, used) {
      const [row] = await db
        .update(agentTasks)
        .set({ usage: grownUsage(agentTasks.usage, used) })
        .where(eq(agentTasks.id, id))
        .returning();
      return row ? toRecord(row) : null;
    },
    async get(id) {
      const [row] = await db.select().from(agentTasks).where(eq(agentTasks.id, id));
      return row ? toRecord(row) : null;
    },
    async byEffect(executionId, effectKey) {
      const [row] = await db
        .select()
        .from(agentTasks)
        .where(and(eq(agentTasks.executionId, executionId), eq(agentTasks.effectKey, effectKey)));
      return row ? toRecord(row) : null;
    },
    async list(agentId, page) {
      const rows = await db
        .select()
        .from(agentTasks)
        .where(and(eq(agentTasks.agentId, agentId), page.before ? lt(agentTasks.id, page.before) : undefined))
        .orderBy(desc(agentTasks.id))
        .limit(page.limit);
      return rows.map(toRecord);
    },
    async open(agentId) {
      const rows = await db
        .select()
        .from(agentTasks)
        .where(and(isNull(agentTasks.finishedAt), agentId ? eq(agentTasks.agentId, agentId) : undefined))
        .orderBy(asc(agentTasks.id));
      return rows.map(toRecord);
    },
    async nextQueued(agentId) {
      const [row] = await db
        .select({ task: agentTasks })
        .from(agentTasks)
        .leftJoin(executions, eq(executions.id, FOR_EXECUTION))
        .where(
          and(
            eq(agentTasks.agentId, agentId),
            isNull(agentTasks.finishedAt),
            eq(agentTasks.status, 'queued'),
            sql`${executions.status} IS DISTINCT FROM 'paused'`,
            sql`${executions.budget}->>'itemId' IS NULL`,
            sql`NOT EXISTS (${HELD_ABOVE})`,
          ),
        )
        .orderBy(asc(agentTasks.id))
        .limit(1);
      return row ? toRecord(row.task) : null;
    },
    async usageByAgent(executionId) {
      const sum = (name: string) => sql<string>`sum((${agentTasks.usage}->>${name})::double precision)`;
      const cost = sum('cost');
      const rows = await db
        .select({ agent: agents.name, inputTokens: sum('inputTokens'), outputTokens: sum('outputTokens'), cost })
        .from(agentTasks)
        .innerJoin(agents, eq(agents.id, agentTasks.agentId))
        .where(
          sql`${FOR_EXECUTION} IN (
            WITH RECURSIVE below AS (
              SELECT ${executionId}::uuid AS id
              UNION ALL SELECT executions.id FROM executions JOIN below ON executions.parent_execution_id = below.id)
            SELECT id FROM below)`,
        )
        .groupBy(agents.id, agents.name)
        .orderBy(sql`4 desc`, asc(agents.name));
      return rows.map(({ agent, inputTokens, outputTokens, cost: dollars }) => ({
        agent,
        usage: { inputTokens: Number(inputTokens), outputTokens: Number(outputTokens), cost: Number(dollars) },
      }));
    },
    async queuedWithTimeout() {
      const rows = await db
        .select()
        .from(agentTasks)
        .where(
          and(
            isNull(agentTasks.finishedAt),
            eq(agentTasks.status, 'queued'),
            isNotNull(agentTasks.timeoutMs),
            isNotNull(agentTasks.executionId),
          ),
        )
        .orderBy(asc(agentTasks.id));
      return rows.map(toRecord);
    },
    async update(id, changes, from) {
      const { receipts, ...rest } = changes;
      const set: Record<string, unknown> = { ...rest, ...receipts };
      if (rest.status && FINISHED_TASK.includes(rest.status)) set['finishedAt'] ??= new Date().toISOString();
      const [row] = await db
        .update(agentTasks)
        .set(set)
        .where(
          and(
            eq(agentTasks.id, id),
            isNull(agentTasks.finishedAt),
            from ? inArray(agentTasks.status, [...from]) : undefined,
          ),
        )
        .returning();
      return row ? toRecord(row) : null;
    },
    async inWorktree(name) {
      const rows = await db
        .select()
        .from(agentTasks)
        .where(sql`${agentTasks.workspace}->'worktree'->>'name' = ${name}`)
        .orderBy(asc(agentTasks.id));
      return rows.map(toRecord);
    },
    async changeWorktree(id, worktree) {
      const [row] = await db
        .update(agentTasks)
        .set({ workspace: sql`jsonb_set(${agentTasks.workspace}, '{worktree}', ${toJsonText(worktree)}::jsonb)` })
        .where(eq(agentTasks.id, id))
        .returning();
      return row ? toRecord(row) : null;
    },
  };
}

function toRecord(row: Row): TaskRecord {
  return {
    id: row.id,
    agentId: row.agentId,
    ...(row.executionId ? { executionId: row.executionId } : {}),
    ...(row.stepId ? { stepId: row.stepId } : {}),
    prompt: row.prompt,
    status: row.status as TaskRecord['status'],
    receipts: {
      acceptedAt: row.acceptedAt,
      typedAt: row.typedAt,
      submittedAt: row.submittedAt,
      turnStartedAt: row.turnStartedAt,
      finishedAt: row.finishedAt,
    },
    ...(row.result ? { result: row.result as NonNullable<TaskRecord['result']> } : {}),
    usage: row.usage as TaskRecord['usage'],
    ...(row.error ? { error: row.error as NonNullable<TaskRecord['error']> } : {}),
    createdAt: row.createdAt,
    effectKey: row.effectKey,
    outputSchema: row.outputSchema as TaskRecord['outputSchema'],
    timeoutMs: row.timeoutMs,
    stopping: row.stopping as TaskRecord['stopping'],
    workspace: (row.workspace ?? null) as TaskRecord['workspace'],
    createdBy: row.createdBy,
    completion: (row.completion ?? null) as TaskRecord['completion'],
    repair: (row.repair ?? null) as TaskRecord['repair'],
    delegation: (row.delegation ?? null) as TaskRecord['delegation'],
    session: row.session as TaskRecord['session'],
  };
}
