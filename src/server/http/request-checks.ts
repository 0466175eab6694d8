/** What every request must pass before its handler: a known Host, no foreign Origin, an identity, the permission. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isPointsmanError, PointsmanError } from '../../contract/errors.ts';
import type { Permission } from '../../contract/identity.ts';
import type { Store } from '../../ports/store/store.ts';
import type { AgentTokens } from '../auth/agent-tokens.ts';
import type { IdentityService } from '../auth/identity-service.ts';
import { embedMayRead } from '../auth/embed-grant.ts';
import { may, type Principal } from '../auth/principal.ts';
import type { AllowedHosts } from './allowed-hosts.ts';

export const SESSION_COOKIE = 'pointsman_session';
export const REFRESH_COOKIE = 'pointsman_refresh';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
  }
  interface FastifyContextConfig {
    /** Every route says what it needs; one that does not stops the boot. */
    permission?: 'public' | 'agent' | Permission;
  }
}

export interface RequestChecks {
  hosts: AllowedHosts;
  identity: IdentityService;
  agentTokens: AgentTokens;
  store: Store;
}

export function checkHost(checks: RequestChecks) {
  return async (request: FastifyRequest): Promise<void> => {
    if (!checks.hosts.host(request.raw))
      throw new PointsmanError('HOST_NOT_ALLOWED', { detail: 'The Host header names no address of this server.' });
  };
}

export function checkIdentity(checks: RequestChecks) {
  return async (request: FastifyRequest, _reply: FastifyReply): Promise<void> => {
    const needed = request.routeOptions.config.permission ?? 'read'; // an unknown address needs identity before it says 404
    request.principal = await (needed === 'agent' ? agentOf(checks, request) : identified(checks, request, needed));
    const { origin } = request.headers;
    if (origin !== undefined && !checks.hosts.origin(origin)) {
      if (needed !== 'public' && !request.principal) throw new PointsmanError('UNAUTHENTICATED');
      throw new PointsmanError('ORIGIN_NOT_ALLOWED', { detail: 'The Origin header names another site.' });
    }
    if (needed === 'public') {
      refuseCrossSite(request);
      return;
    }
    if (!request.principal) throw new PointsmanError('UNAUTHENTICATED');
    if (needed === 'agent') return;
    if (request.principal.via === 'session') refuseCrossSite(request);
    const { embed } = request.principal;
    if (embed && !embedMayRead(embed, request.method, request.routeOptions.url ?? '', request.params))
      throw new PointsmanError('FORBIDDEN', { detail: 'This view shows one thing only, and not this.' });
    if (!may(request.principal, needed))
      throw new PointsmanError('FORBIDDEN', {
        detail: `This needs the permission “${needed}”; your role is ${request.principal.role}.`,
      });
  };
}

/** What is public is answered also while nobody can be looked up, as it is to somebody unknown. */
async function identified(
  checks: RequestChecks,
  request: FastifyRequest,
  needed: 'public' | Permission,
): Promise<Principal | null> {
  try {
    return await principalOf(checks, request);
  } catch (error) {
    if (needed === 'public' && isPointsmanError(error, 'DATABASE_UNAVAILABLE')) return null;
    throw error;
  }
}

/** The tools of agents are for agents: no cookie and no other token opens them. */
async function agentOf({ agentTokens, store }: RequestChecks, request: FastifyRequest): Promise<Principal | null> {
  const token = bearerOf(request.headers);
  return token ? agentTokens.principalOf(token, store) : null;
}

/** A bearer decides alone; a wrong one is not rescued by a cookie. */
export async function principalOf(
  { identity }: Pick<RequestChecks, 'identity'>,
  request: Pick<FastifyRequest, 'headers' | 'cookies'>,
): Promise<Principal | null> {
  if (request.headers.authorization !== undefined) {
    const token = bearerOf(request.headers);
    return token ? identity.byToken(token) : null;
  }
  const cookie = request.cookies[SESSION_COOKIE];
  return cookie ? identity.bySession(cookie) : null;
}

function bearerOf({ authorization = '' }: FastifyRequest['headers']): string | null {
  const [scheme, token] = authorization.split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' && token ? token : null;
}

/** A cookie travels by itself, so a change must come from our own pages. */
function refuseCrossSite(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new PointsmanError('ORIGIN_NOT_ALLOWED', { detail: 'The request comes from another site.' });
}
