/**
 * Every REST route, declared once: the server registers them, the OpenAPI document and the typed client come from them.
 * A route without a permission does not exist: the type asks for one.
 */
import { z } from 'zod';
import { Agent, AgentExplanation, AgentInput, AgentMetrics, AgentScreen, CreateAgent, Seat, UpdateAgent } from './agents.ts';
import { Checkpoint, ExecuteWorkflow, Execution, ExecutionLogLine, ExecutionStatus, Signal } from './executions.ts';
import { CreatedToken, CreateToken, CreateUser, ExchangeCode, Login, Me, type Permission, Token, UpdateUser, User } from './identity.ts';
import { Id, PageQuery } from './identifiers.ts';
import { InboxItem, InboxItemState, InboxItemType, ResolveInboxItem } from './inbox.ts';
import { NamedStateEntry, PutState, StateEntry, StateName } from './shared-state.ts';
import { CreateTask, Task } from './tasks.ts';
import { CompiledGraph, ValidationResult, Workflow, WorkflowVersion } from './workflows.ts';

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Full path with `{name}` parameters. */
  path: string;
  summary: string;
  tag: string;
  /** 'public' needs no identity; the list of public routes is a test. */
  permission: 'public' | Permission;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** Raw: the handler reads text of any kind (a workflow in YAML). */
  bodyIsText?: true;
  /** Status of success and its body; null: no body. */
  status: 200 | 201 | 202 | 204;
  response: z.ZodType | null;
  /** Creation: honours Idempotency-Key. */
  idempotent?: true;
  /** The body is an array and `Link: <…>; rel="next"` leads on. */
  paged?: true;
}

const AgentParams = z.strictObject({ id: Id });
const IdParams = z.strictObject({ id: Id });
const Document = z.record(z.string(), z.unknown()).meta({ id: 'WorkflowDocument', description: 'See /api/workflow.schema.json' });
const DraftQuery = z.strictObject({ draft: z.enum(['true', 'false']).optional(), note: z.string().max(500).optional() });
const StateParams = z.strictObject({ namespace: StateName, key: StateName });
const NoQuery = z.strictObject({});

