/** A data directory and a database of their own, in which one life follows another. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { ManagedPostgresConnection } from '../../src/adapters/managed-postgres/managed-postgres.ts';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { migrationsFolder } from '../../src/server/open-database.ts';
import { createDatabase, type TestDatabase } from '../support/test-database.ts';

export interface Place {
  home: string;
  database: TestDatabase;
  remove(): Promise<void>;
}

export async function makePlace(server: ManagedPostgresConnection): Promise<Place> {
  const database = await createDatabase({ server, template: { name: 'sweep', prepare } });
  const home = mkdtempSync(path.join(os.tmpdir(), 'pointsman-sweep-'));
  return {
    home,
    database,
    async remove() {
      await database.drop();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function prepare(connection: ManagedPostgresConnection): Promise<void> {
  const pool = new pg.Pool({ ...connection, password: '' });
  await migrate(pool, migrationsFolder());
  await pool.end();
}
