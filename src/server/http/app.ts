/** The HTTP side of the server: checks before everything, the routes of the contract, the web app's files. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { randomUUID } from 'node:crypto';
import { ERRORS, PointsmanError } from '../../contract/errors.ts';
import { agentRoutes } from '../routes/agent-routes.ts';
import { agentToolsRoutes } from '../routes/agent-tools-routes.ts';
import { authRoutes } from '../routes/auth-routes.ts';
import { channelRoutes } from '../routes/channel-routes.ts';
import { definitionRoutes } from '../routes/definition-routes.ts';
import { executionRoutes } from '../routes/execution-routes.ts';
import { hookRoutes } from '../routes/hook-routes.ts';
import { inboxRoutes } from '../routes/inbox-routes.ts';
import { incidentRoutes } from '../routes/incident-routes.ts';
import { measureRequests, metricsRoutes } from '../routes/metrics-routes.ts';
import { operationsRoutes } from '../routes/operations-routes.ts';
import { policyRoutes } from '../routes/policy-routes.ts';
import { preferenceRoutes } from '../routes/preference-routes.ts';
import { pushRoutes } from '../routes/push-routes.ts';
import { secretRoutes } from '../routes/secret-routes.ts';
import { stateRoutes } from '../routes/state-routes.ts';
import { taskRoutes } from '../routes/task-routes.ts';
import { triggerRoutes } from '../routes/trigger-routes.ts';
import { usageRoutes } from '../routes/usage-routes.ts';
import { workflowRoutes } from '../routes/workflow-routes.ts';
import type { Services } from '../services.ts';
import { answerBeforeClosing } from './answer-before-closing.ts';
import { asPointsmanError, problemDocument } from './problem-reply.ts';
import { checkHost, checkIdentity } from './request-checks.ts';

const MAX_BODY_BYTES = 1_048_576;
/** Of a body that is refused by its told length and read to its end all the same. */
const HEARD_OUT_MAX_BYTES = 64 * 1024 * 1024;
/** The longest is the signed grant of an embedded view, with ten pages that may hold it. */
const MAX_PARAM_LENGTH = 4_000;
/** A person's browser needs a few per second; a script that needs more should use the WebSocket. */
const MAX_REQUESTS_PER_MINUTE = 6_000;

export interface AppOptions {
  services: Services;
  logger: FastifyBaseLogger;
  /** Built web app; without it only the API is served. */
  webDirectory: string | null;
  https?: { cert: Buffer; key: Buffer };
}

export async function createApp({ services, logger, webDirectory, https }: AppOptions): Promise<FastifyInstance> {
  const options = {
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    genReqId: () => randomUUID(),
    trustProxy: services.config.trustedProxies.length > 0 ? services.config.trustedProxies : false,
    forceCloseConnections: true as const,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
  };
  // The two servers differ only in their socket; every plugin takes both.
  const app = (https
    ? fastify({ ...options, https: { ...https, minVersion: 'TLSv1.3' } })
    : fastify(options)) as unknown as FastifyInstance;

  app.decorateRequest('principal', null);
  answerBeforeClosing(app, services.closing);
  refuseUndeclaredRoutes(app);
  measureRequests(app, services);
  app.setErrorHandler((error, request, reply) => {
    const known = asPointsmanError(error);
    const { kind } = ERRORS[known.code];
    if (kind === 'unexpected')
      request.log.error({ err: error, requestId: request.id }, 'a request failed unexpectedly');
    if (known.retryAfterSeconds !== undefined) void reply.header('retry-after', String(known.retryAfterSeconds));
    if (known.code === 'UNAUTHENTICATED') void reply.header('www-authenticate', 'Bearer');
    // Cut off while it sends, a client reads a broken pipe instead of the reason: within bounds it is heard out.
    if (known.code === 'BODY_TOO_LARGE' && Number(request.headers['content-length']) <= HEARD_OUT_MAX_BYTES)
      void reply.removeHeader('connection');
    void reply
      .status(known.status)
      .type('application/problem+json')
      .send(JSON.stringify(problemDocument(known, request.id)));
  });

  await app.register(fastifyCookie);
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // emotion and the grid write style elements; no script can be made from a style.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: https ? { maxAge: 31_536_000 } : false,
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    if (/^\/(api|mcp|hooks|metrics)/.test(request.url)) void reply.header('cache-control', 'no-store');
  });
  app.addHook('onRequest', checkHost(services));
  app.addHook('onRequest', checkIdentity(services));
  await app.register(fastifyRateLimit, {
    global: true,
    max: MAX_REQUESTS_PER_MINUTE,
    timeWindow: 60_000,
    keyGenerator: (request) => request.principal?.credentialId ?? request.ip,
  });

  readBodies(app);
  for (const register of [
    agentRoutes,
    agentToolsRoutes,
    definitionRoutes,
    taskRoutes,
    usageRoutes,
    inboxRoutes,
    incidentRoutes,
    policyRoutes,
    preferenceRoutes,
    pushRoutes,
    secretRoutes,
    channelRoutes,
    workflowRoutes,
    triggerRoutes,
    hookRoutes,
    executionRoutes,
    stateRoutes,
    authRoutes,
    operationsRoutes,
    metricsRoutes,
  ])
    register(app, services);
  await serveWebApp(app, services, webDirectory);
  return app;
}

