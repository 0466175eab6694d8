/** REST of the inbox. */
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { inboxView } from '../../engine/inbox-view.ts';
import { resolveInboxItem } from '../../engine/resolve-inbox-item.ts';
import { actorOf } from '../auth/principal.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function inboxRoutes(app: FastifyInstance, { store, engine, agents }: Services): void {
  registerRoute(app, store, 'listInbox', async ({ query, nextPage }) => {
    const filter = {
      ...(query.state ? { state: query.state } : {}),
      ...(query.type ? { type: query.type } : {}),
      ...(query.execution ? { executionId: query.execution } : {}),
      ...(query.agent ? { agentId: query.agent } : {}),
      ...(query.by ? { by: query.by } : {}),
    };
    const page = await listPage(
      { query, nextPage },
      {
        read: (limit) =>
          store.inbox.list(filter, {
            limit,
            ...(query.cursor ? { after: query.cursor } : {}),
            newestFirst: query.order === 'newest',
          }),
        cursorOf: (last) => last.id,
      },
    );
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
