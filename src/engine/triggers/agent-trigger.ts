/** Starts an execution when an agent comes to a status. */
import type { Agent } from '../../contract/agents.ts';
import type { WorkflowTrigger } from '../../contract/workflow-document.ts';
import type { EngineContext } from '../engine-context.ts';
import { nextInTopic, type TopicCursor } from './topic-events.ts';
import type { LookTrigger } from './trigger-kinds.ts';

type AgentStatusTrigger = Extract<WorkflowTrigger, { agent: string }>;

interface AgentCursor extends TopicCursor {
  /** What it was last seen in; null: it is not there. */
  status: Agent['status'] | null;
}

export function agentTrigger(context: Pick<EngineContext, 'store'>): LookTrigger {
  return ({ config, cursor }) => {
    const { agent: wanted, status: statuses } = config as AgentStatusTrigger;
    return nextInTopic(
      context.store.events,
      { topic: 'agents', cursor: cursor as AgentCursor }, // as beginTrigger has it
      async ({ event, data, at }, noted) => {
        if (event !== 'agent.created' && event !== 'agent.changed') return null;
        const agent = data as Agent;
        if (agent.id !== wanted && agent.name !== wanted) return null;
        const before = noted.status;
        noted.status = agent.status;
        if (agent.status === before || ![statuses].flat().includes(agent.status)) return null;
        const { id, name, kind, status, statusReason } = agent;
        return {
          data: { kind: 'agent', at, agent: { id, name, kind, status, reason: statusReason, before } },
          chain: await chainOf(context, id),
        };
      },
    );
  };
}

export function agentNamed<A extends { id: string; name: string }>(agents: readonly A[], wanted: string): A | null {
  return agents.find(({ id, name }) => id === wanted || name === wanted) ?? null;
}

/** What an agent does for an execution is because of it: that of its newest task. */
async function chainOf({ store }: Pick<EngineContext, 'store'>, agentId: string): Promise<number> {
  const [task] = await store.tasks.list(agentId, { limit: 1 });
  const execution = task?.executionId ? await store.executions.get(task.executionId) : null;
  return execution ? execution.chain + 1 : 0;
}
