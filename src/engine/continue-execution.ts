/** Starts an execution that goes on from another one: row, first state, carried steps and first mail in one commit. */
import type { Execution, ExecutionOrigin } from '../contract/executions.ts';
import { NO_USAGE } from '../contract/tasks.ts';
import { type WorkflowDocument, workflowName } from '../contract/workflow-document.ts';
import { beginAgain, type BeginAgain, type Beginning } from '../domain/settle/begin-again.ts';
import { type ExecutionRecord, executionView } from '../ports/store/executions.ts';
import type { Actor, EngineContext } from './engine-context.ts';
import { budgetOf } from './budgets/execution-budget.ts';
import { keepFirstState } from './graph/stored-state.ts';
import type { Mailroom } from './mailroom.ts';

export interface ContinueExecution {
  from: ExecutionRecord;
  origin: ExecutionOrigin;
  version: number;
  document: WorkflowDocument;
  inputs: Record<string, unknown>;
  begin: Pick<BeginAgain, 'before' | 'plan' | 'again' | 'keepItems' | 'outputs'>;
  /** Called with what it would begin with, before anything is stored; throws when that is of no use. */
  check?: (beginning: Beginning) => void;
  by: Actor;
}

export async function continueExecution(
  context: EngineContext & { mailroom: Mailroom },
  { from, origin, version, document, inputs, begin, check, by }: ContinueExecution,
): Promise<Execution> {
  const { ids, mailroom } = context;
  const now = context.clock.now().toISOString();
  const record: ExecutionRecord = {
    id: ids.next(),
    workflowId: from.workflowId,
    version,
    name: workflowName(document),
    document: document as unknown as Record<string, unknown>, // plain JSON by its schema
    status: 'queued',
    inputs,
    origin,
    outputs: null,
    error: null,
    usage: NO_USAGE,
    budget: budgetOf(document),
    pausedAt: null,
    pausedMs: 0,
    createdBy: by.name,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
  };
  const { id, workflowId, name } = record;
  const beginning = beginAgain({ ...begin, execution: { id, workflowId, version, name }, inputs, now, ids });
  check?.(beginning);
  await mailroom.post(id, [{ type: 'execution_continued', at: now }], async (transaction) => {
    await transaction.executions.insert(record);
    await transaction.executions.insertSteps(id, beginning.carried);
    await keepFirstState(transaction.checkpoints, id, beginning.state);
    await transaction.identity.audit({
      actor: by.name,
      action: `execution.${origin.kind}`,
      subject: from.id,
      detail: { ...origin, execution: id },
    });
    const view = executionView(record, []);
    transaction.publish(
      { topic: 'executions', event: 'execution.created', data: view },
      { topic: `execution:${id}`, event: 'execution.created', data: view },
    );
    return true;
  });
  return executionView(record, beginning.carried);
}
