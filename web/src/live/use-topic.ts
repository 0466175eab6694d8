/** Topics as React values. */
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { isId } from '../../../src/contract/written-ids.ts';
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

const NOTHING: TopicView<null> = Object.freeze({ data: null, error: null });

export const useAgents = () => useTopic('agents', agentsReducer);
export const useAgent = (id: string) => useThing('agent', id, agentReducer);
export const useWorkflows = () => useTopic('workflows', workflowsReducer);
export const useExecutions = () => useTopic('executions', executionsReducer);
export const useExecution = (id: string) => useThing('execution', id, executionReducer);
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

/** An address that somebody has cut off shows that there is nothing, at once: there is no topic of it. */
function useThing<T>(kind: 'agent' | 'execution', written: string, reducer: Reducer<T | null>): TopicView<T | null> {
  const id = written.toLowerCase();
  const view = useTopic(isId(id) ? `${kind}:${id}` : null, reducer);
  return isId(id) ? view : NOTHING;
}

/** Null: nothing is asked for. */
function useTopic<T>(topic: string | null, reducer: Reducer<T>): TopicView<T> {
  const subscribe = useCallback(
    (changed: () => void) => (topic === null ? () => undefined : liveStore.read(topic, reducer, changed)),
    [topic, reducer],
  );
  return useSyncExternalStore(
    subscribe,
    () => (topic === null ? EMPTY_VIEW : liveStore.view<T>(topic)),
    () => EMPTY_VIEW,
  );
}
