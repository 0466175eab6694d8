/** What was used, by day, agent or workflow. */
import { z } from 'zod';
import { Id } from './identifiers.ts';
import { Usage } from './tasks.ts';

/** A day in UTC. */
export const Day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day such as 2026-01-31')
  .refine((day) => !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day), 'is no day');

export const UsageBy = z.enum(['day', 'agent', 'workflow']);
export type UsageBy = z.infer<typeof UsageBy>;

export const UsageQuery = z.strictObject({ from: Day.optional(), to: Day.optional(), by: UsageBy.optional() });

const UsageEntry = Usage.extend({
  /** Of the day, the agent or the workflow; what belongs to no saved workflow has none. */
  key: z.union([Day, Id]).nullable(),
  name: z.string(),
});

/** Both days count. By day there is one entry for each of them; otherwise the most expensive comes first. */
export const UsageReport = z
  .strictObject({
    from: Day,
    to: Day,
    by: UsageBy,
    total: Usage,
    entries: z.array(UsageEntry),
    /** What all agents together may cost today, where that is limited. */
    usdPerDay: z.number().optional(),
  })
  .meta({ id: 'UsageReport' });
export type UsageReport = z.infer<typeof UsageReport>;
