/** Tasks: a unit of work handed to an agent, with the receipts of its delivery. */
import { z } from 'zod';
import { Id, Timestamp } from './identifiers.ts';

export const TaskStatus = z.enum([
  'queued',
  'delivering',
  'running',
  'blocked',
  'succeeded',
  'failed',
  'cancelled',
  'timed_out',
  'delivery_unknown',
]);
export type TaskStatus = z.infer<typeof TaskStatus>;

export const FINISHED_TASK: readonly TaskStatus[] = [
  'succeeded',
  'failed',
  'cancelled',
  'timed_out',
  'delivery_unknown',
];

export const Receipts = z.strictObject({
  acceptedAt: Timestamp,
  typedAt: Timestamp.nullable(),
  submittedAt: Timestamp.nullable(),
  turnStartedAt: Timestamp.nullable(),
  finishedAt: Timestamp.nullable(),
});
export type Receipts = z.infer<typeof Receipts>;

export const Usage = z
  .strictObject({ inputTokens: z.number(), outputTokens: z.number(), cost: z.number() })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof Usage>;
export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cost: 0 };

export const TaskError = z.strictObject({ code: z.string(), message: z.string() });

export const TaskResult = z.strictObject({
  text: z.string(),
  data: z.unknown().optional(),
  exitCode: z.number().int().optional(),
});

/** The git worktree a task works in; merged and discarded by /tasks/{id}/merge and /discard. */
export const TaskWorkspaceView = z.strictObject({
  path: z.string(),
  branch: z.string(),
  state: z.enum(['open', 'merged', 'discarded']),
});

/** What the agent says of how far it is: the data of `task.progress`. */
export const TaskProgress = z.strictObject({
  taskId: Id,
  at: Timestamp,
  message: z.string(),
  percent: z.number().optional(),
});
export type TaskProgress = z.infer<typeof TaskProgress>;

export const Task = z
  .strictObject({
    id: Id,
    agentId: Id,
    executionId: Id.optional(),
    stepId: Id.optional(),
    prompt: z.string(),
    status: TaskStatus,
    receipts: Receipts,
    result: TaskResult.optional(),
    usage: Usage,
    error: TaskError.optional(),
    /** Only of a task in a worktree, once that is there. */
    workspace: TaskWorkspaceView.optional(),
    createdAt: Timestamp,
  })
  .meta({ id: 'Task' });
export type Task = z.infer<typeof Task>;

/** Milliseconds of an ISO-8601 duration without years and months, e.g. PT10M; null when it is none. */
export function durationMs(text: string): number | null {
  const match =
    /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(
      text,
    );
  if (!match || text === 'P') return null;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return Math.round(((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
}

export const Duration = z
  .string()
  .max(60)
  .refine((text) => durationMs(text) !== null, 'must be an ISO-8601 duration such as PT10M');

/** Bytes of a text in UTF-8, counted without an encoder so that it runs anywhere. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}

/** Valid Unicode, line ends as LF, no control characters but tab and newline; 64 KB at most. */
export const Prompt = z
  .string()
  .min(1)
  .refine((text) => text.isWellFormed(), 'must be valid Unicode')
  .transform((text) => text.replaceAll('\r\n', '\n'))
  // oxlint-disable-next-line no-control-regex -- refusing control characters is the point
  .refine(
    (text) => !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u.test(text),
    'must not contain control characters other than tab and newline',
  )
  .refine((text) => utf8Length(text) <= 65_536, 'must be at most 64 KiB');

export const CreateTask = z
  .strictObject({
    prompt: Prompt,
    outputSchema: z.record(z.string(), z.unknown()).optional(),
    workspace: z.enum(['shared', 'worktree']).optional(),
    timeout: Duration.optional(),
  })
  .meta({ id: 'CreateTask' });
export type CreateTask = z.infer<typeof CreateTask>;
