/** Rules that answer agents' permission requests before a person is asked. */
import { z } from 'zod';
import { Id, Timestamp } from './identifiers.ts';

export const PolicyEffect = z.enum(['allow', 'ask', 'deny']);
export type PolicyEffect = z.infer<typeof PolicyEffect>;

const policyFields = {
  effect: PolicyEffect,
  /** One agent, or every agent of a role; neither: all agents. */
  agentId: Id.optional(),
  role: z.string().trim().min(1).max(60).optional(),
  /** The CLI's own name of the tool, or `*`. */
  tool: z.string().trim().min(1).max(200),
  /** What the tool acts on (a command, a path, an address); `*` stands for any text. Absent: anything. */
  pattern: z.string().min(1).max(4096).optional(),
  note: z.string().max(500).optional(),
};

export const Policy = z
  .strictObject({ id: Id, ...policyFields, createdBy: z.string(), createdAt: Timestamp })
  .meta({ id: 'Policy' });
export type Policy = z.infer<typeof Policy>;

export const CreatePolicy = z
  .strictObject(policyFields)
  .refine((policy) => !(policy.agentId && policy.role), {
    path: ['role'],
    message: 'name an agent or a role, not both',
  })
  .meta({ id: 'CreatePolicy' });
export type CreatePolicy = z.infer<typeof CreatePolicy>;
