/** A whole Pointsman on a home and a database of its own, with many agents, and the processes that hold them. */
import { setTimeout as delay } from 'node:timers/promises';
import { describeManagedPostgres } from '../../src/adapters/managed-postgres/managed-postgres.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../../test/support/pointsman-process.ts';
import { processes, treeOf } from './process-cost.ts';
import type { Workload } from './workload.ts';

const CREATED_AT_ONCE = 4;
const BROUGHT_UP_WITHIN_MS = 180_000;

export interface FleetAgent {
  id: string;
  name: string;
}

export interface Fleet {
  home: string;
  server: Pointsman;
  create(agents: readonly { name: string; command?: string[] }[]): Promise<FleetAgent[]>;
  /** tmux servers and control clients of this home. */
  tmux(): { servers: number[]; clients: number[] };
  /** The managed PostgreSQL, all of it. */
  database(): Promise<number[]>;
}

export async function startFleet(workload: Workload): Promise<Fleet> {
  const home = makeHome();
  workload.own(() => removeHome(home));
  const server = await startPointsman({ home });
  workload.own(() => server.kill('SIGTERM'));
  return {
    home,
    server,
    create: (agents) => createAgents(home, server, agents),
    tmux: () => {
      const ours = processes().filter((row) => row.command.some((word) => word.startsWith(`${home}/run/`)));
      const named = (name: string) => ours.filter((row) => row.name.startsWith(name)).map((row) => row.pid);
      return { servers: named('tmux: server'), clients: named('tmux: client') };
    },
    async database() {
      const found = await describeManagedPostgres({ home });
      return found.status === 'running' && found.pid ? treeOf(found.pid, processes()).map((row) => row.pid) : [];
    },
  };
}

async function createAgents(
  home: string,
  server: Pointsman,
  wanted: readonly { name: string; command?: string[] }[],
): Promise<FleetAgent[]> {
  const created: FleetAgent[] = [];
  const waiting = [...wanted];
  await Promise.all(
    Array.from({ length: CREATED_AT_ONCE }, async () => {
      for (let agent = waiting.shift(); agent; agent = waiting.shift()) {
        const answer = await server.request('POST', '/api/agents', {
          kind: 'shell',
          workspace: { path: home },
          autostart: true,
          ...agent,
        });
        if (answer.status === 429) {
          waiting.push(agent);
          await delay(500);
        } else if (answer.status === 201) created.push({ id: answer.body.id, name: agent.name });
        else throw new Error(`agent ${agent.name}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
    }),
  );
  const names = new Set(wanted.map((agent) => agent.name));
  await until(
    'every agent to run',
    async () => {
      await delay(500); // 200 rows are not free, and they are what we wait for
      const rows = (
        (await server.request('GET', '/api/agents?limit=200')).body as { name: string; status: string }[]
      ).filter((row) => names.has(row.name));
      const broken = rows.find((row) => row.status === 'crashed');
      if (broken) throw new Error(`agent ${broken.name} crashed`);
      return rows.filter((row) => row.status === 'idle' || row.status === 'no_signal').length === wanted.length;
    },
    BROUGHT_UP_WITHIN_MS,
  );
  return created;
}
