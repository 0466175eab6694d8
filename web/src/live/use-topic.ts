/** Topics as React values. */
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { Reducer } from './frames.ts';
import { liveLink, liveStore } from './live.ts';
import type { LinkState } from './live-link.ts';
import { EMPTY_VIEW, type TopicView } from './live-store.ts';
import {
  agentReducer,
  agentsReducer,
  executionReducer,
  executionsReducer,
  inboxReducer,
  systemReducer,
  workflowsReducer,
} from './reducers.ts';

export const useAgents = () => useTopic('agents', agentsReducer);
export const useAgent = (id: string) => useTopic(`agent:${id}`, agentReducer);
export const useWorkflows = () => useTopic('workflows', workflowsReducer);
export const useExecutions = () => useTopic('executions', executionsReducer);
export const useExecution = (id: string) => useTopic(`execution:${id}`, executionReducer);
export const useInbox = () => useTopic('inbox', inboxReducer);
export const useSystem = () => useTopic('system', systemReducer);

export function useLinkState(): LinkState {
  return useSyncExternalStore(liveLink.subscribe, () => liveLink.state);
}

/** Calls with the ids of executions that were deleted while somebody looks. */
export function useDeletedExecutions(deleted: (ids: readonly string[]) => void): void {
  useEffect(
    () =>
      liveStore.listen('executions', executionsReducer, (event) => {
        if (event.type === 'event' && event.event === 'executions.deleted')
          deleted((event.data as { ids: string[] }).ids);
      }),
    [deleted],
  );
}

function useTopic<T>(topic: string, reducer: Reducer<T>): TopicView<T> {
  const subscribe = useCallback((changed: () => void) => liveStore.read(topic, reducer, changed), [topic, reducer]);
  return useSyncExternalStore(
    subscribe,
    () => liveStore.view<T>(topic),
    () => EMPTY_VIEW,
  );
}
