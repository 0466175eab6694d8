/** Events of agents as the product commits and announces them, made without the agents: as many a second as is wanted. */
import { createPostgresStore } from '../../../src/adapters/postgres/postgres-store.ts';
import type { Agent } from '../../../src/contract/agents.ts';
import { fleetDatabase } from '../fleet-database.ts';
import type { Workload } from '../workload.ts';

export interface AgentEvents {
  /** One measurement of all of them, and one that changed; resolves with its commit. */
  update(agents: readonly Agent[], changed: Agent): Promise<void>;
}

export async function announceAgents(workload: Workload, home: string): Promise<AgentEvents> {
  const { pool, db } = await fleetDatabase(workload, home);
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
