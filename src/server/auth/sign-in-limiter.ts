/** Slows guessing down: after ten failures within a minute an address or account waits. */
import { PointsmanError } from '../../contract/errors.ts';
import type { Clock } from '../../ports/clock.ts';

const WINDOW_MS = 60_000;
const MAX_FAILURES = 10;
const MAX_KEYS = 10_000;

export class SignInLimiter {
  readonly #failures = new Map<string, number[]>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  check(key: string): void {
    const recent = this.#recent(key);
    const oldest = recent[0];
    if (recent.length < MAX_FAILURES || oldest === undefined) return;
    const retryAfterSeconds = Math.max(1, Math.ceil((oldest + WINDOW_MS - this.#clock.now().getTime()) / 1000));
    throw new PointsmanError('RATE_LIMITED', {
      detail: `Too many failed sign-ins. Try again in ${retryAfterSeconds} s.`,
      retryAfterSeconds,
    });
  }

  failed(key: string): void {
    if (this.#failures.size >= MAX_KEYS) this.#failures.clear();
    this.#failures.set(key, [...this.#recent(key), this.#clock.now().getTime()]);
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  #recent(key: string): number[] {
    const now = this.#clock.now().getTime();
    return (this.#failures.get(key) ?? []).filter((at) => now - at < WINDOW_MS);
  }
}
