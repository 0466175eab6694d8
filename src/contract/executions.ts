/** Executions and their steps on the wire. */
import { z } from 'zod';
import { ExecutionBudget } from './budgets.ts';
import { Id, Timestamp } from './identifiers.ts';
import { Usage } from './tasks.ts';

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
    /** The step of an earlier execution that this one was taken over from; it did not run here. */
    carriedFrom: Id.optional(),
    startedAt: Timestamp.optional(),
    finishedAt: Timestamp.optional(),
  })
  .meta({ id: 'Step' });
export type Step = z.infer<typeof Step>;

/** The execution that another one goes on from. `edited` names what was replaced, as JSON Pointers. */
export const ExecutionOrigin = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('retry'), executionId: Id, fromNode: z.string().optional() }),
    z.strictObject({
      kind: z.literal('fork'),
      executionId: Id,
      checkpoint: z.string(),
      edited: z.array(z.string()).optional(),
    }),
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
    status: ExecutionStatus,
    inputs: z.record(z.string(), z.unknown()),
    outputs: z.unknown().optional(),
    error: StepError.optional(),
    usage: Usage,
    /** Only where the document has one. */
    budget: ExecutionBudget.optional(),
    createdAt: Timestamp,
    startedAt: Timestamp.nullable(),
    finishedAt: Timestamp.optional(),
    steps: z.array(Step),
  })
  .meta({ id: 'Execution' });
export type Execution = z.infer<typeof Execution>;

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

export const Checkpoint = z
  .strictObject({
    id: z.string(),
    seq: z.number().int(),
    at: Timestamp,
    status: ExecutionStatus,
    changed: z.array(z.string()),
  })
  .meta({ id: 'Checkpoint' });

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
  .strictObject({ inputs: z.record(z.string(), z.unknown()).optional(), version: z.number().int().min(1).optional() })
  .meta({ id: 'ExecuteWorkflow' });

/** Without `fromNode` from everything that failed; without `version` on the document it was pinned to. */
export const RetryExecution = z
  .strictObject({ fromNode: z.string().min(1).max(64).optional(), version: z.number().int().min(1).optional() })
  .meta({ id: 'RetryExecution' });

export const ForkExecution = z
  .strictObject({
    checkpoint: z.string().min(1).max(64),
    edits: z
      .strictObject({
        inputs: z.record(z.string(), z.unknown()).optional(),
        nodes: z.record(z.string(), z.strictObject({ output: z.json() })).optional(),
      })
      .optional(),
  })
  .meta({ id: 'ForkExecution' });
export type ForkExecution = z.infer<typeof ForkExecution>;

export const Signal = z
  .strictObject({ name: z.string().min(1).max(200), data: z.unknown().optional() })
  .meta({ id: 'Signal' });
