/** Books what a conversation has used: the growth since it was last told goes to agent, task and execution in one commit. */
import type { Usage } from '../../contract/tasks.ts';
import type { UsageTotal } from '../../ports/agent-driver.ts';
import type { TaskRecord } from '../../ports/store/agents.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { taskView } from '../finish-task.ts';
import { publishAgent } from './agent-view.ts';

const NOTHING: Usage = { inputTokens: 0, outputTokens: 0, cost: 0 };

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
  return context.store.transaction(async (transaction) => {
    const agent = await transaction.agents.get(told.agentId);
    if (!agent) return null;
    const grown = growth(agent.usageMarks[told.conversation] ?? NOTHING, told.total);
    if (grown.inputTokens === 0 && grown.outputTokens === 0 && grown.cost === 0) return null;
    const after = await transaction.agents.update(agent.id, {
      usageMarks: { ...agent.usageMarks, [told.conversation]: { ...told.total } },
      tokens: agent.tokens + grown.inputTokens + grown.outputTokens,
      cost: agent.cost + grown.cost,
    });
    if (after) publishAgent(transaction, after, told.currentTask);
    const task = told.taskId === null ? null : await transaction.tasks.addUsage(told.taskId, grown);
    if (!task) return null;
    if (task.executionId) await transaction.executions.addUsage(task.executionId, grown);
    transaction.publish({ topic: `agent:${agent.id}`, event: 'task.changed', data: taskView(task) });
    return task;
  });
}

/** A total below the last one is a count that began anew. */
function growth(before: Usage, total: UsageTotal): Usage {
  const anew = total.inputTokens < before.inputTokens || total.outputTokens < before.outputTokens;
  if (anew) return { ...total };
  return {
    inputTokens: total.inputTokens - before.inputTokens,
    outputTokens: total.outputTokens - before.outputTokens,
    cost: Math.max(0, total.cost - before.cost),
  };
}
