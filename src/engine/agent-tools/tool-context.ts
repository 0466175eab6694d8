/** What the tools of agents are given, and the task that the calling agent is on: no tool names any other. */
import { PointsmanError } from '../../contract/errors.ts';
import type { AgentRecord, TaskRecord } from '../../ports/store/agents.ts';
import type { LiveAgent } from '../agents/live-agent.ts';
import type { EffectContext } from '../effects/effect-runner.ts';

export interface ToolContext extends EffectContext {
  agents: {
    live(agentId: string): LiveAgent | null;
    /** Resolves when the agents that ran before this server are known again. */
    booted: Promise<void>;
  };
}

/** Who calls. */
export interface Caller {
  context: ToolContext;
  agent: AgentRecord;
  callId: string | null;
  signal: AbortSignal;
  /** The answer may take long: under this name it can be waited for again, by `resumeTool`, when the connection is lost. */
  held: (name: string) => void;
}

export function liveCaller({ context, agent }: Caller): LiveAgent {
  const live = context.agents.live(agent.id);
  if (!live) throw new PointsmanError('NO_RUNNING_TASK');
  return live;
}

export function taskOf(caller: Caller): TaskRecord {
  const task = liveCaller(caller).currentTask;
  if (!task) throw new PointsmanError('NO_RUNNING_TASK');
  return task;
}
