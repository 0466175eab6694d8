import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type KeyboardEvent, lazy, Suspense, useRef } from 'react';
import { byName } from '../agents/attention.ts';
import { meQuery } from '../api/queries.ts';
import { useAgents } from '../live/use-topic.ts';
import { ALL_QUICK, QUICK } from '../overview/overview-view.ts';
import { QuickFilters } from '../overview/quick-filters.tsx';
import { Page } from '../shell/page.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { useKeys, useNamedKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { Tile } from './tile.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './wall.module.css';

const TerminalView = lazy(() =>
  import('../terminal/terminal-view.tsx').then((module) => ({ default: module.TerminalView })),
);

/** Every terminal at a glance, by name so that none moves; one of them large and live. */
export function WallPage() {
  const { agent: chosenId, show } = useSearch({ from: '/app/wall' });
  const navigate = useNavigate();
  const operates = useQuery(meQuery).data?.permissions.includes('operate') ?? false;
  const { data, error } = useAgents();
  const tiles = useRef<HTMLDivElement>(null);
  const quick = ALL_QUICK.find((each) => each === show) ?? 'all';
  const withTerminal = data?.filter((agent) => agent.mode === 'tmux' || agent.adopted?.terminal);
  const agents = withTerminal?.filter(QUICK[quick].fits).toSorted(byName);
  const chosen = data?.find(({ id }) => id === chosenId);
  const go = (search: { agent?: string | undefined; show?: string | undefined }): void =>
    void navigate({
      to: '/wall',
      search: Object.fromEntries(Object.entries({ agent: chosenId, show, ...search }).filter(([, value]) => value)),
      replace: true,
      resetScroll: false,
    });
  const focusFirst = (): void => tiles.current?.querySelector('button')?.focus();
  useKeys('Wall', {
    j: [t('To the terminals'), focusFirst],
    ArrowDown: [t('To the terminals'), focusFirst],
    ArrowRight: [t('To the terminals'), focusFirst],
    Escape: [t('Make the large one small again'), chosen ? () => go({ agent: undefined }) : null],
  });
  useNamedKeys('Wall', { Enter: t('Make it large') });
  return (
    <Page
      title={t('Wall')}
      titleText={t('Wall of terminals')}
      back={{ to: '/', label: t('Overview') }}
      actions={
        chosen && (
          <>
            <Button onClick={() => go({ agent: undefined })} title={t('Back to the wall (Esc)')}>
              {rich('Close {name}', { name: chosen.name })}
            </Button>
            <Button
              onClick={() => void navigate({ to: '/agents/$id', params: { id: chosen.id } })}
              startIcon={<Icon name="arrowRight" />}
            >
              {t('Open its page')}
            </Button>
          </>
        )
      }
    >
      {error && <ErrorNote error={new Error(error)} />}
      <QuickFilters
        agents={withTerminal}
        value={quick}
        onChange={(to) => go({ show: to === 'all' ? undefined : to })}
      />
      {chosen && (
        <Suspense fallback={<div className={styles['held']} />}>
          <TerminalView
            key={chosen.id}
            agentId={chosen.id}
            name={chosen.name}
            mayType={operates}
            blocked={chosen.status === 'blocked' && !chosen.adopted}
            running={!['stopped', 'starting', 'crashed'].includes(chosen.status)}
          />
        </Suspense>
      )}
      {agents === undefined ? (
        <Loading rows={8} label={t('Loading the terminals')} />
      ) : agents.length === 0 ? (
        <Panel>
          <Empty
            icon="terminal"
            title={quick === 'all' ? t('No agent has a terminal') : t('No terminal is like that now')}
            action={
              quick === 'all' ? (
                <Link to="/">{t('Go to the overview')}</Link>
              ) : (
                <Button onClick={() => go({ show: undefined })}>{t('Show all')}</Button>
              )
            }
          >
            {t('Agents that run in a terminal of their own are shown here, live.')}
          </Empty>
        </Panel>
      ) : (
        <div className={styles['wall']} ref={tiles} onKeyDown={(event) => moveFocus(event, tiles.current)}>
          {agents.map((agent) => (
            <Tile
              key={agent.id}
              agent={agent}
              chosen={agent.id === chosenId}
              onChoose={() => {
                go({ agent: agent.id });
                document.getElementById('main')?.scrollTo({ top: 0 });
              }}
              onOpen={() => void navigate({ to: '/agents/$id', params: { id: agent.id } })}
            />
          ))}
        </div>
      )}
    </Page>
  );
}

/** Arrows go where they point: the tiles stand in as many columns as there is room for. */
function moveFocus(event: KeyboardEvent, wall: HTMLElement | null): void {
  const tiles = [...(wall?.querySelectorAll<HTMLElement>('button') ?? [])];
  const at = tiles.findIndex((tile) => tile === document.activeElement);
  if (at < 0) return;
  const top = tiles[0]?.offsetTop;
  const beyond = tiles.findIndex((tile) => tile.offsetTop !== top);
  const columns = beyond < 0 ? tiles.length : beyond;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  tiles[at + step]?.focus();
}
