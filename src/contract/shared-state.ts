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
export const PutState = z.strictObject({ value: z.unknown() }).meta({ id: 'PutState' });
