/** Rows of executions, with what they decided to do, what happened to them, and their logs. */
import type {
  Checkpoint,
  Execution,
  ExecutionLogLine,
  LogFilter,
  LogOutline,
  ExecutionOrigin,
  ExecutionStatus,
  Step,
  StepError,
} from '../../contract/executions.ts';
import type { PinnedOutcomes } from '../../contract/pinned-outcomes.ts';
import type { Usage } from '../../contract/tasks.ts';
import type { TriggerKind } from '../../contract/triggers.ts';
import type { Limits } from '../../domain/budget.ts';
import type { NewCheckpoint } from '../checkpoints.ts';
import type { Notice } from '../event-bus.ts';
import type { NewEvent } from './events.ts';

/** The budget of an execution: the document's, until somebody raises it. */
export interface StoredBudget {
  version: 1;
  limits: Limits;
  /** The open item that asks whether it may go on; it begins nothing meanwhile. */
  itemId: string | null;
}

/** The step of another execution that an execution runs for. */
export interface ExecutionParent {
  executionId: string;
  stepId: string;
  /** The intent of that execution which is done when this one ends. */
  effectKey: string;
}

export interface ExecutionRecord {
  id: string;
  workflowId: string | null;
  version: number;
  name: string;
  /** With what is pinned in it, if anything is. */
  document: Record<string, unknown>;
  status: ExecutionStatus;
  inputs: Record<string, unknown>;
  /** The execution it goes on from; but for a replay its first state then lies beside its checkpoints. */
  origin: ExecutionOrigin | null;
  parent: ExecutionParent | null;
  /** How many executions are above it. */
  depth: number;
  /** The trigger that has started it. */
  trigger: { id: string; kind: TriggerKind } | null;
  /** How many executions, each started by a trigger because of the one before, led to it. */
  chain: number;
  /** Waits for others of its workflow to end; nobody may claim it before. */
  inLine: boolean;
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

/** Without the document, as lists have it. */
export type ExecutionSummary = Omit<ExecutionRecord, 'document'>;

export interface Lease {
  executionId: string;
  owner: string;
  epoch: number;
}

/** Of an execution that is claimed in the moment it is stored. */
export function firstLease(executionId: string, owner: string): Lease {
  return { executionId, owner, epoch: 1 };
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
  /** Whose outcomes were handed to the visit itself: done with this commit, and kept among the mail that was taken. */
  endedEffects: { key: string; event: object }[];
  newEffects: { key: string; kind: string; payload: Record<string, unknown> }[];
  cancelEffects: { key: string; reason: string }[];
  setTimers: { timerId: string; at: string }[];
  clearTimers: string[];
  checkpoints: readonly NewCheckpoint[];
}

/** What the first visit of a new execution decided: it takes the mail that it begins with, and nothing was there before. */
export type FirstVisit = Pick<Superstep, 'steps' | 'newEffects' | 'setTimers' | 'checkpoints'>;

/** Something that happened to an execution, as it lies in its mailbox. */
export interface Letter {
  id: number;
  event: unknown;
  at: string;
}

/** What is left out does not matter. */
export interface ExecutionQuery {
  workflowId?: string;
  statuses?: readonly ExecutionStatus[];
  /** Null: only those that no other one has started. */
  parent?: string | null;
  /** A part of the name in any capitals, or the beginning or end of the id, as `namesId` says. */
  search?: string;
  startedAfter?: string;
  startedBefore?: string;
  /** Only those that no other execution is a retry of. */
  notRetried?: true;
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
  /**
   * A new execution with its first mail, as one commit by itself, with what it announces. With `claim` it is held from
   * the first moment on, until its end, with its first lease, so that whoever stores it can advance it without reading
   * anything. With `visit` it is stored as it is after that visit, together with what was decided; its mail has been taken.
   */
  begin(
    beginning: {
      execution: ExecutionRecord;
      events: readonly object[];
      claim: { owner: string; ttlMs: number } | null;
      visit?: FirstVisit;
    },
    announced: { events: readonly NewEvent[]; notices: readonly Notice[] },
  ): Promise<Letter[]>;
  get(id: string): Promise<ExecutionRecord | null>;
  /** Whether it is stored, and so can be shown, retried and forked. */
  has(id: string): Promise<boolean>;
  list(filter: ExecutionQuery, page: { limit: number; before?: string }): Promise<ExecutionSummary[]>;
  steps(executionId: string): Promise<Step[]>;
  step(stepId: string): Promise<Step | null>;
  /** Steps that an execution takes over from another one, in their order. */
  insertSteps(executionId: string, steps: readonly Step[]): Promise<void>;
  setStepTask(stepId: string, taskId: string): Promise<void>;
  countOpen(workflowId: string): Promise<number>;
  /**
   * Open executions of a workflow, oldest first. `forChildOf`: without those that cannot end before this one has, because
   * they have started it, stand in line behind it, or so on: a child of it that waited for them would wait for itself.
   */
  openOf(workflowId: string, forChildOf: string | null): Promise<{ id: string; inLine: boolean }[]>;
  /**
   * Those in line that wait for nothing any more, and those whose step has had its time by `now`. Each waits for what is
   * under way of its workflow and for who came before it; a child not for what `openOf` leaves out. `nextDeadline`: when
   * the time of another one is up.
   */
  leavingLine(now: string): Promise<{
    leaving: { id: string; workflowId: string; deadline: string | null }[];
    nextDeadline: string | null;
  }>;
  /** Once; false when it does not wait in line. */
  leaveLine(id: string): Promise<boolean>;
  /** Executions that this one has started and that have not ended. */
  openChildren(id: string): Promise<{ id: string; effectKey: string }[]>;
  /** All executions below it, at any depth, ended or not. */
  descendants(id: string): Promise<string[]>;

