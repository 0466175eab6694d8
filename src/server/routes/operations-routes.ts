/** Liveness, readiness, the audit, hosts, the doctor, and the API's own description. */
import type { FastifyInstance } from 'fastify';
import { KEPT, type Retention } from '../../contract/retention.ts';
import { KEPT_DAYS } from '../../engine/prune-history.ts';
import { settingsOf } from '../config.ts';
import { listPage } from '../http/list-page.ts';
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

  registerRoute(app, store, 'listAudit', async ({ query, nextPage }) => {
    const { actor, action, subject, order = 'newest', cursor } = query;
    const filter = {
      ...(actor === undefined ? {} : { actor }),
      ...(action === undefined ? {} : { action }),
      ...(subject === undefined ? {} : { subject }),
    };
    return listPage(
      { query, nextPage },
      {
        read: (limit) =>
          store.identity.audits(filter, { limit, order, ...(cursor === undefined ? {} : { after: Number(cursor) }) }),
        cursorOf: ({ seq }) => String(seq),
      },
    );
  });

  registerRoute(app, store, 'verifyAudit', async () => store.auditSeals.verify());
  registerRoute(app, store, 'listSettings', async () => settingsOf(services.config));
  registerRoute(app, store, 'getRetention', async (): Promise<Retention> => {
    const [stored, lastRun] = await Promise.all([store.retention.stored(), store.retention.lastRun()]);
    const days = { ...KEPT_DAYS, executions: services.config.keepExecutionsDays ?? null };
    return { keep: KEPT.map((what) => ({ what, days: days[what] })), stored, lastRun };
  });
  registerRoute(app, store, 'listHosts', async () => store.hosts());
  registerRoute(app, store, 'getDoctor', async () => services.doctor());

  const openApi = openApiDocument(services.version);
  app.get('/api/openapi.json', { config: { permission: 'read' } }, async () => openApi);
  const page = docsPage(openApi);
  app.get('/api/docs', { config: { permission: 'read' } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(page),
  );
}
