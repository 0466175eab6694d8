/** The tools of one agent as an MCP server: which verb stands behind which name. */
import { AGENT_TOOLS, type AgentToolInput, type AgentToolName } from '../../contract/agent-tools.ts';
import { PointsmanError } from '../../contract/errors.ts';
import type { McpServer, McpToolResult } from '../../contract/mcp.ts';
import { askHuman, untilAnswered } from './ask-human.ts';
import { completeTask } from './complete-task.ts';
import { currentTask } from './current-task.ts';
import { listAgents } from './list-agents.ts';
import { oncePerCall } from './once-per-call.ts';
import { reportProgress } from './report-progress.ts';
import { sendTask } from './send-task.ts';
import { getState, setState } from './shared-state.ts';
import type { Caller, ToolContext } from './tool-context.ts';

type Verbs = { [N in AgentToolName]: (caller: Caller, input: AgentToolInput<N>) => Promise<McpToolResult> };

const VERBS: Verbs = {
  current_task: currentTask,
  complete_task: completeTask,
  report_progress: once('report_progress', reportProgress),
  ask_human: askHuman,
  get_state: getState,
  set_state: once('set_state', setState),
  list_agents: listAgents,
  send_task: once('send_task', sendTask),
};

export interface ToolConnection {
  agentId: string;
  signal: AbortSignal;
  held: Caller['held'];
}

export function agentTools(
  context: ToolContext,
  { version, ...connection }: ToolConnection & { version: string },
): McpServer<typeof AGENT_TOOLS> {
  return {
    name: 'pointsman',
    version,
    tools: AGENT_TOOLS,
    async call(name, args, { callId }) {
      const verb = VERBS[name] as (caller: Caller, input: unknown) => Promise<McpToolResult>; // its own input, by the table's type
      return verb(await callerOf(context, connection, callId), args);
    },
    onError: (error) => context.log.error({ error, agentId: connection.agentId }, 'a tool of an agent failed'),
  };
}

/** Waits again for an answer that was held when its connection was lost; `name` as `held` was told. */
export async function resumeTool(
  context: ToolContext,
  connection: ToolConnection,
  name: string,
): Promise<McpToolResult> {
  return untilAnswered(await callerOf(context, connection, null), name);
}

async function callerOf(
  context: ToolContext,
  { agentId, signal, held }: ToolConnection,
  callId: string | null,
): Promise<Caller> {
  await context.agents.booted;
  const agent = await context.store.agents.get(agentId);
  if (!agent) throw new PointsmanError('AGENT_NOT_FOUND');
  return { context, agent, callId, signal, held };
}

function once<N extends AgentToolName>(tool: N, verb: Verbs[N]): Verbs[N] {
  return ((caller: Caller, input: AgentToolInput<N>) =>
    oncePerCall(caller, { tool, input }, () => verb(caller, input as never))) as Verbs[N];
}
