/** REST of incidents. */
import type { FastifyInstance } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import { resolveIncident, takeIncident } from '../../engine/incidents/answer-incident.ts';
import { incidentSummary } from '../../engine/incidents/note-incident.ts';
import { actorOf } from '../auth/principal.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import type { Services } from '../services.ts';

export function incidentRoutes(app: FastifyInstance, { store, engine }: Services): void {
  registerRoute(app, store, 'listIncidents', async ({ query, nextPage }) => {
    const filter = {
      ...(query.state ? { state: query.state } : {}),
      ...(query.open ? { open: query.open === 'true' } : {}),
    };
    const page = await listPage(
      { query, nextPage },
      {
        read: (limit) => store.incidents.list(filter, { limit, ...(query.cursor ? { before: query.cursor } : {}) }),
        cursorOf: (last) => last.id,
      },
    );
    return page.map(incidentSummary);
  });

  registerRoute(app, store, 'getIncident', async ({ params }) => {
    const incident = await store.incidents.get(params.id);
    if (!incident) throw new PointsmanError('INCIDENT_NOT_FOUND');
    return incident;
  });

  registerRoute(app, store, 'takeIncident', async ({ params, principal, request }) =>
    takeIncident(engine, { id: params.id, by: actorOf(principal), requestId: request.id }),
  );

  registerRoute(app, store, 'resolveIncident', async ({ params, body, principal, request }) =>
    resolveIncident(engine, { id: params.id, note: body.note, by: actorOf(principal), requestId: request.id }),
  );
}
