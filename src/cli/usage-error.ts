/** A mistake in how a command was called; nothing was sent to a server. Ends with exit code 2. */
export class UsageError extends Error {
  /** What to do next, one sentence. */
  readonly next: string;

  constructor(message: string, next: string) {
    super(message);
    this.name = 'UsageError';
    this.next = next;
  }
}
