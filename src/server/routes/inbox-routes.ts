/** REST of the inbox. */
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { inboxView } from '../../engine/graph/commit-superstep.ts';
import { resolveInboxItem } from '../../engine/resolve-inbox-item.ts';
import { actorOf } from '../auth/principal.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function inboxRoutes(app: FastifyInstance, { store, engine, agents }: Services): void {
  registerRoute(app, store, 'listInbox', async ({ query, nextPage }) => {
    const limit = query.limit ?? 50;
    const filter = { ...(query.state ? { state: query.state } : {}), ...(query.type ? { type: query.type } : {}) };
    const found = await store.inbox.list(filter, {
      limit: limit + 1,
      ...(query.cursor ? { after: query.cursor } : {}),
    });
    const page = found.slice(0, limit);
    if (found.length > limit) nextPage(page.at(-1)?.id ?? '');
    return page.map(inboxView);
  });

  registerRoute(app, store, 'getInboxItem', async ({ params }) => {
    const item = await store.inbox.get(params.id);
    if (!item) throw new PointsmanError('INBOX_ITEM_NOT_FOUND');
    return inboxView(item);
  });

  registerRoute(app, store, 'resolveInboxItem', async ({ params, body, principal }) =>
    resolveInboxItem({ ...engine, agents }, { id: params.id, answer: body, by: actorOf(principal) }),
  );
}
