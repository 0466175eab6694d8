/** Values that agents and workflows use by name (`secret:NAME`) and that nobody reads back. */
import { z } from 'zod';
import { Timestamp } from './identifiers.ts';

export const SecretName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be letters, digits and _, not beginning with a digit');

/** Any name: one that cannot be stored is refused as a field, not as an address. */
export const SecretParams = z.strictObject({ name: z.string().min(1).max(200) });

/** Everything of a secret but its value. */
export const Secret = z
  .strictObject({ name: SecretName, createdBy: z.string(), createdAt: Timestamp, updatedAt: Timestamp })
  .meta({ id: 'Secret' });
export type Secret = z.infer<typeof Secret>;

export const PutSecret = z
  .strictObject({
    /** Up to 64 KiB; no null character, which no environment variable can hold. */
    value: z
      .string()
      .min(1)
      .max(65_536)
      .refine((value) => !value.includes('\u0000'), 'must not contain a null character'),
  })
  .meta({ id: 'PutSecret' });
