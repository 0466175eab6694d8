import { afterAll, beforeAll } from 'vitest';
import type { SharedState } from '../../ports/shared-state.ts';
import { sharedStateConformance } from '../../ports/shared-state.conformance.ts';
import { createPostgresStore } from './postgres-store.ts';
import { createMigratedDatabase, type MigratedDatabase } from './testing/migrated-database.ts';

let database: MigratedDatabase;
let state: SharedState;
beforeAll(async () => {
  database = await createMigratedDatabase();
  state = createPostgresStore(database).sharedState;
});
afterAll(() => database.drop());

sharedStateConformance('PostgreSQL', () => state);
