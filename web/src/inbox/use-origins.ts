/** Where items of the inbox come from, by name. */
import type { InboxItem } from '../../../src/contract/inbox.ts';
import { useAgents, useExecutions } from '../live/use-topic.ts';
import { t } from '../words/words.ts';

export function useOrigins(): {
  agentOf: (item: InboxItem) => string | undefined;
  /** The agent, or else the workflow. */
  from: (item: InboxItem) => string;
} {
  const agents = useAgents().data ?? [];
  const executions = useExecutions().data ?? [];
  const agentOf = (item: InboxItem): string | undefined => agents.find(({ id }) => id === item.agentId)?.name;
  const workflowOf = ({ payload, executionId }: InboxItem): string | undefined => {
    if (!executionId) return undefined;
    if (typeof payload['workflow'] === 'string') return payload['workflow'];
    // Of those before it was told with the item.
    return executions.find(({ id }) => id === executionId)?.name ?? t('workflow execution');
  };
  return {
    agentOf,
    from: (item) => agentOf(item) ?? workflowOf(item) ?? (item.agentId ? t('an agent') : ''),
  };
}
