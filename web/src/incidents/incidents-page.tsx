import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { IncidentSummary } from '../../../src/contract/incidents.ts';
import { closedIncidentsQuery, meQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { useSystem } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import { Age } from '../ui/age.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Panel } from '../ui/panel.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { INCIDENT_LOOK } from '../ui/tone.ts';
import { useAction } from '../ui/use-action.ts';
import { ResolveDialog } from './resolve-dialog.tsx';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './incidents-page.module.css';

/** What went wrong and is not over, and what was lately. */
export function IncidentsPage() {
  const open = useSystem().data?.incidents;
  // Closed since the page was read: only then there is something new among the closed.
  const closed = useQuery(closedIncidentsQuery(open?.map(({ id }) => id).join() ?? ''));
  const operates = useQuery(meQuery).data?.permissions.includes('operate') ?? false;
  const [resolving, setResolving] = useState<IncidentSummary | null>(null);
  const { busy, run } = useAction();
  const take = ({ id, title }: IncidentSummary) =>
    run(() => request('POST /api/incidents/{id}/take', { params: { id } }), {
      done: t('You look into “{title}”', { title }),
    });

  return (
    <Page title={t('Incidents')}>
      <div className={styles['panels']}>
        <Panel title={t('Open')} count={open?.length} flush>
          {!open ? (
            <Loading rows={3} />
          ) : open.length === 0 ? (
            <Empty icon="check" title={t('Nothing is wrong')}>
              {t('What crashes, fails for good or goes away is listed here until it is over.')}
            </Empty>
          ) : (
            <ul className={styles['list']}>
              {open.map((incident) => (
                <Row key={incident.id} incident={incident}>
                  {operates && incident.state === 'alert' && (
                    <Button
                      disabled={busy}
                      onClick={() => void take(incident)}
                      aria-label={t('Take {title}', { title: incident.title })}
                    >
                      {t('Take')}
                    </Button>
                  )}
                  {operates && (incident.state === 'investigation' || incident.state === 'degraded') && (
                    <Button
                      onClick={() => setResolving(incident)}
                      aria-label={t('Resolve {title}', { title: incident.title })}
                    >
                      {t('Resolve')}
                    </Button>
                  )}
                </Row>
              ))}
            </ul>
          )}
        </Panel>
        <Panel title={t('Over')} flush>
          {closed.error ? (
            <ErrorNote error={closed.error} onRetry={() => void closed.refetch()} />
          ) : !closed.data ? (
            <Loading rows={3} />
          ) : closed.data.length === 0 ? (
            <Empty icon="clock" title={t('Nothing yet')}>
              {t('Incidents that are over stay here.')}
            </Empty>
          ) : (
            <ul className={styles['list']}>
              {closed.data.map((incident) => (
                <Row key={incident.id} incident={incident} />
              ))}
            </ul>
          )}
        </Panel>
      </div>
      {resolving && <ResolveDialog incident={resolving} onClose={() => setResolving(null)} />}
    </Page>
  );
}

function Row({ incident, children }: { incident: IncidentSummary; children?: ReactNode }) {
  const { state, title, detail, count, openedAt, closedAt, takenBy, resolution, rule } = incident;
  return (
    <li className={styles['row']}>
      <div className={styles['look']}>
        <StatusBadge look={INCIDENT_LOOK[state]} />
        <span className={styles['class']} title={rule}>
          {incident.class}
        </span>
      </div>
      <div className={styles['what']}>
        <b>
          <About incident={incident}>{title}</About>
        </b>
        <p>{resolution?.note ?? detail}</p>
        <p>
          {rich('{value}, since {openedAt}', {
            value: count === 1 ? t('Once') : plural(count, 'time'),
            openedAt: <Age since={openedAt} ago />,
          })}
          {closedAt && <> {rich('· over {closedAt}', { closedAt: <Age since={closedAt} ago /> })}</>}
          {takenBy && t(' · taken by {takenBy}', { takenBy })}
          {resolution && t(' · resolved by {by}', { by: resolution.by })}
        </p>
      </div>
      <div className={styles['actions']}>{children}</div>
    </li>
  );
}

/** To where it happened the last time. */
function About({ incident, children }: { incident: IncidentSummary; children: ReactNode }) {
  const { agentId, executionId, nodeId } = incident;
  if (executionId)
    return (
      <Link to="/executions/$id" params={{ id: executionId }} search={nodeId ? { node: nodeId } : {}}>
        {children}
      </Link>
    );
  if (agentId)
    return (
      <Link to="/agents/$id" params={{ id: agentId }} search={{}}>
        {children}
      </Link>
    );
  return children;
}
