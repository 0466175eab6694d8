/** A process of its own that takes one job and never ends it, to be killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createPostgresTaskQueue } from '../postgres-task-queue.ts';
import { createRedisTaskQueue } from '../redis-task-queue.ts';

type Target = { name: string } & ({ redis: string } | { postgres: object });

/** Resolves when the process holds the job. */
export async function holdJob(target: Target): Promise<{ kill(): Promise<void> }> {
  const child = spawn(process.execPath, [import.meta.filename, JSON.stringify(target)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  await Promise.race([
    once(child.stdout, 'data'),
    exited.then(() => Promise.reject(new Error('the holder ended early'))),
  ]);
  return {
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  const target = JSON.parse(process.argv[2] ?? '') as Target;
  const log = { warn: () => undefined };
  const queue =
    'redis' in target
      ? await createRedisTaskQueue({ url: target.redis, log })
      : await createPostgresTaskQueue({ connection: target.postgres, log });
  await queue.work(target.name, { concurrency: 1 }, async () => {
    console.log('held');
    await new Promise(() => undefined);
  });
}
