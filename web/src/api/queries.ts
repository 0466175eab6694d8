/** What is read over REST and cached; what changes by itself comes over the live store instead. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Task } from '../../../src/contract/tasks.ts';
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

/** Looked up anew whenever somebody asks. */
export const adoptableQuery = queryOptions({
  queryKey: ['adoptable'],
  queryFn: ({ signal }) => request('GET /api/adoptable', { signal }),
  staleTime: 0,
  gcTime: 0,
});

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

/** `newest` only tells when to read again. */
export const workflowVersionsQuery = (id: string, newest: number) =>
  queryOptions({
    queryKey: ['workflow', id, 'versions', newest],
    queryFn: ({ signal }) => request('GET /api/workflows/{id}/versions', { params: { id }, signal }),
  });

export const executionGraphQuery = (id: string) =>
  queryOptions({
    queryKey: ['execution', id, 'graph'],
    queryFn: ({ signal }) => request('GET /api/executions/{id}/graph', { params: { id }, signal }),
    staleTime: Infinity,
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
