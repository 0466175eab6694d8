/**
 * Takes a new execution in by the rule of its workflow, in the transaction of its start: at once, into the line behind
 * those under way, in their place, or not at all. Retries and forks of executions are started past it. For a child, those
 * that wait for its parent are not there: it would wait for itself.
 */
import type { Concurrency } from '../../contract/workflow-document.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import { announceNew } from '../new-execution.ts';

/** A line that grows faster than it moves would never end. */
export const MOST_IN_LINE = 100;

export type Admission =
  /** `wake`: whoever has mail now. */
  | { outcome: 'started' | 'queued'; execution: ExecutionRecord; wake: string[] }
  | { outcome: 'skipped' }
  | { outcome: 'line_full' };

/** `held`: letters that are to be read before it begins. `deadline`: when the time of its step is up. */
export async function admitExecution(
  transaction: StoreTransaction,
  execution: ExecutionRecord,
  { held = [], deadline }: { held?: readonly object[]; deadline?: string } = {},
): Promise<Admission> {
  const { workflowId, createdAt: at } = execution;
  const concurrency = ruleOf(execution);
  if (concurrency === 'allow' || workflowId === null) return begin();
  // Whoever starts one of this workflow, or lets one out of the line, holds its row.
  await transaction.workflows.lock(workflowId);
  const open = await transaction.executions.openOf(workflowId, execution.parent?.executionId ?? null);
  if (open.length === 0) return begin();
  if (concurrency === 'skip') return { outcome: 'skipped' };
  if (concurrency === 'queue' && open.filter(({ inLine }) => inLine).length >= MOST_IN_LINE)
    return { outcome: 'line_full' };
  const wake = concurrency === 'cancel_previous' ? open.map(({ id }) => id) : [];
  for (const id of wake) await cancel(id);
  return { outcome: 'queued', execution: await insert({ ...execution, inLine: true }, held), wake };

  async function begin(): Promise<Admission> {
    await insert(execution, [...held, beginning(at, deadline)]);
    return { outcome: 'started', execution, wake: [execution.id] };
  }

  async function insert(record: ExecutionRecord, letters: readonly object[]): Promise<ExecutionRecord> {
    await transaction.executions.insert(record);
    await transaction.executions.post(record.id, letters);
    announceNew(transaction, record);
    return record;
  }

  async function cancel(id: string): Promise<void> {
    await beginToEnd(transaction, id, at);
    await transaction.executions.post(id, [{ type: 'cancel_requested', at, by: null }]);
    transaction.notify({ channel: 'mailbox', key: id });
  }
}

/** An execution of a document that is not saved has no others beside it. */
export function ruleOf({ workflowId, document }: ExecutionRecord): Concurrency {
  return workflowId === null ? 'allow' : ((document as { concurrency?: Concurrency }).concurrency ?? 'allow');
}

/** One that is cancelled in line leaves it: it begins, and the next letter ends it before anything starts. */
export async function beginToEnd(transaction: StoreTransaction, id: string, at: string): Promise<void> {
  if (await transaction.executions.leaveLine(id)) await transaction.executions.post(id, [beginning(at)]);
}

/** The letter with which it begins. `deadline`: when the time of the step that has started it is up. */
export function beginning(at: string, deadline?: string | null): object {
  return { type: 'execution_started', at, ...(deadline ? { deadline } : {}) };
}
