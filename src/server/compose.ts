/** The only place that chooses: which database, queue and host stand behind the ports; everything else is handed in. */
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { createPostgresTaskQueue } from '../adapters/bullmq/postgres-task-queue.ts';
import { createRedisTaskQueue } from '../adapters/bullmq/redis-task-queue.ts';
import { createDefinitionFolder } from '../adapters/definition-folder/definition-folder.ts';
import { createGitWorkspaces } from '../adapters/git/git-workspaces.ts';
import { startManagedPostgres } from '../adapters/managed-postgres/managed-postgres.ts';
import { connect, guarded } from '../adapters/postgres/database.ts';
import { migrate } from '../adapters/postgres/migrate.ts';
import { createPostgresEventBus } from '../adapters/postgres/postgres-event-bus.ts';
import { createPostgresStore } from '../adapters/postgres/postgres-store.ts';
import { createSecretVault } from '../adapters/secret-vault/secret-vault.ts';
import { createStepSupervisor } from '../adapters/step-supervisor/step-supervisor.ts';
import { createTmuxHost } from '../adapters/tmux/tmux-host.ts';
import { isPointsmanError, PointsmanError } from '../contract/errors.ts';
import { createAcpDriver } from '../drivers/acp/acp-driver.ts';
import { createGeminiDriver } from '../drivers/acp/gemini-driver.ts';
import { createClaudeHeadlessDriver } from '../drivers/claude/headless/headless-driver.ts';
import { createClaudeInteractiveDriver } from '../drivers/claude/interactive/claude-interactive-driver.ts';
import { createCodexDriver } from '../drivers/codex/codex-driver.ts';
import { createOneShotDriver } from '../drivers/shell/one-shot/one-shot-driver.ts';
import { createOpencodeDriver } from '../drivers/opencode/opencode-driver.ts';
import { createShellDriver } from '../drivers/shell/shell-driver.ts';
import { AgentDefinitions } from '../engine/agents/agent-definitions.ts';
import { AgentSupervisor } from '../engine/agents/agent-supervisor.ts';
import { advanceExecution } from '../engine/advance-execution.ts';
import { agentEffect } from '../engine/effects/agent-effect.ts';
import { type EffectContext, EffectRunner } from '../engine/effects/effect-runner.ts';
import { mergeEffect } from '../engine/effects/merge-effect.ts';
import { shellEffect } from '../engine/effects/shell-effect.ts';
import { workspaceOf } from '../engine/effects/step-workspace.ts';
import type { EngineContext, Log } from '../engine/engine-context.ts';
import { expireTasks } from '../engine/expire-tasks.ts';
import { fireTimers } from '../engine/fire-timers.ts';
import { Mailroom } from '../engine/mailroom.ts';
import { pruneHistory } from '../engine/prune-history.ts';
import { reconcile } from '../engine/reconcile.ts';
import { AgentTokens } from './auth/agent-tokens.ts';
import type { Config } from './config.ts';
import { commandEnvironment } from './command-environment.ts';
import { type Home, hostIdOf, masterKey } from './home.ts';
import type { Phases } from './phases.ts';
import { createIdSource, systemClock } from './system-clock.ts';

/** Executions advanced at once by one worker; each mostly waits. */
const WORKER_CONCURRENCY = 50;
const HOST_BEAT_MS = 10_000;

export interface Engine {
  context: EffectContext;
  agents: AgentSupervisor;
  definitions: AgentDefinitions;
  agentTokens: AgentTokens;
  pool: pg.Pool;
  /** Takes up everything that was interrupted, and begins to work. `toolsUrl`: where agents reach their tools by now. */
  start(options?: { toolsUrl: string | null }): Promise<void>;
  /** Lets go of everything without ending agents or steps. */
  close(): Promise<void>;
  databasePlace: string;
}

export function migrationsFolder(): string {
  return path.resolve(import.meta.dirname, '../../migrations');
}

