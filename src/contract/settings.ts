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
    /** What has set it; a flag comes before a variable, that before the file. */
    source: z.enum(['flag', 'variable', 'file', 'default']),
    /** The pointsman.yaml that was read, or where one would be. */
    file: z.string(),
  })
  .meta({ id: 'Setting' });
export type Setting = z.infer<typeof Setting>;
