/** Rows of what was used by day, and of what people decided about the budget of a day. */
import type { UsageBy } from '../../contract/usage.ts';
import type { Usage } from '../../contract/tasks.ts';
import type { Limits } from '../../domain/budget.ts';

/** An agent's id, or `all`: everybody together. */
export type BudgetScope = string;

export interface BudgetDay {
  day: string;
  scope: BudgetScope;
  raised: Limits | null;
  /** Somebody said stop: what waits fails, and what comes fails too, for this day. */
  stopped: boolean;
  /** The newest item that asked about it. */
  itemId: string | null;
}

export interface UsageStore {
  /** Adds to a day in UTC. */
  book(entry: { day: string; agentId: string; workflowId: string | null; used: Usage }): Promise<void>;
  /** What an agent, or all of them, used on a day. */
  ofDay(day: string, scope: BudgetScope): Promise<Usage>;
  /** Summed up from one day to another, both included. */
  report(range: {
    from: string;
    to: string;
    by: UsageBy;
  }): Promise<{ key: string | null; name: string | null; usage: Usage }[]>;
  budgetDay(day: string, scope: BudgetScope): Promise<BudgetDay | null>;
  /** Made when it is not there; nobody else changes it before this transaction ends. */
  lockBudgetDay(day: string, scope: BudgetScope): Promise<BudgetDay>;
  changeBudgetDay(
    day: string,
    scope: BudgetScope,
    changes: Partial<Pick<BudgetDay, 'raised' | 'stopped' | 'itemId'>>,
  ): Promise<void>;
}
