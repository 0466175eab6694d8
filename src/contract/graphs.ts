/** LangGraph graphs that the configuration registers, for nodes of type `langgraph`. Where they lie is not told. */
import { z } from 'zod';

export const GraphName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be letters, digits, and _ . - after the first');

export const RegisteredGraph = z
  .strictObject({
    name: GraphName,
    description: z.string().optional(),
    /** `unchecked` until its module was loaded for the first time. */
    status: z.enum(['unchecked', 'ready', 'failed']),
    /** Names of its nodes; of one that is ready. */
    nodes: z.array(z.string()).optional(),
    /** Why it cannot run; of one that failed. */
    problem: z.string().optional(),
  })
  .meta({ id: 'RegisteredGraph' });
export type RegisteredGraph = z.infer<typeof RegisteredGraph>;
