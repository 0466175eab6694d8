/** REST of preferences: everybody's own, nobody's else. */
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function preferenceRoutes(app: FastifyInstance, { store }: Services): void {
  registerRoute(app, store, 'getPreference', async ({ params, principal, reply }) => {
    const preference = await store.preferences.get(principal.id, params.key);
    void reply.header('etag', `"${preference.version}"`);
    return preference;
  });

  registerRoute(app, store, 'putPreference', async ({ params, body, ifMatch, principal, reply }) => {
    const stored = await store.preferences.put(principal.id, params.key, { value: body.value, ifVersion: ifMatch });
    if (!stored) throw new PointsmanError('VERSION_CONFLICT');
    void reply.header('etag', `"${stored.version}"`);
    return stored;
  });
}
