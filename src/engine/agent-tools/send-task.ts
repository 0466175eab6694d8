/** Hands a task to another agent of the team, as the calling agent's own wish; how long the chain is by then is kept. */
import type { AgentToolInput } from '../../contract/agent-tools.ts';
import { PointsmanError } from '../../contract/errors.ts';
import type { McpToolResult } from '../../contract/mcp.ts';
import { whyNotDelegate } from '../../domain/task-delegation.ts';
import { settingsOf } from '../agents/agent-settings.ts';
import { spendsFor } from '../budgets/execution-budget.ts';
import { createTask } from '../create-task.ts';
import { type Caller, taskOf } from './tool-context.ts';

export async function sendTask(
  caller: Caller,
  { agent: name, prompt }: AgentToolInput<'send_task'>,
): Promise<McpToolResult> {
  const { context, agent: from } = caller;
  const task = taskOf(caller);
  const to = (await context.store.agents.list()).find((one) => one.name === name || one.id === name);
  if (!to) throw new PointsmanError('AGENT_NOT_FOUND', { detail: `There is no agent “${name}”.` });
  const depth = (task.delegation?.depth ?? 0) + 1;
  const party = (agent: typeof to) => ({ ...agent, permissionMode: settingsOf(agent).permissionMode });
  const reason = whyNotDelegate({ from: party(from), to: party(to), depth });
  if (reason) throw new PointsmanError('DELEGATION_REFUSED', { detail: reason });
  const sent = await createTask(context, {
    agent: to,
    task: { prompt },
    by: { name: `agent ${from.name}`, role: 'agent' },
    delegation: { version: 1, taskId: task.id, agentId: from.id, depth, executionId: spendsFor(task) },
  });
  const data = { taskId: sent.id, agent: to.name };
  return { outcome: 'done', text: JSON.stringify(data), data };
}
