import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useRef, useState } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import { meQuery } from '../api/queries.ts';
import { useAgents, useExecutions, useInbox } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { useKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { byteWords, percentWords, plural } from '../ui/time-words.ts';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { AgentCards } from './agent-cards.tsx';
import { byAttention, needsPerson } from './attention.ts';
import { NeedsMe } from './needs-me.tsx';
import { RunningExecutions } from './running-executions.tsx';
import styles from './overview-page.module.css';

const AdoptDialog = lazy(() => import('./adopt-dialog.tsx').then((module) => ({ default: module.AdoptDialog })));
const AgentsGrid = lazy(() => import('./agents-grid.tsx').then((module) => ({ default: module.AgentsGrid })));

/** What an operator sees first: who needs me, then everybody. */
export function OverviewPage() {
  const navigate = useNavigate();
  const phone = useMedia(PHONE);
  const { data: agents, error } = useAgents();
  const inbox = useInbox().data;
  const executions = useExecutions().data;
  const administers = useQuery(meQuery).data?.permissions.includes('administer') ?? false;
  const [adopting, setAdopting] = useState(false);
  const [filter, setFilter] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const shown = useMemo(
    () => (agents ?? []).filter((agent) => matches(agent, filter)).toSorted(byAttention),
    [agents, filter],
  );
  useKeys({ '/': () => field.current?.focus() });
  const open = (id: string) => void navigate({ to: '/agents/$id', params: { id } });
  const active = executions?.filter((execution) =>
    ['running', 'waiting', 'queued', 'paused'].includes(execution.status),
  );

  return (
    <Page
      title="Overview"
      actions={administers && <Button onClick={() => setAdopting(true)}>Adopt a session</Button>}
      meta={agents && <Counters agents={agents} waiting={inbox?.open.length ?? 0} active={active?.length ?? 0} />}
    >
      {error && <ErrorNote error={new Error(error)} />}
      <NeedsMe items={inbox?.open} agents={agents} />
      <Panel
        title="Agents"
        count={agents?.length}
        flush
        className={styles['agents']}
        actions={
          <input
            ref={field}
            className={styles['filter']}
            type="search"
            placeholder={phone ? 'Filter' : 'Filter  ( / )'}
            aria-label="Filter agents by name, role, kind or status"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && shown[0]) open(shown[0].id);
              if (event.key === 'Escape') {
                setFilter('');
                event.currentTarget.blur();
              }
            }}
          />
        }
      >
        {agents === undefined ? (
          <Loading rows={7} label="Loading agents" />
        ) : agents.length === 0 ? (
          <Empty icon="agent" title="No agents yet">
            Create one with <code>npx pointsman agents add</code>, take in a session that you run already with{' '}
            <code>npx pointsman adopt</code>, or start with an empty data directory to get the starter team of seven.
          </Empty>
        ) : shown.length === 0 ? (
          <Empty icon="search" title={`No agent matches “${filter}”`} />
        ) : phone ? (
          <AgentCards agents={shown} />
        ) : (
          <Suspense fallback={<Loading rows={Math.min(agents.length, 12)} label="Loading the table" />}>
            <AgentsGrid agents={shown} onOpen={open} />
          </Suspense>
        )}
      </Panel>
      <RunningExecutions executions={executions} active={active} />
      {adopting && (
        <Suspense fallback={null}>
          <AdoptDialog onClose={() => setAdopting(false)} />
        </Suspense>
      )}
    </Page>
  );
}

function Counters({ agents, waiting, active }: { agents: readonly Agent[]; waiting: number; active: number }) {
  const working = agents.filter((agent) => agent.status === 'working' || agent.status === 'starting').length;
  const stuck = agents.filter(needsPerson).length;
  const cpu = agents.reduce((sum, agent) => sum + agent.cpu, 0);
  const memory = agents.reduce((sum, agent) => sum + agent.memory, 0);
  const cost = agents.reduce((sum, agent) => sum + agent.cost, 0);
  return (
    <>
      <span>
        <b>{waiting}</b> waiting for you
      </span>
      <span>
        <b>{working}</b> of {plural(agents.length, 'agent')} working{stuck > 0 && `, ${stuck} stuck`}
      </span>
      <span>
        <b>{active}</b> active {active === 1 ? 'execution' : 'executions'}
      </span>
      <span className={styles['steady']}>
        <b>{percentWords(cpu)}</b> of a core, <b>{byteWords(memory)}</b>
      </span>
      {cost > 0 && (
        <span>
          <b>${cost.toFixed(2)}</b> so far
        </span>
      )}
    </>
  );
}

function matches(agent: Agent, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const text =
    `${agent.name} ${agent.role} ${agent.kind} ${agent.status} ${agent.statusReason} ${agent.host}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
