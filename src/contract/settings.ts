/** The configuration in force, as `pointsman config print` tells it. */
import { z } from 'zod';

export const Setting = z
  .strictObject({
    /** As in pointsman.yaml. */
    name: z.string(),
    /** In the environment. */
    variable: z.string(),
    meaning: z.string(),
    /** Null when unset; `***` for a secret that is set. */
    value: z.json(),
    default: z.json(),
  })
  .meta({ id: 'Setting' });
export type Setting = z.infer<typeof Setting>;
