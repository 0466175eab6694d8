/** Rows of agents, their tasks and measurements. */
import type { AgentDefinition } from '../../contract/agent-definitions.ts';
import type { AgentKind, AgentStatus } from '../../contract/agents.ts';
import type { AgentBudget, AgentHold } from '../../contract/budgets.ts';
import type { Receipts, Task, TaskStatus, Usage } from '../../contract/tasks.ts';
import type { SessionRef } from '../agent-host.ts';

export interface AgentRecord {
  id: string;
  name: string;
  kind: AgentKind;
  mode: 'tmux' | 'headless';
  role: string;
  model: string | null;
  status: AgentStatus;
  statusReason: string;
  statusSource: string;
  statusSince: string;
  desired: 'running' | 'stopped';
  /** `path`: what it was given. With isolation `worktree`, after its first start, also where its own worktree is. */
  workspace: { path: string; isolation: 'shared' | 'worktree'; branch?: string; worktree?: string };
  capabilities: string[];
  instructions: string | null;
  /** What its definition said when it was last readable; null for an agent with instructions of its own, or none. */
  definition: ({ version: 1 } & AgentDefinition) | null;
  permissionMode: string | null;
  command: string[] | null;
  env: Record<string, string>;
  autostart: boolean;
  hostId: string;
  session: SessionRef | null;
  /** Times of automatic restarts, for the back-off. */
  restarts: string[];
  seat: { by: string; since: string } | null;
  cpu: number;
  memory: number;
  tokens: number;
  cost: number;
  /** What each of its conversations has used so far, by the CLI's id of the conversation. */
  usageMarks: Record<string, Usage>;
  budget: AgentBudget | null;
  held: AgentHold | null;
  lastActivity: string | null;
  createdAt: string;
}

export type AgentChanges = Partial<Omit<AgentRecord, 'id' | 'createdAt' | 'kind' | 'mode'>>;

export interface AgentStore {
  insert(agent: AgentRecord): Promise<'inserted' | 'name_taken'>;
  get(id: string): Promise<AgentRecord | null>;
  /** As it is now; nobody else changes it before this transaction ends. */
  lock(id: string): Promise<AgentRecord | null>;
  /** Agents that begin no task because a budget is used up. */
  held(): Promise<AgentRecord[]>;
  getByName(name: string): Promise<AgentRecord | null>;
  list(page?: { limit: number; after?: string }): Promise<AgentRecord[]>;
  update(id: string, changes: AgentChanges): Promise<AgentRecord | null>;
  /** Takes a free seat, or any with `force`; null when somebody else holds it. */
  takeSeat(id: string, seat: { by: string; since: string }, force: boolean): Promise<AgentRecord | null>;
  remove(id: string): Promise<void>;
  /** One statement for all: newest sample into the agents and their history. */
  measured(at: string, samples: { agentId: string; cpu: number; memory: number }[]): Promise<void>;
  metrics(
    agentId: string,
    since: string,
  ): Promise<{ at: string; cpu: number; memory: number; tokens: number; cost: number }[]>;
  /** CPU of every agent that has samples since then, oldest first. */
  loads(since: string): Promise<{ agentId: string; cpu: number[] }[]>;
  pruneMetrics(before: string): Promise<void>;
}

/** Where a task works, when that is not simply where its agent lives. */
export interface TaskWorkspace {
  version: 1;
  /** A directory other than the agent's own; null: the agent's own, or not known until it is made. */
  directory: string | null;
  worktree?: TaskWorktree;
}

export interface TaskWorktree {
  /** Whose it is; only that of a task or of one step holds nobody else's work. */
  of: 'task' | 'step' | 'agent' | 'execution';
  /** The directory it was cut from, and whose branch it is merged into. */
  source: string;
  /** Its name among the workspaces. */
  name: string;
  /** Once it is made, which is before the prompt is typed. */
  path?: string;
  branch?: string;
  /** Commits of how it was when the task began, and when it ended. */
  base?: string;
  end?: string;
  /** What the source had checked out after the merge. */
  merged?: string;
  discarded?: true;
}

/** What an agent itself said of its task, by the tool complete_task: it counts, however the turn then ends. */
export type TaskCompletion = { version: 1; at: string } & (
  | { status: 'succeeded'; result: NonNullable<Task['result']> }
  | { status: 'failed'; result: NonNullable<Task['result']>; error: { code: string; message: string } }
);

/** The one time an agent was told that its answer does not fit the task's schema. */
export interface TaskRepair {
  version: 1;
  /** The prompt that says so, under an id of its own for its delivery; null when a tool said it. */
  prompt: { id: string; text: string } | null;
}

/** Which agent handed the task over, and how many hand-overs lie behind it. */
export interface TaskDelegation {
  version: 1;
  taskId: string;
  agentId: string;
  /** From 1. */
  depth: number;
  /** The execution for which it was sent; what it uses is booked there too. */
  executionId: string | null;
}

export interface TaskRecord extends Omit<Task, 'workspace'> {
  workspace: TaskWorkspace | null;
  effectKey: string | null;
  outputSchema: Record<string, unknown> | null;
  timeoutMs: number | null;
  stopping: 'cancelled' | 'timed_out' | null;
  createdBy: string;
  completion: TaskCompletion | null;
  repair: TaskRepair | null;
  delegation: TaskDelegation | null;
  /** `fresh`: the agent begins a new conversation for it. */
  session: 'reuse' | 'fresh';
}

export type TaskChanges = Partial<
  Pick<TaskRecord, 'status' | 'result' | 'error' | 'stopping' | 'workspace' | 'completion' | 'repair'>
> & {
  receipts?: Partial<Receipts>;
};

export interface TaskStore {
  /** Does nothing when the effect has its task already. */
  insert(task: TaskRecord): Promise<'inserted' | 'exists'>;
  get(id: string): Promise<TaskRecord | null>;
  byEffect(executionId: string, effectKey: string): Promise<TaskRecord | null>;
  list(agentId: string, page: { limit: number; before?: string }): Promise<TaskRecord[]>;
  /** Adds to what a task has used, also after its end: the last count may come after it. Null when there is no such task. */
  addUsage(id: string, used: Usage): Promise<TaskRecord | null>;
  /** Tasks without an end, oldest first. */
  open(agentId?: string): Promise<TaskRecord[]>;
  /** The oldest queued task of an agent; those of an execution that is paused, or over its budget, wait. */
  nextQueued(agentId: string): Promise<TaskRecord | null>;
  /** What each agent used for an execution, by tasks of its steps and by tasks that these sent; the most expensive first. */
  usageByAgent(executionId: string): Promise<{ agent: string; usage: Usage }[]>;
  /** Queued tasks of steps that have a timeout. */
  queuedWithTimeout(): Promise<TaskRecord[]>;
  /** Changes a task that has no end yet and, when given, is in one of `from`; null when it was not so. */
  update(id: string, changes: TaskChanges, from?: readonly TaskStatus[]): Promise<TaskRecord | null>;
  /** Every task that works or worked in the worktree of this name, oldest first. */
  inWorktree(name: string): Promise<TaskRecord[]>;
  /** What became of a task's changes, also after its end. */
  changeWorktree(id: string, worktree: TaskWorktree): Promise<TaskRecord | null>;
}
