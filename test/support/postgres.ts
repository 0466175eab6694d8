/** A fresh database per test file, copied from a template in the one PostgreSQL of its project: the managed one, or the system's. */
import { inject } from 'vitest';
import {
  startManagedPostgres,
  type ManagedPostgresConnection,
} from '../../src/adapters/managed-postgres/managed-postgres.ts';
import { createDatabase, FORGETFUL_SETTINGS, type TestDatabase, type TestTemplate } from './test-database.ts';

export type { TestDatabase, TestTemplate } from './test-database.ts';

/** Takes about 30 ms once the server runs and the template exists. Needs a test of a kind that has parts (see vitest.config.ts). */
export async function createTestDatabase(
  options: { template?: TestTemplate; server?: ManagedPostgresConnection } = {},
): Promise<TestDatabase> {
  return createDatabase({ server: options.server ?? (await testPostgres()), template: options.template });
}

/** The PostgreSQL of this run. */
export async function testPostgres(): Promise<ManagedPostgresConnection> {
  return inject('testPostgresServer') ?? (await managedPostgres());
}

let running: Promise<ManagedPostgresConnection> | undefined;

/** The managed server of this run. Files run in several processes at once: the first to come starts it, the others adopt it. */
async function managedPostgres(): Promise<ManagedPostgresConnection> {
  running ??= startManagedPostgres({ home: inject('testPostgresHome'), settings: FORGETFUL_SETTINGS }).then(
    (postgres) => {
      postgres.release();
      return postgres.connection;
    },
  );
  return await running;
}
