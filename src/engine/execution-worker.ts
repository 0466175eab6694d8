/**
 * Advances executions in this process: those that start or get mail here, at once and without the queue; those that the
 * queue names, because another process has no room or no worker; and those that reconcile finds.
 */
import { advanceExecution } from './advance-execution.ts';
import type { EngineContext } from './engine-context.ts';
import type { Held } from './held-execution.ts';
import type { Mailroom } from './mailroom.ts';
import { reconcile } from './reconcile.ts';

/** Executions advanced at once; each mostly waits. */
const CONCURRENCY = 50;

export async function startExecutionWorker(
  context: EngineContext & { mailroom: Mailroom },
  { sweepEffects }: { sweepEffects: () => void },
): Promise<{ close(): Promise<void> }> {
  const { queue, mailroom, log } = context;
  const stop = new AbortController();
  const advancing = new Set<Promise<void>>();

  function advance(executionId: string, held?: Held): void {
    const running = advanceExecution(context, executionId, stop.signal, held)
      .catch((error: unknown) =>
        log.error({ error, executionId }, 'an execution could not be advanced; it will be tried again'),
      )
      .finally(() => advancing.delete(running));
    advancing.add(running);
  }

  const worker = await queue.work('advance', { concurrency: CONCURRENCY }, (job, signal) =>
    advanceExecution(context, job.key, AbortSignal.any([signal, stop.signal])),
  );
  const resign = mailroom.advancesHere({
    hasRoom: () => !stop.signal.aborted && advancing.size < CONCURRENCY,
    advance,
  });
  const sweep = reconcile(context, { sweepEffects, advance });
  return {
    async close() {
      stop.abort();
      resign();
      await sweep.close();
      await worker.stop();
      await Promise.all(advancing);
    },
  };
}
