/** What a person has set up for themselves, by key: kept on the server so that it is there in every browser of theirs. */
import { z } from 'zod';
import { Timestamp } from './identifiers.ts';

/** A new kind of preference is a name here, so that nobody fills the database with names of their own. */
export const PreferenceKey = z.enum(['desks']);
export type PreferenceKey = z.infer<typeof PreferenceKey>;

/** In characters of JSON: dozens of desks with dozens of panels each. */
const MOST_CHARACTERS = 100_000;

export const PreferenceParams = z.strictObject({ key: PreferenceKey });

export const Preference = z
  .strictObject({
    /** What its client put there, as it was; null when there is none. */
    value: z.unknown(),
    /** Zero when there is none, so that `If-Match: "0"` only ever makes the first. */
    version: z.number().int(),
    updatedAt: Timestamp.nullable(),
  })
  .meta({ id: 'Preference' });
export type Preference = z.infer<typeof Preference>;

export const PutPreference = z
  .strictObject({
    value: z
      .unknown()
      .refine(
        (value) => value !== undefined && JSON.stringify(value).length <= MOST_CHARACTERS,
        `must be there, null or JSON of at most ${MOST_CHARACTERS} characters`,
      ),
  })
  .meta({ id: 'PutPreference' });
