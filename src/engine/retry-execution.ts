/** Retries an execution that has ended: a new one that keeps what succeeded and runs the rest again. */
import { PointsmanError, type ProblemItem } from '../contract/errors.ts';
import { type Execution, FINISHED_EXECUTION } from '../contract/executions.ts';
import type { PinnedDocument } from '../contract/pinned-outcomes.ts';
import type { WorkflowDocument } from '../contract/workflow-document.ts';
import type { Beginning } from '../domain/settle/begin-again.ts';
import { retryStarts } from '../domain/settle/retry-starts.ts';
import { compilePlan } from '../domain/workflow/compile-plan.ts';
import { validateInputs } from '../domain/workflow/validate-inputs.ts';
import type { ExecutionRecord } from '../ports/store/executions.ts';
import { continueExecution } from './continue-execution.ts';
import type { Actor, EngineContext } from './engine-context.ts';
import { readState } from './graph/stored-state.ts';
import type { Mailroom } from './mailroom.ts';

export interface RetryExecution {
  execution: ExecutionRecord;
  fromNode?: string | undefined;
  /** Another version to go on with; the pinned document when left out. */
  on?: { version: number; document: WorkflowDocument };
  by: Actor;
}

export async function retryExecution(
  context: EngineContext & { mailroom: Mailroom },
  { execution, fromNode, on, by }: RetryExecution,
): Promise<Execution> {
  if (!FINISHED_EXECUTION.includes(execution.status))
    throw new PointsmanError('EXECUTION_WRONG_STATE', {
      detail: `Only an execution that has ended can be retried; this one is ${execution.status}.`,
    });
  const state = await readState(context.store.checkpoints, execution.id);
  if (!state)
    throw new PointsmanError('CHECKPOINT_NOT_FOUND', { detail: 'The last state of this execution was removed.' });
  const pinned = compilePlan(execution.document as unknown as WorkflowDocument);
  const plan = on ? compilePlan(pinnedAlike(on.document, pinned.document)) : pinned;
  const starts = retryStarts({ before: pinned, plan, state, fromNode });
  if (starts.outcome === 'nothing') throw refused('/fromNode', 'NOTHING_TO_RETRY', starts.message);
  return continueExecution(context, {
    from: execution,
    origin: { kind: 'retry', executionId: execution.id, ...(fromNode === undefined ? {} : { fromNode }) },
    version: on?.version ?? execution.version,
    document: plan.document,
    inputs: on ? inputsFor(on.document, execution.inputs) : execution.inputs,
    begin: {
      before: { plan: pinned, state, steps: await context.store.executions.steps(execution.id) },
      plan,
      again: starts.nodes,
      keepItems: fromNode === undefined,
    },
    check: refuseMisfits,
    by,
  });
}

/** What is pinned stays so where the other version has the node: nothing that was only tried starts to have effects. */
function pinnedAlike(document: WorkflowDocument, { pinned }: PinnedDocument): PinnedDocument {
  const kept = Object.entries(pinned ?? {}).filter(([id]) => document.nodes.some((node) => node.id === id));
  return kept.length > 0 ? { ...document, pinned: Object.fromEntries(kept) } : document;
}

/** Inputs that the other version does not know any more are left out; one that it needs and nobody gave is refused. */
function inputsFor(document: WorkflowDocument, inputs: Record<string, unknown>): Record<string, unknown> {
  const known = Object.entries(inputs).filter(([name]) => Object.hasOwn(document.inputs ?? {}, name));
  const checked = validateInputs(document, Object.fromEntries(known));
  if (checked.outcome === 'valid') return checked.inputs;
  throw new PointsmanError('INVALID_REQUEST', {
    detail: 'The inputs of this execution do not fit that version.',
    problems: checked.problems.map((problem) => ({ ...problem, path: '/version' })),
  });
}

function refuseMisfits({ misfits }: Beginning): void {
  const [first] = misfits;
  if (!first) return;
  throw new PointsmanError('INVALID_REQUEST', {
    detail: `${first.message} Retry from a node before it, or start anew.`,
    problems: misfits.map(({ nodeId, message }): ProblemItem => ({
      path: '/version',
      code: 'NODE_CHANGED',
      message,
      severity: 'error',
      nodeId,
    })),
  });
}

function refused(path: string, code: string, message: string): PointsmanError {
  return new PointsmanError('INVALID_REQUEST', {
    detail: message,
    problems: [{ path, code, message, severity: 'error' }],
  });
}
