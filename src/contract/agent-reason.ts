/** Why an agent is as it is, in one line for people. Pure. */
import type { Agent } from './agents.ts';

/** One that could begin a task and may not says what holds it; otherwise its program's status matters more. */
export function agentReason({
  status,
  statusReason,
  heldBy,
}: Pick<Agent, 'status' | 'statusReason' | 'heldBy'>): string {
  return heldBy && (status === 'idle' || status === 'waiting_input') ? heldBy.reason : statusReason;
}
