/** How long things are kept, how much of them is stored, and what was deleted when. */
import { z } from 'zod';
import { Timestamp } from './identifiers.ts';

/** Rows that are gone. */
export const Deleted = z.strictObject({
  executions: z.int(),
  steps: z.int(),
  logLines: z.int(),
  checkpoints: z.int(),
});
export type Deleted = z.infer<typeof Deleted>;
export const NOTHING_DELETED: Deleted = { executions: 0, steps: 0, logLines: 0, checkpoints: 0 };

export const RetentionRun = z.strictObject({
  startedAt: Timestamp,
  /** Left out while it is under way. */
  finishedAt: Timestamp.optional(),
  /** As it was configured then; null when it only finished what had begun. */
  keepDays: z.number().nullable(),
  deleted: Deleted,
});
export type RetentionRun = z.infer<typeof RetentionRun>;

/** Bytes on disk, indexes included. */
export const StoredSizes = z.strictObject({
  executions: z.int(),
  /** Of those, how many have ended, and the first of these. */
  ended: z.int(),
  oldestEndedAt: Timestamp.nullable(),
  bytes: z.strictObject({
    executions: z.int(),
    logs: z.int(),
    checkpoints: z.int(),
    events: z.int(),
    audit: z.int(),
    /** The whole database. */
    total: z.int(),
  }),
});
export type StoredSizes = z.infer<typeof StoredSizes>;

export const KEPT = ['executions', 'events', 'measurements', 'usage', 'audit'] as const;

export const Retention = z
  .strictObject({
    /** Null: for ever. */
    keep: z.array(z.strictObject({ what: z.enum(KEPT), days: z.number().nullable() })),
    stored: StoredSizes,
    /** Null before the first one. */
    lastRun: RetentionRun.nullable(),
  })
  .meta({ id: 'Retention' });
export type Retention = z.infer<typeof Retention>;
