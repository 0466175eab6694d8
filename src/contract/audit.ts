/** Who did what: written in the commit of what was done, never changed. */
import { z } from 'zod';
import { PageQuery, Timestamp } from './identifiers.ts';

export const AuditEntry = z
  .strictObject({
    /** In the order in which it was done. */
    seq: z.int(),
    at: Timestamp,
    /** The name of a person, or of what acted by itself. */
    actor: z.string(),
    /** Of what, and what: `policy.create`, `inbox.resolve`. */
    action: z.string(),
    /** The id or name of what it was done to. */
    subject: z.string(),
    /** What was given or shown; never a secret. */
    detail: z.json(),
    requestId: z.string().optional(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditQuery = PageQuery.extend({
  /** What comes first; the newest unless said. */
  order: z.enum(['newest', 'oldest']).optional(),
  actor: z.string().min(1).max(200).optional(),
  /** A whole action, or the beginning of it up to its point: `inbox`. */
  action: z.string().min(1).max(200).optional(),
  subject: z.string().min(1).max(500).optional(),
});

/** Whether the audit says what it said when it was written. */
export const AuditVerdict = z
  .strictObject({
    intact: z.boolean(),
    entries: z.int(),
    /** Entries up to this one are sealed: each seal stands for all before it. Null before the first seal. */
    sealedTo: z.int().nullable(),
    /** What was changed or is missing, from old to new; at most 100. */
    problems: z.array(
      z.strictObject({
        /** The entry, or the first of the entries between which something is missing or was changed. */
        seq: z.int(),
        /** The last of those entries. */
        to: z.int().optional(),
        message: z.string(),
      }),
    ),
  })
  .meta({ id: 'AuditVerdict' });
export type AuditVerdict = z.infer<typeof AuditVerdict>;
