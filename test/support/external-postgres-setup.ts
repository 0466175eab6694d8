/** Has every test database of a project lie in a PostgreSQL of the system instead of the managed one. */
import type { TestProject } from 'vitest/node';
import type { ManagedPostgresConnection } from '../../src/adapters/managed-postgres/managed-postgres.ts';
import { startExternalPostgres } from './external-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Left out: the managed one. */
    testPostgresServer?: ManagedPostgresConnection;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startExternalPostgres();
  project.provide('testPostgresServer', postgres.connection);
  return postgres.stop;
}
