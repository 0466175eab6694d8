/** REST of incidents. */
import { z } from 'zod';
import { Incident, IncidentQuery, IncidentSummary, ResolveIncident } from '../incidents.ts';
import { IdParams } from './params.ts';
import type { Route } from './route.ts';

export const incidentRoutes = {
  listIncidents: {
    method: 'GET',
    path: '/api/incidents',
    tag: 'incidents',
    summary: 'What went wrong, newest first; without their histories',
    permission: 'read',
    query: IncidentQuery,
    status: 200,
    response: z.array(IncidentSummary),
    paged: true,
  },
  getIncident: {
    method: 'GET',
    path: '/api/incidents/{id}',
    tag: 'incidents',
    summary: 'One incident with its history',
    permission: 'read',
    params: IdParams,
    status: 200,
    response: Incident,
  },
  takeIncident: {
    method: 'POST',
    path: '/api/incidents/{id}/take',
    tag: 'incidents',
    summary: 'Look into an incident that alerts; others see who does',
    permission: 'operate',
    params: IdParams,
    status: 200,
    response: Incident,
  },
  resolveIncident: {
    method: 'POST',
    path: '/api/incidents/{id}/resolve',
    tag: 'incidents',
    summary: 'Say that an incident is over, and what it was',
    permission: 'operate',
    params: IdParams,
    body: ResolveIncident,
    status: 200,
    response: Incident,
  },
} as const satisfies Record<string, Route>;