  /** Claims an execution for one worker until the commit of its end; the epoch grows with every claim. Null while another holds it. */
  claim(executionId: string, owner: string, ttlMs: number): Promise<Lease | null>;
  /** False when the lease was lost. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  release(lease: Lease): Promise<void>;
  /** At the start of a process that knows its predecessor is dead. */
  expireLeases(ownerPrefix: string): Promise<number>;
  /** Open executions that nobody holds and that have mail waiting or never began. */
  stranded(limit: number): Promise<string[]>;
  open(): Promise<string[]>;

  /**
   * Refused with LEASE_LOST when the epoch is not the newest. Returns what others write beside the lease, as it is now.
   * One commit by itself, with what it announces; inside a transaction, the transaction announces.
   */
  commit(
    superstep: Superstep,
    announced?: { events: readonly NewEvent[]; notices: readonly Notice[] },
  ): Promise<Pick<ExecutionRecord, 'usage' | 'budget'>>;

  post(executionId: string, events: readonly object[]): Promise<void>;
  mail(executionId: string, limit: number): Promise<Letter[]>;

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
  /** In the order of their numbers; with `before` and no `after` the last ones before it. */
  logs(
    executionId: string,
    page: LogFilter & { after?: number; before?: number; limit: number },
  ): Promise<ExecutionLogLine[]>;
  logOutline(executionId: string, filter: LogFilter & { every: number }): Promise<LogOutline>;
  checkpoints(executionId: string, page: { limit: number; before?: number }): Promise<Checkpoint[]>;
}

/** A step as every store gives it back: without what is null, and pinned when that is its reason. */
export function storedStep({ input, output, ...step }: Step): Step {
  return {
    ...step,
    ...(step.reason === 'pinned' ? { pinned: true } : {}),
    ...(input === null || input === undefined ? {} : { input }),
    ...(output === null || output === undefined ? {} : { output }),
  };
}

/** An execution as clients see it. */
export function executionView(record: ExecutionSummary & Partial<ExecutionRecord>, steps: Step[]): Execution {
  // Checked when it was started; lists do not read documents and leave it out.
  const pinned = Object.keys((record.document?.['pinned'] ?? {}) as PinnedOutcomes);
  return {
    id: record.id,
    workflowId: record.workflowId,
    version: record.version,
    name: record.name,
    ...(record.origin ? { origin: record.origin } : {}),
    ...(record.trigger ? { trigger: record.trigger } : {}),
    ...(record.parent ? { parentExecutionId: record.parent.executionId, parentStepId: record.parent.stepId } : {}),
    status: record.status,
    inputs: record.inputs,
    ...(record.outputs === null || record.outputs === undefined ? {} : { outputs: record.outputs }),
    ...(record.error ? { error: record.error } : {}),
    usage: record.usage,
    ...(pinned.length > 0 ? { pinned } : {}),
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
    createdBy: record.createdBy,
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    ...(record.finishedAt ? { finishedAt: record.finishedAt } : {}),
    steps,
  };
}
