/** Tells an agent the task it is on. */
import type { McpToolResult } from '../../contract/mcp.ts';
import { taskDue } from '../expire-tasks.ts';
import { type Caller, taskOf } from './tool-context.ts';

export async function currentTask(caller: Caller): Promise<McpToolResult> {
  const task = taskOf(caller);
  const due = taskDue(task);
  const data = {
    id: task.id,
    prompt: task.prompt,
    outputSchema: task.outputSchema,
    deadline: due === null ? null : new Date(due).toISOString(),
  };
  return { outcome: 'done', text: JSON.stringify(data), data };
}
