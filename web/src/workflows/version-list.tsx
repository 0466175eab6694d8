import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import type { Workflow } from '../../../src/contract/workflows.ts';
import { workflowVersionsQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { useAction } from '../ui/use-action.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './version-list.module.css';

const VersionComparison = lazy(() =>
  import('./version-comparison.tsx').then((module) => ({ default: module.VersionComparison })),
);

/** Versions newest first; the live one is what `execute` and triggers use. */
export function VersionList({ workflow, mayPromote }: { workflow: Workflow; mayPromote: boolean }) {
  const { data, error, refetch } = useQuery(workflowVersionsQuery(workflow.id, workflow.version));
  const { busy, run } = useAction();
  const [compared, setCompared] = useState<number | null>(null);
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading rows={3} />;
  return (
    <>
      <ul className={styles['list']}>
        {data.map((version) => (
          <li key={version.version}>
            <div>
              <b>{rich('Version {version}', { version: version.version })}</b>
              {version.version === workflow.liveVersion && <em>{t('live')}</em>}
              {version.draft && <em>{t('draft')}</em>}
              <span>
                {rich('{createdAt} by {createdBy}', {
                  createdAt: <Age since={version.createdAt} ago />,
                  createdBy: version.createdBy,
                })}
                {version.note && ` · ${version.note}`}
              </span>
            </div>
            {data.length > 1 && (
              <Button
                onClick={() => setCompared(version.version)}
                aria-label={t('Compare version {version} with another', { version: version.version })}
              >
                {t('Compare')}
              </Button>
            )}
            {mayPromote && !version.draft && version.version !== workflow.liveVersion && (
              <Button
                disabled={busy}
                onClick={() =>
                  void run(
                    () =>
                      request('POST /api/workflows/{id}/promote', {
                        params: { id: workflow.id },
                        body: { version: version.version },
                      }),
                    { done: t('Version {version} is live', { version: version.version }) },
                  )
                }
              >
                {t('Make live')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {compared !== null && (
        <Suspense fallback={null}>
          <VersionComparison
            workflow={workflow}
            versions={data}
            // The newest is compared with the one before it, any other with the newest.
            between={
              compared === workflow.version ? [data[1]?.version ?? compared, compared] : [compared, workflow.version]
            }
            onClose={() => setCompared(null)}
          />
        </Suspense>
      )}
    </>
  );
}
