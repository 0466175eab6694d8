/** What stands behind the tools of `pointsman mcp`: calls of the API with the caller's own token. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Agent } from '../contract/agents.ts';
import { ASSISTANT_TOOLS, type AssistantToolInput, type AssistantToolName } from '../contract/assistant-tools.ts';
import { type Execution, FINISHED_EXECUTION } from '../contract/executions.ts';
import type { McpServer, McpToolResult } from '../contract/mcp.ts';
import { FINISHED_TASK, type Task } from '../contract/tasks.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import type { CommandIo } from './command-io.ts';
import { findAgent, findExecution, findInboxItem, findWorkflow } from './find-named.ts';
import { productVersion } from './product-version.ts';
import { requireServer } from './server-location.ts';
import type { CommonOptions } from './session.ts';
import { UsageError } from './usage-error.ts';

/** Often enough that a model does not notice, seldom enough that the server does not. */
const LOOK_EVERY_MS = 500;

type Verbs = {
  [N in AssistantToolName]: (api: ApiClient, input: AssistantToolInput<N>, signal: AbortSignal) => Promise<unknown>;
};

const VERBS: Verbs = {
  list_agents: async (api) => (await api.list('listAgents', {})).items.map((agent) => inShort(agent, OF_AGENT)),
  get_agent: (api, { agent }) => findAgent(api, agent),
  send_task: sendTask,
  get_task: (api, { task }) => api.call('getTask', { params: { id: task } }),
  list_workflows: async (api) =>
    (await api.list('listWorkflows', {})).items.map(({ id, name, version, document }) => ({
      id,
      name,
      version,
      description: document.description,
      inputs: document.inputs,
    })),
  run_workflow: runWorkflow,
  list_executions: async (api, { limit, status, search }) => {
    const query = { ...(status ? { status } : {}), ...(search ? { search } : {}) };
    return (await api.list('listExecutions', { query }, limit)).items.map((execution) =>
      inShort(execution, OF_EXECUTION),
    );
  },
  get_execution: (api, { execution }) => findExecution(api, execution),
  control_execution: controlExecution,
  list_inbox: async (api) => (await api.list('listInbox', { query: { state: 'open' } })).items,
  answer_inbox_item: answerInboxItem,
};

export function assistantTools(
  io: CommandIo,
  options: CommonOptions,
  signal: AbortSignal,
): McpServer<typeof ASSISTANT_TOOLS> {
  return {
    name: 'pointsman',
    version: productVersion(),
    tools: ASSISTANT_TOOLS,
    async call(name, args): Promise<McpToolResult> {
      try {
        // Looked for at each call: a server that was restarted may be elsewhere.
        const api = createApiClient(requireServer(io.env, options.home));
        const verb = VERBS[name] as (api: ApiClient, input: unknown, signal: AbortSignal) => Promise<unknown>; // its own input, by the table's type
        const found = await verb(api, args, signal);
        const data = Array.isArray(found) ? { items: found } : (found as Record<string, unknown>); // resources of the API are objects
        return { outcome: 'done', text: JSON.stringify(found), data };
      } catch (error) {
        if (error instanceof UsageError) return { outcome: 'refused', text: `${error.message} ${error.next}` };
        throw error;
      }
    },
    onError: (error) => io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`),
  };
}

/** A team may be 200 agents, and all of it is read by a model: what it is told and runs in is for get_agent. */
const OF_AGENT = [
  'id',
  'name',
  'kind',
  'role',
  'status',
  'statusReason',
  'statusSince',
  'capabilities',
  'tokens',
  'cost',
  'lastActivity',
  'currentTask',
  'heldBy',
] as const satisfies (keyof Agent)[];

/** What went in, came out and happened between them may be large: it is for get_execution. */
const OF_EXECUTION = [
  'id',
  'name',
  'workflowId',
  'version',
  'status',
  'usage',
  'createdBy',
  'createdAt',
  'startedAt',
  'error',
  'finishedAt',
] as const satisfies (keyof Execution)[];

/** These of its fields, where it has them. */
function inShort<T extends object>(whole: T, fields: readonly (keyof T)[]): Partial<T> {
  const kept = fields.filter((field) => whole[field] !== undefined).map((field) => [field, whole[field]]);
  return Object.fromEntries(kept) as Partial<T>;
}

async function sendTask(api: ApiClient, input: AssistantToolInput<'send_task'>, signal: AbortSignal): Promise<Task> {
  const { prompt, outputSchema, timeout, worktree } = input;
  const agent = await findAgent(api, input.agent);
  const sent = await api.call('createTask', {
    params: { id: agent.id },
    body: {
      prompt,
      ...(outputSchema ? { outputSchema } : {}),
      ...(timeout ? { timeout } : {}),
      ...(worktree ? { workspace: 'worktree' as const } : {}),
    },
  });
  const look = () => api.call('getTask', { params: { id: sent.id } });
  return input.wait ? waitFor(look, (task) => FINISHED_TASK.includes(task.status), { input, signal }) : sent;
}

async function runWorkflow(
  api: ApiClient,
  input: AssistantToolInput<'run_workflow'>,
  signal: AbortSignal,
): Promise<Execution> {
  const workflow = await findWorkflow(api, input.workflow);
  const started = await api.call('executeWorkflow', {
    params: { id: workflow.id },
    body: input.inputs ? { inputs: input.inputs } : {},
  });
  const look = () => api.call('getExecution', { params: { id: started.id } });
  const rests = ({ status }: Execution) => FINISHED_EXECUTION.includes(status) || status === 'waiting';
  return input.wait ? waitFor(look, rests, { input, signal }) : started;
}

const CONTROLS = {
  cancel: 'cancelExecution',
  pause: 'pauseExecution',
  resume: 'resumeExecution',
} as const;

async function controlExecution(
  api: ApiClient,
  { execution, action }: AssistantToolInput<'control_execution'>,
): Promise<Execution> {
  const { id } = await findExecution(api, execution);
  if (action === 'retry') return api.call('retryExecution', { params: { id }, body: {} });
  return api.call(CONTROLS[action], { params: { id } });
}

async function answerInboxItem(api: ApiClient, input: AssistantToolInput<'answer_inbox_item'>): Promise<unknown> {
  const { decision, hash, note, form } = input;
  const { id } = await findInboxItem(api, input.id);
  return api.call('resolveInboxItem', {
    params: { id },
    body: { decision, hash, ...(note === undefined ? {} : { note }), ...(form === undefined ? {} : { form }) },
  });
}

/** As it is when it fits, or when the time is up. */
async function waitFor<T>(
  look: () => Promise<T>,
  fits: (found: T) => boolean,
  { input, signal }: { input: { waitSeconds: number }; signal: AbortSignal },
): Promise<T> {
  const until = performance.now() + input.waitSeconds * 1000;
  for (;;) {
    const found = await look();
    if (fits(found) || performance.now() >= until || signal.aborted) return found;
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
