/** The forms of ids and times on the wire; knows nothing of how they are made. */
import { z } from 'zod';

/** UUIDv7 for what we create; any UUID is read. */
export const Id = z.uuid().meta({ id: 'Id' });

/** An id begins with its time, so its end tells it from its neighbours: the web app shows so many characters of it. */
export const ID_ENDING = 6;

/** Whether a person who writes `text` may mean this id: its beginning, or its end of at least `ID_ENDING` characters. */
export function namesId(text: string, id: string): boolean {
  const part = text.toLowerCase();
  return id.startsWith(part) || (part.length >= ID_ENDING && id.endsWith(part));
}

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
