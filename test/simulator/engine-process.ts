/** One process of the server, put together as src/server/compose.ts does it, on simulated parts. It can be killed and frozen. */
import { agentEffect } from '../../src/engine/effects/agent-effect.ts';
import { type EffectContext, EffectRunner } from '../../src/engine/effects/effect-runner.ts';
import { mergeEffect } from '../../src/engine/effects/merge-effect.ts';
import { shellEffect } from '../../src/engine/effects/shell-effect.ts';
import { workspaceOf } from '../../src/engine/effects/step-workspace.ts';
import type { EngineContext, Log } from '../../src/engine/engine-context.ts';
import { startExecutionWorker } from '../../src/engine/execution-worker.ts';
import { expireTasks } from '../../src/engine/expire-tasks.ts';
import { fireTimers } from '../../src/engine/fire-timers.ts';
import { Mailroom } from '../../src/engine/mailroom.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Workspaces } from '../../src/ports/workspaces.ts';
import { createMemoryStore, unavailable, type Wire } from './store/memory-store.ts';
import type { Transaction } from './store/memory-database.ts';
import type { Owner } from './virtual-time.ts';
import { AgentDesk } from './world/agents.ts';
import type { World } from './world/world.ts';

export class EngineProcess implements Owner {
  state: Owner['state'] = 'alive';
  readonly name: string;
  readonly hostId: string;
  readonly transactions = new Set<Transaction>();
  /** Rejects when it dies, for whoever waits for an answer of it. */
  readonly death: Promise<never>;
  context!: EffectContext;
  #die!: (error: Error) => void;
  readonly #world: World;
  readonly #isHost: boolean;
  readonly #closing: (() => Promise<void> | void)[] = [];

