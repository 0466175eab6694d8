/** Budgets on the wire: how much an execution, an agent's day or everybody's day may use before a person is asked. */
import { z } from 'zod';
import { Id, Timestamp } from './identifiers.ts';
import { Duration } from './tasks.ts';

const Dollars = z.number().positive().max(1_000_000);
const Tokens = z.int().positive();

/** What is limited: US dollars, tokens read and written, running time. */
export const BudgetLimit = z.enum(['usd', 'tokens', 'duration']);
export type BudgetLimit = z.infer<typeof BudgetLimit>;

/** Of one agent, for each day in UTC. */
export const AgentBudget = z
  .strictObject({ usdPerDay: Dollars.optional(), tokensPerDay: Tokens.optional() })
  .refine((budget) => budget.usdPerDay !== undefined || budget.tokensPerDay !== undefined, 'name at least one limit')
  .meta({ id: 'AgentBudget' });
export type AgentBudget = z.infer<typeof AgentBudget>;

/** Why an agent begins no task at the moment, beside its status, which tells of its program. */
export const AgentHold = z
  .strictObject({ code: z.literal('BUDGET_EXCEEDED'), reason: z.string(), since: Timestamp })
  .meta({ id: 'AgentHold' });
export type AgentHold = z.infer<typeof AgentHold>;

/** The limits in force now, raised or not. Its time runs from `startedAt` without `pausedMs` and the pause since `pausedAt`. */
export const ExecutionBudget = z
  .strictObject({
    usd: z.number().optional(),
    tokens: z.number().optional(),
    /** ISO-8601 as in the document, or as it was raised. */
    duration: z.string().optional(),
    pausedMs: z.number(),
    pausedAt: Timestamp.nullable(),
    /** The inbox item that asks whether it may go on; null while nobody is asked. */
    itemId: Id.nullable(),
  })
  .meta({ id: 'ExecutionBudget' });
export type ExecutionBudget = z.infer<typeof ExecutionBudget>;

/** `form` of the decision `raise`: each a new limit in place of the old one. */
export const RaisedBudget = z.strictObject({
  usd: Dollars.optional(),
  tokens: Tokens.optional(),
  duration: Duration.optional(),
});
export type RaisedBudget = z.infer<typeof RaisedBudget>;
