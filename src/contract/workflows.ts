/** Saved workflows on the wire; the document itself is in workflow-document.ts. */
import { z } from 'zod';
import { Id, Timestamp } from './identifiers.ts';
import { Problem } from './problem.ts';

export const Workflow = z
  .strictObject({
    id: Id,
    name: z.string(),
    /** Newest version. */
    version: z.number().int(),
    /** The version that triggers and `execute` without a version use. */
    liveVersion: z.number().int().nullable(),
    draft: z.boolean(),
    metadata: z.record(z.string(), z.unknown()),
    /** The document of the newest version, as it was saved. */
    document: z.record(z.string(), z.unknown()),
    problems: z.array(Problem),
    /** Of a workflow that another tool made; null: made here. */
    imported: z
      .strictObject({
        format: z.string(),
        at: Timestamp,
        by: z.string(),
        /** Somebody with the right has allowed what the newest version uses. */
        trusted: z.boolean(),
      })
      .nullable(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    createdBy: z.string(),
  })
  .meta({ id: 'Workflow' });
export type Workflow = z.infer<typeof Workflow>;

export const WorkflowVersion = z
  .strictObject({
    version: z.number().int(),
    document: z.record(z.string(), z.unknown()),
    draft: z.boolean(),
    createdAt: Timestamp,
    createdBy: z.string(),
    note: z.string().optional(),
  })
  .meta({ id: 'WorkflowVersion' });

export const ValidationResult = z
  .strictObject({ valid: z.boolean(), problems: z.array(Problem) })
  .meta({ id: 'ValidationResult' });

/** An expression, or text with `{{ }}`, to be tried on the data of an execution. Nothing is started and nothing kept. */
export const PreviewExpression = z
  .strictObject({
    text: z.string().max(10_000),
    kind: z.enum(['expression', 'template']),
    /** Without one only its type is told. */
    executionId: Id.optional(),
    /** The maps around it, from the outside in: each name stands for the first item of its list. */
    items: z
      .array(z.strictObject({ as: z.string().max(64), over: z.string().max(10_000) }))
      .max(5)
      .optional(),
  })
  .meta({ id: 'PreviewExpression' });
export type PreviewExpression = z.infer<typeof PreviewExpression>;

export const ExpressionPreview = z
  .discriminatedUnion('outcome', [
    /** `json` is its text, cut when it is long. */
    z.strictObject({ outcome: z.literal('value'), type: z.string(), json: z.string(), cut: z.boolean() }),
    z.strictObject({ outcome: z.literal('checked'), type: z.string() }),
    z.strictObject({ outcome: z.literal('failed'), type: z.string(), message: z.string() }),
    z.strictObject({ outcome: z.literal('invalid'), message: z.string(), column: z.number().int() }),
  ])
  .meta({ id: 'ExpressionPreview' });
export type ExpressionPreview = z.infer<typeof ExpressionPreview>;

const EdgeEnds = { from: z.string(), to: z.string() };

/** What changed between two versions. `fields` and `other` are JSON Pointers below the node, the edge, the document. */
export const WorkflowDifference = z
  .strictObject({
    from: z.number().int(),
    to: z.number().int(),
    /** Unified diff of the documents as YAML with its fields in a fixed order; empty when nothing changed. */
    text: z.string(),
    nodes: z.strictObject({
      added: z.array(z.string()),
      removed: z.array(z.string()),
      changed: z.array(z.strictObject({ id: z.string(), fields: z.array(z.string()) })),
    }),
    edges: z.strictObject({
      added: z.array(z.strictObject(EdgeEnds)),
      removed: z.array(z.strictObject(EdgeEnds)),
      changed: z.array(z.strictObject({ ...EdgeEnds, fields: z.array(z.string()) })),
    }),
    other: z.array(z.string()),
  })
  .meta({ id: 'WorkflowDifference' });
export type WorkflowDifference = z.infer<typeof WorkflowDifference>;

/** The compiled graph: what the engine will run, as data and as a Mermaid drawing. */
export const CompiledGraph = z
  .strictObject({
    nodes: z.array(
      z.strictObject({
        id: z.string(),
        type: z.string(),
        label: z.string(),
        join: z.string(),
        loops: z.array(z.number().int()),
        position: z.tuple([z.number(), z.number()]).optional(),
      }),
    ),
    edges: z.array(
      z.strictObject({
        index: z.number().int(),
        from: z.string(),
        to: z.string(),
        on: z.string(),
        when: z.string().optional(),
        otherwise: z.boolean(),
        loop: z.boolean(),
        max: z.number().int().optional(),
      }),
    ),
    mermaid: z.string(),
  })
  .meta({ id: 'CompiledGraph' });
export type CompiledGraph = z.infer<typeof CompiledGraph>;
