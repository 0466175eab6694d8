/** REST of secrets. */
import { z } from 'zod';
import { PageQuery } from '../identifiers.ts';
import { PutSecret, Secret, SecretParams } from '../secrets.ts';
import type { Route } from './route.ts';

export const secretRoutes = {
  listSecrets: {
    method: 'GET',
    path: '/api/secrets',
    tag: 'secrets',
    summary: 'Stored secrets by name; no route tells a value',
    permission: 'administer',
    query: PageQuery,
    status: 200,
    response: z.array(Secret),
    paged: true,
  },
  putSecret: {
    method: 'PUT',
    path: '/api/secrets/{name}',
    tag: 'secrets',
    summary: 'Store or replace a secret; agents get it at their next start',
    permission: 'administer',
    params: SecretParams,
    body: PutSecret,
    status: 200,
    response: Secret,
  },
  deleteSecret: {
    method: 'DELETE',
    path: '/api/secrets/{name}',
    tag: 'secrets',
    summary: 'Remove a secret; an agent that uses it cannot start again',
    permission: 'administer',
    params: SecretParams,
    status: 204,
    response: null,
  },
} as const satisfies Record<string, Route>;
