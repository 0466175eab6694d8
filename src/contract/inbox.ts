/** The one queue of everything that waits for a person. */
import { z } from 'zod';
import { Id, Timestamp } from './identifiers.ts';

export const InboxItemType = z.enum(['permission', 'question', 'approval', 'failure', 'budget']);
export type InboxItemType = z.infer<typeof InboxItemType>;
export const InboxItemState = z.enum(['open', 'resolved', 'expired', 'withdrawn']);

export const Decision = z.enum([
  'allow',
  'deny',
  'allow_always',
  'answer',
  'approve',
  'reject',
  'retry',
  'fail',
  'mark_succeeded',
  'restart',
  'dismiss',
  'raise',
  'stop',
]);
export type Decision = z.infer<typeof Decision>;

export const Resolution = z.strictObject({
  decision: Decision,
  by: z.string().nullable(),
  at: Timestamp,
  note: z.string().optional(),
});

export const InboxItem = z
  .strictObject({
    id: Id,
    type: InboxItemType,
    state: InboxItemState,
    title: z.string(),
    /** What is decided about, structured; `hash` is over exactly this. */
    payload: z.record(z.string(), z.unknown()),
    hash: z.string(),
    agentId: Id.optional(),
    executionId: Id.optional(),
    stepId: Id.optional(),
    choices: z.array(Decision),
    createdAt: Timestamp,
    expiresAt: Timestamp.optional(),
    resolution: Resolution.optional(),
  })
  .meta({ id: 'InboxItem' });
export type InboxItem = z.infer<typeof InboxItem>;

export const ResolveInboxItem = z
  .strictObject({
    decision: Decision,
    hash: z.string().min(1).max(200),
    note: z.string().max(10_000).optional(),
    form: z.unknown().optional(),
  })
  .meta({ id: 'ResolveInboxItem' });
export type ResolveInboxItem = z.infer<typeof ResolveInboxItem>;
