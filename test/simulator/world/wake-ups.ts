/** The queue and the notices between processes: late, lost and doubled, as a simulation wishes. */
import type { EventBus, Notice } from '../../../src/ports/event-bus.ts';
import type { Job, TaskQueue } from '../../../src/ports/task-queue.ts';
import type { Chance } from '../../support/seeded-chance.ts';
import type { Owner, VirtualTime } from '../virtual-time.ts';

interface Worker {
  owner: Owner;
  handle: (job: Job, signal: AbortSignal) => Promise<void>;
}

/** How much goes wrong, from 0 to 1. */
export interface Mischief {
  lost: number;
  doubled: number;
  late: number;
}

/** A lock that nobody renews is given up after this. */
const STALLED_MS = 8_000;

export class WakeUps {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #mischief: () => Mischief;
  readonly #workers = new Set<Worker>();
  readonly #waiting = new Set<string>();
  readonly #active = new Map<string, { again: boolean }>();
  readonly #listeners = new Map<Owner, Set<{ heard: (notice: Notice) => void; lost: (() => void) | undefined }>>();

  constructor(time: VirtualTime, chance: Chance, mischief: () => Mischief) {
    this.#time = time;
    this.#chance = chance;
    this.#mischief = mischief;
  }

  bus(owner: Owner): EventBus {
    const mine = new Set<{ heard: (notice: Notice) => void; lost: (() => void) | undefined }>();
    this.#listeners.set(owner, mine);
    return {
      publish: async (notice) => this.announce([notice]),
      subscribe: (heard, lost) => {
        const listener = { heard, lost };
        mine.add(listener);
        return () => void mine.delete(listener);
      },
      close: async () => mine.clear(),
    };
  }

  announce(notices: readonly Notice[]): void {
    // Nobody here follows events.
    for (const notice of notices) {
      if (notice.channel === 'events') continue;
      for (const [owner, listeners] of this.#listeners) {
        if (owner.state === 'dead' || this.#chance.is(this.#mischief().lost)) continue;
        this.#for(owner, this.#delayMs(), `${owner.name} hears ${notice.channel}`, () => {
          for (const { heard } of listeners) heard(notice);
        });
      }
    }
  }

  /** The connections that listen broke: whoever listens looks at the rows. */
  interrupted(): void {
    for (const [owner, listeners] of this.#listeners)
      if (owner.state !== 'dead')
        this.#for(owner, this.#chance.between(200, 1_500), `${owner.name} listens again`, () => {
          for (const { lost } of listeners) lost?.();
        });
  }

  queue(owner: Owner, travel: (what: string, isRequest: boolean) => Promise<void>): TaskQueue {
    return {
      enqueue: async (job) => {
        await travel('queue.enqueue', true);
        this.#enqueue(job);
        await travel('queue.enqueue', false);
      },
      work: async (_name, _options, handle) => {
        const worker = { owner, handle };
        this.#workers.add(worker);
        for (const key of this.#waiting) this.#deliver({ name: 'advance', key });
        return { stop: async () => void this.#workers.delete(worker) };
      },
      close: async () => undefined,
    };
  }

  #enqueue(job: Job): void {
    const active = this.#active.get(job.key);
    if (active) {
      active.again = true;
      return;
    }
    if (this.#waiting.has(job.key) || this.#chance.is(this.#mischief().lost)) return;
    this.#waiting.add(job.key);
    this.#deliver(job);
    if (this.#chance.is(this.#mischief().doubled)) this.#run(job, this.#chance.between(1, 50));
  }

  #deliver(job: Job): void {
    this.#for(null, this.#delayMs(), `job ${job.name}`, () => {
      if (!this.#waiting.delete(job.key)) return;
      this.#active.set(job.key, { again: false });
      this.#run(job, 0, () => {
        const again = this.#active.get(job.key)?.again;
        this.#active.delete(job.key);
        if (again) this.#enqueue(job);
      });
    });
  }

  /** By any worker that lives; one that dies with it, or sleeps too long, has its job given to another. */
  #run(job: Job, afterMs: number, done: () => void = () => undefined): void {
    const workers = [...this.#workers].filter(({ owner }) => owner.state !== 'dead');
    const worker = workers[Math.floor(this.#chance.fraction() * workers.length)];
    if (!worker) return this.#for(null, 500, 'job without a worker', () => this.#run(job, 0, done));
    let ended = false;
    const controller = new AbortController();
    const end = (again: boolean) => {
      if (ended) return;
      ended = true;
      if (again) this.#for(null, 250, 'job again', () => this.#run(job, 0, done));
      else done();
    };
    this.#for(worker.owner, afterMs, `${worker.owner.name} takes a job`, () => {
      worker.handle(job, controller.signal).then(
        () => end(false),
        () => end(true),
      );
    });
    const watch = () =>
      this.#for(null, STALLED_MS, 'job lock', () => {
        if (ended) return;
        if (worker.owner.state === 'alive') return watch();
        this.#for(worker.owner, 1, 'job lost', () => controller.abort(new Error('the job was given to another')));
        end(true);
      });
    watch();
  }

  #delayMs(): number {
    return this.#chance.is(this.#mischief().late) ? this.#chance.between(50, 4_000) : this.#chance.between(0, 4);
  }

  #for(owner: Owner | null, ms: number, label: string, run: () => void): void {
    this.#time.as(owner, () => void this.#time.after(ms, label, () => this.#time.as(owner, run)));
  }
}
