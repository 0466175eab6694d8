/** What a driver is told of an agent that it launches or takes up again. */
import { AGENT_TOOL_INSTRUCTIONS } from '../../contract/agent-tools.ts';
import type { AgentDriver, LaunchContext } from '../../ports/agent-driver.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import { homeOf } from '../worktrees/agent-worktree.ts';
import { settingsOf } from './agent-settings.ts';

export interface LaunchSurroundings {
  /** The agent's own directory, below the data directory. */
  directoryOf: (agentId: string) => string;
  /** What a pane inherits; nothing of the server's secrets is in it. */
  environment: Readonly<Record<string, string>>;
  /** The server's own environment: only what a driver names as its credentials is taken from it. */
  credentials: Readonly<Record<string, string | undefined>>;
}

export function launchContext(
  agent: AgentRecord,
  options: {
    driver: AgentDriver | undefined;
    surroundings: LaunchSurroundings;
    /** Its home without. */
    directory?: string | undefined;
    tools?: LaunchContext['tools'] | null;
  },
): LaunchContext {
  const { driver, surroundings, directory, tools } = options;
  const settings = settingsOf(agent);
  const instructions = [settings.instructions, tools ? AGENT_TOOL_INSTRUCTIONS : null].filter((text) => text);
  return {
    agentId: agent.id,
    name: agent.name,
    directory: surroundings.directoryOf(agent.id),
    workspace: directory ?? homeOf(agent),
    ...(agent.command ? { command: agent.command } : {}),
    ...(settings.model ? { model: settings.model } : {}),
    permissionMode: settings.permissionMode ?? 'manual',
    ...(settings.cliTools ? { cliTools: settings.cliTools } : {}),
    ...(instructions.length > 0 ? { instructions: instructions.join('\n\n') } : {}),
    ...(tools ? { tools } : {}),
    env: {
      ...surroundings.environment,
      ...credentialsFor(agent, driver?.credentials ?? [], surroundings),
      ...agent.env,
      POINTSMAN_AGENT_NAME: agent.name,
    },
  };
}

/** A key of the agent's own is not mixed with a token of the server's. */
function credentialsFor(
  agent: AgentRecord,
  names: readonly string[],
  { credentials }: LaunchSurroundings,
): Record<string, string> {
  if (names.some((name) => agent.env[name])) return {};
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = credentials[name];
      return value ? [[name, value]] : [];
    }),
  );
}
