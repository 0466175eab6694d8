/** What is read over REST and cached; what changes by itself comes over the live store instead. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { InboxItem, InboxItemType } from '../../../src/contract/inbox.ts';
import type { Task } from '../../../src/contract/tasks.ts';
import type { UsageBy } from '../../../src/contract/usage.ts';
import { request, requestPage } from './request.ts';

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => request('GET /api/me', { signal }),
  staleTime: 60_000,
});

export const doctorQuery = queryOptions({
  queryKey: ['doctor'],
  queryFn: ({ signal }) => request('GET /api/doctor', { signal }),
  staleTime: 30_000,
});

/** `open` only tells when to read again. */
export const closedIncidentsQuery = (open: string) =>
  queryOptions({
    queryKey: ['incidents', 'closed', open],
    queryFn: ({ signal }) => request('GET /api/incidents', { query: { open: 'false', limit: 20 }, signal }),
    placeholderData: keepPreviousData,
  });

/** The browsers in which this person is notified. */
export const pushSubscriptionsQuery = queryOptions({
  queryKey: ['push', 'subscriptions'],
  queryFn: ({ signal }) => request('GET /api/push/subscriptions', { signal }),
  staleTime: 60_000,
});

/** Looked up anew whenever somebody asks. */
export const adoptableQuery = queryOptions({
  queryKey: ['adoptable'],
  queryFn: ({ signal }) => request('GET /api/adoptable', { signal }),
  staleTime: 0,
  gcTime: 0,
});

/** The folder is read anew at each look, so that what an editor saved appears by itself. */
const FILES_AGAIN_MS = 10_000;

export const definitionsQuery = queryOptions({
  queryKey: ['definitions'],
  queryFn: ({ signal }) => request('GET /api/definitions', { query: { limit: 200 }, signal }),
  refetchInterval: FILES_AGAIN_MS,
});

export const definitionQuery = (name: string) =>
  queryOptions({
    queryKey: ['definitions', name],
    queryFn: ({ signal }) => request('GET /api/definitions/{name}', { params: { name }, signal }),
    refetchInterval: FILES_AGAIN_MS,
  });

/** What is used grows while you look. */
const USAGE_AGAIN_MS = 15_000;

/** Without days: the last seven, by the server's clock. */
export const usageQuery = (query: { from?: string | undefined; to?: string | undefined; by: UsageBy }) =>
  queryOptions({
    queryKey: ['usage', query.from ?? '', query.to ?? '', query.by],
    queryFn: ({ signal }) => request('GET /api/usage', { query, signal }),
    refetchInterval: USAGE_AGAIN_MS,
    placeholderData: keepPreviousData,
  });

/** What was answered, the newest first, page by page. */
export const answeredQuery = (filter: AnsweredFilter) =>
  infiniteQueryOptions({
    queryKey: ['inbox', 'answered', filter],
    queryFn: ({ pageParam, signal }) =>
      requestPage('GET /api/inbox', {
        query: { ...filter, order: 'newest', limit: 50, cursor: pageParam ?? undefined },
        signal,
      }),
    initialPageParam: null as string | null, // of the pages after the first
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });

export interface AnsweredFilter {
  state: 'resolved' | 'expired' | 'withdrawn';
  type?: InboxItemType | undefined;
  agent?: string | undefined;
  by?: string | undefined;
}

export const workflowQuery = (id: string) =>
  queryOptions({
    queryKey: ['workflow', id],
    queryFn: ({ signal }) => request('GET /api/workflows/{id}', { params: { id }, signal }),
  });

export const workflowGraphQuery = (id: string, version?: number) =>
  queryOptions({
    queryKey: ['workflow', id, 'graph', version ?? 'newest'],
    queryFn: ({ signal }) => request('GET /api/workflows/{id}/graph', { params: { id }, query: { version }, signal }),
    retry: false,
  });

/** The shape of a workflow document; it changes only with the server. */
export const workflowSchemaQuery = queryOptions({
  queryKey: ['workflow-schema'],
  queryFn: ({ signal }) => request('GET /api/workflow.schema.json', { signal }),
  staleTime: Infinity,
});

/** The configuration in force, for administrators. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => request('GET /api/settings', { signal }),
});

/** What `langgraph` nodes can run: set by the configuration, so it changes with a restart. */
export const graphsQuery = queryOptions({
  queryKey: ['graphs'],
  queryFn: ({ signal }) => request('GET /api/graphs', { signal }),
  staleTime: 30_000,
});

/** The newest execution of a workflow, with what its steps gave. */
export const lastExecutionQuery = (workflowId: string) =>
  queryOptions({
    queryKey: ['workflow', workflowId, 'last-execution'],
    queryFn: async ({ signal }) => {
      const [last] = await request('GET /api/executions', { query: { workflow: workflowId, limit: 1 }, signal });
      return last ? request('GET /api/executions/{id}', { params: { id: last.id }, signal }) : null;
    },
  });

