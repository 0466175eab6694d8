/**
 * The engine as src/server/compose.ts puts it together, without agents and with one kind of effect that ends at once,
 * so that what is measured is the durability itself: an intent, its outcome, and what stands between them.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type pg from 'pg';
import { createPostgresTaskQueue } from '../../src/adapters/bullmq/postgres-task-queue.ts';
import { createGitWorkspaces } from '../../src/adapters/git/git-workspaces.ts';
import {
  type ManagedPostgresConnection,
  startManagedPostgres,
} from '../../src/adapters/managed-postgres/managed-postgres.ts';
import { connect } from '../../src/adapters/postgres/database.ts';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { createPostgresEventBus } from '../../src/adapters/postgres/postgres-event-bus.ts';
import { createPostgresStore } from '../../src/adapters/postgres/postgres-store.ts';
import { createSecretVault } from '../../src/adapters/secret-vault/secret-vault.ts';
import { FINISHED_EXECUTION } from '../../src/contract/executions.ts';
import type { WorkflowDocument } from '../../src/contract/workflow-document.ts';
import {
  type EffectContext,
  type EffectKindRunner,
  EffectRunner,
  finishEffect,
} from '../../src/engine/effects/effect-runner.ts';
import type { EngineContext } from '../../src/engine/engine-context.ts';
import { startExecutionWorker } from '../../src/engine/execution-worker.ts';
import { fireTimers } from '../../src/engine/fire-timers.ts';
import { Mailroom } from '../../src/engine/mailroom.ts';
import { startExecution } from '../../src/engine/start-execution.ts';
import type { ExecutionRecord } from '../../src/ports/store/executions.ts';
import { migrationsFolder } from '../../src/server/open-database.ts';
import { prepareHome } from '../../src/server/home.ts';
import { createIdSource, systemClock } from '../../src/server/system-clock.ts';
import { makeHome, removeHome } from '../../test/support/pointsman-process.ts';
import type { Workload } from './workload.ts';

const FINISHED_WITHIN_MS = 180_000;

export interface BenchEngine {
  context: EffectContext;
  pool: pg.Pool;
  /** Of the same PostgreSQL, for what stands beside. */
  connection: ManagedPostgresConnection & { password: string };
  /** From the request to start it until its last commit is known here. */
  execute(document: WorkflowDocument): Promise<{ record: ExecutionRecord; ms: number }>;
}

export async function startBenchEngine(workload: Workload): Promise<BenchEngine> {
  const directory = makeHome();
  workload.own(() => removeHome(directory));
  prepareHome(directory);
  const managed = await startManagedPostgres({ home: directory });
  workload.own(() => managed.release());
  const connection = { ...managed.connection, password: '' };
  const { pool, db } = connect(connection);
  workload.own(() => pool.end());
  await migrate(pool, migrationsFolder());
  const log = { debug: () => undefined, info: () => undefined, warn: complain, error: complain };
  const bus = await createPostgresEventBus({ pool, connection });
  workload.own(() => bus.close());
  const queue = await createPostgresTaskQueue({ connection, log });
  workload.own(() => queue.close());
  const hostId = 'bench';
  const store = createPostgresStore({ db, pool });
  const base: EngineContext = {
    store,
    bus,
    queue,
    clock: systemClock,
    ids: createIdSource(),
    log,
    workspaces: createGitWorkspaces({ directory: path.join(directory, 'worktrees') }),
    secrets: createSecretVault({ store: store.secrets, masterKey: randomBytes(32) }),
    directoryExists: async () => true,
    budgetPerDay: null,
    hostId,
    owner: `${hostId}:${randomBytes(6).toString('hex')}`,
  };
  const mailroom = new Mailroom(base);
  workload.own(() => mailroom.close());
  const context: EffectContext = { ...base, mailroom };

  const effects = new EffectRunner(context, { notify: countingEffect(context) });
  effects.start();
  workload.own(() => effects.close());
  const worker = await startExecutionWorker(context, { sweepEffects: () => effects.sweep() });
  workload.own(() => worker.close());
  const timers = fireTimers(context);
  workload.own(() => timers.close());
  return { context, pool, connection, execute: (document) => execute(context, document) };
}

/** The step's message is a number; its output is that number and one. */
function countingEffect(context: EffectContext): EffectKindRunner {
  return async (effect) => {
    const { config } = effect.payload as { config: { message: unknown } };
    await finishEffect(context, effect, {
      type: 'attempt_succeeded',
      key: effect.key,
      at: context.clock.now().toISOString(),
      output: { count: Number(config.message) + 1 },
    });
  };
}

async function execute(
  context: EffectContext,
  document: WorkflowDocument,
): Promise<{ record: ExecutionRecord; ms: number }> {
  const finished = Promise.withResolvers<{ record: ExecutionRecord; ms: number }>();
  const start = performance.now();
  let id: string | undefined;
  // Only changes of the status are announced under `executions`: listening costs a handful of reads in all.
  const unsubscribe = context.bus.subscribe((notice) =>
    notice.channel === 'events' && notice.key === 'executions' ? void look().catch(finished.reject) : undefined,
  );
  const late = setTimeout(
    () => finished.reject(new Error(`“${document.name}” did not end within ${FINISHED_WITHIN_MS / 1000} s`)),
    FINISHED_WITHIN_MS,
  );
  try {
    id = (
      await startExecution(context, {
        workflowId: null,
        version: 0,
        document,
        inputs: {},
        by: { name: 'bench', role: 'admin' },
      })
    ).execution.id;
    await look();
    return await finished.promise;
  } finally {
    clearTimeout(late);
    unsubscribe();
  }

  async function look(): Promise<void> {
    if (!id) return;
    const record = await context.store.executions.get(id);
    if (record && FINISHED_EXECUTION.includes(record.status))
      finished.resolve({ record, ms: performance.now() - start });
  }
}

function complain(fields: object, message: string): void {
  console.error(message, fields);
}
