/** A new execution as it is stored first: its row, its first mail and its announcement. */
import type { ExecutionOrigin } from '../contract/executions.ts';
import type { PinnedDocument } from '../contract/pinned-outcomes.ts';
import { NO_USAGE } from '../contract/tasks.ts';
import { workflowName } from '../contract/workflow-document.ts';
import { type ExecutionParent, type ExecutionRecord, executionView } from '../ports/store/executions.ts';
import type { NewEvent } from '../ports/store/events.ts';
import type { StoreTransaction } from '../ports/store/store.ts';
import { budgetOf } from './budgets/execution-budget.ts';
import type { EngineContext } from './engine-context.ts';

export interface NewExecution {
  workflowId: string | null;
  version: number;
  document: PinnedDocument;
  /** As they were found to fit the document. */
  inputs: Record<string, unknown>;
  createdBy: string;
  origin?: ExecutionOrigin;
  parent?: ExecutionParent;
  depth?: number;
  trigger?: ExecutionRecord['trigger'];
  chain?: number;
}

export function newExecution(context: EngineContext, { document, ...asked }: NewExecution): ExecutionRecord {
  return {
    origin: null,
    parent: null,
    depth: 0,
    trigger: null,
    chain: 0,
    inLine: false,
    ...asked,
    id: context.ids.next(),
    name: workflowName(document),
    // The document is plain JSON by its schema; the row keeps it as such.
    document: document as unknown as Record<string, unknown>,
    status: 'queued',
    outputs: null,
    error: null,
    usage: NO_USAGE,
    budget: budgetOf(document),
    pausedAt: null,
    pausedMs: 0,
    createdAt: context.clock.now().toISOString(),
    startedAt: null,
    finishedAt: null,
  };
}

export function announceNew(transaction: StoreTransaction, record: ExecutionRecord): void {
  transaction.publish(...announcementOf(record));
}

export function announcementOf(record: ExecutionRecord): NewEvent[] {
  const data = executionView(record, []);
  return ['executions', `execution:${record.id}`].map((topic) => ({ topic, event: 'execution.created', data }));
}
