import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Retention } from '../../../src/contract/retention.ts';
import { settingsQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Meter } from '../ui/meter.tsx';
import { Panel } from '../ui/panel.tsx';
import { byteWords, countWords, dateWords } from '../ui/time-words.ts';
import list from './list-panel.module.css';
import { HowToChange } from './setting-source.tsx';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './retention-panel.module.css';

const WORDS: Record<Retention['keep'][number]['what'], { name: string; about: string }> = {
  executions: {
    name: t('Executions'),
    about: t('After their end, with steps, logs, checkpoints, answered questions and the files kept for forks'),
  },
  events: { name: t('Events'), about: t('What was announced to open pages; those away for longer load afresh') },
  measurements: { name: t('Measurements'), about: t('Processor and memory of agents') },
  usage: { name: t('Usage'), about: t('Tokens and cost by day, agent and workflow, also of what was deleted') },
  audit: { name: t('Audit'), about: t('Who did what') },
};
const SIZES = [
  ['executions', t('Executions and steps')],
  ['logs', t('Logs')],
  ['checkpoints', t('Checkpoints')],
  ['events', t('Events')],
  ['audit', t('Audit')],
] as const;

/** How long things are kept, how much is there, and what went last; set in the configuration. */
export function RetentionPanel() {
  const { data, error, refetch } = useQuery({
    queryKey: ['retention'],
    queryFn: ({ signal }) => request('GET /api/retention', { signal }),
    refetchInterval: ({ state }) => (state.data?.lastRun && !state.data.lastRun.finishedAt ? 2_000 : 60_000),
  });
  const keep = useQuery(settingsQuery).data?.find(({ name }) => name === 'keep_executions_days');
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading rows={8} label={t('Loading the retention')} />;
  return (
    <>
      <Panel title={t('What is kept')} flush>
        <ul className={list['list']}>
          {data.keep.map(({ what, days }) => (
            <li key={what}>
              <div>
                <b>{WORDS[what].name}</b>
                <span>{WORDS[what].about}</span>
              </div>
              <span className={styles['days']}>{days === null ? t('For ever') : plural(days, 'day')}</span>
            </li>
          ))}
        </ul>
        <p className={styles['note']}>
          <b>{t('How long executions are kept:')}</b> {keep ? <HowToChange setting={keep} /> : '…'}{' '}
          {t('The other times are fixed. Worktrees and branches stay until somebody discards them.')}
        </p>
      </Panel>
      <Panel title={t('Last deletion')}>
        {data.lastRun ? <LastRun {...data.lastRun} /> : <p>{t('Nothing was deleted yet.')}</p>}
      </Panel>
      <Stored {...data.stored} />
    </>
  );
}

function Stored({ executions, ended, oldestEndedAt, bytes }: Retention['stored']) {
  const known = SIZES.reduce((sum, [name]) => sum + bytes[name], 0);
  const rows: [string, number][] = [
    ...SIZES.map(([name, words]): [string, number] => [words, bytes[name]]),
    [t('Everything else'), Math.max(0, bytes.total - known)],
  ];
  return (
    <Panel title={t('What is stored')}>
      <dl className={styles['facts']}>
        <Fact name={t('Executions')}>
          {rich('{executions}, {ended} of them ended', {
            executions: countWords(executions),
            ended: countWords(ended),
          })}
        </Fact>
        <Fact name={t('First ended')}>{oldestEndedAt ? <Age since={oldestEndedAt} ago /> : t('None has ended')}</Fact>
        <Fact name={t('Database')}>{byteWords(bytes.total)}</Fact>
      </dl>
      <ul className={styles['sizes']}>
        {rows.map(([words, size]) => (
          <li key={words}>
            <span>{words}</span>
            <Meter even share={bytes.total === 0 ? 0 : size / bytes.total} text={byteWords(size)} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function LastRun({ startedAt, finishedAt, keepDays, deleted }: NonNullable<Retention['lastRun']>) {
  return (
    <dl className={styles['facts']}>
      <Fact name={t('When')}>
        {finishedAt ? (
          <>
            <Age since={finishedAt} ago />, {dateWords(finishedAt)}
          </>
        ) : (
          <>{rich('under way for {startedAt}', { startedAt: <Age since={startedAt} /> })}</>
        )}
      </Fact>
      {keepDays !== null && <Fact name={t('Older than')}>{plural(keepDays, 'day')}</Fact>}
      <Fact name={t('Deleted')}>
        {deleted.executions === 0 && finishedAt
          ? t('Nothing was old enough')
          : t('{executions} with {steps}, {logLines} of logs and {checkpoints}', {
              executions: plural(deleted.executions, 'execution'),
              steps: plural(deleted.steps, 'step'),
              logLines: plural(deleted.logLines, 'line'),
              checkpoints: plural(deleted.checkpoints, 'checkpoint'),
            })}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
