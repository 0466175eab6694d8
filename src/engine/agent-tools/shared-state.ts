/** Reads and writes the values that agents and workflows share. */
import type { AgentToolInput } from '../../contract/agent-tools.ts';
import { PointsmanError } from '../../contract/errors.ts';
import type { McpToolResult } from '../../contract/mcp.ts';
import type { StateEntry } from '../../contract/shared-state.ts';
import type { Caller } from './tool-context.ts';

export async function getState(
  { context }: Caller,
  { namespace, key }: AgentToolInput<'get_state'>,
): Promise<McpToolResult> {
  const entry = await context.store.sharedState.get(namespace, key);
  if (!entry) throw new PointsmanError('STATE_NOT_FOUND');
  return shown(entry);
}

export async function setState(
  { context, agent }: Caller,
  { namespace, key, value, ifVersion }: AgentToolInput<'set_state'>,
): Promise<McpToolResult> {
  return context.store.transaction(async (transaction) => {
    const stored = await transaction.sharedState.put(
      namespace,
      key,
      value,
      ifVersion === undefined ? {} : { ifVersion },
    );
    if (stored.outcome === 'conflict')
      throw new PointsmanError('VERSION_CONFLICT', {
        detail: stored.current ? `It has version ${stored.current.version} now.` : 'It does not exist.',
      });
    transaction.publish({ topic: `state:${namespace}`, event: 'state.changed', data: { key, ...stored.entry } });
    context.log.debug({ agentId: agent.id, namespace, key }, 'an agent stored a value');
    return shown(stored.entry);
  });
}

function shown(entry: StateEntry): McpToolResult {
  const data = { ...entry };
  return { outcome: 'done', text: JSON.stringify(data), data };
}
