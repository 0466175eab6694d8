/** The TaskQueue without another server: BullMQ's jobs in a schema of their own in our PostgreSQL. */
import {
  type BackendFactory,
  DEFAULT_SCHEMA,
  PostgresConnection,
  PostgresQueueBackend,
  quoteSchemaName,
  runMigrations,
} from 'bullmq';
import pg from 'pg';
import type { TaskQueue } from '../../ports/task-queue.ts';
import { createBullTaskQueue, type TaskQueueLog } from './bull-task-queue.ts';

/** One listens for each name that is worked on; the rest answer short questions and close when idle. */
const MAX_CONNECTIONS = 10;
/** A notice wakes a worker; this is how long one could stay unheard if PostgreSQL lost it. */
const IDLE_SECONDS = 30;
/** A wake-up needs no disk: what a crash of the server forgets, reconcile finds in the rows. */
const NO_FSYNC = '-c synchronous_commit=off';

type BullPool = ConstructorParameters<typeof PostgresConnection>[0];
type BackendOptions = ConstructorParameters<typeof PostgresQueueBackend>[2];

export async function createPostgresTaskQueue(options: {
  connection: pg.PoolConfig;
  log: TaskQueueLog;
}): Promise<TaskQueue> {
  const pool = new pg.Pool({
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: 10_000,
    application_name: 'pointsman-queue',
    ...options.connection,
    keepAlive: true,
    options: [options.connection.options, `-c search_path=${quoteSchemaName(DEFAULT_SCHEMA)}`, NO_FSYNC]
      .filter(Boolean)
      .join(' '),
  });
  // A restart of the server breaks idle connections; the next question opens a new one.
  pool.on('error', (error) => options.log.warn({ err: error }, 'an idle connection of the job queue broke'));
  // BullMQ does not always listen, and a broken connection that nobody listens to ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await migrate(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const bullPool = patient(pool);
  // BullMQ would check the schema once more per queue and, should that one answer fail, never ask again.
  class MigratedConnection extends PostgresConnection {
    override async waitUntilReady(): Promise<void> {}
  }
  return createBullTaskQueue({
    connection: {
      // Not looked at: every backend gets the pool below.
      producer: {},
      consumer: {},
      backend: ((name, opts) =>
        new PostgresQueueBackend(
          new MigratedConnection(bullPool),
          name,
          opts as object as BackendOptions,
        )) satisfies BackendFactory,
      idleSeconds: IDLE_SECONDS,
      close: () => pool.end(),
    },
    log: options.log,
  });
}

async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client as Parameters<typeof runMigrations>[0]);
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/**
 * The pool as BullMQ sees it. BullMQ waits and tries again only on ECONNREFUSED; a missing socket, a server that
 * starts or stops and a broken connection are the same thing to us, and without this it asks on without a pause.
 */
function patient(pool: pg.Pool): BullPool {
  const translated = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!isAway(error)) throw error;
      throw Object.assign(new Error('PostgreSQL is away (ECONNREFUSED)', { cause: error }), { code: 'ECONNREFUSED' });
    }
  };
  const seen = {
    options: pool.options,
    query: (text: string, values?: unknown[]) => translated(pool.query(text, values)),
    connect: () => translated(pool.connect()),
    // Ours to end, and its errors are heard above.
    end: async () => undefined,
    on: () => seen,
    removeAllListeners: () => seen,
  };
  // BullMQ declares `query` for any row type, as pg does not.
  return seen as unknown as BullPool;
}

const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08001',
  '08003',
  '08006',
  '53300',
]);

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  return (
    (typeof code === 'string' && AWAY.has(code)) ||
    /Connection terminated|timeout exceeded when trying to connect|not queryable/.test(error.message)
  );
}
