/** The real command lines of agents, as `npm test` installed them; a test without one is skipped, with the reason. */
import { existsSync } from 'node:fs';
import { type AGENT_CLIS, agentCliFailure, agentCliProgram } from '../../scripts/lib/agent-clis.mjs';

type AgentCli = keyof typeof AGENT_CLIS;

/** Null when it is there; else why it is not. */
export function agentCliMissing(name: AgentCli): string | null {
  return existsSync(agentCliProgram(name)) ? null : `${name} is not installed: ${agentCliFailure(name)}`;
}

export function agentCli(name: AgentCli): string {
  return agentCliProgram(name);
}
