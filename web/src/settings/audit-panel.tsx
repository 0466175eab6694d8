import Button from '@mui/material/Button';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { AuditVerdict } from '../../../src/contract/audit.ts';
import { request, requestPage } from '../api/request.ts';
import { useAgents, useWorkflows } from '../live/use-topic.ts';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { useAction } from '../ui/use-action.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import { AuditRow } from './audit-row.tsx';
import { auditSubject, type KnownNames } from './audit-subject.ts';
import list from './list-panel.module.css';
import styles from './audit-panel.module.css';

const NOTHING = { actor: '', action: '', subject: '' };

/** Who did what, newest first, and the proof that it was not rewritten. */
export function AuditPanel() {
  const [filter, setFilter] = useState(NOTHING);
  const [verdict, setVerdict] = useState<AuditVerdict | null>(null);
  const { busy, run } = useAction();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      requestPage('GET /api/audit', { query: { ...filter, limit: 50, cursor: pageParam ?? undefined }, signal }),
    initialPageParam: null as string | null, // of the pages after the first
    getNextPageParam: (page) => page.next,
  });
  const entries = data?.pages.flatMap(({ body }) => body);
  const names = useNames();

  return (
    <Panel
      title={t('Audit')}
      flush
      actions={
        <Button
          disabled={busy}
          startIcon={<Icon name="check" />}
          onClick={() => void run(async () => setVerdict(await request('GET /api/audit/verify')))}
        >
          {t('Verify')}
        </Button>
      }
    >
      {verdict && (
        <div className={styles['verdict']} role="status" data-intact={verdict.intact}>
          {verdict.intact ? (
            <p>
              {rich('Intact: {entries} entries, sealed to {sealedTo}.', {
                entries: verdict.entries,
                sealedTo: verdict.sealedTo ?? t('none yet'),
              })}
            </p>
          ) : (
            <>
              <p>{t('The audit was changed after it was written:')}</p>
              <ul>
                {verdict.problems.map(({ seq, to, message }) => (
                  <li key={`${seq} ${to}`}>
                    {to === undefined || to === seq
                      ? t('entry {seq}', { seq })
                      : t('entries {seq} to {to}', { seq, to })}
                    : {message}
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      )}
      <form
        className={list['new']}
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const text = (name: string): string => String(form.get(name) ?? '').trim();
          setFilter({ actor: text('actor'), action: text('action'), subject: text('subject') });
        }}
      >
        <input name="actor" maxLength={200} placeholder={t('Who')} aria-label={t('Who')} />
        <input
          name="action"
          maxLength={200}
          placeholder={t('What, such as inbox or policy.create')}
          aria-label={t('What')}
        />
        <input name="subject" maxLength={500} placeholder={t('To what: an id or name')} aria-label={t('To what')} />
        <Button type="submit" startIcon={<Icon name="search" />}>
          {t('Filter')}
        </Button>
      </form>
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !entries ? (
        <Loading rows={6} />
      ) : entries.length === 0 ? (
        <p className={list['about']}>{t('Nothing of this kind was done.')}</p>
      ) : (
        <ul className={styles['entries']}>
          {entries.map((entry) => (
            <AuditRow key={entry.seq} entry={entry} subject={auditSubject(entry, names)} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <div className={list['new']}>
          <Button disabled={isFetching} onClick={() => void fetchNextPage()}>
            {t('Show older ones')}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function useNames(): KnownNames {
  const agents = useAgents().data;
  const workflows = useWorkflows().data;
  return useMemo(
    () => new Map([...(agents ?? []), ...(workflows ?? [])].map(({ id, name }) => [id, name])),
    [agents, workflows],
  );
}
