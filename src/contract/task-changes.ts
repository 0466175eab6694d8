/** What a task changed in its worktree, on the wire, and what became of it. */
import { z } from 'zod';

export const DiffLine = z.strictObject({
  type: z.enum(['context', 'add', 'delete']),
  text: z.string(),
  /** The last line of its file, and no newline ends it. */
  noNewline: z.literal(true).optional(),
});

export const DiffHunk = z.strictObject({
  /** What git shows after the second `@@`: the function or section it is in; often empty. */
  header: z.string(),
  oldStart: z.number().int(),
  oldLines: z.number().int(),
  newStart: z.number().int(),
  newLines: z.number().int(),
  lines: z.array(DiffLine),
});
export type DiffHunk = z.infer<typeof DiffHunk>;

export const DiffFile = z
  .strictObject({
    path: z.string(),
    /** Where it was before, when it was renamed. */
    oldPath: z.string().optional(),
    status: z.enum(['added', 'modified', 'deleted', 'renamed', 'type_changed']),
    additions: z.number().int(),
    deletions: z.number().int(),
    binary: z.boolean(),
    /** Empty for binary files, for changes of mode or name alone, and beyond where the diff was cut. */
    hunks: z.array(DiffHunk),
  })
  .meta({ id: 'DiffFile' });
export type DiffFile = z.infer<typeof DiffFile>;

export const TaskDiff = z
  .strictObject({
    /** The commit that the task began from. */
    base: z.string(),
    branch: z.string(),
    files: z.array(DiffFile),
    /** Of everything, also of what was cut. */
    stats: z.strictObject({ files: z.number().int(), additions: z.number().int(), deletions: z.number().int() }),
    /** The unified diff, cut at the end of a line when it is longer than 1 MiB. */
    text: z.string(),
    /** Files, hunks or text are not all there. */
    truncated: z.boolean(),
  })
  .meta({ id: 'TaskDiff' });
export type TaskDiff = z.infer<typeof TaskDiff>;

export const MergeOutcome = z
  .discriminatedUnion('outcome', [
    /** `commit`: what the source workspace has checked out now. */
    z.strictObject({ outcome: z.literal('merged'), commit: z.string() }),
    z.strictObject({ outcome: z.literal('conflict'), files: z.array(z.string()) }),
    z.strictObject({ outcome: z.literal('nothing_to_merge') }),
  ])
  .meta({ id: 'MergeOutcome' });
export type MergeOutcome = z.infer<typeof MergeOutcome>;
