/** People, programs and what they may do. */
import { z } from 'zod';
import { Id, Name, Timestamp } from './identifiers.ts';

export const Role = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof Role>;

/** What a route or frame can ask for; each role's set is in domain/access.ts. */
export const Permission = z.enum(['read', 'operate', 'administer', 'workflow.commands']);
export type Permission = z.infer<typeof Permission>;

export const Me = z
  .strictObject({
    id: Id,
    name: z.string(),
    role: Role,
    permissions: z.array(Permission),
    via: z.enum(['session', 'token', 'agent', 'embed']),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;

export const ExchangeCode = z.strictObject({ code: z.string().min(1).max(200) }).meta({ id: 'ExchangeCode' });
export const Login = z
  .strictObject({ name: z.string().min(1).max(120), password: z.string().min(1).max(1000) })
  .meta({ id: 'Login' });

export const User = z
  .strictObject({
    id: Id,
    name: Name,
    role: Role,
    permissions: z.array(Permission),
    hasPassword: z.boolean(),
    createdAt: Timestamp,
    disabled: z.boolean(),
  })
  .meta({ id: 'User' });
export const CreateUser = z
  .strictObject({
    name: Name,
    role: Role,
    password: z.string().min(10).max(1000).optional(),
    permissions: z.array(z.literal('workflow.commands')).optional(),
  })
  .meta({ id: 'CreateUser' });
export const UpdateUser = z
  .strictObject({
    role: Role,
    password: z.string().min(10).max(1000),
    permissions: z.array(z.literal('workflow.commands')),
    disabled: z.boolean(),
  })
  .partial()
  .meta({ id: 'UpdateUser' });

export const Token = z
  .strictObject({
    id: Id,
    name: Name,
    role: Role,
    permissions: z.array(Permission),
    createdAt: Timestamp,
    expiresAt: Timestamp.nullable(),
    lastUsedAt: Timestamp.nullable(),
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof Token>;
export const CreateToken = z
  .strictObject({
    name: Name,
    role: Role,
    permissions: z.array(z.literal('workflow.commands')).optional(),
    expiresAt: Timestamp.optional(),
  })
  .meta({ id: 'CreateToken' });
/** The secret is shown once, here, and stored only as a hash. */
export const CreatedToken = Token.extend({ token: z.string() }).meta({ id: 'CreatedToken' });
