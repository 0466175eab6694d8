/** The REST API as typed calls, made from the same route table the server registers. One server, one token. */
import { randomUUID } from 'node:crypto';
import { ERRORS, type ErrorCode, PointsmanError, type ProblemItem } from '../contract/errors.ts';
import {
  type Route,
  type RouteBody,
  type RouteName,
  type RouteParams,
  type RouteQuery,
  type RouteResponse,
  routes,
} from '../contract/routes.ts';
import type { ServerLocation } from './server-location.ts';

export type ApiRequest<N extends RouteName> = {
  query?: RouteQuery<N>;
  /** The version a change is meant for. */
  ifMatch?: number;
  signal?: AbortSignal;
} & (RouteParams<N> extends undefined ? { params?: undefined } : { params: RouteParams<N> }) &
  ((typeof routes)[N] extends { bodyIsText: true }
    ? { text: string }
    : RouteBody<N> extends undefined
      ? { body?: undefined }
      : { body: RouteBody<N> });

export type PagedRouteName = { [N in RouteName]: (typeof routes)[N] extends { paged: true } ? N : never }[RouteName];
/** May be called without saying anything more. */
type Bare<N extends RouteName> = Record<never, never> extends ApiRequest<N> ? N : never;

export interface ApiClient {
  readonly location: ServerLocation;
  call<N extends RouteName>(
    name: N,
    ...request: N extends Bare<N> ? [ApiRequest<N>?] : [ApiRequest<N>]
  ): Promise<RouteResponse<N>>;
  /** Page by page, all of them. */
  pages<N extends PagedRouteName>(name: N, request: ApiRequest<N>): AsyncIterable<RouteResponse<N>>;
  /** Follows the pages until `limit` items are there; `more` says that the server has others. */
  list<N extends PagedRouteName>(
    name: N,
    request: ApiRequest<N>,
    limit?: number,
  ): Promise<{ items: RouteResponse<N>; more: boolean }>;
}

/** No answer of the API takes this long; a server that hangs must not hang us. */
const ANSWER_TIMEOUT_MS = 30_000;
const LARGEST_PAGE = 200;

export function createApiClient(
  location: ServerLocation,
  { fetch = globalThis.fetch }: { fetch?: typeof globalThis.fetch } = {},
): ApiClient {
  interface AnyRequest {
    params?: unknown;
    query?: unknown;
    body?: unknown;
    text?: string;
    ifMatch?: number;
    signal?: AbortSignal;
  }

  async function send(name: RouteName, request: AnyRequest): Promise<{ body: unknown; next: string | undefined }> {
    const route: Route = routes[name];
    const url = location.url + pathOf(route.path, request.params) + queryOf(request.query);
    const content = contentOf(request);
    const headers: Record<string, string> = { authorization: `Bearer ${location.token}`, accept: 'application/json' };
    if (content) headers['content-type'] = content.type;
    if (route.idempotent) headers['idempotency-key'] = randomUUID();
    if (request.ifMatch !== undefined) headers['if-match'] = `"${request.ifMatch}"`;
    const exchange = () => {
      const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
      const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
      // Redirects are not followed: the token is for this server alone.
      return fetch(url, {
        method: route.method,
        headers,
        redirect: 'manual',
        signal,
        ...(content ? { body: content.text } : {}),
      });
    };
    // Asking again is harmless for what only reads, and for a creation because of its key.
    const mayRepeat = route.method === 'GET' || route.idempotent === true;
    let response: Response;
    try {
      response = await exchange().catch((error: unknown) => {
        if (mayRepeat && isDroppedConnection(error)) return exchange();
        throw error;
      });
    } catch (error) {
      if (request.signal?.aborted) throw error;
      throw unreachable(location.url, error);
    }
    const text = await response.text();
    const body = parseBody(text);
    if (!response.ok) throw problemError(response, body);
    if (body === undefined && route.response !== null) {
      throw new PointsmanError('SERVER_UNREACHABLE', {
        detail: `What answers at ${location.url} is not Pointsman.`,
        cause: { next: 'Check POINTSMAN_URL.' },
      });
    }
    return { body, next: nextCursor(response.headers.get('link')) };
  }

  return {
    location,
    async call(name, ...[request = {}]) {
      const { body } = await send(name, request);
      return body as never; // the server answers by the same route table
    },
    async *pages(name, request) {
      let cursor: string | undefined;
      do {
        const query = { ...(request.query as object | undefined), limit: LARGEST_PAGE, ...(cursor ? { cursor } : {}) };
        const { body, next } = await send(name, { ...request, query });
        yield body as never; // as above
        cursor = next;
      } while (cursor !== undefined);
    },
    async list(name, request, limit = Number.POSITIVE_INFINITY) {
      const items: unknown[] = [];
      let cursor: string | undefined;
      do {
        const page = {
          limit: Math.min(LARGEST_PAGE, limit - items.length),
          ...(cursor === undefined ? {} : { cursor }),
        };
        const { body, next } = await send(name, {
          ...request,
          query: { ...(request.query as object | undefined), ...page },
        });
        items.push(...(body as unknown[]));
        cursor = next;
      } while (cursor !== undefined && items.length < limit);
      return { items: items as never, more: cursor !== undefined }; // as above
    },
  };
}

