/** The only place that chooses: which database, queue and host stand behind the ports; everything else is handed in. */
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { createPostgresTaskQueue } from '../adapters/bullmq/postgres-task-queue.ts';
import { createRedisTaskQueue, pingRedis } from '../adapters/bullmq/redis-task-queue.ts';
import { createDefinitionFolder } from '../adapters/definition-folder/definition-folder.ts';
import { createFileWatch } from '../adapters/file-watch/file-watch.ts';
import { createGitWorkspaces } from '../adapters/git/git-workspaces.ts';
import { createGraphThreads } from '../adapters/graph-threads/graph-threads.ts';
import { createHttpEgress } from '../adapters/http-egress/http-egress.ts';
import { createLangsmithTraces } from '../adapters/langsmith/langsmith-traces.ts';
import { switchOff, wantsTraces, withTraces } from '../adapters/langsmith/tracing-settings.ts';
import { connect, guarded } from '../adapters/postgres/database.ts';
import { migrate } from '../adapters/postgres/migrate.ts';
import { createPostgresEventBus } from '../adapters/postgres/postgres-event-bus.ts';
import { createPostgresStore } from '../adapters/postgres/postgres-store.ts';
import { createSecretVault } from '../adapters/secret-vault/secret-vault.ts';
import { createStepSupervisor } from '../adapters/step-supervisor/step-supervisor.ts';
import { createTmuxHost } from '../adapters/tmux/tmux-host.ts';
import { parseAllowEntry } from '../domain/egress/allow-list.ts';
import { AgentDefinitions } from '../engine/agents/agent-definitions.ts';
import { AgentSupervisor } from '../engine/agents/agent-supervisor.ts';
import { agentEffect } from '../engine/effects/agent-effect.ts';
import { type EffectContext, EffectRunner } from '../engine/effects/effect-runner.ts';
import { httpEffect } from '../engine/effects/http-effect.ts';
import { langgraphEffect } from '../engine/effects/langgraph-effect.ts';
import { mergeEffect } from '../engine/effects/merge-effect.ts';
import { notifyEffect } from '../engine/effects/notify-effect.ts';
import { shellEffect } from '../engine/effects/shell-effect.ts';
import { workflowEffect } from '../engine/effects/workflow-effect.ts';
import { workspaceOf } from '../engine/effects/step-workspace.ts';
import type { EngineContext, Log } from '../engine/engine-context.ts';
import { startExecutionWorker } from '../engine/execution-worker.ts';
import { expireTasks } from '../engine/expire-tasks.ts';
import { fireTimers } from '../engine/fire-timers.ts';
import { keepIncidents } from '../engine/incidents/keep-incidents.ts';
import { Mailroom } from '../engine/mailroom.ts';
import { deleteExecutions } from '../engine/retention/delete-executions.ts';
import { pruneHistory } from '../engine/prune-history.ts';
import { sealAudit } from '../engine/seal-audit.ts';
import { agentTrigger } from '../engine/triggers/agent-trigger.ts';
import { cronTrigger } from '../engine/triggers/cron-trigger.ts';
import { fileTrigger } from '../engine/triggers/file-trigger.ts';
import { gitTrigger } from '../engine/triggers/git-trigger.ts';
import { fireTriggers } from '../engine/triggers/fire-triggers.ts';
import { deliverPushes } from '../engine/push/deliver-pushes.ts';
import { createPushSender, type PushSender } from '../engine/push/push-sender.ts';
import { workflowTrigger } from '../engine/triggers/workflow-trigger.ts';
import { agentDrivers } from './agent-drivers.ts';
import { AgentTokens } from './auth/agent-tokens.ts';
import type { HttpEgress } from '../ports/http-egress.ts';
import type { RegisteredGraphs } from '../ports/registered-graphs.ts';
import type { Config } from './config.ts';
import { commandEnvironment, environmentOfModules } from './command-environment.ts';
import { type Home, hostIdOf, masterKey } from './home.ts';
import { migrationsFolder, openDatabase, requireDatabase } from './open-database.ts';
import type { Meter } from '../ports/meter.ts';
import type { Phases } from './phases.ts';
import { createVersionReader } from './program-version.ts';
import { createIdSource, systemClock } from './system-clock.ts';

const HOST_BEAT_MS = 10_000;

export interface Engine {
  context: EffectContext;
  agents: AgentSupervisor;
  definitions: AgentDefinitions;
  agentTokens: AgentTokens;
  egress: HttpEgress;
  push: PushSender;
  graphs: RegisteredGraphs;
  pool: pg.Pool;
  /** Takes up everything that was interrupted, and begins to work. `toolsUrl`: where agents reach their tools by now; `port`: where this server listens. */
  start(options?: { toolsUrl: string | null; port: number }): Promise<void>;
  /** Lets go of everything without ending agents or steps. */
  close(): Promise<void>;
  databasePlace: string;
}

