/**
 * Sign-in, sessions and tokens. Browser sessions are short JWTs (HS256, one local key) beside a rotating refresh
 * secret; every request looks the session up, so ending one works at once. Secrets are stored only as hashes.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2';
import { jwtVerify, SignJWT } from 'jose';
import { PointsmanError } from '../../contract/errors.ts';
import { isId } from '../../contract/written-ids.ts';
import type { Permission, Role } from '../../contract/identity.ts';
import { permissionsOf } from '../../domain/access.ts';
import type { Clock, IdSource } from '../../ports/clock.ts';
import type { TokenRecord, UserRecord } from '../../ports/store/identity.ts';
import type { Store } from '../../ports/store/store.ts';
import { type EmbedGrant, embedOfPage, embedOfToken, type SignedEmbed, signEmbed } from './embed-grant.ts';
import { may, type Principal } from './principal.ts';
import { RecentVerdicts } from './recent-verdicts.ts';
import { SignInLimiter } from './sign-in-limiter.ts';

const ISSUER = 'pointsman';
const AUDIENCE = 'pointsman-web';
const ACCESS_SECONDS = 600;
const SESSION_DAYS = 30;
const CODE_MINUTES = 10;
/** Two tabs may refresh at once; later a second use of a refresh secret means that it was copied. */
const REUSE_GRACE_MS = 15_000;

export interface IssuedSession {
  principal: Principal;
  access: string;
  accessSeconds: number;
  refresh: string;
  refreshSeconds: number;
}

export class IdentityService {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #ids: IdSource;
  readonly #key: Buffer;
  readonly #keyId: string;
  readonly #limiter: SignInLimiter;
  readonly #verdicts: RecentVerdicts;
  #dummyHash: Promise<string> | null = null;

  constructor(options: { store: Store; clock: Clock; ids: IdSource; key: Buffer }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#key = options.key;
    this.#keyId = sha256(options.key).slice(0, 16);
    this.#limiter = new SignInLimiter(options.clock);
    this.#verdicts = new RecentVerdicts(options.clock);
  }