export async function composeEngine({
  config,
  home,
  log,
  phases,
}: {
  config: Config;
  home: Home;
  log: Log;
  phases: Phases;
}): Promise<Engine> {
  const closing: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    for (const close of closing.toReversed()) await close();
  };
  try {
    const database = await phases.run('database', () => openDatabase(config, home, log));
    closing.push(database.release);
    const connection = connect({
      ...database.connection,
      onIdleError: (error) => log.warn({ error: error.message }, 'an idle database connection broke'),
    });
    closing.push(() => connection.pool.end());
    await requireDatabase(connection.pool, database.place);
    await phases.run('migrations', () => guarded(() => migrate(connection.pool, migrationsFolder())));
    const store = createPostgresStore(connection);
    const bus = await createPostgresEventBus({ pool: connection.pool, connection: database.connection });
    closing.push(() => bus.close());
    const queue = await phases.run('queue', () =>
      config.redisUrl
        ? createRedisTaskQueue({ url: config.redisUrl, log })
        : createPostgresTaskQueue({ connection: database.connection, log }),
    );
    closing.push(() => queue.close());

    const hostId = hostIdOf(home);
    const base: EngineContext = {
      store,
      bus,
      queue,
      clock: systemClock,
      ids: createIdSource(),
      log,
      workspaces: createGitWorkspaces({ directory: home.worktrees }),
      secrets: createSecretVault({ store: store.secrets, masterKey: masterKey(home, config.masterKeyFile) }),
      directoryExists,
      budgetPerDay: config.budgetUsdPerDay === undefined ? null : { usd: config.budgetUsdPerDay },
      hostId,
      owner: `${hostId}:${randomBytes(6).toString('hex')}`,
    };
    const mailroom = new Mailroom(base);
    closing.push(() => mailroom.close());
    const context: EffectContext = { ...base, mailroom };
    const parts = hostParts(context, config, home);
    return {
      context,
      agents: parts.agents,
      definitions: parts.definitions,
      agentTokens: parts.agentTokens,
      pool: connection.pool,
      databasePlace: database.place,
      start(options) {
        parts.serveTools(options?.toolsUrl ?? null);
        return startWorking({ context, config, parts, closing, phases });
      },
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

interface HostParts {
  agents: AgentSupervisor;
  definitions: AgentDefinitions;
  agentTokens: AgentTokens;
  /** Where is known only once somebody listens. */
  serveTools(url: string | null): void;
  effects: EffectRunner;
}

function hostParts(context: EffectContext, config: Config, home: Home): HostParts {
  const environment = commandEnvironment(process.env);
  const supervisor = createStepSupervisor({ directory: home.steps });
  const directoryOf = (agentId: string) => path.join(home.agents, agentId);
  const agentTokens = new AgentTokens(directoryOf);
  let toolsUrl: string | null = null;
  const agents = new AgentSupervisor(context, {
    host: createTmuxHost({ runDirectory: home.run }),
    drivers: [
      createShellDriver(),
      createOneShotDriver(),
      createClaudeHeadlessDriver(),
      createClaudeInteractiveDriver(),
      createCodexDriver(),
      createGeminiDriver(),
      createOpencodeDriver(),
      createAcpDriver(),
    ],
    directoryOf,
    toolsFor: async (agentId) => (toolsUrl ? { url: toolsUrl, token: await agentTokens.issue(agentId) } : null),
    environment,
    credentials: process.env,
  });
  const whereOf = workspaceOf(context);
  const effects = new EffectRunner(context, {
    shell: shellEffect(context, { supervisor, workspaceOf: whereOf, environment }),
    agent: agentEffect(context, { workspaceOf: whereOf, cancelTask: (task) => agents.stopTask(task) }),
    merge: mergeEffect(context, { workspaceOf: whereOf }),
  });
  const definitions = new AgentDefinitions(context, {
    folder: createDefinitionFolder(home.definitions),
    currentTaskOf: (agentId) => agents.live(agentId)?.currentTaskId ?? null,
  });
  return { agents, definitions, agentTokens, serveTools: (url) => void (toolsUrl = url), effects };
}

async function startWorking({
  context,
  config,
  parts,
  closing,
  phases,
}: {
  context: EffectContext;
  config: Config;
  parts: HostParts;
  closing: (() => Promise<void> | void)[];
  phases: Phases;
}): Promise<void> {
  const { store, queue, hostId, clock, log } = context;
  // This data directory has one process at a time, so what its host held before is nobody's now.
  await store.executions.expireLeases(`${hostId}:`);
  const host = { id: hostId, name: hostId, roles: config.roles, startedAt: clock.now().toISOString() };
  await store.touchHost(host);
  const beat = setInterval(
    () =>
      void store.touchHost(host).catch((error: unknown) => log.warn({ error }, 'the host could not say that it lives')),
    HOST_BEAT_MS,
  );
  closing.push(() => clearInterval(beat));

  if (config.roles.includes('host')) {
    const expiry = await expireTasks(context);
    closing.push(() => expiry.close());
    // Before the agents: what was edited meanwhile is theirs at this start.
    await phases.run('definitions', () => parts.definitions.start());
    closing.push(() => parts.definitions.close());
    await phases.run('agents', () => parts.agents.boot());
    closing.push(() => parts.agents.close());
    parts.effects.start();
    closing.push(() => parts.effects.close());
  }
  if (config.roles.includes('worker')) {
    const stop = new AbortController();
    const advancing = new Set<Promise<void>>();
    const worker = await queue.work('advance', { concurrency: WORKER_CONCURRENCY }, (job, signal) =>
      advanceExecution(context, job.key, AbortSignal.any([signal, stop.signal])),
    );
    closing.push(async () => {
      stop.abort();
      await worker.stop();
      await Promise.all(advancing);
    });
    const timers = fireTimers(context);
    closing.push(() => timers.close());
    const pruning = pruneHistory(context);
    closing.push(() => pruning.close());
    const sweep = reconcile(context, {
      sweepEffects: () => parts.effects.sweep(),
      advance(executionId) {
        const running = advanceExecution(context, executionId, stop.signal)
          .catch((error: unknown) =>
            log.error({ error, executionId }, 'an execution could not be advanced; it will be tried again'),
          )
          .finally(() => advancing.delete(running));
        advancing.add(running);
      },
    });
    closing.push(() => sweep.close());
  }
}

async function directoryExists(directory: string): Promise<boolean> {
  return (await stat(directory).catch(() => null))?.isDirectory() ?? false;
}

interface OpenDatabase {
  connection: pg.PoolConfig;
  /** For people: where it is. */
  place: string;
  release: () => void;
}

async function openDatabase(config: Config, home: Home, log: Log): Promise<OpenDatabase> {
  if (config.databaseUrl)
    return {
      connection: { connectionString: config.databaseUrl },
      place: redacted(config.databaseUrl),
      release: () => undefined,
    };
  const managed = await startManagedPostgres({ home: home.path, log: (line) => log.info({}, line) });
  log.debug({ location: managed.location, adopted: managed.adopted }, 'the managed PostgreSQL is up');
  return {
    connection: { ...managed.connection, password: '' },
    place: managed.location,
    release: () => managed.release(),
  };
}

async function requireDatabase(pool: pg.Pool, place: string): Promise<void> {
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    throw new PointsmanError('DATABASE_UNAVAILABLE', {
      detail: `The database ${place} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      cause: error,
    });
  }
}

function redacted(url: string): string {
  try {
    const parsed = new URL(url);
    parsed.password = parsed.password ? '***' : '';
    return parsed.toString();
  } catch (error) {
    if (isPointsmanError(error)) throw error;
    return 'the configured server';
  }
}
