/** Which database this installation has, and how it is reached. */
import path from 'node:path';
import type pg from 'pg';
import { startManagedPostgres } from '../adapters/managed-postgres/managed-postgres.ts';
import { PointsmanError } from '../contract/errors.ts';
import type { Log } from '../engine/engine-context.ts';
import type { Config } from './config.ts';
import type { Home } from './home.ts';

export interface OpenDatabase {
  connection: pg.PoolConfig;
  /** For people: where it is. */
  place: string;
  release: () => void;
}

/** The operator's server, or the managed one, started where it is not running. */
export async function openDatabase(config: Config, home: Home, log: Log): Promise<OpenDatabase> {
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

/** Throws DATABASE_UNAVAILABLE. */
export async function requireDatabase(pool: pg.Pool, place: string): Promise<void> {
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
  } catch {
    return 'the configured server';
  }
}

export function migrationsFolder(): string {
  return path.resolve(import.meta.dirname, '../../migrations');
}
