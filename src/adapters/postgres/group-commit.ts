/**
 * Statements that lock the same row until they are committed, such as the counter of a topic that everybody announces
 * under: one after the other, each would wait for the disk of every one before it. Those that come while one is under way
 * are committed together instead.
 */
import type pg from 'pg';

/** More would only make the first of them wait. */
const MOST_TOGETHER = 32;

interface Waiting {
  statement: pg.QueryConfig;
  resolve: (result: pg.QueryResult) => void;
  reject: (error: unknown) => void;
}

export class GroupCommit {
  readonly #pool: pg.Pool;
  #waiting: Waiting[] = [];
  #isBusy = false;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Resolves when the statement is committed; one that fails takes no other with it. */
  run(statement: pg.QueryConfig): Promise<pg.QueryResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ statement, resolve, reject });
      if (!this.#isBusy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, MOST_TOGETHER));
    this.#isBusy = false;
  }

  async #commit(together: readonly Waiting[]): Promise<void> {
    if (together.length === 1) return this.#each(together);
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      for (const { reject } of together) reject(error);
      return;
    }
    // All are on their way before the first is answered; after one that failed the others and COMMIT have no effect.
    const answers = [client.query('BEGIN'), ...together.map(({ statement }) => client.query(statement))];
    const [committed, ...rest] = await Promise.allSettled([client.query('COMMIT'), ...answers]);
    client.release(client.getTransactionStatus() !== 'I');
    // Nobody knows what became of a commit without an answer, so nothing of it is done again.
    if (committed.status === 'rejected') for (const { reject } of together) reject(committed.reason);
    else if (rest.some(({ status }) => status === 'rejected')) await this.#each(together);
    else
      for (const [index, { resolve }] of together.entries())
        resolve((rest[index + 1] as PromiseFulfilledResult<pg.QueryResult>).value); // after that of BEGIN
  }

  async #each(statements: readonly Waiting[]): Promise<void> {
    for (const { statement, resolve, reject } of statements) await this.#pool.query(statement).then(resolve, reject);
  }
}
