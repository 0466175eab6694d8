import Button from '@mui/material/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { WorkflowTrust } from '../../../src/contract/workflow-import.ts';
import type { Workflow } from '../../../src/contract/workflows.ts';
import { workflowTrustQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { Loading } from '../ui/empty.tsx';
import { Panel } from '../ui/panel.tsx';
import { useAction } from '../ui/use-action.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './trust-banner.module.css';

/** Of an imported workflow: what it would use, for somebody with the right to allow exactly that. */
export function TrustBanner({ workflow, mayAllow }: { workflow: Workflow; mayAllow: boolean }) {
  const client = useQueryClient();
  const { busy, run } = useAction();
  const trust = useQuery(workflowTrustQuery(workflow.id, workflow.version));
  const allow = (hash: string) =>
    void run(
      async () => {
        await request('POST /api/workflows/{id}/trust', {
          params: { id: workflow.id },
          query: { version: workflow.version },
          body: { hash },
        });
        await client.invalidateQueries({ queryKey: ['workflow', workflow.id] });
      },
      { done: t('“{name}” may be executed now', { name: workflow.name }) },
    );
  return (
    <Panel>
      <section className={styles['banner']} aria-label={t('Imported, not trusted yet')}>
        <h2>{t('Imported, not trusted yet')}</h2>
        <p>
          {rich(
            'This came from {format}. It is executed once somebody with the right to commands has looked at what it does{value}',
            { format: workflow.imported?.format, value: mayAllow ? '.' : t('; you do not have it.') },
          )}
        </p>
        {trust.error ? (
          <ErrorNote error={trust.error} onRetry={() => void trust.refetch()} />
        ) : trust.data ? (
          <>
            <h3>{t('What it uses')}</h3>
            <Told lines={trust.data.uses} />
            <h3>{t('When, and with what')}</h3>
            <Told lines={trust.data.flow} />
          </>
        ) : (
          <Loading rows={2} label={t('Loading what it uses')} />
        )}
        {mayAllow && trust.data && (
          <Button variant="contained" color="primary" disabled={busy} onClick={() => allow(trust.data.hash)}>
            {t('Allow')}
          </Button>
        )}
      </section>
    </Panel>
  );
}

function Told({ lines }: { lines: WorkflowTrust['uses'] | WorkflowTrust['flow'] }) {
  return (
    <ul>
      {lines.map(({ kind, nodeId, value, detail }, index) => (
        <li key={index}>
          <b>{kind}</b> <VisibleText text={value} /> {nodeId && <code>{nodeId}</code>}
          {detail && (
            <pre>
              <VisibleText text={JSON.stringify(detail, null, 2)} />
            </pre>
          )}
        </li>
      ))}
    </ul>
  );
}
