import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { agentLoadsQuery, meQuery } from '../api/queries.ts';
import { agentsReducer } from '../live/reducers.ts';
import { liveStore } from '../live/live.ts';
import { useAgents } from '../live/use-topic.ts';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { useKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { AgentCards } from './agent-cards.tsx';
import type { BulkName } from './bulk.ts';
import { CpuHistory, type CpuSample } from './cpu-history.ts';
import { overviewRows } from './overview-rows.ts';
import { type OverviewView, searchOf, shownColumns, viewOf } from './overview-view.ts';
import { OverviewToolbar } from './overview-toolbar.tsx';
import { QuickFilters } from './quick-filters.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './overview-toolbar.module.css';

const AgentsGrid = lazy(() => import('./agents-grid.tsx').then((module) => ({ default: module.AgentsGrid })));
const BulkBar = lazy(() => import('./bulk-bar.tsx').then((module) => ({ default: module.BulkBar })));
const BulkDialog = lazy(() => import('./bulk-dialog.tsx').then((module) => ({ default: module.BulkDialog })));

/** Kept while the app is open, so that a look at another page does not empty the lines until they are read anew. */
const history = new CpuHistory();
const NONE: ReadonlySet<string> = new Set();

/** Every agent, as the address says: filtered, grouped, sorted, and chosen to do something with. */
export function AgentsPanel({ administers }: { administers: boolean }) {
  const navigate = useNavigate();
  const phone = useMedia(PHONE);
  const search = useSearch({ from: '/app/' });
  const view = useMemo(() => viewOf(search), [search]);
  const operates = useQuery(meQuery).data?.permissions.includes('operate') ?? false;
  const { data: agents, error } = useAgents();
  const [closed, setClosed] = useState<ReadonlySet<string>>(NONE);
  const [selected, setSelected] = useState<ReadonlySet<string>>(NONE);
  const [acting, setActing] = useState<BulkName | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const rows = useMemo(() => overviewRows(agents ?? [], view, closed), [agents, view, closed]);
  const severalHosts = agents?.some(({ host }) => host !== agents[0]?.host) ?? false;
  const columns = useMemo(() => shownColumns(view, severalHosts), [view, severalHosts]);
  const chosen = useMemo(() => (agents ?? []).filter(({ id }) => selected.has(id)), [agents, selected]);
  useKeys('Overview', { '/': [t('Filter'), () => field.current?.focus()] });
  useEffect(
    () =>
      liveStore.listen('agents', agentsReducer, (event) => {
        if (event.type === 'event' && event.event === 'agents.measured')
          history.add(event.data as CpuSample[], performance.now());
      }),
    [],
  );
  const loads = useQuery(agentLoadsQuery).data;
  // Before the table hears of them in an effect of its own.
  useLayoutEffect(() => {
    if (loads) history.begin(loads, performance.now());
  }, [loads]);
  const change = (to: Partial<OverviewView>): void =>
    void navigate({ to: '/', search: searchOf({ ...view, ...to }), replace: true, resetScroll: false });
  const open = (id: string): void => void navigate({ to: '/agents/$id', params: { id } });
  const fold = (id: string): void =>
    setClosed((now) => new Set(now.has(id) ? [...now].filter((each) => each !== id) : [...now, id]));
  const add = administers && (
    <Button
      variant="contained"
      color="primary"
      startIcon={<Icon name="plus" />}
      onClick={() => void navigate({ to: '/agents/new' })}
    >
      {t('Add an agent')}
    </Button>
  );
  return (
    <>
      {error && <ErrorNote error={new Error(error)} />}
      <div className={styles['bar']}>
        <QuickFilters agents={agents} value={view.quick} onChange={(quick) => change({ quick })} />
        <OverviewToolbar
          view={view}
          columns={columns}
          field={field}
          onChange={change}
          onFirst={() => {
            const first = rows.find(({ kind }) => kind === 'agent');
            if (first) open(first.id);
          }}
        />
      </div>
      <Panel flush className={styles['agents']}>
        {agents === undefined ? (
          <Loading rows={7} label={t('Loading agents')} />
        ) : agents.length === 0 ? (
          <Empty icon="agent" title={t('No agents yet')} action={add}>
            {rich(
              'An agent is a coding CLI, or a shell, that works in a directory and takes tasks. Take in a session that you run already with {code}, or add one here.',
              { code: <code>npx pointsman adopt</code> },
            )}
          </Empty>
        ) : rows.length === 0 ? (
          <Empty
            icon="search"
            title={
              view.filter ? t('No agent matches “{filter}”', { filter: view.filter }) : t('No agent is like that now')
            }
            action={<Button onClick={() => change({ filter: '', quick: 'all' })}>{t('Show all')}</Button>}
          />
        ) : phone ? (
          <AgentCards rows={rows} selected={selected} onSelect={operates ? setSelected : null} onFold={fold} />
        ) : (
          <Suspense fallback={<Loading rows={Math.min(agents.length, 12)} label={t('Loading the table')} />}>
            <AgentsGrid
              rows={rows}
              columns={columns}
              sort={view.sort}
              history={history}
              loads={loads}
              selected={selected}
              selects={operates}
              onSelect={setSelected}
              onSort={(sort) => change({ sort })}
              onOpen={open}
              onFold={fold}
            />
          </Suspense>
        )}
      </Panel>
      <Suspense fallback={null}>
        {chosen.length > 0 && operates && (
          <BulkBar agents={chosen} onAct={setActing} onClear={() => setSelected(NONE)} />
        )}
        {acting && <BulkDialog name={acting} agents={chosen} onClose={() => setActing(null)} />}
      </Suspense>
    </>
  );
}
