/** Liveness, readiness, hosts, the doctor, and the API's own description. */
import type { FastifyInstance } from 'fastify';
import { registerRoute } from '../http/register-route.ts';
import { docsPage } from '../http/docs-page.ts';
import { openApiDocument } from '../http/openapi.ts';
import type { Services } from '../services.ts';

export function operationsRoutes(app: FastifyInstance, services: Services): void {
  const { store } = services;
  registerRoute(app, store, 'getHealth', async () => ({ status: 'ok' as const }));

  app.get('/readyz', { config: { permission: 'public' } }, async (request, reply) => {
    const checks = await services.readiness();
    const ready = Object.values(checks).every((check) => check.ok);
    void reply.status(ready ? 200 : 503);
    // Reasons tell about the inside, so they need identity.
    return { status: ready ? 'ready' : 'unavailable', ...(request.principal ? { checks } : {}) };
  });

  registerRoute(app, store, 'listHosts', async () => store.hosts());
  registerRoute(app, store, 'getDoctor', async () => services.doctor());

  const openApi = openApiDocument(services.version);
  app.get('/api/openapi.json', { config: { permission: 'read' } }, async () => openApi);
  const page = docsPage(openApi);
  app.get('/api/docs', { config: { permission: 'read' } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(page),
  );

  app.get('/metrics', { config: { permission: 'read' } }, async (_request, reply) => {
    const [agents, inbox] = await Promise.all([
      store.agents.list(),
      store.inbox.list({ state: 'open' }, { limit: 1000 }),
    ]);
    const byStatus = new Map<string, number>();
    for (const agent of agents) byStatus.set(agent.status, (byStatus.get(agent.status) ?? 0) + 1);
    const lines = [
      '# TYPE pointsman_agents gauge',
      ...[...byStatus].map(([status, count]) => `pointsman_agents{status="${status}"} ${count}`),
      '# TYPE pointsman_inbox_open gauge',
      `pointsman_inbox_open ${inbox.length}`,
      '# TYPE process_resident_memory_bytes gauge',
      `process_resident_memory_bytes ${process.memoryUsage().rss}`,
    ];
    return reply.type('text/plain; version=0.0.4').send(`${lines.join('\n')}\n`);
  });
}
