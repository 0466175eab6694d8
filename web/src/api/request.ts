/**
 * Calls the REST API. The first argument is checked against the contract's routes by type only, so that neither the
 * route table nor Zod is shipped to the browser.
 */
import type {
  RouteBody,
  RouteName,
  RouteParams,
  RouteQuery,
  RouteResponse,
  routes,
} from '../../../src/contract/routes.ts';
import { ApiError, readProblem } from './api-error.ts';
import { bearer } from './bearer.ts';
import { renewSession, sessionEnded } from './session.ts';

type Signature<N extends RouteName> = `${(typeof routes)[N]['method']} ${(typeof routes)[N]['path']}`;
export type RouteSignature = Signature<RouteName>;
type RouteOf<S extends RouteSignature> = { [N in RouteName]: Signature<N> extends S ? N : never }[RouteName];
type Field<K extends string, T> = [T] extends [undefined] ? { [P in K]?: undefined } : { [P in K]: T };

type Loose<T> = { [P in keyof T]?: T[P] | undefined };

export type RequestOptions<S extends RouteSignature> = Field<'params', RouteParams<RouteOf<S>>> &
  Field<'body', RouteBody<RouteOf<S>>> & {
    query?: Loose<NonNullable<RouteQuery<RouteOf<S>>>>;
    headers?: Record<string, string>;
    signal?: AbortSignal;
  };
export type ResponseOf<S extends RouteSignature> = RouteResponse<RouteOf<S>>;
type OptionalWhenEmpty<T> = Record<string, never> extends T ? [options?: T] : [options: T];

/** The body of a 2xx answer; anything else throws an ApiError. A 401 renews the session once. */
export async function request<S extends RouteSignature>(
  signature: S,
  ...[options]: OptionalWhenEmpty<RequestOptions<S>>
): Promise<ResponseOf<S>> {
  return (await requestPage(signature, ...([options] as OptionalWhenEmpty<RequestOptions<S>>))).body;
}

/** The same with the cursor of the next page, for lists. */
export async function requestPage<S extends RouteSignature>(
  signature: S,
  ...[options]: OptionalWhenEmpty<RequestOptions<S>>
): Promise<{ body: ResponseOf<S>; next: string | null }> {
  const [method = 'GET', template = '/'] = signature.split(' ');
  const given = (options ?? {}) as Given;
  const send = () => attempt({ method, url: urlOf(template, given), given });
  let response = await send();
  if (response.status === 401 && !template.startsWith('/api/auth/')) {
    if (bearer() === null && (await renewSession())) response = await send();
    if (response.status === 401) sessionEnded();
  }
  if (!response.ok) throw await readProblem(response);
  // The contract's type is trusted here: the server validates what it answers against the same schema.
  const body = (response.status === 204 ? undefined : await response.json()) as ResponseOf<S>;
  return { body, next: nextCursor(response.headers.get('link')) };
}

interface Given {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

async function attempt({ method, url, given }: { method: string; url: string; given: Given }): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...given.headers };
  const token = bearer();
  if (token !== null) headers['authorization'] = `Bearer ${token}`;
  let body: string | null = null;
  if (method !== 'GET') {
    headers['content-type'] ??= 'application/json';
    // Also a write without content says it is JSON: that is what keeps other sites' forms out.
    body = typeof given.body === 'string' ? given.body : JSON.stringify(given.body ?? {});
  }
  try {
    return await fetch(url, { method, headers, body, credentials: 'same-origin', signal: given.signal ?? null });
  } catch (cause) {
    if (given.signal?.aborted) throw cause;
    throw new ApiError({
      status: 0,
      code: 'SERVER_UNREACHABLE',
      title: 'The server does not answer',
      detail:
        'Pointsman cannot be reached. Check that it is running (`npx pointsman up`); this page goes on by itself when it is back.',
      cause,
    });
  }
}

function urlOf(template: string, given: Given): string {
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(textOf(given.params?.[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given.query ?? {})) {
    if (value !== undefined && value !== '') query.set(name, textOf(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function nextCursor(link: string | null): string | null {
  const target = /<([^>]+)>;\s*rel="?next"?/.exec(link ?? '')?.[1];
  return target ? new URL(target, location.origin).searchParams.get('cursor') : null;
}
