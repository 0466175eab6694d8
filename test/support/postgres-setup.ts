/** One PostgreSQL per vitest run: promises a place for it, and removes what was made there. The server starts on first use. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeManagedPostgres } from '../../src/adapters/managed-postgres/managed-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    testPostgresHome: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(path.join(tmpdir(), 'pointsman-test-postgres-'));
  project.provide('testPostgresHome', home);
  return async () => {
    await removeManagedPostgres({ home });
    await rm(home, { recursive: true, force: true });
  };
}
