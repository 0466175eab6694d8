/** Cases beside a workflow document: what it is given, what is pinned, and how it must end. Read by `workflows test`. */
import { z } from 'zod';
import { StepStatus } from './executions.ts';
import { PinnedOutcomes } from './pinned-outcomes.ts';

export const ExpectedEnd = z.strictObject({
  /** Without it `succeeded`, or `failed` where an error is expected. */
  status: z.enum(['succeeded', 'failed']).optional(),
  /** Exactly the nodes that were started, in any order. */
  path: z.array(z.string()).optional(),
  /** Nodes and how their last visit ended; others are not looked at. */
  nodes: z.record(z.string(), StepStatus).optional(),
  /** How often nodes were started anew, each iteration once; others are not looked at. */
  visits: z.record(z.string(), z.int().min(0)).optional(),
  /** Outputs and their exact values; others are not looked at. */
  outputs: z.record(z.string(), z.json()).optional(),
  error: z.strictObject({ code: z.string().optional(), node: z.string().optional() }).optional(),
});
export type ExpectedEnd = z.infer<typeof ExpectedEnd>;

export const WorkflowCase = z.strictObject({
  name: z.string().min(1),
  inputs: z.record(z.string(), z.json()).optional(),
  pinned: PinnedOutcomes.optional(),
  expect: ExpectedEnd.optional(),
});
export type WorkflowCase = z.infer<typeof WorkflowCase>;

/** `inputs` and `pinned` beside the cases hold for all of them; a case's own win, name by name. */
export const WorkflowCases = z.strictObject({
  inputs: z.record(z.string(), z.json()).optional(),
  pinned: PinnedOutcomes.optional(),
  cases: z.array(WorkflowCase).min(1, 'There is no case.'),
});
export type WorkflowCases = z.infer<typeof WorkflowCases>;

/** The JSON Schema (2020-12) of a file of cases, for editors. */
export function workflowCasesJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(WorkflowCases, { target: 'draft-2020-12', io: 'input' }),
    title: 'Cases of a Pointsman workflow',
  };
}
