/** Who makes a request, as the server knows it; nothing here comes from the client but the proof. */
import type { Permission, Role } from '../../contract/identity.ts';
import type { Actor } from '../../engine/engine-context.ts';
import type { EmbedGrant } from './embed-grant.ts';

export interface Principal {
  id: string;
  name: string;
  role: Role;
  permissions: readonly Permission[];
  /** An agent's gives nothing but its tools. */
  via: 'session' | 'token' | 'agent' | 'embed';
  /** The session's, token's or embedded view's own id: what is revoked. */
  credentialId: string;
  /** Of a token: finds its row again at the cost of one look. */
  tokenHash?: string;
  /** Of a view in another page: all it may see. */
  embed?: EmbedGrant;
}

export function actorOf(principal: Principal): Actor {
  return { name: principal.name, role: principal.role };
}

export function may(principal: Principal, permission: Permission): boolean {
  return principal.permissions.includes(permission);
}
