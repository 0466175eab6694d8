/** REST of shared state. */
import { z } from 'zod';
import { PageQuery } from '../identifiers.ts';
import { NamedStateEntry, PutState, StateEntry, StateName, StateNamespace } from '../shared-state.ts';
import type { Route } from './route.ts';

const StateParams = z.strictObject({ namespace: StateName, key: StateName });

export const sharedStateRoutes = {
  listNamespaces: {
    method: 'GET',
    path: '/api/state',
    tag: 'state',
    summary: 'Namespaces that have values',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: z.array(StateNamespace),
    paged: true,
  },
  listState: {
    method: 'GET',
    path: '/api/state/{namespace}',
    tag: 'state',
    summary: 'Keys and values of a namespace',
    permission: 'read',
    params: z.strictObject({ namespace: StateName }),
    query: PageQuery,
    status: 200,
    response: z.array(NamedStateEntry),
    paged: true,
  },
  getState: {
    method: 'GET',
    path: '/api/state/{namespace}/{key}',
    tag: 'state',
    summary: 'One value',
    permission: 'read',
    params: StateParams,
    status: 200,
    response: StateEntry,
  },
  putState: {
    method: 'PUT',
    path: '/api/state/{namespace}/{key}',
    tag: 'state',
    summary: 'Set a value (If-Match: version)',
    permission: 'operate',
    params: StateParams,
    body: PutState,
    status: 200,
    response: StateEntry,
  },
  deleteState: {
    method: 'DELETE',
    path: '/api/state/{namespace}/{key}',
    tag: 'state',
    summary: 'Remove a value',
    permission: 'operate',
    params: StateParams,
    status: 204,
    response: null,
  },
} as const satisfies Record<string, Route>;
