/** The TaskQueue in BullMQ's words, for whichever store its backend keeps the jobs in. */
import { Queue, WaitingError, Worker, type BackendFactory, type ConnectionOptions, type Job as BullJob } from 'bullmq';
import type { Job, TaskQueue } from '../../ports/task-queue.ts';

export interface TaskQueueLog {
  warn(fields: object, message: string): void;
}

/** A backend of BullMQ and what it connects with, under the types BullMQ gives to the one of Redis. */
export interface BullConnection {
  /** For putting jobs in: fails rather than waits when the store is away. */
  producer: ConnectionOptions;
  /** For taking them out: waits until the store is back. */
  consumer: ConnectionOptions;
  /** Unset: Redis. */
  backend?: BackendFactory;
  /** How long an idle worker blocks; a job or a due retry ends the wait at once. */
  idleSeconds: number;
  close(): Promise<void>;
}

// The job of a worker that died is taken at the first check that finds its lock gone and saw the job run at an earlier
// one: after 5 to 10 s. Redis lets one check through per interval, counted to the millisecond, so that every other
// one may come a moment too early; the interval is half of what such a pair may last.
const LOCK_MS = 5_000;
const STALLED_CHECK_MS = 2_500;
/** Retries after 250 ms, 500 ms, 1 s … and then every 5 s: a wake-up that comes meanwhile waits with them. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
/** After about a minute nobody tries again; rows are the truth and reconcile asks anew. */
const ATTEMPTS = 16;
/** Of crashed workers under one job, before it is given up as above. */
const CRASHES = 16;
/** A pause after the store failed to answer a worker. */
const STORE_RETRY_MS = 500;
/** BullMQ writes down what it did; nobody here reads it. */
const KEPT_EVENTS = 100;

export function createBullTaskQueue(options: { connection: BullConnection; log: TaskQueueLog }): TaskQueue {
  const { connection, log } = options;
  // BullMQ ties the type of a queue to its backend; nothing here differs between them.
  const backend = connection.backend as undefined;
  const queues = new Map<string, Queue>();
  const stops = new Set<() => Promise<void>>();
  let closing: Promise<void> | undefined;

  function queueOf(name: string): Queue {
    let queue = queues.get(name);
    if (!queue) {
      queue = new Queue(
        bullName(name),
        {
          connection: connection.producer,
          prefix: PREFIX,
          streams: { events: { maxLen: KEPT_EVENTS } },
        },
        backend,
      );
      queue.on('error', (error) => log.warn({ err: error, queue: name }, 'the job queue met an error'));
      queues.set(name, queue);
    }
    return queue;
  }

  return {
    async enqueue(job) {
      if (closing) throw new Error('The task queue is closed.');
      await queueOf(job.name).add(job.name, job, {
        // While one of the key waits, another is the same; while one runs, another follows it. Both decisions are
        // taken in the store, together with the end of the running one, so none falls between.
        deduplication: { id: job.key, keepLastIfActive: true },
        attempts: ATTEMPTS,
        backoff: { type: 'growing' },
        removeOnComplete: true,
        removeOnFail: true,
      });
    },

    async work(name, { concurrency }, handle) {
      if (closing) throw new Error('The task queue is closed.');
      const running = new Map<string, AbortController>();
      let stopping = false;

      async function run(bullJob: BullJob<Job>, token?: string): Promise<void> {
        if (stopping) await giveBack(bullJob, token);
        const controller = new AbortController();
        running.set(bullJob.id ?? '', controller);
        try {
          await handle({ name: bullJob.data.name, key: bullJob.data.key }, controller.signal);
        } catch (error) {
          // Stopped, not failed: somebody else takes it at once, and it counts as no attempt.
          if (stopping) await giveBack(bullJob, token);
          throw error;
        } finally {
          running.delete(bullJob.id ?? '');
        }
      }

      const worker = new Worker<Job, void>(
        bullName(name),
        run,
        {
          connection: connection.consumer,
          prefix: PREFIX,
          concurrency,
          drainDelay: connection.idleSeconds,
          lockDuration: LOCK_MS,
          stalledInterval: STALLED_CHECK_MS,
          maxStalledCount: CRASHES,
          runRetryDelay: STORE_RETRY_MS,
          settings: {
            backoffStrategy: (attempt) => Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS),
          },
        },
        backend,
      );
      worker.on('error', (error) => log.warn({ err: error, queue: name }, 'a worker of the job queue met an error'));
      worker.on('failed', (bullJob, error) =>
        log.warn({ err: error, queue: name, key: bullJob?.data.key, attempt: bullJob?.attemptsMade }, 'a job failed'),
      );
      // Its lock is lost: somebody else has the job or soon will.
      worker.on('lockRenewalFailed', (ids) => {
        for (const id of ids) running.get(id)?.abort(new Error('The job was given to another worker.'));
      });

      let stopped: Promise<void> | undefined;
      const stop = () => {
        stopped ??= (async () => {
          stopping = true;
          const closed = worker.close();
          for (const controller of running.values()) controller.abort(new Error('The worker stops.'));
          await closed;
          stops.delete(stop);
        })();
        return stopped;
      };
      stops.add(stop);
      await worker.waitUntilReady();
      return { stop };
    },

    close() {
      closing ??= (async () => {
        await Promise.all([...stops].map((stop) => stop()));
        await Promise.all([...queues.values()].map((queue) => queue.close()));
        await connection.close();
      })();
      return closing;
    },
  };
}

const PREFIX = 'pointsman';

/** Visible in the store beside those of other programs. */
function bullName(name: string): string {
  return `pointsman-${name}`;
}

async function giveBack(job: BullJob, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}
