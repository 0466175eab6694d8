/** REST of triggers. */
import type { FastifyInstance } from 'fastify';
import { rotateTriggerSecret } from '../../engine/triggers/rotate-trigger-secret.ts';
import { switchTrigger } from '../../engine/triggers/switch-trigger.ts';
import { triggerView } from '../../ports/store/triggers.ts';
import { actorOf } from '../auth/principal.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function triggerRoutes(app: FastifyInstance, { store, engine }: Services): void {
  registerRoute(app, store, 'listTriggers', async ({ query, nextPage }) => {
    const filter = query.workflow ? { workflowId: query.workflow } : {};
    const page = await listPage(
      { query, nextPage },
      {
        read: (limit) => store.triggers.list(filter, { limit, ...(query.cursor ? { before: query.cursor } : {}) }),
        cursorOf: (last) => last.id,
      },
    );
    return page.map(triggerView);
  });

  registerRoute(app, store, 'updateTrigger', async ({ params, body, principal }) =>
    switchTrigger(engine, { id: params.id, enabled: body.enabled, by: actorOf(principal) }),
  );

  registerRoute(app, store, 'rotateTriggerSecret', async ({ params, principal }) =>
    rotateTriggerSecret(engine, { id: params.id, by: actorOf(principal) }),
  );
}
