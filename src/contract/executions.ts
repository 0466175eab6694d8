/** Executions and their steps on the wire. */
import { z } from 'zod';
import { ExecutionBudget } from './budgets.ts';
import { Id, Timestamp } from './identifiers.ts';
import { PinnedOutcomes } from './pinned-outcomes.ts';
import { Usage } from './tasks.ts';
import { TriggerKind } from './triggers.ts';

export const ExecutionStatus = z.enum(['queued', 'running', 'waiting', 'paused', 'succeeded', 'failed', 'cancelled']);
export type ExecutionStatus = z.infer<typeof ExecutionStatus>;
export const FINISHED_EXECUTION: readonly ExecutionStatus[] = ['succeeded', 'failed', 'cancelled'];

export const StepStatus = z.enum([
  'pending',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'skipped',
  'cancelled',
  'unknown',
]);
export type StepStatus = z.infer<typeof StepStatus>;

export const StepError = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    nodeId: z.string().optional(),
    path: z.string().optional(),
    /** The child execution in which it happened. */
    executionId: Id.optional(),
  })
  .meta({ id: 'StepError' });
export type StepError = z.infer<typeof StepError>;

export const Step = z
  .strictObject({
    id: Id,
    nodeId: z.string(),
    /** How often the node was entered by then, from 1. */
    iteration: z.number().int(),
    item: z.strictObject({ index: z.number().int(), key: z.string().optional() }).optional(),
    /** From 1; a retry is the next. */
    attempt: z.number().int(),
    status: StepStatus,
    reason: z.string().optional(),
    input: z.unknown().optional(),
    output: z.unknown().optional(),
    error: StepError.optional(),
    taskId: Id.optional(),
    /** The execution that a step of type `workflow` has started. */
    childExecutionId: Id.optional(),
    /** The step of an earlier execution that this one was taken over from; it did not run here. */
    carriedFrom: Id.optional(),
    /** Its outcome was given beforehand; it had no effect. */
    pinned: z.boolean().optional(),
    startedAt: Timestamp.optional(),
    finishedAt: Timestamp.optional(),
  })
  .meta({ id: 'Step' });
export type Step = z.infer<typeof Step>;

/** A node that a replay runs, and why; what is not reached does not run after all. */
export const ReplayedNode = z
  .strictObject({
    nodeId: z.string(),
    reason: z.enum(['new', 'changed', 'failed', 'not_reached', 'approval', 'depends']),
  })
  .meta({ id: 'ReplayedNode' });
export type ReplayedNode = z.infer<typeof ReplayedNode>;

/** The execution that another one goes on from. `edited` names what was replaced, as JSON Pointers. */
export const ExecutionOrigin = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('retry'), executionId: Id, fromNode: z.string().optional() }),
    z.strictObject({
      kind: z.literal('fork'),
      executionId: Id,
      checkpoint: z.string(),
      edited: z.array(z.string()).optional(),
      /** The commit with the files of the checkpoint, which its worktree was cut from. */
      files: z.string().optional(),
    }),
    z.strictObject({ kind: z.literal('replay'), executionId: Id, runs: z.array(ReplayedNode) }),
  ])
  .meta({ id: 'ExecutionOrigin' });
export type ExecutionOrigin = z.infer<typeof ExecutionOrigin>;

export const Execution = z
  .strictObject({
    id: Id,
    workflowId: Id.nullable(),
    /** The workflow's version it is pinned to; 0 for an inline document. */
    version: z.number().int(),
    name: z.string(),
    origin: ExecutionOrigin.optional(),
    /** The execution that has started it, and the step of it that waits for its end. */
    parentExecutionId: Id.optional(),
    parentStepId: Id.optional(),
    /** The trigger that has started it. */
    trigger: z.strictObject({ id: Id, kind: TriggerKind }).optional(),
    status: ExecutionStatus,
    inputs: z.record(z.string(), z.unknown()),
    outputs: z.unknown().optional(),
    error: StepError.optional(),
    usage: Usage,
    /** Nodes whose outcomes were given beforehand, of an execution that only tries the workflow. */
    pinned: z.array(z.string()).optional(),
    /** Only where the document has one. */
    budget: ExecutionBudget.optional(),
    /** The name of whoever started it, or of the execution above it; `trigger ID` where nobody did. */
    createdBy: z.string(),
    createdAt: Timestamp,
    startedAt: Timestamp.nullable(),
    finishedAt: Timestamp.optional(),
    steps: z.array(Step),
  })
  .meta({ id: 'Execution' });
export type Execution = z.infer<typeof Execution>;

const STATUSES = ExecutionStatus.options.join('|');

/** Which executions are meant. `search`: a part of the name, or the beginning or (from six characters on) the end of the id. */
export const ExecutionFilter = z.strictObject({
  workflow: Id.optional(),
  /** One status, or several with commas between them. */
  status: z
    .string()
    .regex(
      new RegExp(`^(${STATUSES})(,(${STATUSES}))*$`),
      `Write one or more of ${ExecutionStatus.options.join(', ')}.`,
    )
    .optional(),
  search: z
    .string()
    .min(1)
    .max(200)
    // oxlint-disable-next-line no-control-regex -- PostgreSQL has no text with it
    .regex(/^[^\u0000]*$/u)
    .optional(),
  startedAfter: Timestamp.optional(),
  startedBefore: Timestamp.optional(),
});
export type ExecutionFilter = z.infer<typeof ExecutionFilter>;

