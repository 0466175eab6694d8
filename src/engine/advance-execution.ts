/** Advances one execution as far as it goes now, as its only worker. */
import { isPointsmanError } from '../contract/errors.ts';
import type { Lease } from '../ports/store/executions.ts';
import type { EngineContext } from './engine-context.ts';
import { runGraph } from './graph/execution-graph.ts';
import type { Mailroom } from './mailroom.ts';

/** A dead worker's execution is taken over after this; the one alive renews three times as often. */
const LEASE_MS = 15_000;

export async function advanceExecution(
  context: EngineContext & { mailroom: Mailroom },
  executionId: string,
  stop: AbortSignal,
): Promise<void> {
  const { store, mailroom } = context;
  // Mail that came between the last look and the end of the watch is nobody's unless we look again.
  while (mailroom.begin(executionId)) {
    try {
      if (!(await advanceOnce(context, executionId, stop))) return;
    } finally {
      mailroom.end(executionId);
    }
    if (stop.aborted || (await store.executions.mail(executionId, 1)).length === 0) return;
  }
}

/** False when there is nothing to do here: ended, or held by another worker. */
async function advanceOnce(
  context: EngineContext & { mailroom: Mailroom },
  executionId: string,
  stop: AbortSignal,
): Promise<boolean> {
  const { store, log } = context;
  // Refused to an execution that has ended or does not exist, and while another worker holds it.
  const lease = await store.executions.claim(executionId, context.owner, LEASE_MS);
  if (!lease) return false;

  const abort = new AbortController();
  const signal = AbortSignal.any([stop, abort.signal]);
  const renewal = setInterval(() => void renew(context, lease, abort), LEASE_MS / 3);
  try {
    const record = await store.executions.get(executionId);
    if (record) await runGraph({ context, record, lease, signal });
    return record !== null;
  } catch (error) {
    if (signal.aborted && !stop.aborted) return false;
    if (isPointsmanError(error, 'LEASE_LOST')) {
      log.warn({ executionId, epoch: lease.epoch }, 'another worker took over, or the visit is decided again');
      return true;
    }
    if (stop.aborted) return false;
    throw error;
  } finally {
    clearInterval(renewal);
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
