import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import Button from '@mui/material/Button';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type MouseEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Execution, ExecutionStatus } from '../../../src/contract/executions.ts';
import { meQuery } from '../api/queries.ts';
import { requestPage } from '../api/request.ts';
import { without } from '../live/reducers.ts';
import { useDeletedExecutions, useExecutions, useWorkflows } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import type { ExecutionsSearch } from '../shell/router.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { useKeys } from '../ui/keys.ts';
import { useNow } from '../ui/now.ts';
import { Panel } from '../ui/panel.tsx';
import { EXECUTION_LOOK } from '../ui/tone.ts';
import { BulkActions } from './bulk-actions.tsx';
import { ExecutionRow } from './execution-row.tsx';
import { apiQuery, mergeLive, readFilter } from './executions-filter.ts';
import { ExecutionsFilters } from './executions-filters.tsx';
import { t } from '../words/words.ts';
import styles from './executions-page.module.css';

const STATUSES = Object.keys(EXECUTION_LOOK) as ExecutionStatus[];
type ExecutionPages = InfiniteData<{ body: Execution[]; next: string | null }>;
const NONE: ReadonlySet<string> = new Set();

/** Every execution, newest first; live ones change as you look. */
export function ExecutionsPage() {
  const search = useSearch({ from: '/app/executions' });
  const navigate = useNavigate();
  const live = useExecutions().data;
  const workflows = useWorkflows().data ?? [];
  const me = useQuery(meQuery).data;
  const filter = useMemo(() => readFilter(search, STATUSES), [search]);
  const now = useNow(filter.since !== undefined);
  const pages = useInfiniteQuery({
    queryKey: ['executions', search],
    queryFn: ({ pageParam, signal }) =>
      requestPage('GET /api/executions', {
        query: { limit: 50, cursor: pageParam ?? undefined, ...apiQuery(filter, Date.now()) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  const client = useQueryClient();
  useDeletedExecutions(
    useCallback(
      (ids) =>
        client.setQueriesData<ExecutionPages>(
          { queryKey: ['executions'] },
          (known) => known && withoutRows(known, ids),
        ),
      [client],
    ),
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const list = useMemo(
    () =>
      mergeLive(pages.data?.pages.flatMap((page) => page.body) ?? [], live ?? [], filter, { now, more: hasNextPage }),
    [pages.data, live, filter, now, hasNextPage],
  );
  // By id: new ones push the others down, and what was chosen stays chosen.
  const [at, setAt] = useState<string | null>(null);
  const [chosen, setChosen] = useState(NONE);
  const field = useRef<HTMLInputElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const index = list.findIndex(({ id }) => id === at);
  const change = (next: ExecutionsSearch): void =>
    void navigate({
      to: '/executions',
      search: Object.fromEntries(Object.entries({ ...search, ...next }).filter(([, value]) => value)),
      replace: true,
    });
  const move = (by: number): void => {
    const to = list[index === -1 ? 0 : Math.max(0, Math.min(list.length - 1, index + by))];
    if (!to) return;
    setAt(to.id);
    const row = rows.current?.querySelector(`[data-id="${to.id}"]`);
    row?.querySelector('a')?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
    if (index + by >= list.length - 5 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };
  /** With Shift all between the last one and this one. */
  const toggle = (id: string, through = false): void => {
    const on = !chosen.has(id);
    const [from, to] = [index, list.findIndex((one) => one.id === id)].toSorted((a, b) => a - b);
    const ids = through && index !== -1 ? list.slice(from, (to ?? 0) + 1).map((one) => one.id) : [id];
    setChosen(new Set(on ? [...chosen, ...ids] : [...chosen].filter((one) => !ids.includes(one))));
    setAt(id);
  };
  useKeys('Executions', {
    j: [t('Next'), () => move(1)],
    ArrowDown: [t('Next'), () => move(1)],
    k: [t('Previous'), () => move(-1)],
    ArrowUp: [t('Previous'), () => move(-1)],
    Enter: [t('Open'), at === null ? null : () => void navigate({ to: '/executions/$id', params: { id: at } })],
    x: [t('Choose'), at === null ? null : () => toggle(at)],
    'mod+a': [t('Choose all that are listed'), () => setChosen(new Set(list.map(({ id }) => id)))],
    Escape: [t('Choose none'), chosen.size > 0 ? () => setChosen(NONE) : null],
    '/': [t('Filter'), () => field.current?.focus()],
  });
  const onSight = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const filtered = Object.keys(search).length > 0;
  return (
    <Page title={t('Executions')}>
      <ExecutionsFilters filter={filter} statuses={STATUSES} workflows={workflows} field={field} onChange={change} />
      {pages.error && <ErrorNote error={pages.error} onRetry={() => void pages.refetch()} />}
      <Panel flush>
        <BulkActions
          chosen={list.filter(({ id }) => chosen.has(id))}
          mayOperate={me?.permissions.includes('operate') ?? false}
          onClear={() => setChosen(NONE)}
        />
        {pages.isPending || (list.length === 0 && hasNextPage) ? (
          <Loading rows={8} label={t('Loading executions')} />
        ) : list.length === 0 ? (
          <Empty
            icon="execution"
            title={filtered ? t('No execution fits these filters') : t('Nothing has been executed yet')}
            action={
              filtered ? (
                <Button onClick={() => change({ status: '', workflow: '', search: '', since: '' })}>
                  {t('Show all')}
                </Button>
              ) : (
                <Link to="/workflows">{t('Choose a workflow')}</Link>
              )
            }
          />
        ) : (
          <div ref={rows}>
            {list.map((execution) => (
              <div
                key={execution.id}
                className={styles['line']}
                data-id={execution.id}
                data-chosen={chosen.has(execution.id)}
              >
                <label className={styles['check']}>
                  <input
                    type="checkbox"
                    aria-label={t('Choose {name} {slice}', { name: execution.name, slice: execution.id.slice(-6) })}
                    checked={chosen.has(execution.id)}
                    onClick={(event: MouseEvent) => toggle(execution.id, event.shiftKey)}
                    onChange={() => undefined}
                  />
                </label>
                <ExecutionRow execution={execution} selected={execution.id === at} />
              </div>
            ))}
          </div>
        )}
      </Panel>
      {hasNextPage && (
        <>
          <Sentinel key={list.length} onSight={onSight} />
          <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()} sx={{ alignSelf: 'center' }}>
            {isFetchingNextPage ? t('Loading…') : t('Older')}
          </Button>
        </>
      )}
    </Page>
  );
}

/** Pages stay where they are: the cursor of the next one is not moved by what is gone. */
function withoutRows(known: ExecutionPages, ids: readonly string[]): ExecutionPages {
  return { ...known, pages: known.pages.map((page) => ({ ...page, body: [...without(page.body, ids)] })) };
}

/** Tells when the end of the list comes near. */
function Sentinel({ onSight }: { onSight: () => void }) {
  const element = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!element.current) return;
    const watching = new IntersectionObserver(([entry]) => entry?.isIntersecting && onSight(), { rootMargin: '600px' });
    watching.observe(element.current);
    return () => watching.disconnect();
  }, [onSight]);
  return <span ref={element} />;
}
