/** The connection pool and the one kind of query handle that every room uses, in or out of a transaction. */
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { PointsmanError } from '../../contract/errors.ts';
import * as schema from './schema.ts';

export type Database = NodePgDatabase<typeof schema>;

export interface Connection {
  pool: pg.Pool;
  db: Database;
}

/**
 * A process that was stopped, or whose machine is gone, must not hold locks for ever: after this PostgreSQL ends a
 * transaction of which it hears nothing. As long as a lease, so that whoever takes over need not wait longer.
 */
const SILENT_MS = 15_000;

export function connect(options: pg.PoolConfig & { onIdleError?: (error: Error) => void }): Connection {
  const { onIdleError, ...config } = options;
  const pool = new pg.Pool({
    max: 12,
    connectionTimeoutMillis: 10_000,
    application_name: 'pointsman',
    // A query need not wait for the answer to the one before it on the same connection.
    pipeline: true,
    // Not a start-up parameter: some poolers refuse those they do not know.
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it, though its types do not say so
    onConnect: (client) => client.query(`SET idle_in_transaction_session_timeout = ${SILENT_MS}`),
    ...config,
  });
  // A server restart breaks idle connections; the next query opens a new one.
  pool.on('error', (error) => onIdleError?.(error));
  // Nobody listens to a connection between two statements of a transaction, or while the pool ends: without this, one
  // that breaks there ends the process. The next statement fails and says why.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db: Database = drizzle(pool, { schema });
  clients.set(db, pool);
  // drizzle's own never gives a connection back on which BEGIN failed: after a few of them the pool is empty for good.
  const handles = new WeakMap<pg.PoolClient, Database>();
  db.transaction = (work, config) =>
    onOneConnection(pool, (client) => {
      // Half a millisecond to make, so each connection keeps its own.
      const handle = handles.get(client) ?? drizzle(client, { schema });
      handles.set(client, handle);
      return handle.transaction(async (tx) => {
        clients.set(tx, client);
        return work(tx);
      }, config);
    });
  return { pool, db };
}

/** What a handle speaks through: the pool, or the one connection of a transaction. */
const clients = new WeakMap<Database, pg.Pool | pg.PoolClient>();

/** A statement that is made again and again: a connection parses and plans it once, and nothing is built here. */
export async function prepared(
  db: Database,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<pg.QueryResult> {
  const client = clients.get(db);
  if (!client) throw new Error(`${name} needs a handle that connect() made`);
  return client.query({ name, text, values: [...values] });
}

/**
 * A query of drizzle's that is asked for every request or visit: a handle builds it once, with `sql.placeholder` where
 * values go, and a connection plans it once.
 */
export function often<Row>(
  name: string,
  build: (db: Database) => { prepare(name: string): { execute(values: Record<string, unknown>): Promise<Row[]> } },
): (db: Database, values: Record<string, unknown>) => Promise<Row[]> {
  const built = new WeakMap<Database, ReturnType<ReturnType<typeof build>['prepare']>>();
  return (db, values) => {
    const query = built.get(db) ?? build(db).prepare(name);
    built.set(db, query);
    return query.execute(values);
  };
}

async function onOneConnection<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    // One that is still in a transaction could not even roll back.
    client.release(client.getTransactionStatus() !== 'I');
  }
}

const CONNECTION_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '25P03',
  '08006',
  '08003',
  '08001',
  '53300',
]);

/** PostgreSQL refuses what needs room, and answers everything else. */
const DISK_FULL = '53100';

/** Tells "the database is away" from a mistake of ours. */
export function isConnectionError(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code, syscall } = current as { code?: unknown; syscall?: unknown };
    if (typeof code === 'string' && CONNECTION_ERRORS.has(code)) return true;
    // The unix socket; any other missing file is somebody else's.
    if (code === 'ENOENT' && syscall === 'connect') return true;
    if (
      /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
        current.message,
      )
    )
      return true;
  }
  return false;
}

export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isConnectionError(error))
      throw new PointsmanError('DATABASE_UNAVAILABLE', { cause: error, retryAfterSeconds: 2 });
    if (postgresCode(error) === DISK_FULL)
      throw new PointsmanError('DATABASE_FULL', { cause: error, retryAfterSeconds: 10 });
    throw error;
  }
}

/** The PostgreSQL error code of a failed query, through drizzle's wrapper. */
export function postgresCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = (current as { code?: unknown }).code;
    if (typeof code === 'string') return code;
  }
  return undefined;
}
