/** Where items of the inbox come from, by name. */
import type { InboxItem } from '../../../src/contract/inbox.ts';
import { useAgents, useExecutions } from '../live/use-topic.ts';

export function useOrigins(): {
  agentOf: (item: InboxItem) => string | undefined;
  /** The agent, or else the execution. */
  from: (item: InboxItem) => string;
} {
  const agents = useAgents().data ?? [];
  const executions = useExecutions().data ?? [];
  const agentOf = (item: InboxItem): string | undefined => agents.find(({ id }) => id === item.agentId)?.name;
  return {
    agentOf,
    from: (item) =>
      agentOf(item) ??
      executions.find(({ id }) => id === item.executionId)?.name ??
      (item.executionId ? 'workflow' : ''),
  };
}
