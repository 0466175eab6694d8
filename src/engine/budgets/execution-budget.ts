/** The budget of an execution: when it is used up the execution is paused and one item asks, in the commit that found it. */
import { FINISHED_EXECUTION } from '../../contract/executions.ts';
import type { Usage } from '../../contract/tasks.ts';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import { reachedLimits, reachedWords, runningTime, type Spent, spentOf, timeIsUpAt } from '../../domain/budget.ts';
import { type ExecutionRecord, executionView, type StoredBudget } from '../../ports/store/executions.ts';
import type { TaskRecord } from '../../ports/store/agents.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { EngineContext } from '../engine-context.ts';
import { closeBudgetItem, openBudgetItem } from './budget-item.ts';

/** Kept as the item's attempt, so that an execution has one open item at most. */
const BUDGET_KEY = 'budget';

/** A retry and a fork begin with the whole budget of their document, as every execution does. */
export function budgetOf({ budget }: Pick<WorkflowDocument, 'budget'>): StoredBudget | null {
  if (budget?.usd === undefined && budget?.tokens === undefined && budget?.duration === undefined) return null;
  return { version: 1, limits: { ...budget }, itemId: null };
}

export function executionSpent(record: ExecutionRecord, now: string): Spent {
  return spentOf(record.usage, runningTime(record, now));
}

/** The execution that a task is for: as its step, or because an agent on such a step has sent it. */
export function spendsFor({ executionId, delegation }: TaskRecord): string | null {
  return executionId ?? delegation?.executionId ?? null;
}

/**
 * Books on an execution, and on those that it runs for, what was used for it. Whoever is paused by that is named, and
 * is to be woken after the commit.
 */
export async function spendFor(
  context: EngineContext,
  transaction: StoreTransaction,
  { executionId, used }: { executionId: string; used: Usage },
): Promise<{ workflowId: string | null; paused: string[] }> {
  const paused: string[] = [];
  let workflowId: string | null | undefined;
  for (let id: string | undefined = executionId; id !== undefined;) {
    const record: ExecutionRecord | null = await transaction.executions.addUsage(id, used);
    if (!record) break;
    if (workflowId === undefined) ({ workflowId } = record);
    publishExecution(transaction, record);
    if (await pauseWhenUsedUp(context, transaction, record)) paused.push(id);
    id = record.parent?.executionId;
  }
  return { workflowId: workflowId ?? null, paused };
}

/** `record` is locked. True when the execution was just paused: whoever calls wakes it after the commit. */
export async function pauseWhenUsedUp(
  context: EngineContext,
  transaction: StoreTransaction,
  record: ExecutionRecord,
): Promise<boolean> {
  const { budget } = record;
  if (!budget || budget.itemId !== null || FINISHED_EXECUTION.includes(record.status)) return false;
  const now = context.clock.now().toISOString();
  const spent = executionSpent(record, now);
  const reached = reachedLimits(budget.limits, spent);
  if (reached.length === 0) return false;
  const itemId = await openBudgetItem(
    context,
    transaction,
    {
      title: `“${record.name}” has used up its budget: ${reachedWords(budget.limits, spent, reached)}`,
      limits: budget.limits,
      spent,
      reached,
      about: { workflow: record.name, by: await transaction.tasks.usageByAgent(record.id) },
    },
    { executionId: record.id, effectKey: BUDGET_KEY },
  );
  const asked = { ...record, budget: { ...budget, itemId } };
  await transaction.executions.setBudget(record.id, asked.budget);
  await setTimer(transaction, asked);
  await transaction.executions.post(record.id, [{ type: 'pause_requested', at: now, by: null, hold: 'budget' }]);
  transaction.notify({ channel: 'mailbox', key: record.id });
  publishExecution(transaction, asked);
  return true;
}

/** Lets the clock of its time run or stand still, and takes back what is asked when it has ended. */
export async function followExecution(
  transaction: StoreTransaction,
  { before, after }: { before: ExecutionRecord; after: ExecutionRecord },
): Promise<void> {
  const { budget } = after;
  if (before.pausedAt !== null && after.pausedAt === null) await wakeAgents(transaction, after.id);
  if (!budget) return;
  if (after.finishedAt !== null && budget.itemId !== null) {
    await closeBudgetItem(transaction, budget.itemId, 'withdrawn');
    await transaction.executions.setBudget(after.id, { ...budget, itemId: null });
  }
  const moved = (['startedAt', 'pausedAt', 'finishedAt'] as const).some((moment) => before[moment] !== after[moment]);
  if (moved) await setTimer(transaction, after);
}

/** What waits in the queues of agents for this execution, or for one below it, may begin now. */
export async function wakeAgents(transaction: StoreTransaction, executionId: string): Promise<void> {
  const family = new Set([executionId, ...(await transaction.executions.descendants(executionId))]);
  const waiting = (await transaction.tasks.open()).filter((task) => family.has(spendsFor(task) ?? ''));
  transaction.notify(...waiting.map((task) => ({ channel: 'tasks' as const, key: task.agentId })));
}

/** Called whenever its limits, its pauses or its question change; nothing is timed while a person is asked. */
export async function setTimer(transaction: StoreTransaction, record: ExecutionRecord): Promise<void> {
  const { budget, finishedAt } = record;
  const isTimed = budget !== null && budget.itemId === null && finishedAt === null;
  const due = isTimed ? timeIsUpAt(budget.limits, record) : null;
  await transaction.executions.setBudgetTimer(record.id, due);
  if (due !== null) transaction.notify({ channel: 'timers', key: record.id });
}

export function publishExecution(transaction: StoreTransaction, record: ExecutionRecord): void {
  const view = executionView(record, []);
  transaction.publish(
    { topic: `execution:${record.id}`, event: 'execution.changed', data: view },
    { topic: 'executions', event: 'execution.changed', data: view },
  );
}
