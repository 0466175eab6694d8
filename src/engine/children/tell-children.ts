/** What an execution tells those that it has started, in the commit that decides it: to pause, to go on, to end. */
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import { beginToEnd } from '../concurrency/admit-execution.ts';

/** Returns who was told. `cancelled`: the attempts that are no longer wanted. */
export async function tellChildren(
  transaction: StoreTransaction,
  {
    before,
    after,
    cancelled,
    at,
  }: { before: ExecutionRecord; after: ExecutionRecord; cancelled: readonly string[]; at: string },
): Promise<string[]> {
  const pause = pauseLetter({ before, after, at });
  if (cancelled.length === 0 && !pause) return [];
  const unwanted = new Set(cancelled);
  const told: string[] = [];
  for (const { id, effectKey } of await transaction.executions.openChildren(after.id)) {
    const letter = unwanted.has(effectKey) ? { type: 'cancel_requested', at, by: null } : pause;
    if (!letter) continue;
    if (unwanted.has(effectKey)) await beginToEnd(transaction, id, at);
    await transaction.executions.post(id, [letter]);
    transaction.notify({ channel: 'mailbox', key: id });
    told.push(id);
  }
  return told;
}

/** Nothing new starts in a paused execution, so nothing new starts below it either. */
export function pausedWithParent(at: string): object {
  return { type: 'pause_requested', at, by: null, hold: 'parent' };
}

function pauseLetter(change: { before: ExecutionRecord; after: ExecutionRecord; at: string }): object | null {
  const { before, after, at } = change;
  if ((before.pausedAt === null) === (after.pausedAt === null)) return null;
  return after.pausedAt === null ? { type: 'resume_requested', at, by: null, hold: 'parent' } : pausedWithParent(at);
}
