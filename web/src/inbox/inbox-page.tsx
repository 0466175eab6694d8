import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { InboxItem } from '../../../src/contract/inbox.ts';
import { meQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { useAgents, useInbox } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import { Age } from '../ui/age.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { useKeys } from '../ui/keys.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { INBOX_LOOK } from '../ui/tone.ts';
import { closedWords } from './decision-words.ts';
import { DecisionPanel } from './decision-panel.tsx';
import styles from './inbox-page.module.css';

/** One queue of everything that waits for a person, oldest first. */
export function InboxPage() {
  const { item: wanted, show } = useSearch({ from: '/app/inbox' });
  const navigate = useNavigate();
  const { data, error } = useInbox();
  const agents = useAgents().data;
  const me = useQuery(meQuery).data;
  const answered = useQuery({
    queryKey: ['inbox', 'resolved'],
    queryFn: ({ signal }) => request('GET /api/inbox', { query: { state: 'resolved', limit: 50 }, signal }),
    enabled: show === 'answered',
    staleTime: 0,
  });
  const history = show === 'answered';
  const open = data?.open ?? [];
  const list: readonly InboxItem[] = history ? [...(answered.data ?? [])].toReversed() : open;
  const listed = list.find((item) => item.id === wanted);
  // What was just answered stays in sight until the next one is chosen.
  const [kept, setKept] = useState<InboxItem | null>(null);
  const current =
    listed ??
    (kept?.id === wanted && kept ? kept : undefined) ??
    data?.closed.find((item) => item.id === wanted) ??
    (wanted ? undefined : list[0]);
  const missing = useQuery({
    queryKey: ['inbox', wanted],
    queryFn: ({ signal }) => request('GET /api/inbox/{id}', { params: { id: wanted ?? '' }, signal }),
    enabled: wanted !== undefined && data !== undefined && current === undefined,
  });
  const shown = current ?? missing.data;
  const side = useRef<HTMLDivElement>(null);

  const select = (item: InboxItem | undefined): void => {
    if (item)
      void navigate({
        to: '/inbox',
        search: { item: item.id, ...(history ? { show: 'answered' } : {}) },
        replace: true,
      });
  };
  const move = (by: number): void => {
    const at = list.findIndex((item) => item.id === shown?.id);
    select(list[at === -1 ? 0 : Math.max(0, Math.min(list.length - 1, at + by))]);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => {
      if (shown?.executionId)
        void navigate({
          to: '/executions/$id',
          params: { id: shown.executionId },
          search: shown.stepId ? { step: shown.stepId } : {},
        });
      else if (shown?.agentId) void navigate({ to: '/agents/$id', params: { id: shown.agentId } });
    },
  });
  useEffect(() => {
    // Newer browsers answer a scroll with a promise, which an effect must not return.
    side.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [shown?.id]);

  const nameOf = (item: InboxItem): string | undefined => agents?.find((agent) => agent.id === item.agentId)?.name;
  return (
    <Page
      title="Inbox"
      status={
        data && <span className={styles['count']}>{open.length === 0 ? 'nothing waits' : `${open.length} open`}</span>
      }
      actions={
        <div className={styles['tabs']} role="group" aria-label="Show">
          <button type="button" aria-pressed={!history} onClick={() => void navigate({ to: '/inbox', search: {} })}>
            Open
          </button>
          <button
            type="button"
            aria-pressed={history}
            onClick={() => void navigate({ to: '/inbox', search: { show: 'answered' } })}
          >
            Answered
          </button>
        </div>
      }
    >
      {error && <ErrorNote error={new Error(error)} />}
      {data === undefined || (history && answered.isPending) ? (
        <Loading rows={5} label="Loading the inbox" />
      ) : list.length === 0 && !shown ? (
        <Empty icon="inbox" title={history ? 'Nothing was answered yet' : 'Nothing waits for you'}>
          {history
            ? 'Who answered what will be listed here.'
            : 'Permission requests, questions, approvals and failures of your agents and workflows gather here, oldest first.'}
        </Empty>
      ) : (
        <div className={styles['columns']} data-chosen={wanted !== undefined}>
          <div className={styles['list']} ref={side}>
            {list.map((item) => (
              <button
                key={item.id}
                type="button"
                className={styles['entry']}
                aria-current={item.id === shown?.id}
                onClick={() => select(item)}
              >
                <span className={styles['line']}>
                  <StatusBadge look={INBOX_LOOK[item.type]} plain />
                  <span className={styles['age']}>
                    <Age since={item.createdAt} />
                  </span>
                </span>
                <b>
                  <VisibleText text={item.title} />
                </b>
                <span className={styles['from']}>
                  {item.state === 'open'
                    ? (nameOf(item) ?? (item.executionId ? 'workflow execution' : ''))
                    : closedWords(item)}
                </span>
              </button>
            ))}
            {list.length === 0 && <p className={styles['none']}>Nothing else waits.</p>}
          </div>
          <div className={styles['detail']}>
            {wanted !== undefined && (
              <button
                type="button"
                className={styles['back']}
                onClick={() => void navigate({ to: '/inbox', search: history ? { show: 'answered' } : {} })}
              >
                <Icon name="chevronRight" size={14} style={{ transform: 'rotate(180deg)' }} /> All items
              </button>
            )}
            {shown ? (
              <DecisionPanel
                key={shown.id}
                item={shown}
                agentName={nameOf(shown)}
                mayAnswer={me?.permissions.includes('operate') ?? false}
                onAnswered={(item) => {
                  setKept(item);
                  if (wanted === undefined) select(item);
                }}
              />
            ) : missing.error ? (
              <ErrorNote error={missing.error} />
            ) : (
              <Loading rows={4} />
            )}
          </div>
        </div>
      )}
      <p className={styles['keys']}>
        <kbd>j</kbd> <kbd>k</kbd> move · <kbd>a</kbd> approve · <kbd>d</kbd> reject · <kbd>Enter</kbd> open where it
        comes from
      </p>
    </Page>
  );
}
