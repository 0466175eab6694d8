/** REST of policies. */
import { z } from 'zod';
import { PageQuery } from '../identifiers.ts';
import { CreatePolicy, Policy } from '../policies.ts';
import { IdParams } from './params.ts';
import type { Route } from './route.ts';

export const policyRoutes = {
  listPolicies: {
    method: 'GET',
    path: '/api/policies',
    tag: 'policies',
    summary: 'The rules that answer permission requests before a person is asked',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: z.array(Policy),
    paged: true,
  },
  createPolicy: {
    method: 'POST',
    path: '/api/policies',
    tag: 'policies',
    summary: 'Add a rule; deny outranks ask, ask outranks allow',
    permission: 'administer',
    body: CreatePolicy,
    status: 201,
    response: Policy,
    idempotent: true,
  },
  deletePolicy: {
    method: 'DELETE',
    path: '/api/policies/{id}',
    tag: 'policies',
    summary: 'Remove a rule',
    permission: 'administer',
    params: IdParams,
    status: 204,
    response: null,
  },
} as const satisfies Record<string, Route>;