function pathOf(template: string, params: unknown): string {
  const values = (params ?? {}) as Record<string, string | number>;
  return template.replaceAll(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(String(values[name])));
}

function queryOf(query: unknown): string {
  const given = Object.entries((query ?? {}) as Record<string, unknown>).filter(([, value]) => value !== undefined);
  const texts = Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
  return given.length === 0 ? '' : `?${new URLSearchParams(texts).toString()}`;
}

function contentOf(request: { body?: unknown; text?: string }): { type: string; text: string } | undefined {
  if (request.text !== undefined)
    return { type: isJson(request.text) ? 'application/json' : 'application/yaml', text: request.text };
  return request.body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(request.body) };
}

function isJson(text: string): boolean {
  return parseBody(text) !== undefined;
}

/** Undefined for what is not JSON. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Only the cursor is taken from the link: where the next page is, we know ourselves. */
function nextCursor(header: string | null): string | undefined {
  for (const [, target = '', attributes = ''] of (header ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*"?next"?/i.test(attributes))
      return URL.parse(target, 'http://localhost')?.searchParams.get('cursor') ?? undefined;
  }
  return undefined;
}

function problemError(response: Response, body: unknown): PointsmanError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<{
    code: string;
    title: string;
    detail: string;
    problems: ProblemItem[];
  }>;
  const retryAfter = Number(response.headers.get('retry-after'));
  const known = problem.code !== undefined && problem.code in ERRORS;
  const detail = whatHappened(problem) || `The server answered with status ${response.status}.`;
  return new PointsmanError(known ? (problem.code as ErrorCode) : codeOfStatus(response.status), {
    detail,
    cause: problem,
    ...(Array.isArray(problem.problems) ? { problems: problem.problems } : {}),
    ...(retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}),
  });
}

/** For an answer without a code we know: a newer server, or a proxy in between. */
function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 429) return 'RATE_LIMITED';
  if (status === 400 || status === 422) return 'INVALID_REQUEST';
  return status === 502 || status === 503 || status === 504 ? 'NOT_READY' : 'INTERNAL';
}

function isDroppedConnection(error: unknown): boolean {
  return /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(systemCode(error));
}

function systemCode(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : (name ?? '');
}

function unreachable(url: string, error: unknown): PointsmanError {
  const code = systemCode(error);
  const late = code === 'TimeoutError';
  const detail = late
    ? `The server at ${url} did not answer within ${ANSWER_TIMEOUT_MS / 1000} s.`
    : `No Pointsman server answers at ${url}${code && code !== 'TypeError' ? ` (${code})` : ''}.`;
  return new PointsmanError('SERVER_UNREACHABLE', {
    detail,
    cause: late ? { next: 'See its log, or restart it.' } : error,
  });
}

/** The detail also says what to do next, which the command line says on a line of its own. */
function whatHappened({ code, detail, title }: { code?: string; detail?: string; title?: string }): string | undefined {
  const next = code !== undefined && Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode].next : '';
  return (next && detail?.endsWith(` ${next}`) ? detail.slice(0, -next.length - 1) : detail) || title;
}
