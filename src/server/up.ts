/** `pointsman up`: from a data directory to a server that people can open; the order here is the start's story. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pino from 'pino';
import { ERRORS, isPointsmanError, PointsmanError } from '../contract/errors.ts';
import { IdentityService } from './auth/identity-service.ts';
import { firstIdentity } from './auth/first-identity.ts';
import { composeEngine, type Engine } from './compose.ts';
import { type Config, type ConfigSource, loadConfig } from './config.ts';
import { seedDemo } from './demo/seed-demo.ts';
import { claudeVersion, localDoctor } from './doctor.ts';
import { claimHome, type Home, ownKey, prepareHome } from './home.ts';
import { allowedHosts } from './http/allowed-hosts.ts';
import { createApp } from './http/app.ts';
import { acceptUpgrades, type LiveSocket } from './live/upgrade.ts';
import { createTerminalGateway } from './live/terminal-gateway.ts';
import { createUpdatesGateway } from './live/updates-gateway.ts';
import { snapshots } from './live/snapshots.ts';
import { ProcessMeter } from './metrics/process-meter.ts';
import { createPhases, type Phases } from './phases.ts';
import { requireSafeBind } from './safe-bind.ts';
import { onShutdownSignal } from './shutdown.ts';
import type { Services } from './services.ts';

export interface UpOptions {
  flags: ConfigSource['flags'];
  verbose: boolean;
  stdout: (line: string) => void;
  stderr: (line: string) => void;
}

export async function runUp({ flags, verbose, stdout, stderr }: UpOptions): Promise<number> {
  const phases = createPhases((line) => (verbose ? stderr(`  ${line}`) : undefined));
  try {
    const config = loadConfig(flags ? { flags } : {});
    const server = await startServer({ config, phases });
    stdout(`Pointsman ${server.version} is ready at ${server.url} (${phases.total()} ms)`);
    stdout('');
    stdout(`  Sign in:  ${server.signInLink}`);
    stdout('            (works once, for 10 minutes; `pointsman up --link` prints a new one)');
    stdout('');
    const signal = await onShutdownSignal();
    if (verbose) stderr(`  ${signal}: closing; agents go on`);
    await server.close();
    return 0;
  } catch (error) {
    if (!isPointsmanError(error)) throw error;
    stderr(`${error.message}\n${ERRORS[error.code].next}`);
    return error.code === 'CONFIG_INVALID' ? 2 : 1;
  }
}

export interface RunningServer {
  url: string;
  signInLink: string;
  version: string;
  engine: Engine;
  close(): Promise<void>;
}

export async function startServer({
  config,
  phases = createPhases(() => undefined),
}: {
  config: Config;
  phases?: Phases;
}): Promise<RunningServer> {
  const home = prepareHome(config.home);
  const startedAt = new Date().toISOString();
  const claim = claimHome(home, startedAt);
  const closing: (() => Promise<void> | void)[] = [() => claim.release()];
  const closeAll = async () => {
    for (const close of closing.toReversed()) await close();
  };
  try {
    const log = pino(
      { level: config.logLevel, redact: ['*.password', '*.token', '*.authorization', 'headers.cookie'], base: null },
      pino.destination({ dest: path.join(home.path, 'server.log'), mkdir: true, sync: false, mode: 0o600 }),
    );
    const meter = new ProcessMeter();
    closing.push(() => meter.close());
    const engine = await composeEngine({ config, home, log, phases, meter });
    closing.push(() => engine.close());
    const { store, bus, ids, clock } = engine.context;
    const identity = new IdentityService({ store, clock, ids, key: ownKey(home, 'session-key') });
    const admin = await phases.run('identity', () =>
      firstIdentity({ store, ids, clock, identity, home, adminPassword: config.adminPassword }),
    );
    await requireSafeBind(config, store);

    const version = packageVersion();
    const state = { ready: false };
    const services: Services = {
      config,
      engine: engine.context,
      store,
      bus,
      agents: engine.agents,
      definitions: engine.definitions,
      identity,
      agentTokens: engine.agentTokens,
      egress: engine.egress,
      push: engine.push,
      graphs: engine.graphs,
      hosts: allowedHosts({ publicUrl: config.publicUrl }),
      meter,
      readiness: () => readiness(engine, state),
      doctor: () => localDoctor({ home: home.path, graphs: engine.graphs.list() }),
      version,
      startedAt,
      closing: new AbortController(),
    };
    const tls =
      config.tlsCertFile && config.tlsKeyFile
        ? { cert: readFileSync(config.tlsCertFile), key: readFileSync(config.tlsKeyFile) }
        : null;
    const app = await createApp({
      services,
      logger: log,
      webDirectory: webDirectory(),
      ...(tls ? { https: tls } : {}),
    });
    closing.push(() => app.close());
    meter.watch(app.server);
    closing.push(acceptSockets(services, app.server, (error) => log.warn({ error }, 'a live connection failed')));

    await phases.run('listen', () => listen(app, config));
    const address = app.server.address();
    const port = typeof address === 'object' && address ? address.port : config.port;
    const url =
      config.publicUrl ??
      `${tls ? 'https' : 'http'}://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
    // Bound to every address it is reached on this machine's own; bound to one, only there.
    const local = ['0.0.0.0', '::'].includes(config.host)
      ? '127.0.0.1'
      : config.host.includes(':')
        ? `[${config.host}]`
        : config.host;
    claim.announce(`${tls ? 'https' : 'http'}://${local}:${port}`);

    // Agents are started now, and find their tools: an agent trusts no certificate that only the operator's browser does.
    await engine.start({ toolsUrl: tls ? null : `http://${local}:${port}/mcp`, port });
    if (config.demo === 'on') await phases.run('demo', () => seed(engine, home));
    state.ready = true;
    const { code } = await identity.createCode(admin.id);
    return { url, signInLink: `${url}/#code=${code}`, version, engine, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function acceptSockets(
  services: Services,
  server: Parameters<typeof acceptUpgrades>[0]['server'],
  onError: (error: unknown) => void,
): () => void {
  const updates = createUpdatesGateway({
    store: services.store,
    bus: services.bus,
    snapshotOf: snapshots(services),
    onError,
  });
  const terminals = createTerminalGateway(services, onError);
  const upgrades = acceptUpgrades({
    server,
    identity: services.identity,
    hosts: services.hosts,
    route: (address) => {
      const counted = (endpoint: 'updates' | 'terminal', live: LiveSocket) =>
        live.socket.on('close', services.meter.connected(endpoint, live.principal.id));
      if (address === '/ws/updates')
        return (live) => {
          counted('updates', live);
          updates.connect(live);
        };
      const agentId = /^\/ws\/terminals\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(address)?.[1];
      if (agentId === undefined) return null;
      return (live) => {
        counted('terminal', live);
        terminals.connect(agentId, live);
      };
    },
    onSessionEnded: (listener) =>
      services.bus.subscribe((notice) => (notice.channel === 'sessions' ? listener(notice.key) : undefined)),
  });
  return () => {
    upgrades.close();
    updates.close();
    terminals.close();
  };
}

async function listen(app: Awaited<ReturnType<typeof createApp>>, config: Config): Promise<void> {
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new PointsmanError('PORT_IN_USE', {
        detail: `Port ${config.port} of ${config.host} is in use by another program.`,
        cause: error,
      });
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
      throw new PointsmanError('CONFIG_INVALID', {
        detail: `${config.host}:${config.port} cannot be listened on (${code}).`,
        cause: error,
      });
    throw error;
  }
}

/** The starter team belongs to a new data directory: once there are agents or workflows of one's own it is left alone. */
async function seed(engine: Engine, home: Home): Promise<void> {
  await seedDemo({
    engine: { ...engine.context, agents: engine.agents },
    definitions: engine.definitions,
    home,
    examples: path.resolve(import.meta.dirname, '../../examples'),
    claudeFound: async () => (await claudeVersion()) !== null,
    by: { name: 'pointsman', role: 'admin' },
  });
}

async function readiness(
  engine: Engine,
  state: { ready: boolean },
): Promise<Record<string, { ok: boolean; detail: string }>> {
  const database = await engine.context.store.ping().then(
    () => ({ ok: true, detail: 'answers' }),
    (error: unknown) => ({ ok: false, detail: error instanceof Error ? error.message : String(error) }),
  );
  return {
    database,
    start: { ok: state.ready, detail: state.ready ? 'migrations, agents and demo are done' : 'still starting' },
  };
}

/** Beside the compiled server, or where a checkout builds it. */
function webDirectory(): string | null {
  const places = [path.resolve(import.meta.dirname, '../web'), path.resolve(import.meta.dirname, '../../dist/web')];
  return places.find((place) => existsSync(path.join(place, 'index.html'))) ?? null;
}

export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
