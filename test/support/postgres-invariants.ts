/** The checker of invariants on a real database, as an expectation of a test. */
import { expect } from 'vitest';
import { databaseBreaches } from './database-breaches.ts';
import type { Witnessed } from './invariants.ts';
import type { TestDatabase } from './test-database.ts';

/** Nobody may be writing what `witnessed` says is settled. */
export async function expectInvariants(
  connection: TestDatabase['connection'],
  witnessed: Witnessed = {},
): Promise<void> {
  expect(await databaseBreaches(connection, witnessed)).toEqual([]);
}
