import type { Agent } from '../../../src/contract/agents.ts';

/** What the agent works on, in a few words: the contract gives a task's id, its end is enough to tell tasks apart. */
export function currentWork(agent: Agent): string {
  return agent.currentTask ? `task ${agent.currentTask.slice(-6)}` : '';
}
