/** What nodes are said to give in an execution that only tries a workflow: they have no effect there. */
import { z } from 'zod';
import type { WorkflowDocument } from './workflow-document.ts';

/** How a visit of the node ends. An `output` beside an `error` is what a failed step leaves. */
export const PinnedOutcome = z
  .union([
    z.strictObject({ output: z.json() }),
    z.strictObject({
      error: z.strictObject({ code: z.string().min(1).max(100), message: z.string().max(10_000).optional() }),
      output: z.json().optional(),
    }),
  ])
  .meta({ id: 'PinnedOutcome' });
export type PinnedOutcome = z.infer<typeof PinnedOutcome>;

/** By node id; a list is one outcome for each visit of a loop, of which the last one stays. */
export const PinnedOutcomes = z
  .record(z.string().max(64), z.union([PinnedOutcome, z.array(PinnedOutcome).min(1).max(10_000)]))
  .meta({ id: 'PinnedOutcomes' });
export type PinnedOutcomes = z.infer<typeof PinnedOutcomes>;

/** The document an execution keeps. What is pinned stands only here: a saved workflow has no place for it. */
export type PinnedDocument = WorkflowDocument & { pinned?: PinnedOutcomes };
