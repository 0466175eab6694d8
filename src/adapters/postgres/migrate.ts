/** Brings the schema to this version: forward only, once, also when several processes start together. */
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { PointsmanError } from '../../contract/errors.ts';

/** Any constant; every Pointsman takes the same lock. */
const MIGRATION_LOCK = 7_209_441;
const OLDEST_SUPPORTED = 150_000;

export interface MigrationState {
  applied: number;
  known: number;
}

export async function migrate(pool: pg.Pool, folder: string): Promise<MigrationState> {
  const client = await pool.connect();
  try {
    const version = Number(
      (await client.query<{ server_version_num: string }>('SHOW server_version_num')).rows[0]?.server_version_num,
    );
    if (version < OLDEST_SUPPORTED) {
      throw new PointsmanError('DATABASE_TOO_OLD', {
        detail: `The server is PostgreSQL ${Math.floor(version / 10_000)}; 15 or newer is needed.`,
      });
    }
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      const before = await migrationState(client, folder);
      if (before.applied > before.known) {
        throw new PointsmanError('DATABASE_TOO_NEW', {
          detail: `The database has ${before.applied} migrations, this version knows ${before.known}.`,
        });
      }
      if (before.applied < before.known) await applyMigrations(drizzle(client), { migrationsFolder: folder });
      return before;
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  } finally {
    client.release();
  }
}

/** How many migrations the database has and how many this version knows. */
export async function migrationState(client: Pick<pg.PoolClient, 'query'>, folder: string): Promise<MigrationState> {
  const journal = JSON.parse(await readFile(path.join(folder, 'meta/_journal.json'), 'utf8')) as { entries: unknown[] };
  const table = await client.query<{ found: string | null }>(
    `SELECT to_regclass('drizzle.__drizzle_migrations') AS found`,
  );
  if (!table.rows[0]?.found) return { applied: 0, known: journal.entries.length };
  const count = await client.query<{ count: string }>('SELECT count(*) AS count FROM drizzle.__drizzle_migrations');
  return { applied: Number(count.rows[0]?.count), known: journal.entries.length };
}
