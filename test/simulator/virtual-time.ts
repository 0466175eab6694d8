/**
 * Time that passes only when nothing else can happen. While it runs, the timers and the date of this process are its
 * own: everything that waits is an event of one queue, in an order that follows from the seed alone.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Whoever set a timer or waits for an answer: its events are dropped when it is dead and kept back while it is frozen. */
export interface Owner {
  name: string;
  state: 'alive' | 'frozen' | 'dead';
}

export interface VirtualEvent {
  at: number;
  label: string;
  run: () => void;
  owner: Owner | null;
  /** On its way to somebody else: may arrive although its sender died. */
  isRequest: boolean;
  cancelled: boolean;
}

const owners = new AsyncLocalStorage<Owner | null>();
const real = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, Date };
/** 2026-01-01; any beginning would do, as long as it is always the same. */
const BEGIN_MS = 1_767_225_600_000;

export class VirtualTime {
  readonly #queue: VirtualEvent[] = [];
  /** Due while their owner was frozen, by owner. */
  readonly #parked = new Map<Owner, VirtualEvent[]>();
  readonly #trace: (at: number, label: string) => void;
  #now = BEGIN_MS;
  #events = 0;

  constructor(trace: (at: number, label: string) => void = () => undefined) {
    this.#trace = trace;
  }

  /** Milliseconds since the epoch, and never less than before. */
  get now(): number {
    return this.#now;
  }

  get elapsed(): number {
    return this.#now - BEGIN_MS;
  }

  get events(): number {
    return this.#events;
  }

  /** Runs something as this owner: what it starts belongs to it. */
  as<T>(owner: Owner | null, run: () => T): T {
    return owners.run(owner, run);
  }

  get owner(): Owner | null {
    return owners.getStore() ?? null;
  }

  after(ms: number, label: string, run: () => void, options: { isRequest?: boolean } = {}): VirtualEvent {
    const event: VirtualEvent = {
      at: this.#now + Math.max(0, ms),
      label,
      run,
      owner: this.owner,
      isRequest: options.isRequest ?? false,
      cancelled: false,
    };
    this.#insert(event);
    return event;
  }

  /** Passes after ms for whoever calls; for ever when that one dies. */
  pass(ms: number, label: string, options: { isRequest?: boolean } = {}): Promise<void> {
    return new Promise((resolve) => void this.after(ms, label, resolve, options));
  }

  /** Its requests that `arrives` says are on their way arrive; everything else of it is gone. */
  kill(owner: Owner, arrives: () => boolean): void {
    owner.state = 'dead';
    for (const event of [...this.#queue, ...(this.#parked.get(owner) ?? [])])
      if (event.owner === owner && event.isRequest && arrives()) event.owner = null;
    this.#parked.delete(owner);
  }

  freeze(owner: Owner): void {
    if (owner.state === 'alive') owner.state = 'frozen';
  }

  /** What was due meanwhile comes at once, in its order. */
  thaw(owner: Owner): void {
    if (owner.state !== 'frozen') return;
    owner.state = 'alive';
    for (const event of this.#parked.get(owner) ?? []) this.#insert({ ...event, at: this.#now });
    this.#parked.delete(owner);
  }

  /** Lets events happen until `done`, until nothing is left, or until the time is up. */
  async run(done: () => boolean, untilMs: number): Promise<'done' | 'idle' | 'late'> {
    for (;;) {
      // Everything that follows from the last event without waiting has happened after this turn.
      await new Promise((resolve) => void real.setImmediate(resolve));
      if (done()) return 'done';
      const event = this.#queue.shift();
      if (!event) return 'idle';
      if (event.at - BEGIN_MS > untilMs) return 'late';
      if (event.cancelled || event.owner?.state === 'dead') continue;
      this.#now = Math.max(this.#now, event.at);
      if (event.owner?.state === 'frozen' && !event.isRequest) {
        this.#parked.set(event.owner, [...(this.#parked.get(event.owner) ?? []), event]);
        continue;
      }
      this.#events += 1;
      this.#trace(this.elapsed, event.label);
      event.run();
    }
  }

  /** Takes the place of this process's timers and date; call what it returns to give them back. */
  install(skewOf: (owner: Owner | null) => number): () => void {
    const moment = () => this.now + skewOf(this.owner);
    const begin = (ms: number | undefined, again: boolean, label: string, run: () => void) => {
      const handle = new TimerHandle(this, Math.max(1, ms ?? 0), again, label, run);
      handle.arm();
      return handle;
    };
    const clear = (handle: unknown) => {
      if (handle instanceof TimerHandle) handle.clear();
    };
    const VirtualDate = class extends real.Date {
      constructor(...given: [] | [number]) {
        if (given.length === 0) super(moment());
        else super(...given);
      }
      static override now(): number {
        return moment();
      }
    };
    const bound = <A extends unknown[]>(run: (...args: A) => void, args: A): (() => void) => {
      const within = AsyncLocalStorage.snapshot();
      return () => within(run, ...args);
    };
    // The virtual ones have the shapes that are used here, not all of Node's.
    Object.assign(globalThis, {
      setTimeout: (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
        begin(ms, false, 'timer', bound(run, args)),
      setInterval: (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
        begin(ms, true, 'interval', bound(run, args)),
      setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) =>
        this.after(0, 'immediate', bound(run, args)),
      clearTimeout: clear,
      clearInterval: clear,
      Date: VirtualDate,
    });
    return () => void Object.assign(globalThis, real);
  }

  #insert(event: VirtualEvent): void {
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#queue[middle] as VirtualEvent).at <= event.at) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, event);
  }
}

class TimerHandle {
  readonly #time: VirtualTime;
  readonly #ms: number;
  readonly #again: boolean;
  readonly #label: string;
  readonly #run: () => void;
  #event: VirtualEvent | null = null;

  constructor(time: VirtualTime, ms: number, again: boolean, label: string, run: () => void) {
    this.#time = time;
    this.#ms = ms;
    this.#again = again;
    this.#label = label;
    this.#run = run;
  }

  arm(): void {
    const owner = this.#time.owner;
    this.#event = this.#time.after(this.#ms, `${owner?.name ?? 'world'} ${this.#label}`, () => {
      if (this.#again) this.#time.as(owner, () => this.arm());
      this.#run();
    });
  }

  clear(): void {
    if (this.#event) this.#event.cancelled = true;
    this.#event = null;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}