export const routes = {
  // agents
  listAgents: { method: 'GET', path: '/api/agents', tag: 'agents', summary: 'List the agents', permission: 'read', query: PageQuery, status: 200, response: z.array(Agent), paged: true },
  createAgent: { method: 'POST', path: '/api/agents', tag: 'agents', summary: 'Create an agent', permission: 'administer', body: CreateAgent, status: 201, response: Agent, idempotent: true },
  getAgent: { method: 'GET', path: '/api/agents/{id}', tag: 'agents', summary: 'One agent', permission: 'read', params: AgentParams, status: 200, response: Agent },
  updateAgent: { method: 'PATCH', path: '/api/agents/{id}', tag: 'agents', summary: 'Change an agent; it applies from its next start', permission: 'operate', params: AgentParams, body: UpdateAgent, status: 200, response: Agent },
  deleteAgent: { method: 'DELETE', path: '/api/agents/{id}', tag: 'agents', summary: 'Stop and remove an agent', permission: 'administer', params: AgentParams, status: 204, response: null },
  startAgent: { method: 'POST', path: '/api/agents/{id}/start', tag: 'agents', summary: 'Start it', permission: 'operate', params: AgentParams, status: 202, response: Agent },
  stopAgent: { method: 'POST', path: '/api/agents/{id}/stop', tag: 'agents', summary: 'Stop it and its process tree', permission: 'operate', params: AgentParams, status: 202, response: Agent },
  restartAgent: { method: 'POST', path: '/api/agents/{id}/restart', tag: 'agents', summary: 'Stop and start it', permission: 'operate', params: AgentParams, status: 202, response: Agent },
  interruptAgent: { method: 'POST', path: '/api/agents/{id}/interrupt', tag: 'agents', summary: 'End the running task as cancelled', permission: 'operate', params: AgentParams, status: 202, response: Agent },
  createTask: { method: 'POST', path: '/api/agents/{id}/tasks', tag: 'tasks', summary: 'Hand a task to an agent', permission: 'operate', params: AgentParams, body: CreateTask, status: 202, response: Task, idempotent: true },
  listAgentTasks: { method: 'GET', path: '/api/agents/{id}/tasks', tag: 'tasks', summary: 'Tasks of an agent, newest first', permission: 'read', params: AgentParams, query: PageQuery, status: 200, response: z.array(Task), paged: true },
  getTask: { method: 'GET', path: '/api/tasks/{id}', tag: 'tasks', summary: 'One task', permission: 'read', params: IdParams, status: 200, response: Task },
  cancelTask: { method: 'POST', path: '/api/tasks/{id}/cancel', tag: 'tasks', summary: 'Cancel a task, also one that runs', permission: 'operate', params: IdParams, status: 202, response: Task },
  takeSeat: { method: 'PUT', path: '/api/agents/{id}/seat', tag: 'agents', summary: 'Take the right to type', permission: 'operate', params: AgentParams, query: z.strictObject({ force: z.enum(['true', 'false']).optional() }), status: 200, response: Seat },
  giveSeat: { method: 'DELETE', path: '/api/agents/{id}/seat', tag: 'agents', summary: 'Give up the right to type', permission: 'operate', params: AgentParams, status: 204, response: null },
  sendInput: { method: 'POST', path: '/api/agents/{id}/input', tag: 'agents', summary: 'Type into the live session; needs the seat', permission: 'operate', params: AgentParams, body: AgentInput, status: 204, response: null },
  getScreen: { method: 'GET', path: '/api/agents/{id}/screen', tag: 'agents', summary: 'What the terminal shows', permission: 'read', params: AgentParams, query: z.strictObject({ format: z.enum(['text', 'ansi']).optional(), scrollback: z.coerce.number().int().min(0).max(5000).optional() }), status: 200, response: AgentScreen },
  explainAgent: { method: 'GET', path: '/api/agents/{id}/explain', tag: 'agents', summary: 'The evidence behind the status', permission: 'read', params: AgentParams, status: 200, response: AgentExplanation },
  getTranscript: { method: 'GET', path: '/api/agents/{id}/transcript', tag: 'agents', summary: 'The conversation: prompts and results', permission: 'read', params: AgentParams, query: PageQuery, status: 200, response: z.array(z.strictObject({ role: z.enum(['user', 'assistant']), text: z.string(), at: z.string(), taskId: Id })), paged: true },
  getAgentMetrics: { method: 'GET', path: '/api/agents/{id}/metrics', tag: 'agents', summary: 'CPU, memory, tokens and cost over time', permission: 'read', params: AgentParams, status: 200, response: AgentMetrics },
  // inbox
  listInbox: { method: 'GET', path: '/api/inbox', tag: 'inbox', summary: 'What waits for a person, oldest first', permission: 'read', query: PageQuery.extend({ state: InboxItemState.optional(), type: InboxItemType.optional() }), status: 200, response: z.array(InboxItem), paged: true },
  getInboxItem: { method: 'GET', path: '/api/inbox/{id}', tag: 'inbox', summary: 'One item', permission: 'read', params: IdParams, status: 200, response: InboxItem },
  resolveInboxItem: { method: 'POST', path: '/api/inbox/{id}/resolve', tag: 'inbox', summary: 'Answer an item for exactly what was shown', permission: 'operate', params: IdParams, body: ResolveInboxItem, status: 200, response: InboxItem },
  // workflows
  listWorkflows: { method: 'GET', path: '/api/workflows', tag: 'workflows', summary: 'List the workflows', permission: 'read', query: PageQuery, status: 200, response: z.array(Workflow), paged: true },
  createWorkflow: { method: 'POST', path: '/api/workflows', tag: 'workflows', summary: 'Save a workflow document (JSON or YAML)', permission: 'operate', query: DraftQuery, body: Document, bodyIsText: true, status: 201, response: Workflow, idempotent: true },
  validateWorkflow: { method: 'POST', path: '/api/workflows/validate', tag: 'workflows', summary: 'Check any JSON or YAML; starts nothing', permission: 'read', body: z.unknown(), bodyIsText: true, status: 200, response: ValidationResult },
  getWorkflow: { method: 'GET', path: '/api/workflows/{id}', tag: 'workflows', summary: 'One workflow', permission: 'read', params: IdParams, status: 200, response: Workflow },
  updateWorkflow: { method: 'PUT', path: '/api/workflows/{id}', tag: 'workflows', summary: 'Save a new version (If-Match: version)', permission: 'operate', params: IdParams, query: DraftQuery, body: Document, bodyIsText: true, status: 200, response: Workflow },
  deleteWorkflow: { method: 'DELETE', path: '/api/workflows/{id}', tag: 'workflows', summary: 'Remove a workflow; its executions stay', permission: 'operate', params: IdParams, status: 204, response: null },
  promoteWorkflow: { method: 'POST', path: '/api/workflows/{id}/promote', tag: 'workflows', summary: 'Make a version the live one', permission: 'operate', params: IdParams, body: z.strictObject({ version: z.number().int().min(1) }), status: 200, response: Workflow },
  listWorkflowVersions: { method: 'GET', path: '/api/workflows/{id}/versions', tag: 'workflows', summary: 'Versions, newest first', permission: 'read', params: IdParams, query: PageQuery, status: 200, response: z.array(WorkflowVersion), paged: true },
  getWorkflowVersion: { method: 'GET', path: '/api/workflows/{id}/versions/{version}', tag: 'workflows', summary: 'One version', permission: 'read', params: z.strictObject({ id: Id, version: z.coerce.number().int().min(1) }), status: 200, response: WorkflowVersion },
  getWorkflowGraph: { method: 'GET', path: '/api/workflows/{id}/graph', tag: 'workflows', summary: 'The compiled graph as JSON and Mermaid', permission: 'read', params: IdParams, query: z.strictObject({ version: z.coerce.number().int().min(1).optional() }), status: 200, response: CompiledGraph },
  getWorkflowSchema: { method: 'GET', path: '/api/workflow.schema.json', tag: 'workflows', summary: 'JSON Schema of the document', permission: 'read', status: 200, response: z.record(z.string(), z.unknown()) },
  executeWorkflow: { method: 'POST', path: '/api/workflows/{id}/execute', tag: 'executions', summary: 'Execute a saved workflow', permission: 'operate', params: IdParams, body: ExecuteWorkflow, status: 202, response: Execution, idempotent: true },
  executeInline: { method: 'POST', path: '/api/workflow/execute', tag: 'executions', summary: 'Execute a document that is not saved', permission: 'operate', body: z.strictObject({ workflow: z.union([Document, z.string()]), inputs: z.record(z.string(), z.unknown()).optional() }).meta({ id: 'ExecuteInline' }), status: 202, response: Execution, idempotent: true },
  // executions
  listExecutions: { method: 'GET', path: '/api/executions', tag: 'executions', summary: 'Executions, newest first', permission: 'read', query: PageQuery.extend({ workflow: Id.optional(), status: ExecutionStatus.optional() }), status: 200, response: z.array(Execution), paged: true },
  getExecution: { method: 'GET', path: '/api/executions/{id}', tag: 'executions', summary: 'One execution with its steps', permission: 'read', params: IdParams, status: 200, response: Execution },
  getExecutionGraph: { method: 'GET', path: '/api/executions/{id}/graph', tag: 'executions', summary: 'The graph this execution is pinned to', permission: 'read', params: IdParams, status: 200, response: CompiledGraph },
  getExecutionLogs: { method: 'GET', path: '/api/executions/{id}/logs', tag: 'executions', summary: 'Log lines after a number', permission: 'read', params: IdParams, query: z.strictObject({ after: z.coerce.number().int().min(0).optional(), limit: z.coerce.number().int().min(1).max(1000).optional() }), status: 200, response: z.array(ExecutionLogLine) },
  listCheckpoints: { method: 'GET', path: '/api/executions/{id}/checkpoints', tag: 'executions', summary: 'Checkpoints, newest first', permission: 'read', params: IdParams, query: PageQuery, status: 200, response: z.array(Checkpoint), paged: true },
  cancelExecution: { method: 'POST', path: '/api/executions/{id}/cancel', tag: 'executions', summary: 'Cancel it', permission: 'operate', params: IdParams, status: 202, response: Execution },
  pauseExecution: { method: 'POST', path: '/api/executions/{id}/pause', tag: 'executions', summary: 'Start nothing new', permission: 'operate', params: IdParams, status: 202, response: Execution },
  resumeExecution: { method: 'POST', path: '/api/executions/{id}/resume', tag: 'executions', summary: 'Go on after a pause', permission: 'operate', params: IdParams, status: 202, response: Execution },
  signalExecution: { method: 'POST', path: '/api/executions/{id}/signals', tag: 'executions', summary: 'Send an event that a wait node takes', permission: 'operate', params: IdParams, body: Signal, status: 202, response: Execution, idempotent: true },
  // shared state
  listState: { method: 'GET', path: '/api/state/{namespace}', tag: 'state', summary: 'Keys and values of a namespace', permission: 'read', params: z.strictObject({ namespace: StateName }), query: PageQuery, status: 200, response: z.array(NamedStateEntry), paged: true },
  getState: { method: 'GET', path: '/api/state/{namespace}/{key}', tag: 'state', summary: 'One value', permission: 'read', params: StateParams, status: 200, response: StateEntry },
  putState: { method: 'PUT', path: '/api/state/{namespace}/{key}', tag: 'state', summary: 'Set a value (If-Match: version)', permission: 'operate', params: StateParams, body: PutState, status: 200, response: StateEntry },
  deleteState: { method: 'DELETE', path: '/api/state/{namespace}/{key}', tag: 'state', summary: 'Remove a value', permission: 'operate', params: StateParams, status: 204, response: null },
  // identity
  exchangeCode: { method: 'POST', path: '/api/auth/exchange', tag: 'auth', summary: 'Turn a one-time code into a session', permission: 'public', body: ExchangeCode, status: 200, response: Me },
  login: { method: 'POST', path: '/api/auth/login', tag: 'auth', summary: 'Sign in with name and password', permission: 'public', body: Login, status: 200, response: Me },
  refresh: { method: 'POST', path: '/api/auth/refresh', tag: 'auth', summary: 'Renew the session', permission: 'public', status: 200, response: Me },
  logout: { method: 'POST', path: '/api/auth/logout', tag: 'auth', summary: 'End this session', permission: 'read', status: 204, response: null },
  createSignInLink: { method: 'POST', path: '/api/auth/links', tag: 'auth', summary: 'A new one-time sign-in code', permission: 'administer', status: 201, response: z.strictObject({ code: z.string(), expiresAt: z.string() }) },
  getMe: { method: 'GET', path: '/api/me', tag: 'auth', summary: 'Who you are', permission: 'read', status: 200, response: Me },
  listUsers: { method: 'GET', path: '/api/users', tag: 'auth', summary: 'People', permission: 'administer', query: PageQuery, status: 200, response: z.array(User), paged: true },
  createUser: { method: 'POST', path: '/api/users', tag: 'auth', summary: 'Add a person', permission: 'administer', body: CreateUser, status: 201, response: User, idempotent: true },
  updateUser: { method: 'PATCH', path: '/api/users/{id}', tag: 'auth', summary: 'Change role, password or rights', permission: 'administer', params: IdParams, body: UpdateUser, status: 200, response: User },
  listTokens: { method: 'GET', path: '/api/tokens', tag: 'auth', summary: 'API tokens, without their secrets', permission: 'administer', query: PageQuery, status: 200, response: z.array(Token), paged: true },
  createToken: { method: 'POST', path: '/api/tokens', tag: 'auth', summary: 'Create an API token; shown once', permission: 'administer', body: CreateToken, status: 201, response: CreatedToken },
  revokeToken: { method: 'DELETE', path: '/api/tokens/{id}', tag: 'auth', summary: 'Revoke a token', permission: 'administer', params: IdParams, status: 204, response: null },
  // operations
  listHosts: { method: 'GET', path: '/api/hosts', tag: 'operations', summary: 'Machines that run agents', permission: 'read', query: NoQuery, status: 200, response: z.array(z.strictObject({ id: z.string(), name: z.string(), roles: z.array(z.string()), startedAt: z.string(), lastSeenAt: z.string(), agents: z.number().int() })) },
  getDoctor: { method: 'GET', path: '/api/doctor', tag: 'operations', summary: 'Checks of this installation', permission: 'read', query: NoQuery, status: 200, response: z.array(z.strictObject({ check: z.string(), status: z.enum(['ok', 'warning', 'failed']), detail: z.string(), next: z.string().optional() })) },
  getHealth: { method: 'GET', path: '/healthz', tag: 'operations', summary: 'The process is alive', permission: 'public', status: 200, response: z.strictObject({ status: z.literal('ok') }) },
  getReadiness: { method: 'GET', path: '/readyz', tag: 'operations', summary: 'It can serve; reasons need identity', permission: 'public', status: 200, response: z.strictObject({ status: z.enum(['ready', 'starting', 'unavailable']), checks: z.record(z.string(), z.strictObject({ ok: z.boolean(), detail: z.string() })).optional() }) },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

type Out<T> = T extends z.ZodType ? z.output<T> : undefined;
export type RouteParams<N extends RouteName> = (typeof routes)[N] extends { params: infer P } ? Out<P> : undefined;
export type RouteQuery<N extends RouteName> = (typeof routes)[N] extends { query: infer Q } ? Out<Q> : undefined;
export type RouteBody<N extends RouteName> = (typeof routes)[N] extends { body: infer B } ? Out<B> : undefined;
export type RouteResponse<N extends RouteName> = (typeof routes)[N]['response'] extends null ? undefined : Out<(typeof routes)[N]['response']>;
