/** The managed database of a server that runs, for what cannot be made by waiting for it. */
import { startManagedPostgres } from '../../src/adapters/managed-postgres/managed-postgres.ts';
import { type Connection, connect } from '../../src/adapters/postgres/database.ts';
import type { Workload } from './workload.ts';

export async function fleetDatabase(workload: Workload, home: string): Promise<Connection> {
  // It is the server's and already runs; it goes on when this hold of it is released.
  const managed = await startManagedPostgres({ home });
  workload.own(() => managed.release());
  const connection = connect({ ...managed.connection, password: '' });
  workload.own(() => connection.pool.end());
  return connection;
}
