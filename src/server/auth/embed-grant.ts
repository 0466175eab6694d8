/**
 * What a view in another page may see, and the two proofs of it. The grant is in the address, signed twice; what is
 * stored of it only says that it was not revoked. The proof for the page says which pages may hold it and gives
 * nothing; the proof for the data is in the fragment, which browsers send to nobody.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

const Grant = z.strictObject({
  /** Of its row. */
  embed: z.string(),
  show: z.enum(['overview', 'agent', 'execution']),
  id: z.string().optional(),
  parents: z.array(z.string()),
  /** Milliseconds since 1970. */
  expires: z.number(),
  name: z.string(),
  /** Whoever made it: it ends with that account or token. */
  user: z.string().optional(),
  tokenHash: z.string().optional(),
});
export type EmbedGrant = z.infer<typeof Grant>;

type Purpose = 'page' | 'data';

export interface SignedEmbed {
  /** For the path. */
  page: string;
  /** For the fragment. */
  key: string;
}

export const EMBED_TOKEN = 'pm_embed_';

export function signEmbed(key: Buffer, grant: EmbedGrant): SignedEmbed {
  const payload = Buffer.from(JSON.stringify(grant)).toString('base64url');
  return { page: `${payload}.${proof(key, 'page', payload)}`, key: proof(key, 'data', payload) };
}

/** Null unless we signed it; it may have expired. */
export function embedOfPage(key: Buffer, page: string): EmbedGrant | null {
  return open(key, 'page', page);
}

/** The bearer of the page's own requests: `pm_embed_` and payload and key. Null unless we signed it. */
export function embedOfToken(key: Buffer, token: string): EmbedGrant | null {
  return token.startsWith(EMBED_TOKEN) ? open(key, 'data', token.slice(EMBED_TOKEN.length)) : null;
}

function open(key: Buffer, purpose: Purpose, signed: string): EmbedGrant | null {
  const [payload = '', given = '', ...rest] = signed.split('.');
  const [mine, theirs] = [Buffer.from(proof(key, purpose, payload)), Buffer.from(given)];
  if (rest.length > 0 || mine.length !== theirs.length || !timingSafeEqual(mine, theirs)) return null;
  const grant = Grant.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  return grant.success ? grant.data : null;
}

function proof(key: Buffer, purpose: Purpose, payload: string): string {
  return createHmac('sha256', key).update(`embed ${purpose} ${payload}`).digest('base64url');
}

/** Routes by what is shown; a route with an id is open for that one alone. */
const ROUTES: Record<EmbedGrant['show'], readonly string[]> = {
  overview: ['/api/me', '/api/agents', '/api/executions'],
  agent: ['/api/me', '/api/agents/:id', '/api/agents/:id/screen'],
  execution: ['/api/me', '/api/executions/:id', '/api/executions/:id/graph', '/api/executions/:id/logs'],
};

export function embedMayRead(grant: EmbedGrant, method: string, route: string, params: unknown): boolean {
  const { id } = params as { id?: string };
  return method === 'GET' && ROUTES[grant.show].includes(route) && (id === undefined || id === grant.id);
}

export function embedMayFollow(grant: EmbedGrant, topic: string): boolean {
  return grant.show === 'overview'
    ? topic === 'agents' || topic === 'executions'
    : topic === `${grant.show}:${grant.id ?? ''}`;
}

export function embedMayWatch(grant: EmbedGrant, agentId: string): boolean {
  return grant.show === 'agent' && grant.id === agentId;
}
