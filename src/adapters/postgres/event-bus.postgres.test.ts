import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventBusConformance } from '../../ports/event-bus.conformance.ts';
import type { EventBus, Notice } from '../../ports/event-bus.ts';
import { connect } from './database.ts';
import { createPostgresEventBus } from './postgres-event-bus.ts';
import { createPostgresStore } from './postgres-store.ts';
import { createMigratedDatabase, type MigratedDatabase } from './testing/migrated-database.ts';

let database: MigratedDatabase;
let admin: pg.Pool;
beforeAll(async () => {
  database = await createMigratedDatabase();
  admin = connect({ ...database.connection, max: 1 }).pool;
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

const open = (): Promise<EventBus> => createPostgresEventBus({ pool: database.pool, connection: database.connection });
const listening = `FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pointsman-listen'`;
const countListening = async (): Promise<number> =>
  Number((await admin.query<{ count: string }>(`SELECT count(*) ${listening}`)).rows[0]?.count);

eventBusConformance('LISTEN/NOTIFY', () => ({
  open,
  cutListening: async () => void (await admin.query(`SELECT pg_terminate_backend(pid) ${listening}`)),
}));

describe('the bus on PostgreSQL', () => {
  test('hears what a transaction says when it commits, and nothing of one that is rolled back', async () => {
    const bus = await open();
    const store = createPostgresStore(database);
    const heard: Notice[] = [];
    bus.subscribe((notice) => heard.push(notice));
    await expect(
      store.transaction(async (transaction) => {
        transaction.notify({ channel: 'tasks', key: 'rolled-back' });
        transaction.publish({ topic: 'rolled-back', event: 'agent.created' as never, data: {} });
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await store.transaction(async (transaction) => {
      transaction.notify({ channel: 'tasks', key: 'a' }, { channel: 'tasks', key: 'a' });
      transaction.publish({ topic: 'agents', event: 'agent.created' as never, data: {} });
    });
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(heard).toEqual([
      { channel: 'events', key: 'agents' },
      { channel: 'tasks', key: 'a' },
    ]);
    await bus.close();
  });

  test('leaves no connection behind, however it was cut and closed', async () => {
    const bus = await open();
    for (let round = 0; round < 3; round++) {
      let lost = 0;
      const unsubscribe = bus.subscribe(
        () => undefined,
        () => lost++,
      );
      await admin.query(`SELECT pg_terminate_backend(pid) ${listening}`);
      await vi.waitFor(() => expect(lost).toBe(1), { timeout: 10_000 });
      expect(await countListening()).toBe(1);
      unsubscribe();
    }
    await admin.query(`SELECT pg_terminate_backend(pid) ${listening}`);
    await bus.close();
    await vi.waitFor(async () => expect(await countListening()).toBe(0));
  });

  test('does not begin to listen in the background when it could not at first', async () => {
    const nowhere = { ...database.connection, database: 'there_is_no_such_database' };
    await expect(createPostgresEventBus({ pool: database.pool, connection: nowhere })).rejects.toMatchObject({
      code: '3D000',
    });
    await admin.query('CREATE DATABASE there_is_no_such_database');
    try {
      // Longer than the pause before another try.
      vi.useFakeTimers({ toFake: ['setTimeout'] });
      await vi.advanceTimersByTimeAsync(5_000);
      vi.useRealTimers();
      const found = await admin.query(`SELECT 1 FROM pg_stat_activity WHERE datname = 'there_is_no_such_database'`);
      expect(found.rowCount).toBe(0);
    } finally {
      vi.useRealTimers();
      await admin.query('DROP DATABASE there_is_no_such_database');
    }
  });
});
