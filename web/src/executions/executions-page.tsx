import { useInfiniteQuery } from '@tanstack/react-query';
import Button from '@mui/material/Button';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Execution, ExecutionStatus } from '../../../src/contract/executions.ts';
import { requestPage } from '../api/request.ts';
import { useExecutions, useWorkflows } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { useKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { EXECUTION_LOOK } from '../ui/tone.ts';
import { ExecutionRow } from './execution-row.tsx';
import styles from './executions-page.module.css';

const STATUSES = Object.keys(EXECUTION_LOOK) as ExecutionStatus[];

/** Every execution, newest first; live ones change as you look. */
export function ExecutionsPage() {
  const search = useSearch({ from: '/app/executions' });
  const navigate = useNavigate();
  const live = useExecutions().data;
  const workflows = useWorkflows().data ?? [];
  const [at, setAt] = useState(-1);
  const status = STATUSES.find((each) => each === search.status);
  const pages = useInfiniteQuery({
    queryKey: ['executions', status ?? '', search.workflow ?? ''],
    queryFn: ({ pageParam, signal }) =>
      requestPage('GET /api/executions', {
        query: { limit: 50, cursor: pageParam ?? undefined, status, workflow: search.workflow },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  const list = useMemo(
    () =>
      merged(pages.data?.pages.flatMap((page) => page.body) ?? [], live ?? [], { status, workflow: search.workflow }),
    [pages.data, live, status, search.workflow],
  );
  const filter = (next: { status?: string; workflow?: string }): void => {
    setAt(-1);
    void navigate({
      to: '/executions',
      search: Object.fromEntries(Object.entries({ ...search, ...next }).filter(([, value]) => value)),
      replace: true,
    });
  };
  useKeys({
    j: () => setAt(Math.min(list.length - 1, at + 1)),
    k: () => setAt(Math.max(0, at - 1)),
    ArrowDown: () => setAt(Math.min(list.length - 1, at + 1)),
    ArrowUp: () => setAt(Math.max(0, at - 1)),
    Enter: () => {
      const chosen = list[at];
      if (chosen) void navigate({ to: '/executions/$id', params: { id: chosen.id } });
    },
  });
  const filtered = status !== undefined || search.workflow !== undefined;
  return (
    <Page title="Executions">
      <div className={styles['filters']}>
        <div role="group" aria-label="Status" className={styles['statuses']}>
          <button type="button" aria-pressed={!status} onClick={() => filter({ status: '' })}>
            All
          </button>
          {STATUSES.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={status === each}
              onClick={() => filter({ status: status === each ? '' : each })}
            >
              {EXECUTION_LOOK[each].word}
            </button>
          ))}
        </div>
        <select
          aria-label="Workflow"
          value={search.workflow ?? ''}
          onChange={(event) => filter({ workflow: event.target.value })}
        >
          <option value="">All workflows</option>
          {workflows.map((workflow) => (
            <option key={workflow.id} value={workflow.id}>
              {workflow.name}
            </option>
          ))}
        </select>
      </div>
      {pages.error && <ErrorNote error={pages.error} onRetry={() => void pages.refetch()} />}
      <Panel flush>
        {pages.isPending ? (
          <Loading rows={8} label="Loading executions" />
        ) : list.length === 0 ? (
          <Empty
            icon="execution"
            title={filtered ? 'No execution fits these filters' : 'Nothing has been executed yet'}
            action={
              filtered ? (
                <Button onClick={() => filter({ status: '', workflow: '' })}>Show all</Button>
              ) : (
                <Link to="/workflows">Choose a workflow</Link>
              )
            }
          />
        ) : (
          list.map((execution, index) => (
            <ExecutionRow key={execution.id} execution={execution} selected={index === at} />
          ))
        )}
      </Panel>
      {pages.hasNextPage && (
        <Button
          disabled={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
          sx={{ justifySelf: 'center', alignSelf: 'center' }}
        >
          {pages.isFetchingNextPage ? 'Loading…' : 'Older'}
        </Button>
      )}
    </Page>
  );
}

/** Pages as they were read, with what is newer from the live topic. */
function merged(
  read: readonly Execution[],
  live: readonly Execution[],
  filter: { status: string | undefined; workflow: string | undefined },
): Execution[] {
  const byId = new Map(read.map((execution) => [execution.id, execution]));
  for (const execution of live) {
    const fits =
      (!filter.status || execution.status === filter.status) &&
      (!filter.workflow || execution.workflowId === filter.workflow);
    if (fits) byId.set(execution.id, execution);
    else byId.delete(execution.id);
  }
  return [...byId.values()].toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
}
