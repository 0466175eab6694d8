/** One thread with one registered module: its runs, what they ask to keep, and its end. */
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { GraphOutcome, GraphRun } from '../../ports/registered-graphs.ts';
import type { FromThread, GraphPlace, ToThread } from './graph-messages.ts';

export interface ThreadLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export type Loaded = { outcome: 'loaded'; nodes: string[] } | { outcome: 'broken'; reason: string };

export interface GraphThreadOptions {
  place: GraphPlace;
  environment: Readonly<Record<string, string>>;
  log: (line: string) => void;
  idleMs: number;
  graceMs: number;
  onEnd: () => void;
}

interface Running {
  run: Omit<GraphRun, 'graph'>;
  settle: (outcome: GraphOutcome) => void;
}

/** Beside this file, compiled or not, and beside the bundle that this file is in. */
const PROGRAM = new URL(`./graph-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export class GraphThread {
  /** Never rejects. */
  readonly loaded: Promise<Loaded>;
  readonly #worker: Worker;
  readonly #options: GraphThreadOptions;
  readonly #running = new Map<string, Running>();
  readonly #settleLoaded: (loaded: Loaded) => void;
  #idle: NodeJS.Timeout | undefined;
  /** Why it ended, when nobody here ended it. */
  #brokenBy: string | null = null;
  #isLetGo = false;

  constructor(options: GraphThreadOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<Loaded>();
    this.loaded = promise;
    this.#settleLoaded = resolve;
    this.#worker = new Worker(PROGRAM, {
      workerData: options.place,
      env: { ...options.environment },
      execArgv: ['--no-warnings'],
      stdout: true,
      stderr: true,
    });
    for (const output of [this.#worker.stdout, this.#worker.stderr])
      createInterface({ input: output }).on('line', options.log);
    this.#worker.on('message', (message: FromThread) => void this.#hear(message));
    this.#worker.on('error', (error: unknown) => {
      this.#brokenBy = error instanceof Error ? error.message : String(error);
    });
    this.#worker.on('exit', (code) => this.#ended(code));
  }

  /** Never rejects. */
  run(run: Omit<GraphRun, 'graph'>): Promise<GraphOutcome> {
    const { threadId, input, answers, trace, signal } = run;
    clearTimeout(this.#idle);
    return new Promise((resolve) => {
      let grace: NodeJS.Timeout | undefined;
      const abort = () => {
        this.#post({ type: 'abort', threadId });
        grace = setTimeout(() => void this.end(), this.#options.graceMs);
      };
      this.#running.set(threadId, {
        run,
        settle: (outcome) => {
          clearTimeout(grace);
          signal.removeEventListener('abort', abort);
          this.#running.delete(threadId);
          this.#rest();
          resolve(signal.aborted && outcome.outcome !== 'finished' ? { outcome: 'aborted' } : outcome);
        },
      });
      signal.addEventListener('abort', abort);
      this.#post({ type: 'run', threadId, input, answers, trace });
      if (signal.aborted) abort();
    });
  }

  async end(): Promise<void> {
    this.#isLetGo = true;
    this.#options.onEnd(); // whoever comes now gets another one
    await this.#worker.terminate();
  }

  async #hear(message: FromThread): Promise<void> {
    switch (message.type) {
      case 'loaded':
        this.#rest();
        return this.#settleLoaded({ outcome: 'loaded', nodes: message.nodes });
      case 'broken':
        this.#settleLoaded({ outcome: 'broken', reason: message.reason });
        return this.end(); // the next run tries it again: the file may be corrected by then
      case 'ended':
        return this.#running.get(message.threadId)?.settle(message.outcome);
      case 'keep': {
        const { call } = message;
        try {
          this.#post({ type: 'kept', call, value: await this.#keep(message) });
        } catch (error) {
          this.#post({ type: 'not_kept', call, reason: error instanceof Error ? error.message : String(error) });
        }
      }
    }
  }

  async #keep({ threadId, method, given }: Extract<FromThread, { type: 'keep' }>): Promise<unknown> {
    const running = this.#running.get(threadId);
    if (!running) throw new Error('this run has ended');
    // Given by thread-saver.ts in the order of the method.
    return await (running.run.checkpoints[method] as (...given: unknown[]) => Promise<unknown>)(...given);
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#running.size > 0) return;
    this.#idle = setTimeout(() => void this.end(), this.#options.idleMs);
    this.#idle.unref();
  }

  /** It broke, ended itself, was ended because a run in it did not stop, or nobody needs it. */
  #ended(code: number): void {
    if (!this.#isLetGo) this.#brokenBy ??= `it ended with ${code}`;
    this.#options.onEnd();
    this.#settleLoaded({ outcome: 'broken', reason: this.#brokenBy ?? 'its thread was ended while it was loaded' });
    const outcome: GraphOutcome =
      this.#brokenBy === null
        ? { outcome: 'displaced' }
        : { outcome: 'failed', code: 'GRAPH_FAILED', reason: `Its thread broke: ${this.#brokenBy}` };
    for (const { settle } of this.#running.values()) settle(outcome);
    clearTimeout(this.#idle);
  }
}
