/** The rows of usage by day, and of the budgets of a day. */
import { and, asc, between, eq, sql } from 'drizzle-orm';
import type { BudgetDay, UsageStore } from '../../../ports/store/usage.ts';
import type { Database } from '../database.ts';
import { agents, budgetDays, usageDays, workflows } from '../schema.ts';

const SUMS = {
  inputTokens: sql<string>`coalesce(sum(${usageDays.inputTokens}), 0)`,
  outputTokens: sql<string>`coalesce(sum(${usageDays.outputTokens}), 0)`,
  cost: sql<string>`coalesce(sum(${usageDays.cost}), 0)`,
};

export function usageStore(db: Database): UsageStore {
  const here = (day: string, scope: string) => and(eq(budgetDays.day, day), eq(budgetDays.scope, scope));
  return {
    async book({ day, agentId, workflowId, used }) {
      await db
        .insert(usageDays)
        .values({ day, agentId, workflowId, ...used })
        .onConflictDoUpdate({
          target: [usageDays.day, usageDays.agentId, usageDays.workflowId],
          set: {
            inputTokens: sql`${usageDays.inputTokens} + excluded.input_tokens`,
            outputTokens: sql`${usageDays.outputTokens} + excluded.output_tokens`,
            cost: sql`${usageDays.cost} + excluded.cost`,
          },
        });
    },
    async ofDay(day, scope) {
      const [row] = await db
        .select(SUMS)
        .from(usageDays)
        .where(and(eq(usageDays.day, day), scope === 'all' ? undefined : eq(usageDays.agentId, scope)));
      return toUsage(row);
    },
    async report({ from, to, by }) {
      const range = between(usageDays.day, from, to);
      if (by === 'day') {
        const rows = await db
          .select({ key: usageDays.day, ...SUMS })
          .from(usageDays)
          .where(range)
          .groupBy(usageDays.day)
          .orderBy(asc(usageDays.day));
        return rows.map((row) => ({ key: row.key, name: row.key, usage: toUsage(row) }));
      }
      const [id, table] = by === 'agent' ? [usageDays.agentId, agents] : [usageDays.workflowId, workflows];
      const rows = await db
        .select({ key: id, name: table.name, ...SUMS })
        .from(usageDays)
        .leftJoin(table, eq(table.id, id))
        .where(range)
        .groupBy(id, table.name)
        .orderBy(sql`5 desc`, sql`3 desc`, asc(id));
      return rows.map((row) => ({ key: row.key, name: row.name, usage: toUsage(row) }));
    },
    async budgetDay(day, scope) {
      const [row] = await db.select().from(budgetDays).where(here(day, scope));
      return row ? toBudgetDay(row) : null;
    },
    async lockBudgetDay(day, scope) {
      await db.insert(budgetDays).values({ day, scope }).onConflictDoNothing();
      const [row] = await db.select().from(budgetDays).where(here(day, scope)).for('update');
      if (!row) throw new Error(`the budget of ${scope} on ${day} is gone, and nobody removes any`);
      return toBudgetDay(row);
    },
    async changeBudgetDay(day, scope, changes) {
      await db.update(budgetDays).set(changes).where(here(day, scope));
    },
  };
}

/** PostgreSQL tells sums as text. */
function toUsage(row: { inputTokens: string; outputTokens: string; cost: string } | undefined) {
  return {
    inputTokens: Number(row?.inputTokens ?? 0),
    outputTokens: Number(row?.outputTokens ?? 0),
    cost: Number(row?.cost ?? 0),
  };
}

function toBudgetDay(row: typeof budgetDays.$inferSelect): BudgetDay {
  return { ...row, raised: (row.raised ?? null) as BudgetDay['raised'] }; // written by this store alone
}
