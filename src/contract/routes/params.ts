/** What several routes ask for alike. */
import { z } from 'zod';
import { Id } from '../identifiers.ts';

/** `wait`: answers when the execution has ended, or after so many seconds as it is then. */
export const WaitQuery = z.strictObject({ wait: z.coerce.number().int().min(0).max(60).optional() });
export const IdParams = z.strictObject({ id: Id });
export const NoQuery = z.strictObject({});
