/** Where webhooks are called. Bodies are read as the bytes they are, because those are what was signed. */
import type { FastifyInstance } from 'fastify';
import { receiveWebhook } from '../../engine/triggers/receive-webhook.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function hookRoutes(app: FastifyInstance, { store, engine }: Services): void {
  // In a place of its own, so that no other route takes bodies of any type.
  void app.register(async (hooks) => {
    hooks.removeAllContentTypeParsers();
    hooks.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    registerRoute(hooks, store, 'receiveWebhook', async ({ params, query, body, request }) =>
      receiveWebhook(engine, {
        triggerId: params.triggerId,
        headers: Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
        ),
        query,
        body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
      }),
    );
  });
}
