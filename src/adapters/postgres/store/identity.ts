/** The rows of people, sessions, tokens, one-time codes, idempotency keys and the audit. */
import { and, asc, desc, eq, gt, isNull, lt, or, sql } from 'drizzle-orm';
import type { AuditEntry } from '../../../contract/audit.ts';
import type { IdentityStore, SessionRecord, TokenRecord, UserRecord } from '../../../ports/store/identity.ts';
import { type Database, often, postgresCode } from '../database.ts';
import { embedMethods } from './embeds.ts';
import { audit, idempotencyKeys, sessions, signInCodes, tokens, users } from '../schema.ts';

const NOW = sql`clock_timestamp()` as unknown as string;

const sessionOf = often('session-by-id', (db) =>
  db
    .select()
    .from(sessions)
    .where(eq(sessions.id, sql.placeholder('id'))),
);

export function identityStore(db: Database): IdentityStore {
  return { ...userMethods(db), ...sessionMethods(db), ...tokenMethods(db), ...embedMethods(db), ...requestMethods(db) };
}

function userMethods(
  db: Database,
): Pick<IdentityStore, 'insertUser' | 'user' | 'userByName' | 'users' | 'updateUser' | 'countAdmins'> {
  return {
    async insertUser(user) {
      try {
        await db.transaction((inner) => inner.insert(users).values(user));
        return 'inserted';
      } catch (error) {
        if (postgresCode(error) === '23505') return 'name_taken';
        throw error;
      }
    },
    async user(id) {
      const [row] = await db.select().from(users).where(eq(users.id, id));
      return (row as UserRecord | undefined) ?? null;
    },
    async userByName(name) {
      const [row] = await db.select().from(users).where(eq(users.name, name));
      return (row as UserRecord | undefined) ?? null;
    },
    async users(page) {
      const rows = await db
        .select()
        .from(users)
        .where(page.after ? gt(users.id, page.after) : undefined)
        .orderBy(asc(users.id))
        .limit(page.limit);
      return rows as UserRecord[];
    },
    async updateUser(id, changes) {
      const [row] = await db.update(users).set(changes).where(eq(users.id, id)).returning();
      return (row as UserRecord | undefined) ?? null;
    },
    async countAdmins() {
      const [row] = await db
        .select({ count: sql<string>`count(*)` })
        .from(users)
        .where(and(eq(users.role, 'admin'), eq(users.disabled, false)));
      return Number(row?.count);
    },
  };
}

function sessionMethods(
  db: Database,
): Pick<
  IdentityStore,
  'insertSession' | 'session' | 'rotateSession' | 'revokeSession' | 'revokeSessionsOf' | 'insertCode' | 'useCode'
> {
  return {
    async insertSession(session) {
      await db.insert(sessions).values(session);
    },
    async session(id) {
      const [row] = await sessionOf(db, { id });
      return (row as SessionRecord | undefined) ?? null;
    },
    async rotateSession(id, from, to) {
      const rows = await db
        .update(sessions)
        .set({ refreshHash: to, previousRefreshHash: from, refreshedAt: NOW })
        .where(and(eq(sessions.id, id), eq(sessions.refreshHash, from), isNull(sessions.revokedAt)))
        .returning({ id: sessions.id });
      return rows.length > 0;
    },
    async revokeSession(id) {
      await db
        .update(sessions)
        .set({ revokedAt: NOW })
        .where(and(eq(sessions.id, id), isNull(sessions.revokedAt)));
    },
    async revokeSessionsOf(userId) {
      const rows = await db
        .update(sessions)
        .set({ revokedAt: NOW })
        .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt)))
        .returning({ id: sessions.id });
      return rows.map((row) => row.id);
    },
    async insertCode(code) {
      await db.insert(signInCodes).values(code);
    },
    async useCode(hash, now) {
      const [row] = await db
        .update(signInCodes)
        .set({ usedAt: now })
        .where(and(eq(signInCodes.hash, hash), isNull(signInCodes.usedAt), gt(signInCodes.expiresAt, now)))
        .returning({ userId: signInCodes.userId });
      return row?.userId ?? null;
    },
  };
}