  constructor(world: World, options: { name: string; hostId: string; isHost: boolean }) {
    this.#world = world;
    this.name = options.name;
    this.hostId = options.hostId;
    this.#isHost = options.isHost;
    this.death = new Promise((_, reject) => (this.#die = reject));
    this.death.catch(() => undefined);
  }

  start(): void {
    this.#world.time.as(this, () => void this.#boot().catch((error: unknown) => this.#bootFailed(error)));
  }

  /** Runs something in it, as a request of its API would; rejects when it dies meanwhile. */
  call<T>(work: (context: EffectContext) => Promise<T>): Promise<T> {
    return Promise.race([this.#world.time.as(this, () => work(this.context)), this.death]);
  }

  kill(): void {
    const { time, chance } = this.#world;
    if (this.state === 'dead') return;
    time.kill(this, () => chance.is(0.5));
    this.#die(new Error('the connection was reset'));
    this.#isGone();
  }

  /** SIGTERM: lets go of everything in order, and is gone when that is done. */
  async shutDown(): Promise<void> {
    await this.#world.time.as(this, async () => {
      for (const close of this.#closing.toReversed()) await close();
    });
    this.#world.time.kill(this, () => false);
    this.#die(new Error('the server has shut down'));
    this.#isGone();
  }

  /** The database notices a moment later that a process has ended; until then the locks of its transactions are held. */
  #isGone(): void {
    const { time, chance } = this.#world;
    time.as(null, () =>
      time.after(chance.between(6, 300), `${this.name} is noticed to be gone`, () => {
        for (const transaction of this.transactions) transaction.drop();
      }),
    );
  }

  async #boot(): Promise<void> {
    const world = this.#world;
    const travel = async (what: string, isRequest: boolean) => {
      await world.time.pass(world.chance.between(0, 3), `${this.name} ${what}${isRequest ? '' : ' ✓'}`, { isRequest });
    };
    const store = createMemoryStore(world.database, this.#wire());
    const base: EngineContext = {
      store,
      bus: world.wakeUps.bus(this),
      queue: world.wakeUps.queue(this, travel),
      clock: this.#clock(),
      ids: { next: () => world.nextId() },
      log: this.#log(),
      workspaces: workspaces(travel),
      // Nothing here has a secret.
      secrets: {} as EngineContext['secrets'],
      directoryExists: async () => true,
      budgetPerDay: null,
      hostId: this.hostId,
      owner: `${this.hostId}:${this.name}`,
    };
    const mailroom = new Mailroom(base);
    this.#closing.push(() => mailroom.close());
    this.context = { ...base, mailroom };
    const context = this.context;
    await store.executions.expireLeases(`${this.hostId}:`);

    const whereOf = workspaceOf(context);
    const desk = new AgentDesk(context, { sessions: world.agents, travel, agentIds: world.agentIds });
    const effects = new EffectRunner(context, {
      shell: shellEffect(context, {
        supervisor: world.commands.supervisor(travel),
        workspaceOf: whereOf,
        environment: {},
      }),
      agent: agentEffect(context, { workspaceOf: whereOf, cancelTask: (task) => desk.stopTask(task) }),
      merge: mergeEffect(context, { workspaceOf: whereOf }),
    });
    if (this.#isHost) {
      const expiry = await expireTasks(context);
      this.#closing.push(() => expiry.close());
      desk.start();
      effects.start();
      this.#closing.push(() => effects.close());
    }
    const worker = await startExecutionWorker(context, {
      sweepEffects: () => (this.#isHost ? effects.sweep() : undefined),
    });
    this.#closing.push(() => worker.close());
    const timers = fireTimers(context);
    this.#closing.push(() => timers.close());
    world.ready(this);
  }

  /** The database was away: whoever watches the process starts it again. */
  #bootFailed(error: unknown): void {
    this.#world.say(`${this.name} could not start: ${String(error)}`);
    this.#world.time.as(null, () => this.#world.time.after(500, `${this.name} starts again`, () => this.start()));
  }

  #wire(): Wire {
    const { time, chance, faults } = this.#world;
    const isAway = () => this.#world.databaseIsAway;
    return {
      request: async (what) => {
        if (what === 'executions.commit' && faults.is('sleep before commit')) {
          // Longer than its lease: another worker takes over, and this commit comes late.
          this.#world.freeze(this, chance.between(15_000, 22_000));
          await time.pass(0, `${this.name} slept`);
        }
        await time.pass(chance.between(0, 2), `${this.name} → ${what}`, { isRequest: true });
        return isAway() || faults.is('statement lost') ? unavailable(new Error('connection reset')) : null;
      },
      response: async (what) => {
        if (what === 'commit' && faults.is('death after commit')) {
          // Not here: whoever runs this statement is in the middle of it.
          time.as(null, () => time.after(0, `${this.name} dies after a commit`, () => this.#world.dies(this)));
          await time.pass(1, `${this.name} ← ${what}`);
        }
        await time.pass(chance.between(0, 2), `${this.name} ← ${what}`);
        return faults.is('answer lost') ? unavailable(new Error('connection reset')) : null;
      },
      now: () => time.now + this.#world.skewMs,
      opened: (transaction) => {
        this.transactions.add(transaction);
        void transaction.ended.then(() => this.transactions.delete(transaction));
      },
      announced: (notices) => this.#world.wakeUps.announce(notices),
    };
  }

  #clock(): Clock {
    return {
      now: () => new Date(),
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve('aborted');
          const onAbort = () => {
            clearTimeout(timer);
            resolve('aborted');
          };
          const timer = setTimeout(() => {
            signal?.removeEventListener('abort', onAbort);
            resolve('elapsed');
          }, ms);
          signal?.addEventListener('abort', onAbort, { once: true });
        }),
    };
  }

  #log(): Log {
    const say = (level: string) => (fields: object, message: string) => {
      const { error } = fields as { error?: unknown };
      this.#world.say(`${this.name} ${level}: ${message}${error ? ` (${String(error)})` : ''}`);
      if (error) this.#world.failed(error);
    };
    return { debug: () => undefined, info: say('info'), warn: say('warn'), error: say('error') };
  }
}

function workspaces(travel: (what: string, isRequest: boolean) => Promise<void>): Workspaces {
  const refused = () => Promise.reject(new Error('nobody works in a repository here'));
  return {
    scratch: async (executionId) => {
      await travel('scratch', true);
      await travel('scratch', false);
      return `/scratch/${executionId}`;
    },
    unfitForWorktree: async () => null,
    existing: async () => null,
    worktree: refused,
    head: refused,
    commitAll: refused,
    snapshot: refused,
    keepFiles: refused,
    keepFirstFiles: refused,
    firstFiles: refused,
    keptFiles: async () => [],
    forgetFiles: refused,
    merge: refused,
    diff: refused,
    remove: refused,
    dropMergedBranch: refused,
    discard: refused,
  };
}
