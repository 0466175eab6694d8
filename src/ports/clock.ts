/** Time and identity, handed in so that rules and engine can be tested without waiting. */

export interface Clock {
  now(): Date;
  /** Resolves after ms, or at once with 'aborted' when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<'elapsed' | 'aborted'>;
}

export interface IdSource {
  /** A new UUIDv7. */
  next(): string;
}
