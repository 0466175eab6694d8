/** Lets what waits for an agent go on waiting while its model limits it, and says when the next task may try. */
import { rateLimitPauseMs } from '../../domain/rate-limit-pause.ts';
import type { Clock } from '../../ports/clock.ts';

export class RateLimitPause {
  readonly #clock: Clock;
  readonly #tryNext: () => void;
  readonly #stop = new AbortController();
  #refusals = 0;
  #until = 0;

  constructor(clock: Clock, tryNext: () => void) {
    this.#clock = clock;
    this.#tryNext = tryNext;
  }

  get lasts(): boolean {
    return this.#until > this.#clock.now().getTime();
  }

  /** The CLI has tried again by itself and given up: another prompt at once would only fail as well. */
  refused(at: Date = this.#clock.now()): void {
    this.#refusals += 1;
    this.#until = at.getTime() + rateLimitPauseMs(this.#refusals);
    void this.#clock
      .sleep(Math.max(0, this.#until - this.#clock.now().getTime()), this.#stop.signal)
      .then((slept) => (slept === 'elapsed' ? this.#tryNext() : undefined));
  }

  lifted(): void {
    this.#refusals = 0;
    this.#until = 0;
  }

  close(): void {
    this.#stop.abort();
  }
}
