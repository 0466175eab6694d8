import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import type { Workflow } from '../../../src/contract/workflows.ts';
import { workflowVersionsQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { useAction } from '../ui/use-action.ts';
import styles from './version-list.module.css';

/** Versions newest first; the live one is what `execute` and triggers use. */
export function VersionList({ workflow, mayPromote }: { workflow: Workflow; mayPromote: boolean }) {
  const { data, error, refetch } = useQuery(workflowVersionsQuery(workflow.id, workflow.version));
  const { busy, run } = useAction();
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading rows={3} />;
  return (
    <ul className={styles['list']}>
      {data.map((version) => (
        <li key={version.version}>
          <div>
            <b>Version {version.version}</b>
            {version.version === workflow.liveVersion && <em>live</em>}
            {version.draft && <em>draft</em>}
            <span>
              <Age since={version.createdAt} ago /> by {version.createdBy}
              {version.note && ` · ${version.note}`}
            </span>
          </div>
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
                  { done: `Version ${version.version} is live` },
                )
              }
            >
              Make live
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
