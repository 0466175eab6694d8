/** Replays an execution that has ended on another version: what is the same there is pinned, only the rest runs. */
import { PointsmanError } from '../contract/errors.ts';
import { type Execution, FINISHED_EXECUTION } from '../contract/executions.ts';
import type { PinnedOutcomes } from '../contract/pinned-outcomes.ts';
import type { WorkflowDocument } from '../contract/workflow-document.ts';
import { replayPins } from '../domain/settle/replay-pins.ts';
import { compilePlan } from '../domain/workflow/compile-plan.ts';
import type { ExecutionRecord } from '../ports/store/executions.ts';
import type { Actor, EngineContext } from './engine-context.ts';
import { readState } from './graph/stored-state.ts';
import type { Mailroom } from './mailroom.ts';
import { foreignApprovals, pinOutcomes } from './pin-outcomes.ts';
import { startExecution } from './start-execution.ts';

export interface ReplayExecution {
  execution: ExecutionRecord;
  /** What it is replayed on; `workflowId` null for a document that is not saved. */
  on: { workflowId: string | null; version: number; document: WorkflowDocument };
  pinned: PinnedOutcomes;
  by: Actor;
}

/** An approval counts again only for those who may give it; of others it is asked anew. */
export async function replayExecution(
  context: EngineContext & { mailroom: Mailroom },
  { execution, on, pinned: given, by }: ReplayExecution,
): Promise<Execution> {
  if (!FINISHED_EXECUTION.includes(execution.status))
    throw new PointsmanError('EXECUTION_WRONG_STATE', {
      detail: `Only an execution that has ended can be replayed; this one is ${execution.status}.`,
    });
  const state = await readState(context.store.checkpoints, execution.id);
  if (!state)
    throw new PointsmanError('CHECKPOINT_NOT_FOUND', { detail: 'The last state of this execution was removed.' });
  await pinOutcomes(context, on.document, given, by);
  const past = compilePlan(execution.document as unknown as WorkflowDocument);
  const asksAgain = new Set<string>();
  for (const node of on.document.nodes)
    if ((await foreignApprovals(context, node, by)).length > 0) asksAgain.add(node.id);
  const { pinned, runs } = replayPins({
    before: { plan: past, state, steps: await context.store.executions.steps(execution.id) },
    plan: compilePlan(on.document),
    given,
    asksAgain,
  });
  const known = Object.entries(execution.inputs).filter(([name]) => Object.hasOwn(on.document.inputs ?? {}, name));
  const { execution: begun } = await startExecution(context, {
    ...on,
    document: { ...on.document, pinned },
    inputs: Object.fromEntries(known),
    origin: { kind: 'replay', executionId: execution.id, runs },
    by,
  });
  return begun;
}
