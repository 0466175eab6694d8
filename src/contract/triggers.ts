/** Triggers on the wire: what starts executions of a workflow's live version, and what became of it. */
import { z } from 'zod';
import { Id, Timestamp } from './identifiers.ts';
import { WorkflowTrigger } from './workflow-document.ts';

export const TriggerKind = z.enum(['cron', 'webhook', 'workflow', 'agent', 'file', 'git']);
export type TriggerKind = z.infer<typeof TriggerKind>;

/** What became of what it noticed last. `skipped` and `queued`: by the workflow's `concurrency`. */
export const TriggerOutcome = z.enum(['started', 'queued', 'skipped', 'failed']);
export type TriggerOutcome = z.infer<typeof TriggerOutcome>;

export const Trigger = z
  .strictObject({
    id: Id,
    workflowId: Id,
    workflowName: z.string(),
    kind: TriggerKind,
    /** As the document has it. */
    trigger: WorkflowTrigger,
    enabled: z.boolean(),
    /** Of a cron: its next moment; of a file or git trigger: when it is looked at next. */
    nextAt: Timestamp.optional(),
    /** Of a webhook: where it is called, and since when it has the secret that callers sign with; null: it has none. */
    address: z.string().optional(),
    secretSetAt: Timestamp.nullable().optional(),
    lastFiredAt: Timestamp.optional(),
    lastOutcome: TriggerOutcome.optional(),
    lastExecutionId: Id.optional(),
    lastError: z.strictObject({ code: z.string(), message: z.string() }).optional(),
    createdAt: Timestamp,
  })
  .meta({ id: 'Trigger' });
export type Trigger = z.infer<typeof Trigger>;

export const UpdateTrigger = z.strictObject({ enabled: z.boolean() }).meta({ id: 'UpdateTrigger' });

/** The only time it is shown. */
export const TriggerSecret = z
  .strictObject({ id: Id, address: z.string(), secret: z.string() })
  .meta({ id: 'TriggerSecret' });
export type TriggerSecret = z.infer<typeof TriggerSecret>;

/** Any text: an address without a trigger answers like a wrong signature. */
export const HookParams = z.strictObject({ triggerId: z.string() });

export const WebhookAccepted = z
  .strictObject({
    /** Null: the workflow’s `concurrency` skipped it. */
    executionId: Id.nullable(),
    outcome: z.enum(['started', 'queued', 'skipped']),
  })
  .meta({ id: 'WebhookAccepted' });
export type WebhookAccepted = z.infer<typeof WebhookAccepted>;
