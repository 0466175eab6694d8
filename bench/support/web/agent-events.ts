/** Events of agents as the product commits and announces them, made without the agents: as many a second as is wanted. */
import { startManagedPostgres } from '../../../src/adapters/managed-postgres/managed-postgres.ts';
import { connect } from '../../../src/adapters/postgres/database.ts';
import { createPostgresStore } from '../../../src/adapters/postgres/postgres-store.ts';
import type { Agent } from '../../../src/contract/agents.ts';
import type { Workload } from '../workload.ts';

export interface AgentEvents {
  /** One measurement of all of them, and one that changed; resolves with its commit. */
  update(agents: readonly Agent[], changed: Agent): Promise<void>;
}

export async function announceAgents(workload: Workload, home: string): Promise<AgentEvents> {
  // It is the server's and already runs; it goes on when this hold of it is released.
  const managed = await startManagedPostgres({ home });
  workload.own(() => managed.release());
  const { pool, db } = connect({ ...managed.connection, password: '' });
  workload.own(() => pool.end());
  const store = createPostgresStore({ db, pool });
  return {
    async update(agents, changed) {
      await store.transaction(async (transaction) => {
        if (agents.length > 0)
          transaction.publish({
            topic: 'agents',
            event: 'agents.measured',
            data: agents.map(({ id }) => ({
              id,
              cpu: Math.round(Math.random() * 900) / 10,
              memory: Math.round((20 + Math.random() * 400) * 2 ** 20),
            })),
          });
        transaction.publish({ topic: 'agents', event: 'agent.changed', data: changed });
      });
    },
  };
}
