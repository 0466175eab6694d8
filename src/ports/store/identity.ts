/** Rows of people, sessions, tokens and one-time codes; secrets are here only as hashes. */
import type { LiveEmbed } from '../../contract/embeds.ts';
import type { AuditEntry } from '../../contract/audit.ts';
import type { Permission, Role } from '../../contract/identity.ts';

export interface UserRecord {
  id: string;
  name: string;
  role: Role;
  permissions: Permission[];
  passwordHash: string | null;
  disabled: boolean;
  createdAt: string;
}

export interface SessionRecord {
  id: string;
  userId: string;
  refreshHash: string;
  previousRefreshHash: string | null;
  refreshedAt: string;
  expiresAt: string;
  revokedAt: string | null;
}

export interface TokenRecord {
  id: string;
  name: string;
  hash: string;
  role: Role;
  permissions: Permission[];
  createdBy: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

export interface EmbedRecord {
  id: string;
  show: LiveEmbed['show'];
  subjectId: string | null;
  parents: string[];
  createdBy: string;
  /** A user or a token. */
  ownerId: string;
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
}

export interface IdentityStore {
  insertUser(user: UserRecord): Promise<'inserted' | 'name_taken'>;
  user(id: string): Promise<UserRecord | null>;
  userByName(name: string): Promise<UserRecord | null>;
  users(page: { limit: number; after?: string }): Promise<UserRecord[]>;
  updateUser(
    id: string,
    changes: Partial<Pick<UserRecord, 'role' | 'permissions' | 'passwordHash' | 'disabled'>>,
  ): Promise<UserRecord | null>;
  countAdmins(): Promise<number>;

  insertSession(session: SessionRecord): Promise<void>;
  session(id: string): Promise<SessionRecord | null>;
  /** Swaps the refresh secret when `from` is still the one in use. */
  rotateSession(id: string, from: string, to: string): Promise<boolean>;
  revokeSession(id: string): Promise<void>;
  revokeSessionsOf(userId: string): Promise<string[]>;

  insertCode(code: { hash: string; userId: string; expiresAt: string }): Promise<void>;
  /** The code's user, once; null when unknown, used or expired. */
  useCode(hash: string, now: string): Promise<string | null>;

  insertToken(token: TokenRecord): Promise<void>;
  tokenByHash(hash: string): Promise<TokenRecord | null>;
  tokens(page: { limit: number; after?: string }): Promise<TokenRecord[]>;
  revokeToken(id: string): Promise<boolean>;
  touchToken(id: string, at: string): Promise<void>;

  insertEmbed(embed: EmbedRecord): Promise<void>;
  /** Null when it was revoked. */
  embed(id: string): Promise<EmbedRecord | null>;
  /** Those that work now, newest first; `owner` null: of everybody. */
  embeds(
    filter: { owner: string | null; now: string },
    page: { limit: number; before?: string },
  ): Promise<(EmbedRecord & { subjectName: string | null })[]>;
  /** False when there is none, or none of this owner. */
  revokeEmbed(id: string, owner: string | null): Promise<boolean>;
  touchEmbed(id: string, at: string): Promise<void>;
  /** Removes those that expired before a time. */
  pruneEmbeds(before: string): Promise<void>;

  /** Claims a key; null when it is new, else what was stored. */
  claimKey(
    principal: string,
    key: string,
    requestHash: string,
  ): Promise<{ requestHash: string; status: number | null; response: unknown } | null>;
  storeResponse(principal: string, key: string, status: number, response: unknown): Promise<void>;
  releaseKey(principal: string, key: string): Promise<void>;
  /** Removes idempotency keys of requests before a time. */
  pruneKeys(before: string): Promise<void>;

  audits(
    /** `action`: the whole of it, or what stands before its first point. */
    filter: { actor?: string; action?: string; subject?: string },
    /** `after`: the last one seen. */
    page: { limit: number; after?: number; order: 'newest' | 'oldest' },
  ): Promise<AuditEntry[]>;
  audit(entry: { actor: string; action: string; subject: string; detail: unknown; requestId?: string }): Promise<void>;
}