  /** Null when the bearer is not one of ours, revoked or expired. */
  async byToken(token: string): Promise<Principal | null> {
    const grant = embedOfToken(this.#key, token);
    if (grant) return this.#byEmbed(grant);
    const hash = sha256(token);
    const record = await this.#store.identity.tokenByHash(hash);
    const now = this.#clock.now().toISOString();
    if (!record || !isValid(record, now)) return null;
    if (isNews(record.lastUsedAt, now)) await this.#store.identity.touchToken(record.id, now);
    return tokenPrincipal(record, hash);
  }

  /** An address for another page. It ends with the account or token of whoever made it, or when it is revoked. */
  async createEmbed(
    principal: Principal,
    what: Pick<EmbedGrant, 'show' | 'id' | 'parents' | 'expires'>,
    requestId: string,
  ): Promise<SignedEmbed & { id: string }> {
    const id = this.#ids.next();
    const { show, id: subject, parents } = what;
    const expiresAt = new Date(what.expires).toISOString();
    await this.#store.transaction(async (transaction) => {
      await transaction.identity.insertEmbed({
        id,
        show,
        subjectId: subject ?? null,
        parents,
        createdBy: principal.name,
        ownerId: principal.id,
        createdAt: this.#clock.now().toISOString(),
        expiresAt,
        lastUsedAt: null,
      });
      await transaction.identity.audit({
        actor: principal.name,
        action: 'embed.create',
        subject: id,
        detail: { show, ...(subject === undefined ? {} : { id: subject }), parents, expiresAt },
        requestId,
      });
    });
    const owner = principal.tokenHash === undefined ? { user: principal.id } : { tokenHash: principal.tokenHash };
    return { id, ...signEmbed(this.#key, { ...what, embed: id, name: principal.name, ...owner }) };
  }

  /** Ends a view and what it has open. False when there is none; whoever does not administer has only their own. */
  async revokeEmbed(id: string, principal: Principal, requestId: string): Promise<boolean> {
    const owner = may(principal, 'administer') ? null : principal.id;
    const revoked = await this.#store.transaction(async (transaction) => {
      if (!(await transaction.identity.revokeEmbed(id, owner))) return false;
      transaction.notify({ channel: 'sessions', key: id });
      await transaction.identity.audit({
        actor: principal.name,
        action: 'embed.revoke',
        subject: id,
        detail: {},
        requestId,
      });
      return true;
    });
    this.rightsChanged();
    return revoked;
  }

  /** Which pages may hold this one; null when it is none of ours. */
  embedPage(page: string): EmbedGrant | null {
    return embedOfPage(this.#key, page);
  }

  async #byEmbed(grant: EmbedGrant): Promise<Principal | null> {
    const now = this.#clock.now();
    if (grant.expires <= now.getTime()) return null;
    const row = await this.#store.identity.embed(grant.embed);
    if (!row) return null;
    const owner =
      grant.tokenHash === undefined
        ? await this.#store.identity.user(grant.user ?? '')
        : await this.#byTokenHash(grant.tokenHash);
    if (!owner || ('disabled' in owner && owner.disabled)) return null;
    if (isNews(row.lastUsedAt, now.toISOString())) await this.#store.identity.touchEmbed(row.id, now.toISOString());
    return {
      id: owner.id,
      name: grant.name,
      role: 'viewer',
      permissions: ['read'],
      via: 'embed',
      credentialId: grant.embed,
      embed: grant,
    };
  }

  /** Null when the cookie's JWT is not valid or its session has ended. */
  async bySession(jwt: string): Promise<Principal | null> {
    try {
      const { payload } = await jwtVerify(
        jwt,
        (header) => {
          if (header.kid !== this.#keyId) throw new Error('unknown key');
          return this.#key;
        },
        {
          algorithms: ['HS256'],
          issuer: ISSUER,
          audience: AUDIENCE,
          currentDate: this.#clock.now(),
          requiredClaims: ['sub', 'exp', 'nbf', 'jti', 'sid'],
        },
      );
      return await this.#bySessionId(String(payload['sid']));
    } catch {
      return null;
    }
  }

  /** True while the credential behind a principal still has all its rights. */
  stillHolds(principal: Principal): Promise<boolean> {
    return this.#verdicts.holds(principal.credentialId, () => this.#holdsNow(principal));
  }

  /** Somebody's rights have changed, here or in another process: nothing remembered counts any more. */
  rightsChanged(): void {
    this.#verdicts.forget();
  }

  async #holdsNow(principal: Principal): Promise<boolean> {
    const now =
      principal.via === 'session'
        ? await this.#bySessionId(principal.credentialId)
        : principal.embed
          ? await this.#byEmbed(principal.embed)
          : await this.#byTokenHash(principal.tokenHash ?? '');
    return (
      now !== null &&
      now.role === principal.role &&
      principal.permissions.every((permission) => now.permissions.includes(permission))
    );
  }

  async createCode(userId: string): Promise<{ code: string; expiresAt: string }> {
    const code = randomBytes(24).toString('base64url');
    const expiresAt = new Date(this.#clock.now().getTime() + CODE_MINUTES * 60_000).toISOString();
    await this.#store.identity.insertCode({ hash: sha256(code), userId, expiresAt });
    return { code, expiresAt };
  }

  async exchange(code: string, from: string): Promise<IssuedSession> {
    this.#limiter.check(from);
    const userId = await this.#store.identity.useCode(sha256(code), this.#clock.now().toISOString());
    const user = userId ? await this.#store.identity.user(userId) : null;
    if (!user || user.disabled) {
      this.#limiter.failed(from);
      throw new PointsmanError('CODE_USED_OR_EXPIRED');
    }
    return this.#issue(user, 'code');
  }

  /** Takes the same time for a name that does not exist. */
  async login(name: string, password: string, from: string): Promise<IssuedSession> {
    const account = `${from} ${name}`;
    this.#limiter.check(from);
    this.#limiter.check(account);
    const user = await this.#store.identity.userByName(name);
    this.#dummyHash ??= argon2Hash(randomBytes(16).toString('hex'));
    const right = await argon2Verify(user?.passwordHash ?? (await this.#dummyHash), password);
    if (!user?.passwordHash || user.disabled || !right) {
      this.#limiter.failed(from);
      this.#limiter.failed(account);
      await this.#store.identity.audit({ actor: name, action: 'sign-in.failed', subject: from, detail: {} });
      throw new PointsmanError('SIGN_IN_FAILED');
    }
    this.#limiter.succeeded(account);
    return this.#issue(user, 'password');
  }

  async refresh(secret: string): Promise<IssuedSession> {
    const [sessionId, value] = secret.split('.', 2);
    const session = sessionId && value && isId(sessionId) ? await this.#store.identity.session(sessionId) : null;
    const now = this.#clock.now();
    if (!session || !value || session.revokedAt || session.expiresAt <= now.toISOString())
      throw new PointsmanError('SESSION_REVOKED');
    const user = await this.#store.identity.user(session.userId);
    if (!user || user.disabled) throw new PointsmanError('SESSION_REVOKED');
    const hash = sha256(value);
    if (same(hash, session.refreshHash)) {
      const next = randomBytes(32).toString('base64url');
      if (await this.#store.identity.rotateSession(session.id, hash, sha256(next)))
        return this.#session(user, session.id, next);
    }
    const justRotated = now.getTime() - Date.parse(session.refreshedAt) < REUSE_GRACE_MS;
    if (session.previousRefreshHash && same(hash, session.previousRefreshHash) && justRotated)
      return this.#session(user, session.id, value);
    await this.endSession(session.id);
    await this.#store.identity.audit({
      actor: user.name,
      action: 'session.refresh-reused',
      subject: session.id,
      detail: {},
    });
    throw new PointsmanError('SESSION_REVOKED', {
      detail: 'A refresh secret was used twice, so this session was ended. Sign in again.',
    });
  }

  async endSession(sessionId: string): Promise<void> {
    await this.#store.transaction(async (transaction) => {
      await transaction.identity.revokeSession(sessionId);
      transaction.notify({ channel: 'sessions', key: sessionId });
    });
    this.rightsChanged();
  }

  /** After a change of rights: everything this person has open must prove itself again. */
  async endSessionsOf(userId: string): Promise<void> {
    await this.#store.transaction(async (transaction) => {
      for (const id of await transaction.identity.revokeSessionsOf(userId))
        transaction.notify({ channel: 'sessions', key: id });
    });
    this.rightsChanged();
  }

  /** False when there is no such token. */
  async revokeToken(id: string, by: string): Promise<boolean> {
    const revoked = await this.#store.transaction(async (transaction) => {
      transaction.notify({ channel: 'sessions', key: id });
      await transaction.identity.audit({ actor: by, action: 'token.revoke', subject: id, detail: {} });
      return transaction.identity.revokeToken(id);
    });
    this.rightsChanged();
    return revoked;
  }

  async createToken(options: {
    name: string;
    role: Role;
    permissions?: Permission[];
    expiresAt?: string;
    by: string;
    secret?: string;
  }) {
    const secret = options.secret ?? `pm_${randomBytes(32).toString('base64url')}`;
    const record = {
      id: this.#ids.next(),
      name: options.name,
      hash: sha256(secret),
      role: options.role,
      permissions: options.permissions ?? [],
      createdBy: options.by,
      createdAt: this.#clock.now().toISOString(),
      expiresAt: options.expiresAt ?? null,
      lastUsedAt: null,
      revokedAt: null,
    };
    await this.#store.identity.insertToken(record);
    return { record, secret };
  }

  async isKnownToken(secret: string): Promise<boolean> {
    return (await this.#store.identity.tokenByHash(sha256(secret))) !== null;
  }

  hashPassword(password: string): Promise<string> {
    return argon2Hash(password);
  }

  async #issue(user: UserRecord, how: string): Promise<IssuedSession> {
    const refresh = randomBytes(32).toString('base64url');
    const id = this.#ids.next();
    const now = this.#clock.now();
    await this.#store.identity.insertSession({
      id,
      userId: user.id,
      refreshHash: sha256(refresh),
      previousRefreshHash: null,
      refreshedAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + SESSION_DAYS * 86_400_000).toISOString(),
      revokedAt: null,
    });
    await this.#store.identity.audit({ actor: user.name, action: 'sign-in', subject: id, detail: { how } });
    return this.#session(user, id, refresh);
  }

  async #session(user: UserRecord, sessionId: string, refresh: string): Promise<IssuedSession> {
    const now = Math.floor(this.#clock.now().getTime() / 1000);
    const access = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'HS256', kid: this.#keyId })
      .setSubject(user.id)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + ACCESS_SECONDS)
      .setJti(this.#ids.next())
      .sign(this.#key);
    return {
      principal: principalOf(user, sessionId),
      access,
      accessSeconds: ACCESS_SECONDS,
      refresh: `${sessionId}.${refresh}`,
      refreshSeconds: SESSION_DAYS * 86_400,
    };
  }

  async #bySessionId(id: string): Promise<Principal | null> {
    const session = isId(id) ? await this.#store.identity.session(id) : null;
    if (!session || session.revokedAt || session.expiresAt <= this.#clock.now().toISOString()) return null;
    const user = await this.#store.identity.user(session.userId);
    return user && !user.disabled ? principalOf(user, id) : null;
  }

  async #byTokenHash(hash: string): Promise<Principal | null> {
    const record = await this.#store.identity.tokenByHash(hash);
    return record && isValid(record, this.#clock.now().toISOString()) ? tokenPrincipal(record, hash) : null;
  }
}

/** When something was used last is kept to the minute. */
function isNews(lastUsedAt: string | null, now: string): boolean {
  return lastUsedAt === null || Date.parse(now) - Date.parse(lastUsedAt) > 60_000;
}

function isValid(token: TokenRecord, now: string): boolean {
  return !token.revokedAt && (!token.expiresAt || token.expiresAt > now);
}

function tokenPrincipal(record: TokenRecord, tokenHash: string): Principal {
  return {
    id: record.id,
    name: record.name,
    role: record.role,
    permissions: permissionsOf(record.role, record.permissions),
    via: 'token',
    credentialId: record.id,
    tokenHash,
  };
}

function principalOf(user: UserRecord, sessionId: string): Principal {
  return {
    id: user.id,
    name: user.name,
    role: user.role,
    permissions: permissionsOf(user.role, user.permissions),
    via: 'session',
    credentialId: sessionId,
  };
}

function sha256(value: string | Buffer): string {
  return createHash('sha256').update(value).digest('hex');
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
