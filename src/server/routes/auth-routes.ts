/** REST of identity: signing in and out, people, tokens. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PointsmanError } from '../../contract/errors.ts';
import type { LiveEmbed } from '../../contract/embeds.ts';
import type { Me } from '../../contract/identity.ts';
import { durationMs } from '../../contract/tasks.ts';
import type { EmbedRecord, UserRecord } from '../../ports/store/identity.ts';
import type { IssuedSession } from '../auth/identity-service.ts';
import { may, type Principal } from '../auth/principal.ts';
import { listPage } from '../http/list-page.ts';
import { registerRoute } from '../http/register-route.ts';
import { REFRESH_COOKIE, SESSION_COOKIE } from '../http/request-checks.ts';
import type { Services } from '../services.ts';

export function authRoutes(app: FastifyInstance, services: Services): void {
  const { store, identity, engine } = services;

  registerRoute(app, store, 'exchangeCode', async ({ body, request, reply }) =>
    signedIn(services, request, reply, await identity.exchange(body.code, request.ip)),
  );
  registerRoute(app, store, 'login', async ({ body, request, reply }) =>
    signedIn(services, request, reply, await identity.login(body.name, body.password, request.ip)),
  );

  registerRoute(app, store, 'refresh', async ({ request, reply }) => {
    const secret = request.cookies[REFRESH_COOKIE];
    if (!secret) throw new PointsmanError('UNAUTHENTICATED');
    return signedIn(services, request, reply, await identity.refresh(secret));
  });

  registerRoute(app, store, 'logout', async ({ principal, request, reply }) => {
    if (principal.via === 'session') await identity.endSession(principal.credentialId);
    const cookie = cookieOptions(services, request);
    void reply
      .clearCookie(SESSION_COOKIE, { ...cookie, path: '/' })
      .clearCookie(REFRESH_COOKIE, { ...cookie, path: '/api/auth' });
    void reply.header('clear-site-data', '"cache", "storage"');
    return undefined;
  });

  registerRoute(app, store, 'createSignInLink', async ({ principal }) => {
    const user =
      principal.via === 'session' ? await store.identity.user(principal.id) : await store.identity.userByName('admin');
    if (!user) throw new PointsmanError('NOT_FOUND', { detail: 'There is no user to sign in.' });
    return identity.createCode(user.id);
  });

  registerRoute(app, store, 'createEmbed', async ({ body, principal, request }) => {
    if (body.show === 'agent' && !(await store.agents.get(body.id))) throw new PointsmanError('AGENT_NOT_FOUND');
    if (body.show === 'execution' && !(await store.executions.get(body.id)))
      throw new PointsmanError('EXECUTION_NOT_FOUND');
    const expires = engine.clock.now().getTime() + (durationMs(body.expiresIn ?? 'PT1H') ?? 0);
    const id = body.show === 'overview' ? {} : { id: body.id };
    const what = { show: body.show, ...id, parents: body.parents, expires };
    const made = await identity.createEmbed(principal, what, request.id);
    const base = services.config.publicUrl ?? `${request.protocol}://${request.host}`;
    const url = `${base.replace(/\/$/, '')}/embed/${made.page}#key=${made.key}`;
    return { id: made.id, url, expiresAt: new Date(expires).toISOString() };
  });

  registerRoute(app, store, 'listEmbeds', async ({ query, nextPage, principal }) => {
    const filter = {
      owner: may(principal, 'administer') ? null : principal.id,
      now: engine.clock.now().toISOString(),
    };
    const page = await listPage(
      { query, nextPage },
      {
        read: (limit) =>
          store.identity.embeds(filter, { limit, ...(query.cursor === undefined ? {} : { before: query.cursor }) }),
        cursorOf: (last) => last.id,
      },
    );
    return page.map(embedView);
  });

  registerRoute(app, store, 'revokeEmbed', async ({ params, principal, request }) => {
    if (!(await identity.revokeEmbed(params.id, principal, request.id)))
      throw new PointsmanError('NOT_FOUND', { detail: 'There is no such view, or it is not yours.' });
    return undefined;
  });

  registerRoute(app, store, 'getMe', async ({ principal }) => me(principal));

  registerRoute(app, store, 'listUsers', async ({ query, nextPage }) => {
    const page = await listPage(
      { query, nextPage },
      {
        read: (limit) => store.identity.users({ limit, ...(query.cursor ? { after: query.cursor } : {}) }),
        cursorOf: (last) => last.id,
      },
    );
    return page.map(userView);
  });

  registerRoute(app, store, 'createUser', async ({ body, principal }) => {
    const user: UserRecord = {
      id: engine.ids.next(),
      name: body.name,
      role: body.role,
      permissions: body.permissions ?? [],
      passwordHash: body.password === undefined ? null : await identity.hashPassword(body.password),
      disabled: false,
      createdAt: engine.clock.now().toISOString(),
    };
    if ((await store.identity.insertUser(user)) === 'name_taken')
      throw new PointsmanError('AGENT_NAME_TAKEN', { detail: `Somebody named “${body.name}” exists.` });
    await store.identity.audit({
      actor: principal.name,
      action: 'user.create',
      subject: user.id,
      detail: { role: user.role },
    });
    return userView(user);
  });

  registerRoute(app, store, 'updateUser', async ({ params, body, principal }) => {
    const before = await store.identity.user(params.id);
    if (!before) throw new PointsmanError('NOT_FOUND');
    const losesAdmin =
      before.role === 'admin' &&
      !before.disabled &&
      (body.disabled === true || (body.role !== undefined && body.role !== 'admin'));
    if (losesAdmin && (await store.identity.countAdmins()) <= 1)
      throw new PointsmanError('FORBIDDEN', { detail: 'This is the only administrator.' });
    const user = await store.identity.updateUser(params.id, {
      ...(body.role === undefined ? {} : { role: body.role }),
      ...(body.permissions === undefined ? {} : { permissions: body.permissions }),
      ...(body.disabled === undefined ? {} : { disabled: body.disabled }),
      ...(body.password === undefined ? {} : { passwordHash: await identity.hashPassword(body.password) }),
    });
    await identity.endSessionsOf(params.id);
    await store.identity.audit({
      actor: principal.name,
      action: 'user.change',
      subject: params.id,
      detail: { fields: Object.keys(body) },
    });
    return userView(user ?? before);
  });

  registerRoute(app, store, 'listTokens', async ({ query, nextPage }) => {
    const page = await listPage(
      { query, nextPage },
      {
        read: (limit) => store.identity.tokens({ limit, ...(query.cursor ? { after: query.cursor } : {}) }),
        cursorOf: (last) => last.id,
      },
    );
    return page.map(({ hash: _hash, createdBy: _createdBy, revokedAt: _revokedAt, ...token }) => token);
  });

  registerRoute(app, store, 'createToken', async ({ body, principal }) => {
    const { record, secret } = await identity.createToken({
      name: body.name,
      role: body.role,
      ...(body.permissions ? { permissions: body.permissions } : {}),
      ...(body.expiresAt ? { expiresAt: body.expiresAt } : {}),
      by: principal.name,
    });
    await store.identity.audit({
      actor: principal.name,
      action: 'token.create',
      subject: record.id,
      detail: { name: record.name, role: record.role },
    });
    const { hash: _hash, createdBy: _createdBy, revokedAt: _revokedAt, ...token } = record;
    return { ...token, token: secret };
  });

  registerRoute(app, store, 'revokeToken', async ({ params, principal }) => {
    const revoked = await identity.revokeToken(params.id, principal.name);
    if (!revoked) throw new PointsmanError('NOT_FOUND', { detail: 'There is no such token.' });
    return undefined;
  });
}

export function me(principal: Principal): Me {
  return {
    id: principal.id,
    name: principal.name,
    role: principal.role,
    permissions: [...principal.permissions],
    via: principal.via,
  };
}

function signedIn(services: Services, request: FastifyRequest, reply: FastifyReply, session: IssuedSession): Me {
  const cookie = cookieOptions(services, request);
  void reply
    .setCookie(SESSION_COOKIE, session.access, { ...cookie, path: '/', maxAge: session.accessSeconds })
    .setCookie(REFRESH_COOKIE, session.refresh, { ...cookie, path: '/api/auth', maxAge: session.refreshSeconds });
  return me(session.principal);
}

function cookieOptions({ config }: Services, request: FastifyRequest) {
  const secure = request.protocol === 'https' || config.publicUrl?.startsWith('https:') === true;
  return { httpOnly: true, sameSite: 'strict' as const, secure };
}

function embedView({
  ownerId: _ownerId,
  subjectId,
  subjectName,
  ...embed
}: EmbedRecord & { subjectName: string | null }): LiveEmbed {
  return {
    ...embed,
    ...(subjectId === null ? {} : { subjectId }),
    ...(subjectName === null ? {} : { subjectName }),
  };
}

function userView({ passwordHash, ...user }: UserRecord) {
  return { ...user, hasPassword: passwordHash !== null };
}
