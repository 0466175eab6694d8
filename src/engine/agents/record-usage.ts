/** Books what a conversation has used: the growth since it was last told goes to day, agent, task and execution in one commit. */
import { NO_USAGE } from '../../contract/tasks.ts';
import { dayOf } from '../../domain/budget.ts';
import { usageGrowth, usesNothing } from '../../domain/usage-growth.ts';
import type { UsageTotal } from '../../ports/agent-driver.ts';
import type { TaskRecord } from '../../ports/store/agents.ts';
import { reviewDay } from '../budgets/day-budget.ts';
import { spendFor, spendsFor } from '../budgets/execution-budget.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { taskView } from '../finish-task.ts';
import { publishAgent } from './agent-view.ts';

/** The task it belongs to, as it is afterwards; null when it belongs to none or nothing was added. */
export async function recordUsage(
  context: EffectContext,
  told: {
    agentId: string;
    taskId: string | null;
    /** What the agent is on now, for those who look at it. */
    currentTask: string | null;
    conversation: string;
    total: UsageTotal;
  },
): Promise<TaskRecord | null> {
  const { clock, mailroom, store } = context;
  const booked = await store.transaction(async (transaction) => {
    const agent = await transaction.agents.lock(told.agentId);
    if (!agent) return null;
    const { grown, mark } = usageGrowth(agent.usageMarks[told.conversation] ?? NO_USAGE, told.total);
    if (usesNothing(grown)) return null;
    const after = await transaction.agents.update(agent.id, {
      usageMarks: { ...agent.usageMarks, [told.conversation]: mark },
      tokens: agent.tokens + grown.inputTokens + grown.outputTokens,
      cost: agent.cost + grown.cost,
    });
    if (after) publishAgent(transaction, after, told.currentTask);
    const task = told.taskId === null ? null : await transaction.tasks.addUsage(told.taskId, grown);
    const executionId = task && spendsFor(task);
    const spent = executionId ? await spendFor(context, transaction, { executionId, used: grown }) : null;
    await transaction.usage.book({
      day: dayOf(clock.now().toISOString()),
      agentId: agent.id,
      workflowId: spent?.workflowId ?? null,
      used: grown,
    });
    // Whoever passes a budget is held in this very commit: there is no moment in which a crash could forget it.
    await reviewDay(context, transaction, after ?? agent);
    if (task) transaction.publish({ topic: `agent:${agent.id}`, event: 'task.changed', data: taskView(task) });
    return { task, paused: spent?.paused ?? [] };
  });
  for (const paused of booked?.paused ?? []) await mailroom.wake(paused);
  return booked?.task ?? null;
}
