/** The team as one of its agents may see it: nothing of programs, environments and directories. */
import type { McpToolResult } from '../../contract/mcp.ts';
import type { Caller } from './tool-context.ts';

export async function listAgents({ context, agent }: Caller): Promise<McpToolResult> {
  const agents = (await context.store.agents.list()).map(({ id, name, kind, role, status, capabilities }) => ({
    name,
    kind,
    role,
    status,
    capabilities,
    ...(id === agent.id ? { you: true } : {}),
  }));
  return { outcome: 'done', text: JSON.stringify(agents), data: { agents } };
}