export async function composeEngine({
  config,
  home,
  log,
  phases,
  meter,
}: {
  config: Config;
  home: Home;
  log: Log;
  phases: Phases;
  meter?: Meter;
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
    const moduleEnvironment = withTraces(environmentOfModules(process.env), wantsTraces(process.env));
    const traces = wantsTraces(process.env) ? await createLangsmithTraces({ log }) : null;
    if (traces) closing.push(() => traces.close());
    switchOff(process.env);
    const base: EngineContext = {
      store,
      bus,
      queue,
      clock: systemClock,
      ids: createIdSource(),
      log,
      ...(meter ? { meter } : {}),
      workspaces: createGitWorkspaces({ directory: home.worktrees }),
      secrets: createSecretVault({ store: store.secrets, masterKey: masterKey(home, config.masterKeyFile) }),
      directoryExists,
      graphs: Object.keys(config.graphs),
      ...(traces ? { traces } : {}),
      budgetPerDay: config.budgetUsdPerDay === undefined ? null : { usd: config.budgetUsdPerDay },
      hostId,
      owner: `${hostId}:${randomBytes(6).toString('hex')}`,
    };
    const mailroom = new Mailroom(base);
    closing.push(() => mailroom.close());
    const context: EffectContext = { ...base, mailroom };
    const parts = hostParts(context, { config, home, moduleEnvironment });
    return {
      context,
      agents: parts.agents,
      definitions: parts.definitions,
      agentTokens: parts.agentTokens,
      egress: parts.egress,
      push: parts.push,
      graphs: parts.graphs,
      pool: connection.pool,
      databasePlace: database.place,
      async start(options) {
        if (options) parts.listens(options);
        await startWorking({ context, config, parts, closing, phases });
        if (options && config.roles.includes('worker')) {
          startTriggers({ context, config, closing });
          const pushes = deliverPushes(context, parts.push);
          closing.push(() => pushes.close());
          const deleting = deleteExecutions(context, { days: config.keepExecutionsDays ?? null });
          closing.push(() => deleting.close());
        }
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
  egress: HttpEgress;
  push: PushSender;
  graphs: RegisteredGraphs;
  /** Where is known only once somebody listens. */
  listens(where: { toolsUrl: string | null; port: number }): void;
  effects: EffectRunner;
}

function hostParts(
  context: EffectContext,
  { config, home, moduleEnvironment }: { config: Config; home: Home; moduleEnvironment: Record<string, string> },
): HostParts {
  const environment = commandEnvironment(process.env);
  const supervisor = createStepSupervisor({ directory: home.steps });
  const directoryOf = (agentId: string) => path.join(home.agents, agentId);
  const agentTokens = new AgentTokens(directoryOf);
  let toolsUrl: string | null = null;
  let ownPort: number | null = null;
  const egress = createHttpEgress({
    allow: config.httpAllow.map(parseAllowEntry).filter((entry) => entry !== null),
    ownPort: () => ownPort,
  });
  const agents = new AgentSupervisor(context, {
    host: createTmuxHost({ runDirectory: home.run }),
    drivers: agentDrivers(),
    directoryOf,
    toolsFor: async (agentId) => (toolsUrl ? { url: toolsUrl, token: await agentTokens.issue(agentId) } : null),
    environment,
    credentials: process.env,
    versionOf: createVersionReader(),
  });
  const graphs = createGraphThreads({
    graphs: Object.entries(config.graphs).map(([name, graph]) => ({ name, ...graph })),
    environment: moduleEnvironment,
    log: context.log,
  });
  const whereOf = workspaceOf(context);
  const effects = new EffectRunner(context, {
    shell: shellEffect(context, { supervisor, workspaceOf: whereOf, environment }),
    agent: agentEffect(context, { workspaceOf: whereOf, cancelTask: (task) => agents.stopTask(task) }),
    http: httpEffect(context, { egress }),
    notify: notifyEffect(context, { egress }),
    merge: mergeEffect(context, { workspaceOf: whereOf }),
    workflow: workflowEffect(context),
    langgraph: langgraphEffect(context, { graphs }),
  });
  const definitions = new AgentDefinitions(context, {
    folder: createDefinitionFolder(home.definitions),
    currentTaskOf: (agentId) => agents.live(agentId)?.currentTaskId ?? null,
  });
  return {
    agents,
    definitions,
    agentTokens,
    egress,
    push: createPushSender(context, { egress, contact: contactOf(config) }),
    graphs,
    listens(where) {
      toolsUrl = where.toolsUrl;
      ownPort = where.port;
    },
    effects,
  };
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
  const { store, hostId, clock, log } = context;
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
    closing.push(() => parts.graphs.close());
    parts.effects.start();
    closing.push(() => parts.effects.close());
    // Nobody waits for it: a module that cannot be loaded is told in the list of graphs.
    void parts.graphs.check();
  }
  if (config.roles.includes('worker')) {
    const worker = await startExecutionWorker(context, { sweepEffects: () => parts.effects.sweep() });
    closing.push(() => worker.close());
    const timers = fireTimers(context);
    closing.push(() => timers.close());
    const { redisUrl } = config;
    const incidents = keepIncidents(context, { pingQueue: redisUrl ? () => pingRedis(redisUrl) : null });
    closing.push(() => incidents.close());
    const pruning = pruneHistory(context);
    closing.push(() => pruning.close());
    const sealing = sealAudit(context);
    closing.push(() => sealing.close());
  }
}

/** Only where somebody serves: one execution run by hand starts no others. */
function startTriggers({
  context,
  config,
  closing,
}: {
  context: EffectContext;
  config: Config;
  closing: (() => Promise<void> | void)[];
}): void {
  const triggers = fireTriggers(context, {
    kinds: {
      cron: cronTrigger(context),
      workflow: workflowTrigger(context),
      agent: agentTrigger(context),
      file: fileTrigger(context, createFileWatch()),
      git: gitTrigger(context),
    },
    hostId: config.roles.includes('host') ? context.hostId : null,
  });
  closing.push(() => triggers.close());
}

/** Whom a push service writes to. Some take nothing but a public address, so there always is one. */
function contactOf({ publicUrl }: Config): string {
  return publicUrl?.startsWith('https:') ? publicUrl : 'mailto:pointsman@example.com';
}

async function directoryExists(directory: string): Promise<boolean> {
  return (await stat(directory).catch(() => null))?.isDirectory() ?? false;
}