/** They fire without being looked at, so they are read again. */
export const workflowTriggersQuery = (id: string, liveVersion: number | null) =>
  queryOptions({
    queryKey: ['workflow', id, 'triggers', liveVersion],
    queryFn: ({ signal }) => request('GET /api/triggers', { query: { workflow: id, limit: 200 }, signal }),
    refetchInterval: FILES_AGAIN_MS,
  });

export const workflowTrustQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: ['workflow', id, 'trust', version],
    queryFn: ({ signal }) => request('GET /api/workflows/{id}/trust', { params: { id }, query: { version }, signal }),
  });

/** `newest` only tells when to read again. */
export const workflowVersionsQuery = (id: string, newest: number) =>
  queryOptions({
    queryKey: ['workflow', id, 'versions', newest],
    queryFn: ({ signal }) => request('GET /api/workflows/{id}/versions', { params: { id }, signal }),
  });

/** Versions never change, so neither does what lies between two of them. */
export const workflowDifferenceQuery = (id: string, from: number, to: number) =>
  queryOptions({
    queryKey: ['workflow', id, 'difference', from, to],
    queryFn: ({ signal }) => request('GET /api/workflows/{id}/diff', { params: { id }, query: { from, to }, signal }),
    staleTime: Infinity,
  });

export const executionGraphQuery = (id: string) =>
  queryOptions({
    queryKey: ['execution', id, 'graph'],
    queryFn: ({ signal }) => request('GET /api/executions/{id}/graph', { params: { id }, signal }),
    staleTime: Infinity,
  });

const EXECUTION_AGAIN_MS = 5_000;

/** As it is now, with its steps; read again while it gets on. Where one is looked at, it is live instead. */
export const executionQuery = (id: string) =>
  queryOptions({
    queryKey: ['execution', id, 'whole'],
    queryFn: ({ signal }) => request('GET /api/executions/{id}', { params: { id }, signal }),
    refetchInterval: ({ state }) => (state.data?.finishedAt ? false : EXECUTION_AGAIN_MS),
  });

/** `seen` only tells when to compare again. */
export const executionDifferenceQuery = (id: string, other: string, seen: string) =>
  queryOptions({
    queryKey: ['execution', id, 'difference', other, seen],
    queryFn: ({ signal }) =>
      request('GET /api/executions/{id}/diff', { params: { id }, query: { with: other }, signal }),
    placeholderData: keepPreviousData,
  });

/** All that a person was asked in it, answered or not; `seen` only tells when to read again. */
export const executionItemsQuery = (id: string, seen: string) =>
  queryOptions({
    queryKey: ['execution', id, 'items', seen],
    queryFn: async ({ signal }) => {
      const items: InboxItem[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const query = { execution: id, limit: 200, cursor };
        const page: { body: InboxItem[]; next: string | null } = await requestPage('GET /api/inbox', { query, signal });
        items.push(...page.body);
        cursor = page.next;
      }
      return items;
    },
    placeholderData: keepPreviousData,
  });

/** Read anew whenever somebody begins to look: from then on the samples come live. */
export const agentLoadsQuery = queryOptions({
  queryKey: ['agents', 'load'],
  queryFn: ({ signal }) => request('GET /api/agents/load', { signal }),
  staleTime: Infinity,
  gcTime: 0,
});

export const explainQuery = (id: string) =>
  queryOptions({
    queryKey: ['agent', id, 'explain'],
    queryFn: ({ signal }) => request('GET /api/agents/{id}/explain', { params: { id }, signal }),
  });

/** The newest page first, each of them from old to new. */
export const transcriptQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['agent', id, 'transcript'],
    queryFn: ({ pageParam, signal }) =>
      requestPage('GET /api/agents/{id}/transcript', {
        params: { id },
        query: { limit: 100, cursor: pageParam ?? undefined },
        signal,
      }),
    initialPageParam: null as string | null, // of the pages after the first
    getNextPageParam: (page) => page.next,
  });

/** `seen` only tells when to read again. */
export const taskQuery = (id: string, seen: string) =>
  queryOptions({
    queryKey: ['task', id, seen],
    queryFn: ({ signal }) => request('GET /api/tasks/{id}', { params: { id }, signal }),
  });

/** Read again when the task gets on or its changes were merged: those are part of the key. */
export const taskDiffQuery = ({ id, status, workspace }: Pick<Task, 'id' | 'status' | 'workspace'>) =>
  queryOptions({
    queryKey: ['task', id, 'diff', status, workspace?.state ?? null],
    queryFn: ({ signal }) => request('GET /api/tasks/{id}/diff', { params: { id }, signal }),
  });
