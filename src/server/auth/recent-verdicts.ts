/**
 * Remembers for a moment that a credential still had its rights, so that a frame per keystroke is not a query per
 * keystroke. Every change of rights in this process forgets at once; one in another process within VERDICT_MS.
 */
import type { Clock } from '../../ports/clock.ts';

/** A fast typist sends a frame every 80 ms; losing rights must close a socket within a second (contract §6). */
export const VERDICT_MS = 250;

export class RecentVerdicts {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #until = new Map<string, number>();
  #changes = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Looks again unless a look within VERDICT_MS said yes; a no is never remembered. */
  async holds(credential: string, look: () => Promise<boolean>): Promise<boolean> {
    const now = this.#clock.now().getTime();
    if ((this.#until.get(credential) ?? 0) > now) return true;
    const changes = this.#changes;
    const holds = await look();
    // What was read before a change of rights says nothing about the time after it.
    if (holds && changes === this.#changes) this.#until.set(credential, now + VERDICT_MS);
    else this.#until.delete(credential);
    return holds;
  }

  forget(): void {
    this.#changes += 1;
    this.#until.clear();
  }
}
