/** What an agent's row says of it, for whoever looks: stored, announced, and followed by its incidents. */
import type { SessionExit } from '../../ports/agent-host.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { followAgentStatus } from '../incidents/agent-incidents.ts';
import { publishAgent } from './agent-view.ts';

/** Stores and announces a status when it is news. */
export async function showStatus(
  context: EffectContext,
  agentId: string,
  shown: {
    status: AgentRecord['status'];
    reason: string;
    source: string;
    /** Why nobody starts it again by itself. */
    leftAlone?: 'crashed' | 'not_started';
  },
  currentTask: string | null,
): Promise<void> {
  await context.store.transaction(async (transaction) => {
    const before = await transaction.agents.get(agentId);
    if (!before) return;
    const now = context.clock.now().toISOString();
    const after = await transaction.agents.update(agentId, {
      status: shown.status,
      statusReason: shown.reason,
      statusSource: shown.source,
      ...(before.status === shown.status ? {} : { statusSince: now }),
      lastActivity: now,
    });
    if (!after) return;
    await followAgentStatus(context, transaction, { before, after, leftAlone: shown.leftAlone ?? null });
    publishAgent(transaction, after, currentTask);
  });
}

/** As a reason of `stopped` or `crashed`. */
export function describeExit(exit: SessionExit): string {
  if (exit.how === 'lost') return 'its tmux server is gone';
  if (exit.how === 'signalled') return `its program was ended by signal ${exit.signal ?? '?'}`;
  return `its program ended with exit status ${exit.status ?? '?'}`;
}
