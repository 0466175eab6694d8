/** The forms of ids and times on the wire; knows nothing of how they are made. */
import { z } from 'zod';

/** UUIDv7 for what we create; any UUID is read. */
export const Id = z.uuid().meta({ id: 'Id' });

/** ISO-8601 in UTC, milliseconds, ending in Z. */
export const Timestamp = z.iso.datetime();

/** A name a person gives: text only, never used in a command, path or session name. */
export const Name = z
  .string()
  .trim()
  .min(1)
  .max(120)
  // oxlint-disable-next-line no-control-regex -- refusing control characters is the point
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/u, 'must not contain control characters');

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).optional(),
  cursor: z.string().max(500).optional(),
});
