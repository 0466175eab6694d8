/** The TaskQueue of an installation with Redis. */
import type { RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import type { TaskQueue } from '../../ports/task-queue.ts';
import { createBullTaskQueue, type TaskQueueLog } from './bull-task-queue.ts';

/** BullMQ keeps a blocking read of Redis short: a longer one outlives a lost connection unnoticed. */
const IDLE_SECONDS = 5;
const CONNECT_TIMEOUT_MS = 5_000;

/** Throws when Redis cannot be reached; once it could be, workers wait for it to come back. */
export async function createRedisTaskQueue(options: { url: string; log: TaskQueueLog }): Promise<TaskQueue> {
  await pingRedis(options.url);
  const consumer: RedisOptions = { url: options.url, maxRetriesPerRequest: null };
  return createBullTaskQueue({
    connection: {
      // An enqueue that cannot be done says so; a queue of wake-ups in our memory would be lost with it anyway.
      producer: { ...consumer, maxRetriesPerRequest: 1 },
      consumer,
      idleSeconds: IDLE_SECONDS,
      close: async () => undefined,
    },
    log: options.log,
  });
}

/** Throws when it does not answer, over a connection of its own. */
export async function pingRedis(url: string): Promise<void> {
  const probe = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  probe.on('error', () => undefined);
  try {
    await probe.connect();
    await probe.ping();
  } finally {
    probe.disconnect();
  }
}
