/** What an import of another tool's workflow says, and what a person is shown before an imported one may run. */
import { z } from 'zod';
import { Timestamp } from './identifiers.ts';
import { Problem } from './problem.ts';
import { Workflow } from './workflows.ts';

export const ImportFormat = z.enum(['pointsman', 'n8n', 'flowise', 'langgraph', 'agent-builder']);
export type ImportFormat = z.infer<typeof ImportFormat>;

/** `path` is a JSON Pointer into what was given; of code it is the line, `#L12`. */
const Place = { sourceId: z.string(), sourceName: z.string(), sourceType: z.string(), path: z.string() };

export const ImportReport = z
  .strictObject({
    /** What has a counterpart, and as what: a node's id, or `trigger`, `input`, `setting`. */
    mapped: z.array(z.strictObject({ ...Place, as: z.string(), nodeId: z.string().optional() })),
    /** What has none. A node of that kind stands in the document as a placeholder, `nodeId`, that asks a person. */
    unmapped: z.array(z.strictObject({ ...Place, why: z.string(), nodeId: z.string().optional() })),
    /** What was mapped and behaves differently here. */
    notes: z.array(z.string()),
  })
  .meta({ id: 'ImportReport' });
export type ImportReport = z.infer<typeof ImportReport>;

export const ImportedWorkflow = z
  .strictObject({
    format: ImportFormat,
    document: z.record(z.string(), z.unknown()),
    report: ImportReport,
    /** Whether the document could be executed as it is; else it is kept as a draft. */
    valid: z.boolean(),
    problems: z.array(Problem),
    /** Only when it was saved. */
    workflow: Workflow.optional(),
  })
  .meta({ id: 'ImportedWorkflow' });
export type ImportedWorkflow = z.infer<typeof ImportedWorkflow>;

/** One thing a workflow uses outside itself. `detail` is the rest of it: environment, prompt, headers, body. */
export const WorkflowUse = z.strictObject({
  kind: z.enum(['command', 'agent', 'url', 'secret', 'channel', 'workflow', 'graph', 'workspace', 'trigger']),
  nodeId: z.string().optional(),
  value: z.string(),
  detail: z.record(z.string(), z.unknown()).optional(),
});
export type WorkflowUse = z.infer<typeof WorkflowUse>;

/** What decides when that is used, and with what: in words, `value`, with the rest of it in `detail`. */
export const WorkflowFlow = z.strictObject({
  kind: z.enum(['input', 'approval', 'value', 'wait', 'map', 'edge', 'limit']),
  nodeId: z.string().optional(),
  value: z.string(),
  detail: z.record(z.string(), z.unknown()).optional(),
});
export type WorkflowFlow = z.infer<typeof WorkflowFlow>;

export const WorkflowTrust = z
  .strictObject({
    version: z.number().int(),
    /** False: the workflow was made here, and needs no trust. */
    imported: z.boolean(),
    trusted: z.boolean(),
    /** Of `uses` and `flow`; an answer names it, so that nothing else is allowed than what was shown. */
    hash: z.string(),
    uses: z.array(WorkflowUse),
    flow: z.array(WorkflowFlow),
    /** Who allowed this content, and when. */
    allowed: z.strictObject({ by: z.string(), at: Timestamp }).optional(),
  })
  .meta({ id: 'WorkflowTrust' });
export type WorkflowTrust = z.infer<typeof WorkflowTrust>;
