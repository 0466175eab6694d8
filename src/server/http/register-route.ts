/** Registers one route of the contract: identity first, then the shapes of params, query and body, then the handler. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type ErrorCode, PointsmanError, type ProblemItem } from '../../contract/errors.ts';
import {
  type Route,
  type RouteBody,
  type RouteName,
  type RouteParams,
  type RouteQuery,
  type RouteResponse,
  routes,
} from '../../contract/routes.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Principal } from '../auth/principal.ts';
import { requireCursor } from './page-cursor.ts';

export interface RouteInput<N extends RouteName> {
  params: RouteParams<N>;
  query: RouteQuery<N>;
  body: RouteBody<N>;
  /** Null only on public routes. */
  principal: Principal;
  /** The version of If-Match; null when it was not sent. */
  ifMatch: number | null;
  /** Set the cursor of the next page, when there is one. */
  nextPage: (cursor: string) => void;
  request: FastifyRequest;
  reply: FastifyReply;
}

export type Handler<N extends RouteName> = (input: RouteInput<N>) => Promise<RouteResponse<N>>;

const NOT_FOUND_BY_TAG: Record<string, ErrorCode> = {
  agents: 'AGENT_NOT_FOUND',
  definitions: 'DEFINITION_NOT_FOUND',
  tasks: 'TASK_NOT_FOUND',
  inbox: 'INBOX_ITEM_NOT_FOUND',
  incidents: 'INCIDENT_NOT_FOUND',
  workflows: 'WORKFLOW_NOT_FOUND',
  executions: 'EXECUTION_NOT_FOUND',
  triggers: 'TRIGGER_NOT_FOUND',
};

export function registerRoute<N extends RouteName>(
  app: FastifyInstance,
  store: Store,
  name: N,
  handler: Handler<N>,
): void {
  const route: Route = routes[name];
  app.route({
    method: route.method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    config: {
      permission: route.permission,
      ...(route.perMinute ? { rateLimit: { max: route.perMinute, timeWindow: 60_000 } } : {}),
    },
    handler: async (request, reply) => {
      const input = {
        params: route.params ? readParams(route, request.params) : undefined,
        query: route.query ? read(route.query, request.query, '') : readNothing(request.query),
        body: route.body ? readBody(route, request.body) : undefined,
        principal: request.principal,
        ifMatch: readIfMatch(request.headers['if-match']),
        nextPage: (cursor: string) => void reply.header('link', `<${nextUrl(request, cursor)}>; rel="next"`),
        request,
        reply,
      } as RouteInput<N>; // each part was just read by the schema its type comes from
      if (route.paged) requireCursor(name, (input.query as { cursor?: string } | undefined)?.cursor);
      const run = () => handler(input);
      const result = route.idempotent ? await once(store, request, route, run) : await run();
      reply.status(route.status);
      return route.response === null ? null : result;
    },
  });
}

function readParams(route: Route, params: unknown): unknown {
  const parsed = route.params?.safeParse(params);
  if (parsed?.success) return parsed.data;
  throw new PointsmanError(NOT_FOUND_BY_TAG[route.tag] ?? 'NOT_FOUND');
}

function readBody(route: Route, body: unknown): unknown {
  if (route.bodyIsText) return body ?? '';
  return read(route.body as z.ZodType, body ?? {}, '');
}

function read(schema: z.ZodType, value: unknown, at: string): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, at));
  throw new PointsmanError('INVALID_REQUEST', {
    detail: problems[0] ? `${problems[0].path || '/'}: ${problems[0].message}` : 'The request is not valid',
    problems,
  });
}

function problemsOf(issue: z.core.$ZodIssue, at: string): ProblemItem[] {
  const path = at + issue.path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      code: 'UNKNOWN_FIELD',
      message: `“${key}” is not a field here.`,
      severity: 'error' as const,
    }));
  }
  return [{ path, code: issue.code.toUpperCase(), message: issue.message, severity: 'error' }];
}

function readNothing(query: unknown): undefined {
  const [unknown] = Object.keys((query ?? {}) as object);
  if (unknown !== undefined)
    throw new PointsmanError('INVALID_REQUEST', {
      detail: `“${unknown}” is not a parameter here.`,
      problems: [
        { path: `/${unknown}`, code: 'UNKNOWN_FIELD', message: 'This address takes no parameters.', severity: 'error' },
      ],
    });
  return undefined;
}

function readIfMatch(header: string | undefined): number | null {
  if (header === undefined || header === '*') return null;
  const match = /^(?:W\/)?"?(\d+)"?$/.exec(header.trim());
  if (!match)
    throw new PointsmanError('INVALID_REQUEST', {
      detail: 'If-Match must be a version number.',
      problems: [
        {
          path: '/headers/if-match',
          code: 'INVALID_FORMAT',
          message: 'Send the version as it was read, for example "3".',
          severity: 'error',
        },
      ],
    });
  return Number(match[1]);
}

function nextUrl(request: FastifyRequest, cursor: string): string {
  const url = new URL(request.url, 'http://localhost');
  url.searchParams.set('cursor', cursor);
  return url.pathname + url.search;
}

/** Runs once per Idempotency-Key and principal; a repetition gets the first answer. */
async function once<T>(store: Store, request: FastifyRequest, route: Route, run: () => Promise<T>): Promise<T> {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || key === '') return run();
  if (key.length > 200)
    throw new PointsmanError('INVALID_REQUEST', { detail: 'An Idempotency-Key has at most 200 characters.' });
  const principal = request.principal?.id ?? 'public';
  const requestHash = createHash('sha256')
    .update(`${route.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`)
    .digest('hex');
  const stored = await store.identity.claimKey(principal, key, requestHash);
  if (stored && stored.requestHash !== requestHash) throw new PointsmanError('IDEMPOTENCY_KEY_REUSED');
  if (stored && stored.status !== null) return stored.response as T; // what this handler answered the first time
  if (stored)
    throw new PointsmanError('IDEMPOTENCY_KEY_REUSED', {
      detail: 'A request with this key is still being handled; try again in a moment.',
    });
  try {
    const result = await run();
    await store.identity.storeResponse(principal, key, route.status, result);
    return result;
  } catch (error) {
    await store.identity.releaseKey(principal, key);
    throw error;
  }
}
