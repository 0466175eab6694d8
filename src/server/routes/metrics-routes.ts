/** What Prometheus reads, and the clock on every request. */
import type { FastifyInstance } from 'fastify';
import { EXPOSITION_TYPE, exposition } from '../metrics/exposition.ts';
import { storeFamilies } from '../metrics/store-families.ts';
import type { Services } from '../services.ts';

/** Other words for a method would be names without end. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Before any route, so that also what is refused is counted. */
export function measureRequests(app: FastifyInstance, { meter }: Pick<Services, 'meter'>): void {
  app.addHook('onResponse', async (request, reply) => {
    const { url, config } = request.routeOptions;
    meter.answered({
      method: METHODS.has(request.method) ? request.method : '_OTHER',
      route: url === undefined ? 'none' : url.replaceAll(/:(\w+)/g, '{$1}'),
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
      principalId: config?.permission === 'agent' ? null : (request.principal?.id ?? null),
    });
  });
}

export function metricsRoutes(app: FastifyInstance, { store, meter }: Services): void {
  app.get('/metrics', { config: { permission: 'read' } }, async (_request, reply) =>
    reply.type(EXPOSITION_TYPE).send(exposition([...meter.families(), ...(await storeFamilies(store))])),
  );
}