/** A route that does not say what it needs is a hole: the server does not start. */
function refuseUndeclaredRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (!route.config?.permission)
      throw new Error(`The route ${String(route.method)} ${route.url} declares no permission.`);
  });
}

/** JSON, and YAML where a route reads text; everything else is 415. */
function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (readsText(request.routeOptions.url)) return done(null, textOrValue(String(body)));
    if (request.routeOptions.url === '/mcp') return done(null, String(body)); // has an answer of its own for what is no JSON
    if (body === '') return done(null, undefined);
    try {
      done(null, JSON.parse(String(body), refusePrototype));
    } catch (cause) {
      done(
        new PointsmanError('MALFORMED_BODY', {
          detail: `The body is not valid JSON: ${cause instanceof Error ? cause.message : ''}`,
          cause,
        }),
      );
    }
  });
  app.addContentTypeParser(
    ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'],
    { parseAs: 'string' },
    (request, body, done) => {
      if (readsText(request.routeOptions.url)) done(null, String(body));
      else done(new PointsmanError('UNSUPPORTED_MEDIA_TYPE'));
    },
  );
}

const TEXT_ROUTES = new Set([
  '/api/workflows',
  '/api/workflows/validate',
  '/api/workflows/import',
  '/api/workflows/:id',
]);

function readsText(url: string | undefined): boolean {
  return url !== undefined && TEXT_ROUTES.has(url);
}

/** Workflow routes read their own text, to say the line and column; a JSON string holds YAML. */
function textOrValue(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('the key __proto__ is not allowed');
  return value;
}

/** What a browser asks for by its own name. Asked for anew each time: an old service worker would keep an old app. */
const ROOT_FILES = [
  'favicon.svg',
  'manifest.webmanifest',
  'robots.txt',
  'service-worker.js',
  'offline.html',
  'offline.js',
  'apple-touch-icon.png',
  'icon-192.png',
  'icon-512.png',
  'icon-maskable-512.png',
  'badge-96.png',
];

async function serveWebApp(app: FastifyInstance, { identity }: Services, directory: string | null): Promise<void> {
  const index = directory ? path.join(directory, 'index.html') : null;
  if (directory && index && existsSync(index)) {
    // The plugin's own routes could not say that they are public, so ours do, and it only sends.
    await app.register(fastifyStatic, { root: directory, serve: false });
    app.get<{ Params: { '*': string } }>('/assets/*', { config: { permission: 'public' } }, (request, reply) =>
      reply.sendFile(request.params['*'], path.join(directory, 'assets'), { immutable: true, maxAge: 31_536_000_000 }),
    );
    for (const name of ROOT_FILES) {
      if (existsSync(path.join(directory, name)))
        app.get(`/${name}`, { config: { permission: 'public' } }, (_request, reply) =>
          reply.header('cache-control', 'no-cache').sendFile(name, directory, { cacheControl: false, etag: true }),
        );
    }
    // The one page that others may hold, and only those that its address names.
    app.get<{ Params: { page: string } }>('/embed/:page', { config: { permission: 'public' } }, (request, reply) => {
      const grant = identity.embedPage(request.params.page);
      if (!grant) throw new PointsmanError('NOT_FOUND');
      const policy = String(reply.getHeader('content-security-policy'));
      void reply
        .header(
          'content-security-policy',
          policy.replace("frame-ancestors 'none'", `frame-ancestors ${grant.parents.join(' ')}`),
        )
        .removeHeader('x-frame-options');
      return reply.sendFile('index.html', directory, { cacheControl: false, etag: true });
    });
    // Every page of the app is the same shell; the address is read in the browser.
    app.get('/*', { config: { permission: 'public' } }, async (request, reply) => {
      const name = request.url.split('?', 1)[0] ?? '/';
      if (/^\/+(api|mcp|ws|hooks|metrics)(?![\w-])/i.test(name))
        throw request.principal ? new PointsmanError('NOT_FOUND') : new PointsmanError('UNAUTHENTICATED');
      if (path.extname(name) !== '' && name !== '/index.html') throw new PointsmanError('NOT_FOUND');
      // Kept by nobody without asking: its assets change with every version.
      return reply
        .header('cache-control', 'no-cache')
        .sendFile('index.html', directory, { cacheControl: false, etag: true });
    });
  }
  app.setNotFoundHandler(async (request) => {
    throw request.principal ? new PointsmanError('NOT_FOUND') : new PointsmanError('UNAUTHENTICATED');
  });
}
