import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.ts';
import { taskQueueConformance } from '../../ports/task-queue.conformance.ts';
import { createPostgresTaskQueue } from './postgres-task-queue.ts';
import { holdJob } from './testing/held-job.ts';

let database: TestDatabase;
let admin: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Pool({ ...database.connection, max: 1, application_name: 'admin' });
  // The drop of the database may overtake the end of a connection.
  admin.on('connect', (client) => client.on('error', () => undefined));
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

taskQueueConformance('BullMQ on PostgreSQL', () => ({
  open: () => createPostgresTaskQueue({ connection: database.connection, log: { warn: () => undefined } }),
  stored: async (name) => {
    const found = await admin.query<{ count: string }>('SELECT count(*) FROM bullmq.job WHERE queue = $1', [
      `pointsman-${name}`,
    ]);
    return Number(found.rows[0]?.count);
  },
  hold: (name) => holdJob({ name, postgres: database.connection }),
  cutConnections: async () => {
    await admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
  },
}));
