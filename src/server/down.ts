/** `pointsman down`: stops the server; with agents also every agent, tmux server and the managed database. */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { stopManagedPostgres } from '../adapters/managed-postgres/managed-postgres.ts';
import { createTmuxHost } from '../adapters/tmux/tmux-host.ts';
import { PointsmanError } from '../contract/errors.ts';
import { homeAt, runningServer } from './home.ts';

const STOP_WITHIN_MS = 20_000;

export interface DownOutcome {
  server: 'stopped' | 'not_running';
  agents: number;
  database: 'stopped' | 'not_running' | 'left_running';
}

export async function runDown({ home: directory, agents }: { home: string; agents: boolean }): Promise<DownOutcome> {
  const home = homeAt(directory);
  const server = await stopServer(directory);
  if (!agents || !existsSync(home.run))
    return {
      server,
      agents: 0,
      database: agents ? (await stopManagedPostgres({ home: directory })).outcome : 'left_running',
    };
  const host = createTmuxHost({ runDirectory: home.run });
  const sessions = await host.list();
  await Promise.all(sessions.map((session) => host.kill(session.sessionName)));
  await host.close();
  return { server, agents: sessions.length, database: (await stopManagedPostgres({ home: directory })).outcome };
}

async function stopServer(directory: string): Promise<'stopped' | 'not_running'> {
  const server = runningServer(homeAt(directory));
  if (!server) return 'not_running';
  process.kill(server.pid, 'SIGTERM');
  const until = Date.now() + STOP_WITHIN_MS;
  while (Date.now() < until) {
    if (runningServer(homeAt(directory))?.pid !== server.pid) return 'stopped';
    await delay(50);
  }
  throw new PointsmanError('INTERNAL', {
    detail: `Process ${server.pid} did not stop within ${STOP_WITHIN_MS / 1000} s. Send it a second signal to end it at once.`,
  });
}
