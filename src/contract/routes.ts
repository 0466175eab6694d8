/**
 * Every REST route, declared once: the server registers them, the OpenAPI document and the typed client come from them.
 * A route without a permission does not exist: the type asks for one.
 */
import type { z } from 'zod';
import { agentDefinitionRoutes } from './routes/agent-definitions.ts';
import { agentRoutes } from './routes/agents.ts';
import { channelRoutes } from './routes/channels.ts';
import { embedRoutes } from './routes/embeds.ts';
import { executionRoutes } from './routes/executions.ts';
import { identityRoutes } from './routes/identity.ts';
import { inboxRoutes } from './routes/inbox.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { operationRoutes } from './routes/operations.ts';
import { policyRoutes } from './routes/policies.ts';
import { pushRoutes } from './routes/push.ts';
import { secretRoutes } from './routes/secrets.ts';
import { sharedStateRoutes } from './routes/shared-state.ts';
import { triggerRoutes } from './routes/triggers.ts';
import { usageRoutes } from './routes/usage.ts';
import { workflowRoutes } from './routes/workflows.ts';

export type { Route } from './routes/route.ts';

export const routes = {
  ...agentRoutes,
  ...inboxRoutes,
  ...incidentRoutes,
  ...pushRoutes,
  ...usageRoutes,
  ...policyRoutes,
  ...workflowRoutes,
  ...executionRoutes,
  ...sharedStateRoutes,
  ...identityRoutes,
  ...agentDefinitionRoutes,
  ...secretRoutes,
  ...channelRoutes,
  ...embedRoutes,
  ...triggerRoutes,
  ...operationRoutes,
};

export type RouteName = keyof typeof routes;

type Out<T> = T extends z.ZodType ? z.output<T> : undefined;
export type RouteParams<N extends RouteName> = (typeof routes)[N] extends { params: infer P } ? Out<P> : undefined;
export type RouteQuery<N extends RouteName> = (typeof routes)[N] extends { query: infer Q } ? Out<Q> : undefined;
export type RouteBody<N extends RouteName> = (typeof routes)[N] extends { body: infer B } ? Out<B> : undefined;
export type RouteResponse<N extends RouteName> = (typeof routes)[N]['response'] extends null
  ? undefined
  : Out<(typeof routes)[N]['response']>;
