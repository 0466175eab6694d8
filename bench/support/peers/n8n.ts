/** n8n beside us: installed once, run as a process of its own on a database of its own in the same PostgreSQL. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { installNpmPackage } from '../npm-package.ts';
import type { Workload } from '../workload.ts';
import { dataFolder, freePort, type CountingPeer, startPeer } from './peer.ts';

const VERSION = '2.41.1';
const CONNECTIONS = 12; // as many as Pointsman's engine has; it would take 2
const MIGRATED_WITHIN_MS = 180_000; // hundreds of migrations, and many files that are read for the first time
const READY_WITHIN_MS = 120_000;
const ENDED_WITHIN_MS = 10_000;

/** Its webhook → one node that sets a number, as its editor would save it. */
const WORKFLOW = {
  id: 'OneStep',
  name: 'One step',
  active: false,
  settings: { executionOrder: 'v1' },
  nodes: [
    {
      id: 'webhook',
      name: 'Webhook',
      type: 'n8n-nodes-base.webhook',
      typeVersion: 2,
      position: [0, 0],
      webhookId: 'one',
      parameters: { httpMethod: 'POST', path: 'one', responseMode: 'lastNode', options: {} },
    },
    {
      id: 'add',
      name: 'Add',
      type: 'n8n-nodes-base.set',
      typeVersion: 3.4,
      position: [200, 0],
      parameters: {
        assignments: {
          assignments: [{ id: 'count', name: 'count', type: 'number', value: '={{ $json.body.from + 1 }}' }],
        },
        options: {},
      },
    },
  ],
  connections: { Webhook: { main: [[{ node: 'Add', type: 'main', index: 0 }]] } },
};

type Connection = pg.PoolConfig & { host: string; port: number; user: string };

export function startN8n(workload: Workload, connection: Connection): Promise<CountingPeer | null> {
  return startPeer(workload, {
    name: 'n8n',
    install: () => installNpmPackage({ name: 'n8n', version: VERSION, works }),
    async start(installed) {
      const program = binary(installed);
      const folder = dataFolder(workload, 'n8n');
      const [port, brokerPort] = [await freePort(), await freePort()];
      await createDatabase(connection);
      const env = environment({ folder, port, brokerPort, connection });
      const file = path.join(folder, 'workflow.json');
      writeFileSync(file, JSON.stringify(WORKFLOW));
      for (const args of [
        ['import:workflow', `--input=${file}`],
        ['publish:workflow', `--id=${WORKFLOW.id}`],
      ])
        await promisify(execFile)(process.execPath, [program, ...args], {
          env,
          cwd: folder,
          timeout: MIGRATED_WITHIN_MS,
          killSignal: 'SIGKILL',
        });
      // In a group of its own, as it starts a process for code of users.
      const child = spawn(process.execPath, [program, 'start'], {
        env,
        cwd: folder,
        detached: true,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      workload.own(() => end(child));
      const url = `http://127.0.0.1:${port}`;
      await untilItAnswers(child, `${url}/webhook/one`);
      workload.note(
        `n8n ${VERSION} with ${CONNECTIONS} connections, in the same PostgreSQL, and its faster expression engine (legacy, not its default):`,
      );
      workload.note(
        '  webhook → set; each execution is saved when it begins and when it has ended, with the data of its nodes, not between them',
      );
      return {
        url,
        pid: -(child.pid ?? 0),
        request: (from) => ({ address: '/webhook/one', body: JSON.stringify({ from }) }),
        count: (answer) => (answer as { count?: unknown }).count,
      };
    },
  });
}

function binary(directory: string): string {
  return path.join(directory, 'node_modules/n8n/bin/n8n');
}

/** Its scripts are not run: they compile what SQLite needs, and it is given PostgreSQL. */
function works(directory: string): boolean {
  return existsSync(binary(directory)) && existsSync(path.join(directory, 'node_modules/n8n-nodes-base/package.json'));
}

async function createDatabase(connection: pg.PoolConfig): Promise<void> {
  const admin = new pg.Client(connection);
  await admin.connect();
  await admin.query('CREATE DATABASE n8n');
  await admin.end();
}

/** Nothing of the caller's but where programs are; on loopback, and asking nobody on the internet for anything. */
function environment(given: {
  folder: string;
  port: number;
  brokerPort: number;
  connection: Connection;
}): NodeJS.ProcessEnv {
  const { folder, port, brokerPort, connection } = given;
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    NODE_NO_WARNINGS: '1',
    N8N_USER_FOLDER: folder,
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_PORT: String(port),
    N8N_RUNNERS_BROKER_LISTEN_ADDRESS: '127.0.0.1',
    N8N_RUNNERS_BROKER_PORT: String(brokerPort),
    N8N_LOG_LEVEL: 'error',
    N8N_DISABLE_UI: 'true',
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
    N8N_DYNAMIC_BANNERS_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_PERSONALIZATION_ENABLED: 'false',
    N8N_HIRING_BANNER_ENABLED: 'false',
    N8N_COMMUNITY_PACKAGES_ENABLED: 'false',
    N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
    // Its default builds an isolate for each execution, which is most of the time of one this small.
    N8N_EXPRESSION_ENGINE: 'legacy',
    DB_TYPE: 'postgresdb',
    DB_POSTGRESDB_HOST: connection.host,
    DB_POSTGRESDB_PORT: String(connection.port),
    DB_POSTGRESDB_USER: connection.user,
    DB_POSTGRESDB_DATABASE: 'n8n',
    DB_POSTGRESDB_POOL_SIZE: String(CONNECTIONS),
  };
}

/** It listens before its webhooks are registered. */
async function untilItAnswers(child: ChildProcess, webhook: string): Promise<void> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  let last = 'nothing';
  while (performance.now() < giveUpAt) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    try {
      const response = await fetch(webhook, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"from":7}',
      });
      if (response.ok) return;
      last = `${response.status} ${await response.text()}`;
    } catch (error) {
      last = String(error);
    }
    await delay(250);
  }
  throw new Error(`its webhook did not answer within ${READY_WITHIN_MS / 1000} s, but: ${last}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
  child.kill('SIGTERM');
  await Promise.race([ended, delay(ENDED_WITHIN_MS, undefined, { ref: false })]);
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody of its group is left.
  }
}
