/** An agent in trouble, and back: read off the change of its status, in the commit that makes it. */
import type { AgentStatus } from '../../contract/agents.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { EngineContext } from '../engine-context.ts';
import { BY_ITSELF, endAll, noteTrouble } from './note-incident.ts';

const TITLES: Partial<Record<AgentStatus, (name: string) => string>> = {
  crashed: (name) => `${name} crashed`,
  auth_failed: (name) => `${name} is not signed in`,
  rate_limited: (name) => `${name} is rate limited`,
};
/** It may have come from trouble; from `starting` only when it was restarted. */
const BEFORE_THE_END: ReadonlySet<AgentStatus> = new Set([
  'crashed',
  'auth_failed',
  'rate_limited',
  'no_signal',
  'starting',
]);
const AT_WORK: ReadonlySet<AgentStatus> = new Set(['idle', 'working', 'waiting_input', 'stopped']);

export function agentFingerprint(agentId: string, status: AgentStatus): string {
  return `agent:${agentId}:${status}`;
}

/** `leftAlone`: nobody starts it again by itself. */
export async function followAgentStatus(
  context: Pick<EngineContext, 'ids' | 'clock'>,
  transaction: StoreTransaction,
  {
    before,
    after,
    leftAlone,
  }: { before: AgentRecord; after: AgentRecord; leftAlone: 'crashed' | 'not_started' | null },
): Promise<void> {
  if (before.status === after.status && leftAlone === null) return;
  const title = TITLES[after.status]?.(after.name);
  if (title !== undefined)
    await noteTrouble(context, transaction, {
      fingerprint: agentFingerprint(after.id, after.status),
      scope: 'agent',
      title,
      agentId: after.id,
      code: leftAlone === 'not_started' ? 'could_not_start' : after.status,
      message: after.statusReason,
      spent: leftAlone !== null,
    });
  else if (BEFORE_THE_END.has(before.status) && AT_WORK.has(after.status))
    await endAll(transaction, await transaction.incidents.openOf({ agentId: after.id }), {
      at: context.clock.now().toISOString(),
      by: BY_ITSELF,
      reason: `the agent is ${after.status}`,
    });
}
