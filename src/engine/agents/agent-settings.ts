/** What an agent is run with: its own words first, then those of its definition. */
import type { LaunchContext } from '../../ports/agent-driver.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';

export interface AgentSettings {
  instructions: string | null;
  model: string | null;
  permissionMode: LaunchContext['permissionMode'] | null;
  cliTools: LaunchContext['cliTools'] | null;
}

export function settingsOf({ definition, kind, ...own }: AgentRecord): AgentSettings {
  // Models and tools are named in Claude Code's words; another CLI would fail over `sonnet`, or not know `Bash`.
  const claude = kind === 'claude' ? definition : null;
  return {
    instructions: definition ? definition.instructions : own.instructions,
    model: own.model ?? claude?.model ?? null,
    // The column holds only what the contract's schema let in.
    permissionMode: (own.permissionMode as AgentSettings['permissionMode']) ?? definition?.permissionMode ?? null,
    cliTools:
      claude?.tools || claude?.disallowedTools
        ? { ...(claude.tools ? { only: claude.tools } : {}), without: claude.disallowedTools ?? [] }
        : null,
  };
}
