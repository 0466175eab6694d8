/** Waits until an execution has ended, whichever process advances it. */
import type { EngineContext } from './engine-context.ts';
import type { Mailroom } from './mailroom.ts';

/** Resolves at the end, after `ms`, or when `signal` fires; whoever needs to know which reads the row. */
export async function awaitEnd(
  { store, bus, mailroom }: EngineContext & { mailroom: Mailroom },
  executionId: string,
  { ms, signal }: { ms: number; signal: AbortSignal },
): Promise<void> {
  const over = Promise.withResolvers<void>();
  const topic = `execution:${executionId}`;
  const unwatch = mailroom.onEnd(executionId, over.resolve);
  const unsubscribe = bus.subscribe((notice) => {
    if (notice.channel === 'events' && notice.key === topic) look();
  }, look);
  const timer = setTimeout(over.resolve, ms);
  signal.addEventListener('abort', () => over.resolve());
  try {
    if (signal.aborted) return;
    look();
    await over.promise;
  } finally {
    clearTimeout(timer);
    unsubscribe();
    unwatch();
  }

  /** What is advanced here says itself when it has ended. */
  function look(): void {
    if (mailroom.advances(executionId)) return;
    store.executions
      .get(executionId)
      .then((record) => (record && record.finishedAt === null ? undefined : over.resolve()))
      .catch(() => undefined); // the next notice, or the end of the time, looks again
  }
}
