/**
 * Between an execution and those who act for it, inside this process: says that mail has come and wakes a worker when
 * nobody advances it; hands outcomes to the visit that is under way, and new intents to whoever carries them out. The
 * truth lies in the store, and who is not here finds it there; this saves waiting, and commits.
 */
import type { EffectRecord, ExecutionRecord } from '../ports/store/executions.ts';
import type { StoreTransaction } from '../ports/store/store.ts';
import type { Held } from './held-execution.ts';
import type { EngineContext } from './engine-context.ts';

/** An outcome on its way into a visit's commit. */
export interface HandedOutcome {
  effectKey: string;
  event: object;
  /** Whether it was committed; whoever handed it over posts it otherwise. */
  settle(committed: boolean): void;
}

/** Whoever advances executions in this process. */
export interface LocalWorker {
  hasRoom(): boolean;
  advance(executionId: string, held?: Held): void;
}

interface Advancing {
  /** Mail may have come since it was last looked for. */
  mailCame: boolean;
  handed: HandedOutcome[];
  wakeUp: (() => void) | null;
  /** Its end is committed. */
  hasEnded: boolean;
}

export class Mailroom {
  readonly #advancing = new Map<string, Advancing>();
  readonly #context: EngineContext;
  readonly #unsubscribe: () => void;
  readonly #watchers = new Map<string, Set<() => void>>();
  #runner: ((intents: readonly EffectRecord[]) => void) | null = null;
  #worker: LocalWorker | null = null;

  constructor(context: EngineContext) {
    this.#context = context;
    this.#unsubscribe = context.bus.subscribe(
      (notice) => {
        if (notice.channel === 'mailbox') this.#mailCame(notice.key);
      },
      () => {
        for (const executionId of this.#advancing.keys()) this.#mailCame(executionId);
      },
    );
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
    if (this.#advancing.has(executionId)) this.#mailCame(executionId);
    else if (this.#worker?.hasRoom()) this.#worker.advance(executionId);
    else await this.#context.queue.enqueue({ name: 'advance', key: executionId });
  }

  /**
   * Gives the outcome of an effect to the visit under way here: its commit also ends the effect. True once committed;
   * false when nobody advances the execution here, or the visit failed: then it must be posted.
   */
  hand(executionId: string, effectKey: string, event: object): Promise<boolean> {
    const advancing = this.#advancing.get(executionId);
    if (!advancing) return Promise.resolve(false);
    return new Promise((settle) => {
      advancing.handed.push({ effectKey, event, settle });
      advancing.wakeUp?.();
    });
  }

  /** Whoever takes them settles each. */
  takeHanded(executionId: string): HandedOutcome[] {
    return this.#advancing.get(executionId)?.handed.splice(0) ?? [];
  }

  /** Whether to look for mail; says yes once for each time that some may have come. */
  mayHaveMail(executionId: string): boolean {
    const advancing = this.#advancing.get(executionId);
    if (!advancing?.mailCame) return false;
    advancing.mailCame = false;
    return true;
  }

  /** Whoever carries out effects in this process hears of new intents at once. */
  carriesOut(runner: (intents: readonly EffectRecord[]) => void): () => void {
    this.#runner = runner;
    return () => {
      if (this.#runner === runner) this.#runner = null;
    };
  }

  /** Whoever advances executions in this process gets those with mail at once; the queue is for those it has no room for. */
  advancesHere(worker: LocalWorker): () => void {
    this.#worker = worker;
    return () => {
      if (this.#worker === worker) this.#worker = null;
    };
  }

  /**
   * A place for an execution that is about to be stored, where somebody here has room: mail that comes for it from now on
   * is heard. Whoever takes the place uses it.
   */
  placeFor(executionId: string): { advance(held: Held): void } | null {
    const worker = this.#worker;
    if (!worker?.hasRoom()) return null;
    this.#advancing.set(executionId, { mailCame: false, handed: [], wakeUp: null, hasEnded: false });
    return { advance: (held) => worker.advance(executionId, held) };
  }

  get hasRunner(): boolean {
    return this.#runner !== null;
  }

  /** Called when the intents are committed. */
  intend(intents: readonly EffectRecord[]): void {
    if (intents.length > 0) this.#runner?.(intents);
  }

  /** Whoever advances here says so before looking at the mail, and looks once more after saying that it stopped. */
  begin(executionId: string): boolean {
    if (this.#advancing.has(executionId)) return false;
    this.#advancing.set(executionId, { mailCame: true, handed: [], wakeUp: null, hasEnded: false });
    return true;
  }

  end(executionId: string): void {
    const advancing = this.#advancing.get(executionId);
    this.#advancing.delete(executionId);
    for (const outcome of advancing?.handed ?? []) outcome.settle(false);
  }

  /** Resolves when something may have come for whoever advances it here, or after ms. */
  wait(executionId: string, ms: number, signal: AbortSignal): Promise<void> {
    const advancing = this.#advancing.get(executionId);
    if (!advancing || advancing.mailCame || advancing.handed.length > 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        advancing.wakeUp = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      advancing.wakeUp = done;
    });
  }

  /** Whether it is advanced here and has not ended, so that `onEnd` will hear of its end. */
  advances(executionId: string): boolean {
    return this.#advancing.get(executionId)?.hasEnded === false;
  }

  /** Calls when an execution has ended here; what ends elsewhere is announced on the bus. */
  onEnd(executionId: string, heard: () => void): () => void {
    const watchers = this.#watchers.get(executionId) ?? new Set();
    this.#watchers.set(executionId, watchers.add(heard));
    return () => {
      watchers.delete(heard);
      if (watchers.size === 0 && this.#watchers.get(executionId) === watchers) this.#watchers.delete(executionId);
    };
  }

  /** Called when what an execution has become is committed. */
  committed({ id, finishedAt }: ExecutionRecord): void {
    if (finishedAt === null) return;
    const advancing = this.#advancing.get(id);
    if (advancing) advancing.hasEnded = true;
    for (const heard of this.#watchers.get(id) ?? []) heard();
  }

  close(): void {
    this.#unsubscribe();
    for (const advancing of this.#advancing.values()) advancing.wakeUp?.();
  }

  #mailCame(executionId: string): void {
    const advancing = this.#advancing.get(executionId);
    if (!advancing) return;
    advancing.mailCame = true;
    advancing.wakeUp?.();
  }
}
