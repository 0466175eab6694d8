import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { doctorQuery, meQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { useAgents, useExecutions, useInbox } from '../live/use-topic.ts';
import { usePush } from '../push/this-browser.ts';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toasts.ts';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './first-run.module.css';

const KEY = 'pointsman.first-run';

interface Line {
  title: string;
  /** Null while it is being found out. */
  done: boolean | null;
  detail: ReactNode;
  action?: ReactNode;
  /** The action makes sense also when it is done. */
  always?: boolean;
}

/** What a new operator does once, each line with the way to do it; gone for good when all is done or it is put away. */
export function FirstRun() {
  const [away, setAway] = useState(isAway);
  const me = useQuery(meQuery).data;
  if (away || !me?.permissions.includes('operate')) return null;
  const put = (to: boolean): void => {
    remember(to);
    setAway(to);
  };
  return <Checklist onAway={put} />;
}

function Checklist({ onAway }: { onAway: (away: boolean) => void }) {
  const lines = useLines();
  const done = lines.filter((line) => line.done).length;
  const complete = done === lines.length;
  useEffect(() => {
    if (complete) remember(true);
  }, [complete]);
  return (
    <section className={styles['list']} aria-label={t('First steps')}>
      <header>
        <h2>{t('First steps')}</h2>
        <span>{rich('{done} of {count} done', { done, count: lines.length })}</span>
        <button
          type="button"
          aria-label={t('Put the first steps away')}
          onClick={() => {
            onAway(true);
            toast(t('The first steps are put away'), {
              tone: 'info',
              action: { label: t('Undo'), run: () => onAway(false) },
            });
          }}
        >
          <Icon name="cross" size={15} />
        </button>
      </header>
      <ol>
        {lines.map(({ title, done: isDone, detail, action, always }) => (
          <li key={title} data-done={isDone === true}>
            <Icon name={isDone === null ? 'clock' : isDone ? 'check' : 'ring'} size={16} />
            <div>
              <b>
                {title}
                <span className="sr-only">
                  {isDone === null ? t(', being checked') : isDone ? t(', done') : t(', to do')}
                </span>
              </b>
              <span>{detail}</span>
            </div>
            {(!isDone || always) && action}
          </li>
        ))}
      </ol>
    </section>
  );
}

function useLines(): Line[] {
  const administers = useQuery(meQuery).data?.permissions.includes('administer') ?? false;
  const doctor = useQuery(doctorQuery).data;
  const agents = useAgents().data;
  const executions = useExecutions().data;
  const waiting = useInbox().data?.open.length;
  const { state: push } = usePush();
  const answered = useQuery({
    queryKey: ['inbox', 'answered-any', waiting],
    queryFn: ({ signal }) => request('GET /api/inbox', { query: { state: 'resolved', limit: 1 }, signal }),
  }).data;
  const wrong = doctor?.filter(({ status }) => status !== 'ok') ?? [];
  const go = (to: '/settings' | '/workflows' | '/inbox' | '/agents/new', label: string) => (
    <Link to={to} className={styles['go'] ?? ''}>
      {label}
    </Link>
  );
  return [
    {
      title: t('Installation checked'),
      done: doctor ? wrong.every(({ status }) => status !== 'failed') : null,
      detail: !doctor
        ? t('Checking tools, disk and database…')
        : wrong.length === 0
          ? t('{count} passed', { count: plural(doctor.length, 'check') })
          : t('{count} to know: {map}', {
              count: plural(wrong.length, 'thing'),
              map: wrong.map(({ check }) => check).join(', '),
            }),
      action: go('/settings', t('See the checks')),
      always: wrong.length > 0,
    },
    {
      title: t('An agent'),
      done: agents ? agents.length > 0 : null,
      detail: agents?.length
        ? plural(agents.length, 'agent')
        : administers
          ? t('A coding CLI or a shell, in a directory of yours')
          : t('Administrators add them'),
      action: administers && go('/agents/new', t('Add an agent')),
    },
    {
      title: t('A workflow that ran'),
      done: executions ? executions.length > 0 : null,
      detail: executions?.length
        ? plural(executions.length, 'execution')
        : t('Pick one and execute it, or draw your own'),
      action: go('/workflows', t('Open the workflows')),
    },
    {
      title: t('A first answer'),
      done: answered ? answered.length > 0 : null,
      detail: answered?.length
        ? t('Agents go on with what you say')
        : waiting
          ? t('{waiting} for you', { waiting: plural(waiting, 'item waits', 'items wait') })
          : t('Questions and approvals come to the inbox'),
      action: go('/inbox', t('Open the inbox')),
    },
    ...(push?.status === 'impossible'
      ? []
      : [
          {
            title: t('Told while you are away'),
            done: push ? push.status === 'on' : null,
            detail: t('Notifications, on this device or on your phone'),
            action: go('/settings', t('Turn them on')),
          },
        ]),
  ];
}

function isAway(): boolean {
  try {
    return localStorage.getItem(KEY) === 'away';
  } catch {
    return true; // with storage switched off it would come back at every visit
  }
}

function remember(away: boolean): void {
  try {
    if (away) localStorage.setItem(KEY, 'away');
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is switched off, and then it is not shown at all.
  }
}
