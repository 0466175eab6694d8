/** The tools that agents have while they work, as their models see them: names, descriptions and inputs. */
import { z } from 'zod';
import type { McpTools } from './mcp.ts';
import { StateName } from './shared-state.ts';
import { Prompt } from './tasks.ts';

const MAX_RESULT_CHARACTERS = 262_144;
const MAX_PROGRESS_CHARACTERS = 2_000;
const MAX_QUESTION_CHARACTERS = 10_000;
const MAX_OPTIONS = 20;

export const AGENT_TOOLS = {
  current_task: {
    description:
      'Tells the task you are on: its prompt, the JSON Schema that its result must fit (if any), and its deadline.',
    input: z.strictObject({}),
    readOnly: true,
  },
  complete_task: {
    description:
      'Reports your current task as done. `result` is the answer for people; `data` is the structured answer, needed when the task has an output schema (see current_task). When it is refused, correct what it names and call it once more; then end your turn.',
    input: z.strictObject({
      result: z.string().min(1).max(MAX_RESULT_CHARACTERS),
      data: z.unknown().optional(),
    }),
  },
  report_progress: {
    description: 'Shows people what you are doing on the current task, in one line, and how far it is in percent.',
    input: z.strictObject({
      message: z.string().min(1).max(MAX_PROGRESS_CHARACTERS),
      percent: z.number().min(0).max(100).optional(),
    }),
  },
  ask_human: {
    description:
      'Asks a person and waits for the answer, which may take hours. Use it only for what you cannot decide or find out yourself. The same question asked again in this task gets the same answer; ask in other words for a new one.',
    input: z.strictObject({
      question: z.string().min(1).max(MAX_QUESTION_CHARACTERS),
      options: z.array(z.string().min(1).max(500)).max(MAX_OPTIONS).optional(),
    }),
    waits: true,
  },
  get_state: {
    description: 'Reads a value that agents and workflows share, with its version.',
    input: z.strictObject({ namespace: StateName, key: StateName }),
    readOnly: true,
  },
  set_state: {
    description:
      'Stores a value for other agents and workflows. With `ifVersion` only when it still has that version; 0: only when there is none.',
    input: z.strictObject({
      namespace: StateName,
      key: StateName,
      value: z.unknown(),
      ifVersion: z.number().int().min(0).optional(),
    }),
  },
  list_agents: {
    description: 'Lists the agents of this team: name, kind, role, status and capabilities.',
    input: z.strictObject({}),
    readOnly: true,
  },
  send_task: {
    description:
      'Hands a task to another agent, by its name, and does not wait for it. Not to yourself, not to one that may do more without asking than you, and only a few hand-overs deep.',
    input: z.strictObject({ agent: z.string().min(1).max(200), prompt: Prompt }),
  },
} as const satisfies McpTools;

export type AgentToolName = keyof typeof AGENT_TOOLS;
export type AgentToolInput<N extends AgentToolName> = z.output<(typeof AGENT_TOOLS)[N]['input']>;

/** What a model is told of them besides their descriptions; added to the agent's standing instructions. */
export const AGENT_TOOL_INSTRUCTIONS = [
  'You work in a team that Pointsman coordinates; its tools are on the MCP server `pointsman`.',
  'When you have finished what a prompt asks, call `complete_task` with the result, and then end your turn with a short answer.',
  'A task may require structured data: `current_task` shows the schema. Give it as `data` to `complete_task`.',
  'If a decision is not yours to make, call `ask_human`.',
].join('\n');