const tokenOf = often('token-by-hash', (db) =>
  db
    .select()
    .from(tokens)
    .where(and(eq(tokens.hash, sql.placeholder('hash')), isNull(tokens.revokedAt))),
);

function tokenMethods(
  db: Database,
): Pick<IdentityStore, 'insertToken' | 'tokenByHash' | 'tokens' | 'revokeToken' | 'touchToken'> {
  return {
    async insertToken(token) {
      await db.insert(tokens).values(token);
    },
    async tokenByHash(hash) {
      const [row] = await tokenOf(db, { hash });
      return (row as TokenRecord | undefined) ?? null;
    },
    async tokens(page) {
      const rows = await db
        .select()
        .from(tokens)
        .where(and(isNull(tokens.revokedAt), page.after ? gt(tokens.id, page.after) : undefined))
        .orderBy(asc(tokens.id))
        .limit(page.limit);
      return rows as TokenRecord[];
    },
    async revokeToken(id) {
      const rows = await db
        .update(tokens)
        .set({ revokedAt: NOW })
        .where(and(eq(tokens.id, id), isNull(tokens.revokedAt)))
        .returning({ id: tokens.id });
      return rows.length > 0;
    },
    async touchToken(id, at) {
      await db.update(tokens).set({ lastUsedAt: at }).where(eq(tokens.id, id));
    },
  };
}

function requestMethods(
  db: Database,
): Pick<IdentityStore, 'claimKey' | 'storeResponse' | 'releaseKey' | 'pruneKeys' | 'audits' | 'audit'> {
  const here = (principal: string, key: string) =>
    and(eq(idempotencyKeys.principal, principal), eq(idempotencyKeys.key, key));
  return {
    async claimKey(principal, key, requestHash) {
      // A claim without an answer after half a minute is of a request whose server died.
      const added = await db
        .insert(idempotencyKeys)
        .values({ principal, key, requestHash })
        .onConflictDoUpdate({
          target: [idempotencyKeys.principal, idempotencyKeys.key],
          set: { createdAt: NOW },
          setWhere: sql`${idempotencyKeys.status} is null and ${idempotencyKeys.requestHash} = excluded.request_hash and ${idempotencyKeys.createdAt} < clock_timestamp() - interval '30 seconds'`,
        })
        .returning({ key: idempotencyKeys.key });
      if (added.length > 0) return null;
      const [row] = await db.select().from(idempotencyKeys).where(here(principal, key));
      // Gone meanwhile: whoever had it gave it back.
      return row
        ? { requestHash: row.requestHash, status: row.status, response: row.response }
        : this.claimKey(principal, key, requestHash);
    },
    async storeResponse(principal, key, status, response) {
      await db.update(idempotencyKeys).set({ status, response }).where(here(principal, key));
    },
    async releaseKey(principal, key) {
      await db.delete(idempotencyKeys).where(and(here(principal, key), isNull(idempotencyKeys.status)));
    },
    async pruneKeys(before) {
      await db.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, before));
    },
    async audits({ actor, action, subject }, { limit, after, order }) {
      const rows = await db
        .select()
        .from(audit)
        .where(
          and(
            actor === undefined ? undefined : eq(audit.actor, actor),
            action === undefined
              ? undefined
              : or(eq(audit.action, action), eq(sql`split_part(${audit.action}, '.', 1)`, action)),
            subject === undefined ? undefined : eq(audit.subject, subject),
            after === undefined ? undefined : (order === 'newest' ? lt : gt)(audit.seq, after),
          ),
        )
        .orderBy(order === 'newest' ? desc(audit.seq) : asc(audit.seq))
        .limit(limit);
      return rows.map(({ requestId, detail, hash: _hash, ...row }) => ({
        ...row,
        detail: detail as AuditEntry['detail'], // written as JSON by us alone
        ...(requestId === null ? {} : { requestId }),
      }));
    },
    async audit(entry) {
      await db.insert(audit).values({ ...entry, detail: entry.detail ?? {}, requestId: entry.requestId ?? null });
    },
  };
}
