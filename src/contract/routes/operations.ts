/** REST of what keeps an installation running. */
import { z } from 'zod';
import { AuditEntry, AuditQuery, AuditVerdict } from '../audit.ts';
import { Retention } from '../retention.ts';
import { Setting } from '../settings.ts';
import { NoQuery } from './params.ts';
import type { Route } from './route.ts';

export const operationRoutes = {
  listAudit: {
    method: 'GET',
    path: '/api/audit',
    tag: 'operations',
    summary: 'Who did what, newest first',
    permission: 'administer',
    query: AuditQuery,
    status: 200,
    response: z.array(AuditEntry),
    paged: true,
  },
  verifyAudit: {
    method: 'GET',
    path: '/api/audit/verify',
    tag: 'operations',
    summary: 'Whether the audit says what it said when it was written',
    permission: 'administer',
    query: NoQuery,
    status: 200,
    response: AuditVerdict,
  },
  listSettings: {
    method: 'GET',
    path: '/api/settings',
    tag: 'operations',
    summary: 'The configuration in force, secrets masked',
    permission: 'administer',
    query: NoQuery,
    status: 200,
    response: z.array(Setting),
  },
  getRetention: {
    method: 'GET',
    path: '/api/retention',
    tag: 'operations',
    summary: 'How long things are kept, how much is stored, and what was last deleted',
    permission: 'administer',
    query: NoQuery,
    status: 200,
    response: Retention,
  },
  listHosts: {
    method: 'GET',
    path: '/api/hosts',
    tag: 'operations',
    summary: 'Machines that run agents',
    permission: 'read',
    query: NoQuery,
    status: 200,
    response: z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        roles: z.array(z.string()),
        startedAt: z.string(),
        lastSeenAt: z.string(),
        agents: z.number().int(),
      }),
    ),
  },
  getDoctor: {
    method: 'GET',
    path: '/api/doctor',
    tag: 'operations',
    summary: 'Checks of this installation',
    permission: 'read',
    query: NoQuery,
    status: 200,
    response: z.array(
      z.strictObject({
        check: z.string(),
        status: z.enum(['ok', 'warning', 'failed']),
        detail: z.string(),
        next: z.string().optional(),
      }),
    ),
  },
  getHealth: {
    method: 'GET',
    path: '/healthz',
    tag: 'operations',
    summary: 'The process is alive',
    permission: 'public',
    status: 200,
    response: z.strictObject({ status: z.literal('ok') }),
  },
  getReadiness: {
    method: 'GET',
    path: '/readyz',
    tag: 'operations',
    summary: 'It can serve; reasons need identity',
    permission: 'public',
    status: 200,
    response: z.strictObject({
      status: z.enum(['ready', 'starting', 'unavailable']),
      checks: z.record(z.string(), z.strictObject({ ok: z.boolean(), detail: z.string() })).optional(),
    }),
  },
} as const satisfies Record<string, Route>;
