/** REST of views in other pages. */
import { z } from 'zod';
import { CreateEmbed, Embed, LiveEmbed } from '../embeds.ts';
import { PageQuery } from '../identifiers.ts';
import { IdParams } from './params.ts';
import type { Route } from './route.ts';

export const embedRoutes = {
  createEmbed: {
    method: 'POST',
    path: '/api/embeds',
    tag: 'auth',
    summary: 'An address that shows one thing, read-only, in a page of yours',
    permission: 'operate',
    body: CreateEmbed,
    status: 201,
    response: Embed,
  },
  listEmbeds: {
    method: 'GET',
    path: '/api/embeds',
    tag: 'auth',
    summary: 'Views in other pages that still work, newest first; of others for administrators only',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: z.array(LiveEmbed),
    paged: true,
  },
  revokeEmbed: {
    method: 'DELETE',
    path: '/api/embeds/{id}',
    tag: 'auth',
    summary: 'End a view in other pages, at once; of others for administrators only',
    permission: 'read',
    params: IdParams,
    status: 204,
    response: null,
  },
} as const satisfies Record<string, Route>;