export const ExecutionLogLine = z
  .strictObject({
    seq: z.number().int(),
    at: Timestamp,
    stepId: Id.optional(),
    nodeId: z.string().optional(),
    stream: z.enum(['stdout', 'stderr', 'system']),
    text: z.string(),
  })
  .meta({ id: 'ExecutionLogLine' });
export type ExecutionLogLine = z.infer<typeof ExecutionLogLine>;

/** Which lines are meant. `search`: a text that the line shows, in upper or lower case. */
export const LogFilter = z.strictObject({
  node: z.string().min(1).max(64).optional(),
  step: Id.optional(),
  search: z
    .string()
    .min(1)
    .max(200)
    // oxlint-disable-next-line no-control-regex -- PostgreSQL has no text with it
    .regex(/^[^\u0000]*$/u)
    .optional(),
});
export type LogFilter = z.infer<typeof LogFilter>;

/** How many lines there are and where to begin to read: `marks` are the numbers of the first, the 1001st, … line. */
export const LogOutline = z
  .strictObject({
    lines: z.number().int(),
    every: z.number().int(),
    marks: z.array(z.number().int()),
    /** The number of the newest line; 0 without any. */
    last: z.number().int(),
  })
  .meta({ id: 'LogOutline' });
export type LogOutline = z.infer<typeof LogOutline>;

export const Checkpoint = z
  .strictObject({
    id: z.string(),
    seq: z.number().int(),
    at: Timestamp,
    status: ExecutionStatus,
    changed: z.array(z.string()),
    /** Whether a fork gets the files of then; only of an execution with a worktree of its own. */
    files: z.enum(['kept', 'lost']).optional(),
  })
  .meta({ id: 'Checkpoint' });
export type Checkpoint = z.infer<typeof Checkpoint>;

const ComparedExecution = z.strictObject({
  id: Id,
  workflowId: Id.nullable(),
  version: z.number().int(),
  status: ExecutionStatus,
  durationMs: z.number().nullable(),
});
const ComparedNode = z.strictObject({
  status: StepStatus,
  iterations: z.number().int(),
  attempts: z.number().int(),
  itemAttempts: z.number().int().optional(),
  /** Of all attempts that ended. */
  durationMs: z.number().nullable(),
  /** It did not run there, but was taken over from an earlier execution. */
  carried: z.boolean(),
});

/** Two executions side by side. `inputs` and `outputs` are JSON Pointers to what differs. */
export const ExecutionDifference = z
  .strictObject({
    a: ComparedExecution,
    b: ComparedExecution,
    inputs: z.array(z.string()),
    outputs: z.array(z.string()),
    nodes: z.array(
      z.strictObject({
        id: z.string(),
        a: ComparedNode.optional(),
        b: ComparedNode.optional(),
        output: z.enum(['equal', 'different', 'only_one']),
      }),
    ),
  })
  .meta({ id: 'ExecutionDifference' });
export type ExecutionDifference = z.infer<typeof ExecutionDifference>;

export const ExecuteWorkflow = z
  .strictObject({
    inputs: z.record(z.string(), z.unknown()).optional(),
    version: z.number().int().min(1).optional(),
    pinned: PinnedOutcomes.optional(),
  })
  .meta({ id: 'ExecuteWorkflow' });

/** Without `fromNode` from everything that failed; without `version` on the document it was pinned to. */
export const RetryExecution = z
  .strictObject({ fromNode: z.string().min(1).max(64).optional(), version: z.number().int().min(1).optional() })
  .meta({ id: 'RetryExecution' });

export const MOST_RETRIED = 100;

/**
 * Many at once: those named, or the newest that a filter finds. Without a status that is those that failed; what another
 * execution has started is left to that one, and what was retried already is not retried again.
 */
export const RetryExecutions = z
  .strictObject({
    ids: z.array(Id).min(1).max(MOST_RETRIED).optional(),
    filter: ExecutionFilter.optional(),
    limit: z.number().int().min(1).max(MOST_RETRIED).optional(),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    error: 'Give either `ids` or `filter`.',
    path: ['ids'],
  })
  .meta({ id: 'RetryExecutions' });

/** What became of each one. */
export const RetriedExecution = z
  .discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('retried'), executionId: Id, retry: Id }),
    z.strictObject({ outcome: z.literal('refused'), executionId: Id, code: z.string(), message: z.string() }),
  ])
  .meta({ id: 'RetriedExecution' });
export type RetriedExecution = z.infer<typeof RetriedExecution>;

/** On another version of its workflow, or on a document that is not saved. */
export const ReplayExecution = z
  .strictObject({
    version: z.number().int().min(1).optional(),
    workflow: z.union([z.record(z.string(), z.unknown()), z.string()]).optional(),
    pinned: PinnedOutcomes.optional(),
  })
  .refine(({ version, workflow }) => (version === undefined) !== (workflow === undefined), {
    error: 'Give either `version` or `workflow`.',
    path: ['version'],
  })
  .meta({ id: 'ReplayExecution' });

export const ForkExecution = z
  .strictObject({
    checkpoint: z.string().min(1).max(64),
    edits: z
      .strictObject({
        inputs: z.record(z.string(), z.unknown()).optional(),
        nodes: z.record(z.string(), z.strictObject({ output: z.json() })).optional(),
      })
      .optional(),
    /** With a worktree: its files as they were at the checkpoint (default), or as they are now. */
    files: z.enum(['checkpoint', 'newest']).optional(),
  })
  .meta({ id: 'ForkExecution' });
export type ForkExecution = z.infer<typeof ForkExecution>;

export const Signal = z
  .strictObject({ name: z.string().min(1).max(200), data: z.unknown().optional() })
  .meta({ id: 'Signal' });
