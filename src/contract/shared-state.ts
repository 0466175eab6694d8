/** Values that agents and workflows share, by namespace and key. */
import { z } from 'zod';
import { Timestamp } from './identifiers.ts';

export const StateName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, 'must be letters, digits, `.`, `_` or `-`');

export const StateEntry = z
  .strictObject({ value: z.unknown(), version: z.number().int(), updatedAt: Timestamp })
  .meta({ id: 'StateEntry' });
export type StateEntry = z.infer<typeof StateEntry>;

export const NamedStateEntry = StateEntry.extend({ key: z.string() }).meta({ id: 'NamedStateEntry' });
/** A namespace is there while it has entries. */
export const StateNamespace = z
  .strictObject({
    namespace: StateName,
    /** How many keys it has. */
    entries: z.int(),
    /** When one of its values was last written. */
    updatedAt: Timestamp,
  })
  .meta({ id: 'StateNamespace' });
export type StateNamespace = z.infer<typeof StateNamespace>;

export const PutState = z.strictObject({ value: z.unknown() }).meta({ id: 'PutState' });
