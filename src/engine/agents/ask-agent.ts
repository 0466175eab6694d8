/** What a person or a workflow wants of an agent: to run, or not to. */
import { PointsmanError } from '../../contract/errors.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { publishAgent } from './agent-view.ts';

/** Announces a changed row and wakes the host that owns the agent. */
export async function askAgent(
  context: EffectContext,
  agentId: string,
  desired: 'running' | 'stopped',
): Promise<AgentRecord> {
  return context.store.transaction(async (transaction) => {
    const agent = await transaction.agents.update(agentId, {
      desired,
      ...(desired === 'running' ? { restarts: [] } : {}),
    });
    if (!agent) throw new PointsmanError('AGENT_NOT_FOUND');
    publishAgent(transaction, agent);
    transaction.notify({ channel: 'agents', key: agentId });
    return agent;
  });
}
