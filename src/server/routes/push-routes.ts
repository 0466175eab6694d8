/** REST of web push: everybody's own browsers, nobody's else. */
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { subscribe, subscriptionView, tryOut } from '../../engine/push/subscriptions.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function pushRoutes(app: FastifyInstance, { store, engine, push: sender }: Services): void {
  registerRoute(app, store, 'getPushKey', async () => ({ publicKey: await sender.publicKey() }));

  registerRoute(app, store, 'listPushSubscriptions', async ({ principal }) =>
    (await store.push.of(principal.id)).map(subscriptionView),
  );

  registerRoute(app, store, 'putPushSubscription', async ({ body, principal }) =>
    subscribe(engine, { ownerId: principal.id, body }),
  );

  registerRoute(app, store, 'updatePushSubscription', async ({ params, body, principal }) => {
    const at = engine.clock.now().toISOString();
    const changed = await store.push.setKinds(params.id, principal.id, { kinds: body.kinds, at });
    const found = changed ? await store.push.get(params.id, principal.id) : null;
    if (!found) throw new PointsmanError('PUSH_SUBSCRIPTION_NOT_FOUND');
    return subscriptionView(found);
  });

  registerRoute(app, store, 'deletePushSubscription', async ({ params, principal }) => {
    if (!(await store.push.get(params.id, principal.id))) throw new PointsmanError('PUSH_SUBSCRIPTION_NOT_FOUND');
    await store.push.remove(params.id);
    return undefined;
  });

  registerRoute(app, store, 'testPushSubscription', async ({ params, principal }) => {
    await tryOut(engine, { id: params.id, ownerId: principal.id, sender });
    return undefined;
  });
}
