/** Rows of executions, with what they decided to do, what happened to them, and their logs. */
import type {
  Execution,
  ExecutionLogLine,
  ExecutionOrigin,
  ExecutionStatus,
  Step,
  StepError,
} from '../../contract/executions.ts';
import type { Usage } from '../../contract/tasks.ts';
import type { Limits } from '../../domain/budget.ts';

/** The budget of an execution: the document's, until somebody raises it. */
export interface StoredBudget {
  version: 1;
  limits: Limits;
  /** The open item that asks whether it may go on; it begins nothing meanwhile. */
  itemId: string | null;
}

export interface ExecutionRecord {
  id: string;
  workflowId: string | null;
  version: number;
  name: string;
  document: Record<string, unknown>;
  status: ExecutionStatus;
  inputs: Record<string, unknown>;
  /** The execution it goes on from; its first state then lies beside its checkpoints. */
  origin: ExecutionOrigin | null;
  outputs: unknown;
  error: StepError | null;
  usage: Usage;
  budget: StoredBudget | null;
  /** Since when it is paused, and for how long it was before. */
  pausedAt: string | null;
  pausedMs: number;
  createdBy: string;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

export interface Lease {
  executionId: string;
  owner: string;
  epoch: number;
}

export interface EffectRecord {
  executionId: string;
  key: string;
  kind: string;
  payload: Record<string, unknown>;
  status: 'intended' | 'started' | 'done';
  cancel: string | null;
  hostId: string | null;
  startedAt: string | null;
  /** How far its output was taken into the log, in bytes. */
  progress: { stdout: number; stderr: number } | null;
}

/** Everything one visit of the engine decided, committed together with its checkpoint or not at all. */
export interface Superstep {
  lease: Lease;
  execution: {
    status: ExecutionStatus;
    outputs?: unknown;
    error?: StepError;
    usage?: Usage;
    startedAt?: string;
    pausedAt?: string | null;
    pausedMs?: number;
    finishedAt?: string;
  };
  steps: Step[];
  takenMail: number[];
  newEffects: { key: string; kind: string; payload: Record<string, unknown> }[];
  cancelEffects: { key: string; reason: string }[];
  setTimers: { timerId: string; at: string }[];
  clearTimers: string[];
}

export interface ExecutionStore {
  /** Adds to what the execution has used; beside its lease, because agents report while others advance it. */
  addUsage(id: string, used: Usage): Promise<ExecutionRecord | null>;
  /** As it is now; nobody else changes it before this transaction ends. */
  lock(id: string): Promise<ExecutionRecord | null>;
  setBudget(id: string, budget: StoredBudget): Promise<void>;
  /** When the time of its budget is used up; null: not by itself. */
  setBudgetTimer(id: string, at: string | null): Promise<void>;
  /** Executions whose time is used up. */
  budgetsDue(now: string): Promise<string[]>;
  insert(execution: ExecutionRecord): Promise<void>;
  get(id: string): Promise<ExecutionRecord | null>;
  list(
    filter: { workflowId?: string; status?: ExecutionStatus },
    page: { limit: number; before?: string },
  ): Promise<ExecutionRecord[]>;
  steps(executionId: string): Promise<Step[]>;
  step(stepId: string): Promise<Step | null>;
  /** Steps that an execution takes over from another one, in their order. */
  insertSteps(executionId: string, steps: readonly Step[]): Promise<void>;
  setStepTask(stepId: string, taskId: string): Promise<void>;
  countOpen(workflowId: string): Promise<number>;

  /** Claims an execution for one worker; the epoch grows with every claim. Null while another holds it. */
  claim(executionId: string, owner: string, ttlMs: number): Promise<Lease | null>;
  /** False when the lease was lost. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  release(lease: Lease): Promise<void>;
  /** At the start of a process that knows its predecessor is dead. */
  expireLeases(ownerPrefix: string): Promise<number>;
  /** Open executions that nobody holds and that have mail waiting or never began. */
  stranded(limit: number): Promise<string[]>;
  open(): Promise<string[]>;

  /** Refused with LEASE_LOST when the epoch is not the newest. Returns what others write beside the lease, as it is now. */
  commit(superstep: Superstep): Promise<Pick<ExecutionRecord, 'usage' | 'budget'>>;

  post(executionId: string, events: readonly object[]): Promise<void>;
  mail(executionId: string, limit: number): Promise<{ id: number; event: unknown; at: string }[]>;

  effect(executionId: string, key: string): Promise<EffectRecord | null>;
  /** Intended or started effects, oldest first. */
  openEffects(filter?: { executionId?: string; kind?: string }): Promise<EffectRecord[]>;
  /** intended → started, once. */
  startEffect(executionId: string, key: string, hostId: string): Promise<boolean>;
  /** Stored together with the log lines it counts. */
  setProgress(executionId: string, key: string, progress: { stdout: number; stderr: number }): Promise<void>;
  /** → done, once; false when it was done already. */
  finishEffect(executionId: string, key: string): Promise<boolean>;

  /** Removes mail that was taken before a time. */
  pruneMail(before: string): Promise<void>;

  /** Due timers, removed and posted as `timer_fired` in one go; the executions concerned. */
  fireTimers(now: string): Promise<string[]>;
  nextTimer(): Promise<string | null>;

  appendLogs(executionId: string, lines: Omit<ExecutionLogLine, 'seq'>[]): Promise<ExecutionLogLine[]>;
  logs(executionId: string, page: { after: number; limit: number }): Promise<ExecutionLogLine[]>;
  checkpoints(
    executionId: string,
    page: { limit: number; before?: number },
  ): Promise<{ id: string; seq: number; at: string; status: ExecutionStatus; changed: string[] }[]>;
}

/** An execution as clients see it. */
export function executionView(record: ExecutionRecord, steps: Step[]): Execution {
  return {
    id: record.id,
    workflowId: record.workflowId,
    version: record.version,
    name: record.name,
    ...(record.origin ? { origin: record.origin } : {}),
    status: record.status,
    inputs: record.inputs,
    ...(record.outputs === null || record.outputs === undefined ? {} : { outputs: record.outputs }),
    ...(record.error ? { error: record.error } : {}),
    usage: record.usage,
    ...(record.budget
      ? {
          budget: {
            ...record.budget.limits,
            pausedMs: record.pausedMs,
            pausedAt: record.pausedAt,
            itemId: record.budget.itemId,
          },
        }
      : {}),
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    ...(record.finishedAt ? { finishedAt: record.finishedAt } : {}),
    steps,
  };
}
