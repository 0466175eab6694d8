/** Advances one execution as far as it goes now, as its only worker. */
import { isPointsmanError } from '../contract/errors.ts';
import type { ExecutionRecord, Lease, Letter } from '../ports/store/executions.ts';
import type { EngineContext } from './engine-context.ts';
import { runGraph } from './graph/execution-graph.ts';
import type { Mailroom } from './mailroom.ts';

/** A dead worker's execution is taken over after this; the one alive renews three times as often. */
export const LEASE_MS = 15_000;

/** An execution that was stored a moment ago, already claimed; the mailroom knows that it is advanced here. */
export interface Begun {
  record: ExecutionRecord;
  lease: Lease;
  mail: Letter[];
}

export async function advanceExecution(
  context: EngineContext & { mailroom: Mailroom },
  executionId: string,
  stop: AbortSignal,
  begun?: Begun,
): Promise<void> {
  const { store, mailroom } = context;
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
async function claim({ store, owner }: EngineContext, executionId: string): Promise<Begun | null> {
  const lease = await store.executions.claim(executionId, owner, LEASE_MS);
  const record = lease && (await store.executions.get(executionId));
  return record ? { record, lease, mail: [] } : null;
}

/** Over: it has ended, or another worker has it. */
async function advanceOnce(
  context: EngineContext & { mailroom: Mailroom },
  { record, lease, mail }: Begun,
  stop: AbortSignal,
): Promise<'over' | 'resting'> {
  const { store, log } = context;
  const { executionId } = lease;
  let isHeld = true;
  const abort = new AbortController();
  const signal = AbortSignal.any([stop, abort.signal]);
  const renewal = setInterval(() => void renew(context, lease, abort), LEASE_MS / 3);
  try {
    // The commit of its end gives the lease back.
    isHeld = (await runGraph({ context, record, lease, mail, signal })) === 'resting';
    return isHeld ? 'resting' : 'over';
  } catch (error) {
    if (signal.aborted && !stop.aborted) return 'over';
    if (isPointsmanError(error, 'LEASE_LOST')) {
      log.warn({ executionId, epoch: lease.epoch }, 'another worker took over, or the visit is decided again');
      return 'resting';
    }
    if (stop.aborted) return 'over';
    throw error;
  } finally {
    clearInterval(renewal);
    if (isHeld)
      await store.executions
        .release(lease)
        .catch((error: unknown) => log.warn({ executionId, error }, 'the lease could not be released; it will expire'));
  }
}

async function renew(context: EngineContext, lease: Lease, abort: AbortController): Promise<void> {
  try {
    if (!(await context.store.executions.renew(lease, LEASE_MS))) abort.abort();
  } catch (error) {
    context.log.warn({ executionId: lease.executionId, error }, 'the lease could not be renewed');
  }
}
