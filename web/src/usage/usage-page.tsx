import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { UsageBy, UsageReport } from '../../../src/contract/usage.ts';
import { usageQuery } from '../api/queries.ts';
import { useInbox } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Panel } from '../ui/panel.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { countWords, moneyWords } from '../ui/time-words.ts';
import { BudgetsPanel } from './budgets-panel.tsx';
import { DayBars } from './day-bars.tsx';
import { SPANS, usageRange, type UsageSearch } from './usage-range.ts';
import { UsageTable } from './usage-table.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './usage-page.module.css';

const BY: { value: UsageBy; label: string }[] = [
  { value: 'day', label: t('By day') },
  { value: 'agent', label: t('By agent') },
  { value: 'workflow', label: t('By workflow') },
];

/** Tokens and cost of days, and what is left of today's budgets. */
export function UsagePage() {
  const search = useSearch({ from: '/app/usage' });
  const navigate = useNavigate();
  const by = BY.find(({ value }) => value === search.by)?.value ?? 'day';
  const today = useQuery(usageQuery({ by: 'day' })).data?.to;
  const range = usageRange(search, today);
  const days = { from: range?.from, to: range?.to };
  // Until the days are known it is not asked, and those of the last week are not shown in their place.
  const asked = range === null ? { from: 'later' } : days;
  const daily = useQuery({ ...usageQuery({ ...asked, by: 'day' }), enabled: range !== null });
  const grouped = useQuery({ ...usageQuery({ ...asked, by }), enabled: range !== null && by !== 'day' });
  const inbox = useInbox();
  // What is asked about a budget stands above the budgets: nothing is pushed down by a question that comes later.
  const asksKnown = inbox.data !== undefined || Boolean(inbox.error);
  const shown = by === 'day' ? daily : grouped;
  const [shownFrom, shownTo] = [days.from ?? daily.data?.from ?? '', days.to ?? daily.data?.to ?? ''];
  /** `change` gets what the address says at that moment: whoever is quick changes it again before this is drawn anew. */
  const goFrom = (change: (now: UsageSearch) => UsageSearch): void =>
    void navigate({
      to: '/usage',
      search: (now) =>
        Object.fromEntries(Object.entries(change(now)).filter(([, value]) => value !== undefined && value !== '')),
      replace: true,
    });
  const own = (next: { from?: string; to?: string }): void =>
    goFrom(({ from = shownFrom, to = shownTo, by: how }) => ({ from, to, ...next, ...(how ? { by: how } : {}) }));
  return (
    <Page
      title={t('Usage')}
      meta={<span>{t('What agents used, as their command lines report it. Days are in UTC.')}</span>}
    >
      <div className={styles['range']}>
        <div role="group" aria-label={t('Days')} className={styles['spans']}>
          {SPANS.map((span) => (
            <button
              key={span}
              type="button"
              aria-pressed={range === null ? String(span) === search.days : range.days === span}
              onClick={() => goFrom(({ by: how = '' }) => ({ days: span === SPANS[0] ? '' : String(span), by: how }))}
            >
              {rich('{span} days', { span })}
            </button>
          ))}
        </div>
        <div className={styles['own']}>
          <input
            type="date"
            aria-label={t('From')}
            value={shownFrom}
            max={shownTo}
            onChange={(event) => event.target.value && own({ from: event.target.value })}
          />
          <span aria-hidden="true">–</span>
          <input
            type="date"
            aria-label={t('To')}
            value={shownTo}
            min={shownFrom}
            max={today}
            onChange={(event) => event.target.value && own({ to: event.target.value })}
          />
        </div>
      </div>
      {daily.error && !daily.data ? (
        <ErrorNote error={daily.error} onRetry={() => void daily.refetch()} />
      ) : (
        <Panel flush>
          {daily.error && <ErrorNote error={daily.error} />}
          <Totals report={daily.data} />
          {!daily.data ? (
            <div className={styles['held']}>
              <Loading rows={4} label={t('Loading the usage')} />
            </div>
          ) : used(daily.data) ? (
            <DayBars report={daily.data} today={today ?? daily.data.to} />
          ) : (
            <Empty icon="usage" title={t('Nothing was used on these days')}>
              {t(
                'Agents of the kinds claude, codex, gemini, opencode and acp report their tokens here when they work; a shell uses none.',
              )}
            </Empty>
          )}
        </Panel>
      )}
      {asksKnown && <BudgetsPanel today={today} />}
      {asksKnown && daily.data && used(daily.data) && (
        <Panel flush>
          <Tabs
            label={t('How it is added up')}
            value={by}
            onChange={(next) => goFrom((now) => ({ ...now, by: next }))}
            tabs={BY}
          />
          {shown.error ? (
            <ErrorNote error={shown.error} onRetry={() => void shown.refetch()} />
          ) : !shown.data || shown.data.by !== by ? (
            <Loading rows={5} />
          ) : (
            <UsageTable report={shown.data} today={today ?? shown.data.to} />
          )}
        </Panel>
      )}
    </Page>
  );
}

function Totals({ report }: { report: UsageReport | undefined }) {
  const total = report?.total;
  return (
    <dl className={styles['totals']}>
      <div>
        <dt>{t('Cost')}</dt>
        <dd>{total ? moneyWords(total.cost) : '–'}</dd>
      </div>
      <div>
        <dt>{t('Tokens read')}</dt>
        <dd title={total && String(total.inputTokens)}>{total ? countWords(total.inputTokens) : '–'}</dd>
      </div>
      <div>
        <dt>{t('Tokens written')}</dt>
        <dd title={total && String(total.outputTokens)}>{total ? countWords(total.outputTokens) : '–'}</dd>
      </div>
    </dl>
  );
}

function used({ total }: UsageReport): boolean {
  return total.cost > 0 || total.inputTokens + total.outputTokens > 0;
}
