/** REST of the inbox. */
import { z } from 'zod';
import { Id, PageQuery } from '../identifiers.ts';
import { InboxItem, InboxItemState, InboxItemType, ResolveInboxItem } from '../inbox.ts';
import { IdParams } from './params.ts';
import type { Route } from './route.ts';

export const inboxRoutes = {
  listInbox: {
    method: 'GET',
    path: '/api/inbox',
    tag: 'inbox',
    summary: 'What waits for a person, or was answered; oldest first unless `order=newest`',
    permission: 'read',
    query: PageQuery.extend({
      state: InboxItemState.optional(),
      type: InboxItemType.optional(),
      execution: Id.optional(),
      agent: Id.optional(),
      /** Who answered, by name. */
      by: z.string().max(200).optional(),
      order: z.enum(['oldest', 'newest']).optional(),
    }),
    status: 200,
    response: z.array(InboxItem),
    paged: true,
  },
  getInboxItem: {
    method: 'GET',
    path: '/api/inbox/{id}',
    tag: 'inbox',
    summary: 'One item',
    permission: 'read',
    params: IdParams,
    status: 200,
    response: InboxItem,
  },
  resolveInboxItem: {
    method: 'POST',
    path: '/api/inbox/{id}/resolve',
    tag: 'inbox',
    summary: 'Answer an item for exactly what was shown',
    permission: 'operate',
    params: IdParams,
    body: ResolveInboxItem,
    status: 200,
    response: InboxItem,
  },
} as const satisfies Record<string, Route>;
