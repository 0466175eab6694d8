/**
 * Tells whoever advances an execution here that mail has come, and wakes a worker when nobody does.
 * The mail itself lies in the store; this only saves waiting.
 */
import type { StoreTransaction } from '../ports/store/store.ts';
import type { EngineContext } from './engine-context.ts';

export class Mailroom {
  readonly #waiting = new Map<string, () => void>();
  readonly #advancing = new Set<string>();
  readonly #context: EngineContext;
  readonly #unsubscribe: () => void;

  constructor(context: EngineContext) {
    this.#context = context;
    this.#unsubscribe = context.bus.subscribe((notice) => {
      if (notice.channel === 'mailbox') this.#waiting.get(notice.key)?.();
    });
  }

  /** Puts events into an execution's mailbox, together with what `work` writes, and sees that they are taken. */
  async post(
    executionId: string,
    events: readonly object[],
    work?: (transaction: StoreTransaction) => Promise<boolean>,
  ): Promise<boolean> {
    const posted = await this.#context.store.transaction(async (transaction) => {
      if (work && !(await work(transaction))) return false;
      await transaction.executions.post(executionId, events);
      // Announcing makes commits wait for each other, so only what another process may have to hear is announced.
      if (!this.#advancing.has(executionId)) transaction.notify({ channel: 'mailbox', key: executionId });
      return true;
    });
    if (posted) await this.wake(executionId);
    return posted;
  }

  async wake(executionId: string): Promise<void> {
    this.#waiting.get(executionId)?.();
    if (!this.#advancing.has(executionId)) await this.#context.queue.enqueue({ name: 'advance', key: executionId });
  }

  /** Whoever advances here says so before looking at the mail, and looks once more after saying that it stopped. */
  begin(executionId: string): boolean {
    if (this.#advancing.has(executionId)) return false;
    this.#advancing.add(executionId);
    return true;
  }

  end(executionId: string): void {
    this.#advancing.delete(executionId);
  }

  /** Resolves when mail may have come, or after ms. */
  wait(executionId: string, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiting.delete(executionId);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.#waiting.set(executionId, done);
      if (signal.aborted) done();
    });
  }

  close(): void {
    this.#unsubscribe();
    const waiting = [...this.#waiting.values()]; // each takes itself out of the map
    for (const done of waiting) done();
  }
}
