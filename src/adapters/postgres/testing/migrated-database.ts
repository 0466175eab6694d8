/** A fresh database with our tables, for the tests of whatever stands on them. */
import path from 'node:path';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { connect, type Connection } from '../database.ts';
import { migrate } from '../migrate.ts';

export const MIGRATIONS = path.resolve(import.meta.dirname, '../../../../migrations');

export interface MigratedDatabase extends Connection {
  connection: TestDatabase['connection'];
  url: string;
  /** Ends the connections and drops the database. */
  drop(): Promise<void>;
}

export async function createMigratedDatabase(): Promise<MigratedDatabase> {
  const database = await createTestDatabase({
    template: {
      name: 'migrated',
      async prepare(connection) {
        const pool = new pg.Pool(connection);
        await migrate(pool, MIGRATIONS);
        await pool.end();
      },
    },
  });
  const { pool, db } = connect(database.connection);
  return {
    pool,
    db,
    connection: database.connection,
    url: database.url,
    async drop() {
      await pool.end();
      await database.drop();
    },
  };
}
