/** Forks an execution: a new one from the state and the files at a checkpoint, with inputs or outputs replaced. */
import { PointsmanError, type ProblemItem } from '../contract/errors.ts';
import type { Execution, ForkExecution } from '../contract/executions.ts';
import type { WorkflowDocument } from '../contract/workflow-document.ts';
import { validateAgainstSchema } from '../domain/output-schema.ts';
import { editRefused } from '../domain/settle/begin-again.ts';
import type { ExecutionState } from '../domain/settle/execution-state.ts';
import { compilePlan } from '../domain/workflow/compile-plan.ts';
import type { Plan } from '../domain/workflow/plan.ts';
import { validateInputs } from '../domain/workflow/validate-inputs.ts';
import type { ExecutionRecord } from '../ports/store/executions.ts';
import { continueExecution } from './continue-execution.ts';
import type { Actor, EngineContext } from './engine-context.ts';
import { readState } from './graph/stored-state.ts';
import type { Mailroom } from './mailroom.ts';
import { filesAt } from './worktrees/execution-files.ts';
import { refuseForeignApprovals } from './pin-outcomes.ts';

/** The original may have ended or go on; nothing of it changes. */
export async function forkExecution(
  context: EngineContext & { mailroom: Mailroom },
  { execution, checkpoint, edits, files: wanted, by }: ForkExecution & { execution: ExecutionRecord; by: Actor },
): Promise<Execution> {
  const state = await readState(context.store.checkpoints, execution.id, checkpoint);
  if (!state) throw new PointsmanError('CHECKPOINT_NOT_FOUND');
  if (state.cancelRequested)
    throw new PointsmanError('EXECUTION_WRONG_STATE', {
      detail: 'The execution was being cancelled at this checkpoint. Choose an earlier one, or retry the execution.',
    });
  const plan = compilePlan(execution.document as unknown as WorkflowDocument);
  const outputs = Object.fromEntries(Object.entries(edits?.nodes ?? {}).map(([id, { output }]) => [id, output]));
  const checked = validateInputs(plan.document, { ...execution.inputs, ...edits?.inputs });
  const problems = [
    ...(checked.outcome === 'invalid'
      ? checked.problems.map((problem) => ({ ...problem, path: `/edits/inputs${problem.path}` }))
      : []),
    ...Object.entries(outputs).flatMap(([id, output]) => problemsOf({ plan, state, id, output })),
  ];
  if (checked.outcome === 'invalid' || problems.length > 0)
    throw new PointsmanError('INVALID_REQUEST', {
      detail: problems[0]?.message ?? 'The edits do not fit the workflow.',
      problems,
    });
  await refuseForeignApprovals(context, plan.document, Object.keys(outputs), by);
  const edited = [
    ...Object.keys(edits?.inputs ?? {}).map((name) => `/inputs/${name}`),
    ...Object.keys(outputs).map((id) => `/nodes/${id}/output`),
  ];
  const commit = wanted === 'newest' ? null : await filesAt(context, execution, state);
  const repository = plan.document.workspace?.path;
  return continueExecution(context, {
    from: execution,
    origin: {
      kind: 'fork',
      executionId: execution.id,
      checkpoint,
      ...(edited.length > 0 ? { edited } : {}),
      ...(commit === null ? {} : { files: commit }),
    },
    files: commit !== null && repository !== undefined ? { commit, repository } : undefined,
    version: execution.version,
    document: plan.document,
    inputs: checked.inputs,
    begin: {
      before: { plan, state, steps: await context.store.executions.steps(execution.id) },
      plan,
      again: [],
      outputs,
    },
    by,
  });
}

function problemsOf({
  plan,
  state,
  id,
  output,
}: {
  plan: Plan;
  state: ExecutionState;
  id: string;
  output: unknown;
}): ProblemItem[] {
  const path = `/edits/nodes/${id.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const message = editRefused(plan, state, id);
  if (message !== undefined)
    return [{ path, code: plan.nodes.has(id) ? 'NODE_NOT_REACHED' : 'UNKNOWN_NODE', message, severity: 'error' }];
  const node = plan.document.nodes.find((each) => each.id === id);
  const schema = node?.type === 'agent' ? node.config.output : undefined;
  if (schema === undefined || typeof schema === 'boolean') return [];
  const data = (output as { data?: unknown } | null)?.data;
  return validateAgainstSchema(schema, data, `${path}/output/data`).map((problem) => ({ ...problem, nodeId: id }));
}
