/** What the answer to a budget item does: raise lets go on with higher limits, stop ends what waits. */
import { RaisedBudget } from '../../contract/budgets.ts';
import { PointsmanError } from '../../contract/errors.ts';
import type { ResolveInboxItem } from '../../contract/inbox.ts';
import { dayOf, higherLimits, type Limits, raiseLimits, type Spent, spentOf } from '../../domain/budget.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { Actor, EngineContext } from '../engine-context.ts';
import { EVERYBODY, limitsOfAgent } from './day-budget.ts';
import { executionSpent, publishExecution, setTimer, wakeAgents } from './execution-budget.ts';

interface BudgetAnswer {
  /** Mail of its execution. */
  events: object[];
  /** Before the item is closed, in the same transaction; false when it was closed meanwhile. Throws what is wrong with the form. */
  apply(transaction: StoreTransaction): Promise<boolean>;
}

export function answerBudget(
  context: EngineContext,
  { item, answer, by, at }: { item: InboxRecord; answer: ResolveInboxItem; by: Actor; at: string },
): BudgetAnswer {
  const raised = answer.decision === 'raise' ? formOf(answer) : null;
  const { executionId } = item;
  if (!executionId) return { events: [], apply: (transaction) => applyToDay(transaction) };
  const event = raised
    ? { type: 'resume_requested', at, by: by.name, hold: 'budget' }
    : { type: 'cancel_requested', at, by: by.name };
  return { events: [event], apply: (transaction) => applyToExecution(transaction, executionId) };

  async function applyToExecution(transaction: StoreTransaction, id: string): Promise<boolean> {
    // Everybody who opens or closes this item holds this row.
    const record = await transaction.executions.lock(id);
    if (!record?.budget || record.budget.itemId !== item.id) return false;
    const limits = raised
      ? raisedLimits(record.budget.limits, raised, executionSpent(record, at))
      : record.budget.limits;
    const after = { ...record, budget: { ...record.budget, limits, itemId: null } };
    await transaction.executions.setBudget(id, after.budget);
    await setTimer(transaction, after);
    // Where the pause was not taken yet, nothing else would tell them.
    if (raised) await wakeAgents(transaction, id);
    publishExecution(transaction, after);
    return true;
  }

  async function applyToDay(transaction: StoreTransaction): Promise<boolean> {
    // As everybody who opens or closes an item of a day holds its row.
    const day = dayOf(item.createdAt);
    const scope = item.agentId ?? EVERYBODY;
    const state = await transaction.usage.lockBudgetDay(day, scope);
    if (state.itemId !== item.id || (await transaction.inbox.get(item.id))?.state !== 'open') return false;
    if (raised) {
      const limits = await limitsOfDay(transaction, scope, state.raised ?? {});
      const spent = spentOf(await transaction.usage.ofDay(day, scope));
      await transaction.usage.changeBudgetDay(day, scope, { raised: raisedLimits(limits, raised, spent) });
    } else await transaction.usage.changeBudgetDay(day, scope, { stopped: true });
    for (const agentId of item.agentId ? [item.agentId] : (await transaction.agents.list()).map(({ id }) => id))
      transaction.notify({ channel: 'tasks', key: agentId });
    return true;
  }

  async function limitsOfDay(transaction: StoreTransaction, scope: string, before: Limits): Promise<Limits> {
    const agent = scope === EVERYBODY ? null : await transaction.agents.get(scope);
    return higherLimits(agent ? limitsOfAgent(agent) : (context.budgetPerDay ?? {}), before);
  }
}

function formOf({ form }: ResolveInboxItem): RaisedBudget {
  const parsed = RaisedBudget.safeParse(form ?? {});
  if (parsed.success) return parsed.data;
  throw unfit(
    parsed.error.issues.flatMap((issue) => {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      return keys.map((path) => ({
        path: ['/form', ...path.map(String)].join('/'),
        code: 'INVALID_REQUEST',
        message: issue.message,
        severity: 'error' as const,
      }));
    }),
  );
}

function raisedLimits(limits: Limits, raised: RaisedBudget, spent: Spent): Limits {
  const result = raiseLimits(limits, raised, spent);
  if (result.outcome === 'refused') throw unfit(result.problems);
  return result.limits;
}

function unfit(problems: NonNullable<PointsmanError['problems']>): PointsmanError {
  return new PointsmanError('INVALID_REQUEST', {
    detail: 'The new budget is not enough, or not understood.',
    problems,
  });
}
