/** The tools that people's own assistants get from `pointsman mcp`, as their models see them. */
import { z } from 'zod';
import { ExecutionFilter } from './executions.ts';
import { Decision } from './inbox.ts';
import type { McpTools } from './mcp.ts';
import { Duration, Prompt } from './tasks.ts';

const Named = z.string().min(1).max(200);
const MAX_WAIT_SECONDS = 3_600;
const DEFAULT_WAIT_SECONDS = 600;

const MOST_EXECUTIONS = 100;
const DEFAULT_EXECUTIONS = 20;

const WaitSeconds = z.number().min(0).max(MAX_WAIT_SECONDS).default(DEFAULT_WAIT_SECONDS);

export const ASSISTANT_TOOLS = {
  list_agents: {
    description: 'Lists the agents of the team with their status, what they work on, tokens and cost.',
    input: z.strictObject({}),
    readOnly: true,
  },
  get_agent: {
    description: 'Shows one agent, by name or id, with its instructions and workspace.',
    input: z.strictObject({ agent: Named }),
    readOnly: true,
  },
  send_task: {
    description:
      'Hands a task to an agent, by name or id, and waits for its end unless `wait` is false. What is not done in time goes on; look again with get_task.',
    input: z.strictObject({
      agent: Named,
      prompt: Prompt,
      outputSchema: z.record(z.string(), z.unknown()).optional(),
      timeout: Duration.optional(),
      worktree: z.boolean().optional(),
      wait: z.boolean().default(true),
      waitSeconds: WaitSeconds,
    }),
  },
  get_task: {
    description: 'Shows a task: status, receipts, result or error.',
    input: z.strictObject({ task: Named }),
    readOnly: true,
  },
  list_workflows: {
    description: 'Lists the saved workflows with their inputs.',
    input: z.strictObject({}),
    readOnly: true,
  },
  run_workflow: {
    description:
      'Executes a saved workflow, by name or id. With `wait` until it has ended, or waits for a person; else it is followed with get_execution.',
    input: z.strictObject({
      workflow: Named,
      inputs: z.record(z.string(), z.unknown()).optional(),
      wait: z.boolean().default(false),
      waitSeconds: WaitSeconds,
    }),
  },
  list_executions: {
    description:
      'Lists executions, the newest first, without their steps. `status`: one, or several with commas between them; `search`: a part of the name, or the beginning or end of the id.',
    input: z.strictObject({
      ...ExecutionFilter.pick({ status: true, search: true }).shape,
      limit: z.int().min(1).max(MOST_EXECUTIONS).default(DEFAULT_EXECUTIONS),
    }),
    readOnly: true,
  },
  get_execution: {
    description: 'Shows an execution with its steps, by id.',
    input: z.strictObject({ execution: Named }),
    readOnly: true,
  },
  control_execution: {
    description:
      'Cancels, pauses or resumes an execution, or retries one that has failed: that is a new execution, which takes over what had succeeded.',
    input: z.strictObject({ execution: Named, action: z.enum(['cancel', 'pause', 'resume', 'retry']) }),
  },
  list_inbox: {
    description: 'Lists what waits for a person: permissions, questions, approvals, failures. Each has a hash.',
    input: z.strictObject({}),
    readOnly: true,
  },
  answer_inbox_item: {
    description:
      'Answers an item of the inbox, only as the person you work for told you. `hash` is that of the item as it was shown: it proves what is answered. `form` as the item’s payload asks.',
    input: z.strictObject({
      id: Named,
      decision: Decision,
      hash: z.string().min(1).max(200),
      note: z.string().max(10_000).optional(),
      form: z.unknown().optional(),
    }),
  },
} as const satisfies McpTools;

export type AssistantToolName = keyof typeof ASSISTANT_TOOLS;
export type AssistantToolInput<N extends AssistantToolName> = z.output<(typeof ASSISTANT_TOOLS)[N]['input']>;
