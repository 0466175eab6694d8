/**
 * The agent says that its task is done. What it says is stored before it is answered and decides the task's end, however
 * the turn goes on; the task ends with its turn, so that all it used and changed is counted.
 */
import type { AgentToolInput } from '../../contract/agent-tools.ts';
import { PointsmanError } from '../../contract/errors.ts';
import type { McpToolResult } from '../../contract/mcp.ts';
import { structuredAnswer } from '../../domain/structured-answer.ts';
import type { TaskChanges, TaskRecord } from '../../ports/store/agents.ts';
import { outputInvalid } from '../agents/judge-answer.ts';
import { type Caller, liveCaller } from './tool-context.ts';

const DONE: McpToolResult = { outcome: 'done', text: 'The task is reported as done. End your turn now.' };

export async function completeTask(caller: Caller, input: AgentToolInput<'complete_task'>): Promise<McpToolResult> {
  const at = caller.context.clock.now().toISOString();
  const told = await liveCaller(caller).withTask(async (task, change) => {
    const { changes, answer } = decide(task, input, at);
    if (changes) await change(changes);
    return answer;
  });
  if (!told) throw new PointsmanError('NO_RUNNING_TASK');
  return told;
}

function decide(
  task: TaskRecord,
  { result: text, data }: AgentToolInput<'complete_task'>,
  at: string,
): { changes?: TaskChanges; answer: McpToolResult } {
  if (task.stopping) return { answer: { outcome: 'refused', text: 'The task is being stopped. End your turn now.' } };
  if (task.completion) return { answer: task.completion.status === 'succeeded' ? DONE : failed(task.completion.error) };
  const given = { text, ...(data === undefined ? {} : { data }) };
  const fitting = task.outputSchema ? structuredAnswer(task.outputSchema, given) : null;
  if (!fitting || fitting.fits) {
    const result = fitting ? { text, data: fitting.data } : given;
    return { changes: { completion: { version: 1, at, status: 'succeeded', result } }, answer: DONE };
  }
  if (!task.repair) {
    const problems = fitting.problems.map(({ path, message }) => `/data${path}: ${message}`).join('\n');
    return {
      changes: { repair: { version: 1, prompt: null } },
      answer: {
        outcome: 'refused',
        text: `The task is not done: \`data\` does not fit its schema.\n${problems}\nCorrect it and call complete_task once more. The schema:\n${JSON.stringify(task.outputSchema)}`,
      },
    };
  }
  const error = outputInvalid(fitting.problems);
  return {
    changes: { completion: { version: 1, at, status: 'failed', result: given, error } },
    answer: failed(error),
  };
}

function failed({ message }: { message: string }): McpToolResult {
  return { outcome: 'refused', text: `The task has failed. ${message} End your turn now.` };
}
