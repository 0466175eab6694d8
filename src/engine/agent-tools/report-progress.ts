/** What an agent says of how far it is: for whoever watches it, and in the log of its execution. */
import type { AgentToolInput } from '../../contract/agent-tools.ts';
import type { McpToolResult } from '../../contract/mcp.ts';
import type { TaskProgress } from '../../contract/tasks.ts';
import { type Caller, taskOf } from './tool-context.ts';

export async function reportProgress(caller: Caller, input: AgentToolInput<'report_progress'>): Promise<McpToolResult> {
  const task = taskOf(caller);
  const at = caller.context.clock.now().toISOString();
  const data: TaskProgress = { taskId: task.id, at, ...input };
  await caller.context.store.transaction(async (transaction) => {
    transaction.publish({ topic: `agent:${task.agentId}`, event: 'task.progress', data });
    const { executionId } = task;
    if (!executionId) return;
    transaction.publish({ topic: `execution:${executionId}`, event: 'task.progress', data });
    const step = task.stepId ? await transaction.executions.step(task.stepId) : null;
    const percent = input.percent === undefined ? '' : ` (${input.percent} %)`;
    const lines = await transaction.executions.appendLogs(executionId, [
      {
        at,
        ...(step ? { stepId: step.id, nodeId: step.nodeId } : {}),
        stream: 'system',
        text: `${caller.agent.name}: ${input.message.replaceAll(/\s*\n\s*/g, ' ')}${percent}`,
      },
    ]);
    transaction.publish({
      topic: `execution:${executionId}`,
      event: 'log.appended',
      data: { lines, total: lines.length },
    });
  });
  return { outcome: 'done', text: 'It is shown.' };
}
