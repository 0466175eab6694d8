/**
 * Deletes executions that ended longer ago than they are kept, with everything below them. Each batch is a transaction
 * of a few thousand rows that holds the row of its run, so that only one process does it, and whoever finds a run that
 * lost its process goes on where it stopped. First an execution is hidden from everybody, then its rows go.
 */
import { type Deleted, NOTHING_DELETED } from '../../contract/retention.ts';
import type { EngineContext } from '../engine-context.ts';
import { forgetFiles } from '../worktrees/execution-files.ts';

const EVERY_MS = 600_000;
/** Between two batches, so that those who wait for the same rows or the same disk get their turn. */
const REST_MS = 20;
/** As long as a lease of an execution: a batch takes a fraction of a second. */
const HELD_MS = 15_000;
const DAY_MS = 86_400_000;
const HIDDEN_PER_BATCH = 100;
const ROWS_PER_BATCH = 2_000;

export interface Keeping {
  /** After their end; null: for ever. */
  days: number | null;
  batch?: { hidden: number; rows: number };
}

export function deleteExecutions(context: EngineContext, keeping: Keeping): { close(): Promise<void> } {
  const { clock, log } = context;
  const stop = new AbortController();

  async function run(): Promise<void> {
    do {
      await deleteDue(context, keeping, stop.signal).catch((error: unknown) =>
        log.warn({ error }, 'old executions could not be deleted; it will be tried again'),
      );
    } while ((await clock.sleep(EVERY_MS, stop.signal)) === 'elapsed');
  }

  const running = run();
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** One run, or the rest of one; null when it is not time, or another process has it. */
export async function deleteDue(
  context: EngineContext,
  { days, batch = { hidden: HIDDEN_PER_BATCH, rows: ROWS_PER_BATCH } }: Keeping,
  signal: AbortSignal = new AbortController().signal,
): Promise<Deleted | null> {
  const { store, clock, ids, owner, hostId, log } = context;
  const now = clock.now();
  const run = await store.retention.begin({
    id: ids.next(),
    owner,
    ownerPrefix: `${hostId}:`,
    keep: days === null ? null : { days, before: new Date(now.getTime() - days * DAY_MS).toISOString() },
    now: now.toISOString(),
    everyMs: EVERY_MS,
    ttlMs: HELD_MS,
  });
  if (!run) return null;
  for (;;) {
    if (signal.aborted) {
      await store.retention.letGo(run.id, owner);
      return null;
    }
    const done = await deleteBatch(context, run, batch);
    if (done === 'lost') return null;
    if (done === 'nothing_left') break;
    await clock.sleep(REST_MS, signal);
  }
  // Refs in repositories are no rows: what a crash leaves is found every hour.
  await forgetFiles(context);
  const deleted = await finish(context, run.id);
  if (deleted && deleted.executions > 0) log.info({ deleted }, 'old executions were deleted');
  return deleted;
}

async function deleteBatch(
  { store, owner }: EngineContext,
  run: { id: string; before: string | null },
  batch: { hidden: number; rows: number },
): Promise<'some' | 'nothing_left' | 'lost'> {
  return store.transaction(async (transaction) => {
    const before = await transaction.retention.hold(run.id, owner, HELD_MS);
    if (!before) return 'lost';
    const hidden = await transaction.retention.hide({ before: run.before, limit: batch.hidden });
    const swept = await transaction.retention.sweep({ rows: batch.rows });
    if (hidden.length === 0 && swept.rows === 0) return 'nothing_left';
    await transaction.retention.note(run.id, sum(before, swept.deleted));
    if (hidden.length > 0)
      transaction.publish({ topic: 'executions', event: 'executions.deleted', data: { ids: hidden } });
    // Who looks at one of them finds that nothing is told of it any more, and asks anew.
    for (const key of swept.topics) transaction.notify({ channel: 'events', key });
    return 'some';
  });
}

/** Its end and its line in the audit are one commit. */
async function finish({ store, clock, owner }: EngineContext, id: string): Promise<Deleted | null> {
  return store.transaction(async (transaction) => {
    const deleted = await transaction.retention.hold(id, owner, HELD_MS);
    if (!deleted) return null;
    await transaction.retention.finish(id, clock.now().toISOString());
    if (deleted.executions > 0)
      await transaction.identity.audit({
        actor: 'pointsman',
        action: 'executions.delete',
        subject: id,
        detail: { ...deleted, why: 'retention' },
      });
    return deleted;
  });
}

function sum(one: Deleted, other: Deleted): Deleted {
  const names = Object.keys(NOTHING_DELETED) as (keyof Deleted)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as Deleted; // the same names
}
