/** Reads an execution's state from its checkpoints, and keeps the first state of one that goes on from another. */
import type { ExecutionState } from '../../domain/settle/execution-state.ts';
import type { Checkpoints } from '../../ports/checkpoints.ts';

/** Beside the checkpoints of the execution itself, which its first visit begins. */
const FIRST = 'first';

/** The state at a checkpoint, or at the newest; null when there is none. */
export async function readState(
  checkpoints: Checkpoints,
  executionId: string,
  checkpointId?: string,
): Promise<ExecutionState | null> {
  const found = await checkpoints.get(executionId, '', checkpointId);
  if (!found) return null;
  return stateIn(found.values);
}

function stateIn(values: Record<string, unknown>): ExecutionState | null {
  // The first checkpoint of an execution from before visits made them: LangGraph began it in a channel of its own.
  const { state, __start__: start } = values as { state?: ExecutionState; __start__?: { state: ExecutionState } };
  return state ?? start?.state ?? null;
}

export async function keepFirstState(
  checkpoints: Checkpoints,
  executionId: string,
  state: ExecutionState,
): Promise<void> {
  await checkpoints.put({
    threadId: executionId,
    namespace: FIRST,
    checkpointId: FIRST,
    parentId: null,
    checkpoint: {},
    changes: { map: { state: { value: state } } },
    complete: true,
    metadata: {},
  });
}

export async function readFirstState(checkpoints: Checkpoints, executionId: string): Promise<ExecutionState> {
  const found = await checkpoints.get(executionId, FIRST, FIRST);
  if (!found) throw new Error(`the first state of execution ${executionId} is gone`);
  return found.values['state'] as ExecutionState; // written by keepFirstState
}
