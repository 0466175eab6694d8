/** Views for other people's pages: what may be shown, in which page, and for how long. */
import { z } from 'zod';
import { Id, Timestamp } from './identifiers.ts';
import { Duration, durationMs } from './tasks.ts';

const LONGEST_MS = 24 * 3_600_000;

/** `https://host` or `http://host:port`, as a browser names it: nothing after it, no wildcard. */
export const PageOrigin = z
  .string()
  .regex(
    /^https?:\/\/(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/,
    'must be the origin of a page, such as https://example.com or http://localhost:8501',
  );

const common = {
  /** The pages that may hold it; a browser refuses all others. */
  parents: z.array(PageOrigin).min(1).max(10),
  /** PT1H unless said; at most a day. */
  expiresIn: Duration.refine((text) => (durationMs(text) ?? 0) <= LONGEST_MS, {
    error: 'must be at most a day',
  }).optional(),
};

export const CreateEmbed = z
  .discriminatedUnion('show', [
    z.strictObject({ show: z.literal('overview'), ...common }),
    z.strictObject({ show: z.literal('agent'), id: Id, ...common }),
    z.strictObject({ show: z.literal('execution'), id: Id, ...common }),
  ])
  .meta({ id: 'CreateEmbed' });
export type CreateEmbed = z.infer<typeof CreateEmbed>;

export const Embed = z
  .strictObject({
    /** By which it is revoked. */
    id: Id,
    /** The address for an iframe. Whoever has it sees what it shows until it expires or is revoked. */
    url: z.url(),
    expiresAt: Timestamp,
  })
  .meta({ id: 'Embed' });
export type Embed = z.infer<typeof Embed>;

/** A view that still works; its address is known to whoever made it alone. */
export const LiveEmbed = z
  .strictObject({
    id: Id,
    show: z.enum(['overview', 'agent', 'execution']),
    /** Of the agent or execution, with the name it has now; none when that is gone. */
    subjectId: Id.optional(),
    subjectName: z.string().optional(),
    parents: z.array(z.string()),
    createdBy: z.string(),
    createdAt: Timestamp,
    expiresAt: Timestamp,
    /** To the minute; null: never. */
    lastUsedAt: Timestamp.nullable(),
  })
  .meta({ id: 'LiveEmbed' });
export type LiveEmbed = z.infer<typeof LiveEmbed>;
