/** Starts an execution: the row, its first mail and its announcement in one commit; the wake-up after it. */
import { PointsmanError } from '../contract/errors.ts';
import type { Execution } from '../contract/executions.ts';
import { NO_USAGE } from '../contract/tasks.ts';
import { type WorkflowDocument, workflowName } from '../contract/workflow-document.ts';
import { validateInputs } from '../domain/workflow/validate-inputs.ts';
import { type ExecutionRecord, executionView } from '../ports/store/executions.ts';
import type { Actor, EngineContext } from './engine-context.ts';
import { budgetOf } from './budgets/execution-budget.ts';
import type { Mailroom } from './mailroom.ts';

export interface StartExecution {
  workflowId: string | null;
  version: number;
  document: WorkflowDocument;
  inputs: Record<string, unknown>;
  by: Actor;
}

export async function startExecution(
  context: EngineContext & { mailroom: Mailroom },
  request: StartExecution,
): Promise<Execution> {
  const checked = validateInputs(request.document, request.inputs);
  if (checked.outcome === 'invalid')
    throw new PointsmanError('INVALID_REQUEST', {
      detail: 'The inputs do not fit the workflow.',
      problems: checked.problems.map((problem) => ({ ...problem, path: `/inputs${problem.path}` })),
    });
  const now = context.clock.now().toISOString();
  const record: ExecutionRecord = {
    id: context.ids.next(),
    workflowId: request.workflowId,
    version: request.version,
    name: workflowName(request.document),
    // The document is plain JSON by its schema; the row keeps it as such.
    document: request.document as unknown as Record<string, unknown>,
    status: 'queued',
    inputs: checked.inputs,
    origin: null,
    outputs: null,
    error: null,
    usage: NO_USAGE,
    budget: budgetOf(request.document),
    pausedAt: null,
    pausedMs: 0,
    createdBy: request.by.name,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
  };
  const view = executionView(record, []);
  await context.store.transaction(async (transaction) => {
    await transaction.executions.insert(record);
    await transaction.executions.post(record.id, [{ type: 'execution_started', at: now }]);
    transaction.publish(
      { topic: 'executions', event: 'execution.created', data: view },
      { topic: `execution:${record.id}`, event: 'execution.created', data: view },
    );
  });
  await context.mailroom.wake(record.id);
  return view;
}
