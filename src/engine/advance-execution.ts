/** Advances one execution as far as it goes now, as its only worker. */
import { isPointsmanError } from '../contract/errors.ts';
import type { EngineContext } from './engine-context.ts';
import { runGraph } from './graph/execution-graph.ts';
import { claimed, type Held } from './held-execution.ts';
import type { Mailroom } from './mailroom.ts';

/** A dead worker's execution is taken over after this; the one alive renews three times as often. */
export const LEASE_MS = 15_000;

export async function advanceExecution(
  context: EngineContext & { mailroom: Mailroom },
  executionId: string,
  stop: AbortSignal,
  begun?: Held,
): Promise<void> {
  const { store, mailroom } = context;
  // The mailroom knows already that what begins here is advanced here.
  let known = begun;
  // Mail that came between the last look and the end of the watch is nobody's unless we look again.
  while (known || mailroom.begin(executionId)) {
    try {
      const held = known ?? (await claim(context, executionId));
      known = undefined;
      if (!held || (await advanceOnce(context, held, stop)) === 'over') return;
    } finally {
      mailroom.end(executionId);
    }
    if (stop.aborted || (await store.executions.mail(executionId, 1)).length === 0) return;
  }
}

/** Null for an execution that has ended or does not exist, and while another worker holds it. */
async function claim({ store, owner }: EngineContext, executionId: string): Promise<Held | null> {
  const lease = await store.executions.claim(executionId, owner, LEASE_MS);
  const record = lease && (await store.executions.get(executionId));
  return record ? claimed(record, lease) : null;
}

/** Over: it has ended, another worker has it, or it was never stored. */
async function advanceOnce(
  context: EngineContext & { mailroom: Mailroom },
  held: Held,
  stop: AbortSignal,
): Promise<'over' | 'resting'> {
  const { store, log } = context;
  const executionId = held.record.id;
  let isHeld = true;
  const abort = new AbortController();
  const signal = AbortSignal.any([stop, abort.signal]);
  const renewal = setInterval(() => void renew(context, held, abort), LEASE_MS / 3);
  try {
    // The commit of its end gives the lease back.
    isHeld = (await runGraph({ context, held, signal })) === 'resting';
    return isHeld ? 'resting' : 'over';
  } catch (error) {
    if (signal.aborted && !stop.aborted) return 'over';
    const stored = await held.stored().catch(() => null);
    // Whoever starts it is told why.
    if (stored === null) return 'over';
    if (isPointsmanError(error, 'LEASE_LOST')) {
      log.warn({ executionId, epoch: stored.lease.epoch }, 'another worker took over, or the visit is decided again');
      return 'resting';
    }
    if (stop.aborted) return 'over';
    throw error;
  } finally {
    clearInterval(renewal);
    const stored = await held.stored().catch(() => null);
    if (isHeld && stored)
      await store.executions
        .release(stored.lease)
        .catch((error: unknown) => log.warn({ executionId, error }, 'the lease could not be released; it will expire'));
  }
}

async function renew(context: EngineContext, held: Held, abort: AbortController): Promise<void> {
  try {
    const { lease } = await held.stored();
    if (!(await context.store.executions.renew(lease, LEASE_MS))) abort.abort();
  } catch (error) {
    context.log.warn({ executionId: held.record.id, error }, 'the lease could not be renewed');
  }
}
