import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe } from 'vitest';
import { taskQueueConformance } from '../../ports/task-queue.conformance.ts';
import { createRedisTaskQueue } from './redis-task-queue.ts';
import { holdJob } from './testing/held-job.ts';

const given = process.env['POINTSMAN_TEST_REDIS_URL'];
const installed = spawnSync('redis-server', ['--version']).status === 0;

// Needs POINTSMAN_TEST_REDIS_URL, or redis-server on the PATH.
describe.skipIf(!given && !installed)('with a real Redis', () => {
  let url: string;
  let server: ChildProcess | undefined;
  let directory: string;
  let admin: Redis;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'pointsman-redis-'));
    if (given) url = given;
    else {
      const port = await freePort();
      server = spawn(
        'redis-server',
        ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--appendonly', 'yes'],
        { stdio: 'ignore' },
      );
      url = `redis://127.0.0.1:${port}`;
    }
    admin = new Redis(url);
    admin.on('error', () => undefined);
    await admin.ping();
  });
  afterAll(async () => {
    admin.disconnect();
    if (server) {
      server.kill();
      await once(server, 'exit');
    }
    await rm(directory, { recursive: true, force: true });
  });

  taskQueueConformance('BullMQ on Redis', () => ({
    open: () => createRedisTaskQueue({ url, log: { warn: () => undefined } }),
    stored: async (name) => (await admin.keys(`pointsman:pointsman-${name}:[0-9]*`)).length,
    hold: (name) => holdJob({ name, redis: url }),
    cutConnections: async () => void (await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')),
  }));
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
