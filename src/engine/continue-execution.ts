/** Starts an execution that goes on from another one: row, first state, carried steps and first mail in one commit. */
import { PointsmanError } from '../contract/errors.ts';
import type { Execution, ExecutionOrigin } from '../contract/executions.ts';
import type { WorkflowDocument } from '../contract/workflow-document.ts';
import { beginAgain, type BeginAgain, type Beginning } from '../domain/settle/begin-again.ts';
import { type ExecutionRecord, executionView } from '../ports/store/executions.ts';
import type { Actor, EngineContext } from './engine-context.ts';
import { keepFirstState } from './graph/stored-state.ts';
import type { Mailroom } from './mailroom.ts';
import { keepForFork } from './worktrees/execution-files.ts';
import { announceNew, newExecution } from './new-execution.ts';

export interface ContinueExecution {
  from: ExecutionRecord;
  origin: ExecutionOrigin;
  version: number;
  document: WorkflowDocument;
  inputs: Record<string, unknown>;
  begin: Pick<BeginAgain, 'before' | 'plan' | 'again' | 'keepItems' | 'outputs'>;
  /** The commit its worktree begins with; without one it is that of the newest files. */
  files?: { commit: string; repository: string } | undefined;
  /** Called with what it would begin with, before anything is stored; throws when that is of no use. */
  check?: (beginning: Beginning) => void;
  by: Actor;
}

export async function continueExecution(
  context: EngineContext & { mailroom: Mailroom },
  { from, origin, version, document, inputs, begin, files, check, by }: ContinueExecution,
): Promise<Execution> {
  const { ids, mailroom } = context;
  const record = newExecution(context, {
    workflowId: from.workflowId,
    version,
    document,
    inputs,
    origin,
    chain: from.chain,
    createdBy: by.name,
  });
  const now = record.createdAt;
  const { id, workflowId, name } = record;
  const beginning = beginAgain({
    ...begin,
    execution: { id, workflowId, version, name },
    inputs,
    ...(files ? { files: { outcome: 'kept', commit: files.commit, number: 1 } } : {}),
    now,
    ids,
  });
  check?.(beginning);
  // Before the row is there: a crash in between leaves files that nobody needs, never a row without its files.
  if (files) await keepForFork(context, { execution: id, ...files });
  await mailroom.post(id, [{ type: 'execution_continued', at: now }], async (transaction) => {
    // What it goes on from stays as long as it needs it; deleted meanwhile, it is not there.
    if (!(await transaction.executions.lock(from.id))) throw new PointsmanError('EXECUTION_NOT_FOUND');
    await transaction.executions.insert(record);
    await transaction.executions.insertSteps(id, beginning.carried);
    await keepFirstState(transaction.checkpoints, id, beginning.state);
    await transaction.identity.audit({
      actor: by.name,
      action: `execution.${origin.kind}`,
      subject: from.id,
      detail: { ...origin, execution: id },
    });
    announceNew(transaction, record);
    return true;
  });
  return executionView(record, beginning.carried);
}
