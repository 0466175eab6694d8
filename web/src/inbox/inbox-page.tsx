import Button from '@mui/material/Button';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { Decision, InboxItem } from '../../../src/contract/inbox.ts';
import { answeredQuery, meQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { useAgents, useInbox } from '../live/use-topic.ts';
import { PushHint } from '../push/push-hint.tsx';
import { Page } from '../shell/page.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { useKeys } from '../ui/keys.ts';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { toggled } from './toggled.ts';
import { DECISION, decisionsForAll } from './decision-words.ts';
import { DecisionPanel } from './decision-panel.tsx';
import { InboxEntry } from './inbox-entry.tsx';
import { endIn, filtered, type InboxSearch, stepFrom, typeIn } from './inbox-filter.ts';
import { InboxFilters } from './inbox-filters.tsx';
import { useOrigins } from './use-origins.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './inbox-page.module.css';

const BulkDialog = lazy(() => import('./bulk-dialog.tsx').then((module) => ({ default: module.BulkDialog })));
const JUST_CLOSED = 5; // a glance at what others did; the history has the rest

/** One queue of everything that waits for a person, oldest first; and who answered what. */
export function InboxPage() {
  const keyOf = useKeyOf('Inbox');
  const decisionKeyOf = useKeyOf('Decision');
  const search: InboxSearch = useSearch({ from: '/app/inbox' });
  const navigate = useNavigate();
  const phone = useMedia(PHONE);
  const { data, error } = useInbox();
  const agents = useAgents().data ?? [];
  const { agentOf: nameOf, from: fromOf } = useOrigins();
  const me = useQuery(meQuery).data;
  const operates = me?.permissions.includes('operate') ?? false;
  const history = search.show === 'answered';
  const answered = useInfiniteQuery({
    ...answeredQuery({ state: endIn(search), type: typeIn(search), agent: search.agent, by: search.by }),
    enabled: history,
  });
  const all = data?.open ?? [];
  const past = answered.data?.pages.flatMap(({ body }) => body) ?? [];
  const list = history ? past : filtered(all, search);
  const justClosed = history ? [] : filtered(data?.closed ?? [], search).slice(0, JUST_CLOSED);
  // What was just answered stays in sight until the next one is chosen.
  const [kept, setKept] = useState<InboxItem | null>(null);
  const known =
    list.find(({ id }) => id === search.item) ??
    all.find(({ id }) => id === search.item) ??
    (kept?.id === search.item ? kept : undefined) ??
    data?.closed.find(({ id }) => id === search.item);
  const missing = useQuery({
    queryKey: ['inbox', search.item],
    queryFn: ({ signal }) => request('GET /api/inbox/{id}', { params: { id: search.item ?? '' }, signal }),
    enabled: search.item !== undefined && data !== undefined && known === undefined,
  });
  const shown = known ?? missing.data;
  const side = useRef<HTMLDivElement>(null);
  const lastPlace = useRef(0);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const together = history ? [] : list.filter(({ id }) => marked.has(id));
  const [bulk, setBulk] = useState<{ items: InboxItem[]; decision: Decision } | null>(null);

  const change = (to: Partial<InboxSearch>): void => {
    const next = Object.entries({ ...search, item: undefined, ...to }).filter(([, value]) => value !== undefined);
    void navigate({ to: '/inbox', search: Object.fromEntries(next), replace: !phone });
  };
  const select = (item: InboxItem | undefined): void => {
    if (item) change({ item: item.id });
  };
  const move = (by: number): void => select(stepFrom(list, { id: shown?.id, lastPlace: lastPlace.current, by }));
  const mark = (item: InboxItem | undefined): void => {
    if (item?.state === 'open' && operates) setMarked(toggled(marked, item.id));
  };
  const openOrigin = (): void => {
    if (shown?.executionId)
      void navigate({
        to: '/executions/$id',
        params: { id: shown.executionId },
        search: shown.stepId ? { step: shown.stepId } : {},
      });
    else if (shown?.agentId) void navigate({ to: '/agents/$id', params: { id: shown.agentId } });
  };
  useKeys('Inbox', {
    j: [t('Next'), () => move(1)],
    ArrowDown: [t('Next'), () => move(1)],
    k: [t('Previous'), () => move(-1)],
    ArrowUp: [t('Previous'), () => move(-1)],
    ...(operates
      ? {
          x: [t('Select, to answer several alike'), () => mark(shown)],
          Escape: [t('Select none'), marked.size > 0 ? () => setMarked(new Set()) : null],
        }
      : {}),
    h: [
      t('Who answered what'),
      () => change({ show: history ? undefined : 'answered', by: undefined, end: undefined }),
    ],
    Enter: [t('Open where it comes from'), shown?.executionId || shown?.agentId ? openOrigin : null],
  });
  useEffect(() => {
    const place = list.findIndex(({ id }) => id === shown?.id);
    if (place !== -1) lastPlace.current = place;
  });
  // The first one is chosen once, by its id: when somebody else answers it, no other slips under the key that is pressed.
  const first = list[0];
  useEffect(() => {
    if (!phone && search.item === undefined && first) change({ item: first.id });
  });
  useEffect(() => {
    // Newer browsers answer a scroll with a promise, which an effect must not return.
    side.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [shown?.id]);

  const people = past.flatMap(({ resolution }) => (resolution?.by ? [resolution.by] : []));
  const loading = data === undefined || (history && answered.isPending);

  return (
    <Page
      title={t('Inbox')}
      status={
        data && (
          <span className={styles['count']}>
            {all.length === 0 ? t('nothing waits') : t('{count} open', { count: all.length })}
          </span>
        )
      }
      actions={
        <div className={styles['tabs']} role="group" aria-label={t('Show')}>
          <button type="button" aria-pressed={!history} onClick={() => change({ show: undefined, by: undefined })}>
            {t('Open')}
          </button>
          <button type="button" aria-pressed={history} onClick={() => change({ show: 'answered' })}>
            {t('Answered')}
          </button>
        </div>
      }
    >
      {error && <ErrorNote error={new Error(error)} />}
      {answered.error && <ErrorNote error={answered.error} onRetry={() => void answered.refetch()} />}
      {phone && search.item === undefined && !history && <PushHint />}
      {!(phone && search.item !== undefined) && (history || all.length > 0) && (
        <InboxFilters {...{ search, history, agents, people }} open={all} onChange={change} />
      )}
      {loading ? (
        <Loading rows={5} label={t('Loading the inbox')} />
      ) : list.length === 0 && justClosed.length === 0 && !shown && search.item === undefined ? (
        <Nothing history={history} narrowed={search.type !== undefined || search.agent !== undefined} />
      ) : (
        <div className={styles['columns']} data-chosen={search.item !== undefined}>
          <div className={styles['list']} ref={side}>
            {list.map((item) => (
              <InboxEntry
                key={item.id}
                item={item}
                from={fromOf(item)}
                current={item.id === shown?.id}
                onSelect={() => select(item)}
                {...(history || !operates ? {} : { marked: marked.has(item.id), onMark: () => mark(item) })}
              />
            ))}
            {list.length === 0 && (
              <p className={styles['none']}>{history ? t('Nothing like that.') : t('Nothing waits.')}</p>
            )}
            {history && answered.hasNextPage && (
              <button
                type="button"
                className={styles['more']}
                disabled={answered.isFetchingNextPage}
                onClick={() => void answered.fetchNextPage()}
              >
                {answered.isFetchingNextPage ? t('Loading…') : t('Show older ones')}
              </button>
            )}
            {justClosed.length > 0 && (
              <section aria-label={t('Just closed')}>
                <h2 className={styles['just']}>{t('Just now')}</h2>
                {justClosed.map((item) => (
                  <InboxEntry
                    key={item.id}
                    item={item}
                    from={fromOf(item)}
                    current={item.id === shown?.id}
                    onSelect={() => select(item)}
                  />
                ))}
              </section>
            )}
            {together.length > 0 && (
              <Together
                items={together}
                onAnswer={(decision) => setBulk({ items: together, decision })}
                onAll={() => setMarked(new Set(list.map(({ id }) => id)))}
                onNone={() => setMarked(new Set())}
              />
            )}
          </div>
          <div className={styles['detail']}>
            {search.item !== undefined && (
              <button type="button" className={styles['back']} onClick={() => change({})}>
                <Icon name="chevronRight" size={14} style={{ transform: 'rotate(180deg)' }} /> {t('All items')}
              </button>
            )}
            {shown && search.item !== undefined ? (
              <DecisionPanel
                key={shown.id}
                item={shown}
                agentName={nameOf(shown)}
                mayAnswer={operates}
                onAnswered={setKept}
              />
            ) : missing.error ? (
              <ErrorNote error={missing.error} />
            ) : search.item !== undefined ? (
              <Loading rows={4} />
            ) : null}
          </div>
        </div>
      )}
      <p className={styles['keys']}>
        {rich(
          '{kbd} {kbd2} move · {kbd3} approve · {kbd4} reject · {kbd5} write · {kbd6} select · {kbd7} history · {kbd8} open where it comes from',
          {
            kbd: <kbd>{keyOf('j')}</kbd>,
            kbd2: <kbd>{keyOf('k')}</kbd>,
            kbd3: <kbd>{decisionKeyOf('a')}</kbd>,
            kbd4: <kbd>{decisionKeyOf('d')}</kbd>,
            kbd5: <kbd>{decisionKeyOf('e')}</kbd>,
            kbd6: <kbd>{keyOf('x')}</kbd>,
            kbd7: <kbd>{keyOf('h')}</kbd>,
            kbd8: <kbd>Enter</kbd>,
          },
        )}
      </p>
      <Suspense fallback={null}>
        {bulk && (
          <BulkDialog
            items={bulk.items}
            decision={bulk.decision}
            onAnswered={(item) => {
              if (item.id === search.item) setKept(item);
            }}
            onClose={() => {
              setBulk(null);
              setMarked(new Set());
            }}
          />
        )}
      </Suspense>
    </Page>
  );
}

/** What can be said of all selected items alike. */
function Together({
  items,
  onAnswer,
  onAll,
  onNone,
}: {
  items: InboxItem[];
  onAnswer: (decision: Decision) => void;
  onAll: () => void;
  onNone: () => void;
}) {
  const offered = decisionsForAll(items);
  return (
    <div className={styles['together']} role="region" aria-label={t('Selected items')}>
      <span>
        <b>{rich('{count} selected', { count: items.length })}</b>
        <button type="button" onClick={onAll}>
          {t('All')}
        </button>
        <button type="button" onClick={onNone}>
          {t('None')}
        </button>
      </span>
      {offered.length === 0 ? (
        <p>{t('They cannot be answered alike: each needs an answer of its own.')}</p>
      ) : (
        <div>
          {offered.map((decision) => (
            <Button
              key={decision}
              variant={DECISION[decision].weight === 'yes' ? 'contained' : 'outlined'}
              color={
                { yes: 'primary' as const, no: 'error' as const, other: 'inherit' as const }[DECISION[decision].weight]
              }
              onClick={() => onAnswer(decision)}
            >
              {DECISION[decision].label}…
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

function Nothing({ history, narrowed }: { history: boolean; narrowed: boolean }) {
  return (
    <Empty
      icon="inbox"
      title={
        narrowed ? t('Nothing of this kind') : history ? t('Nothing was answered yet') : t('Nothing waits for you')
      }
    >
      {history
        ? t('Who answered what is listed here.')
        : t(
            'Permission requests, questions, approvals, failures and budgets of your agents and workflows gather here, oldest first.',
          )}
    </Empty>
  );
}
