/** What went wrong, from the moment it was noticed until all is normal again. */
import { z } from 'zod';
import { Id, PageQuery, Timestamp } from './identifiers.ts';

/** `normal`: it is over. */
export const IncidentState = z.enum([
  'normal',
  'error',
  'logging',
  'analysis',
  'recovery',
  'alert',
  'investigation',
  'fix',
  'fallback',
  'degraded',
]);
export type IncidentState = z.infer<typeof IncidentState>;

export const IncidentEvent = z.enum([
  'exception',
  'capture',
  'process',
  'automatic',
  'manual',
  'success',
  'failure',
  'human',
  'resolution',
  'deployed',
  'temporary',
  'restored',
]);
export type IncidentEvent = z.infer<typeof IncidentEvent>;

export const IncidentScope = z.enum(['system', 'agent', 'execution', 'step']);
export const IncidentClass = z.enum(['transient', 'agent', 'permission', 'config', 'quota', 'bug']);
export type IncidentClass = z.infer<typeof IncidentClass>;

export const IncidentTransition = z.strictObject({
  event: IncidentEvent,
  to: IncidentState,
  at: Timestamp,
  /** The name of a person, or `pointsman` when it acted by itself. */
  by: z.string(),
  reason: z.string(),
});
export type IncidentTransition = z.infer<typeof IncidentTransition>;

/** As lists have it. */
export const IncidentSummary = z
  .strictObject({
    id: Id,
    /** What it is the same by: one incident of it is open at a time. */
    fingerprint: z.string(),
    scope: IncidentScope,
    state: IncidentState,
    class: IncidentClass,
    /** Why it is of this class. */
    rule: z.string(),
    title: z.string(),
    /** What was said the last time. */
    detail: z.string(),
    /** How often it happened. */
    count: z.int(),
    openedAt: Timestamp,
    lastSeenAt: Timestamp,
    closedAt: Timestamp.optional(),
    /** Who looks after it. */
    takenBy: z.string().optional(),
    resolution: z.strictObject({ by: z.string(), at: Timestamp, note: z.string() }).optional(),
    /** Of the last time. */
    agentId: Id.optional(),
    workflowId: Id.optional(),
    executionId: Id.optional(),
    stepId: Id.optional(),
    nodeId: z.string().optional(),
  })
  .meta({ id: 'IncidentSummary' });
export type IncidentSummary = z.infer<typeof IncidentSummary>;

export const Incident = IncidentSummary.extend({
  /** Oldest first; of one that came again and again only the newest hundred. */
  history: z.array(IncidentTransition),
}).meta({ id: 'Incident' });
export type Incident = z.infer<typeof Incident>;

export const IncidentQuery = PageQuery.extend({
  state: IncidentState.optional(),
  /** `true`: only what is not over; `false`: only what is. */
  open: z.enum(['true', 'false']).optional(),
});

export const ResolveIncident = z
  .strictObject({
    /** What it was, or what was done. */
    note: z.string().trim().min(1).max(10_000),
  })
  .meta({ id: 'ResolveIncident' });
