import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import Button from '@mui/material/Button';
import { meQuery } from '../api/queries.ts';
import { useExecutions, useWorkflows } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import { Age } from '../ui/age.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { useKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { EXECUTION_LOOK } from '../ui/tone.ts';
import { ImportDialog } from './import-dialog.tsx';
import { nodeIcon } from './node-look.ts';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './workflows-page.module.css';

/** The saved workflows with how each went last. */
export function WorkflowsPage() {
  const { data: workflows, error } = useWorkflows();
  const executions = useExecutions().data ?? [];
  const me = useQuery(meQuery).data;
  const navigate = useNavigate();
  const operates = me?.permissions.includes('operate') ?? false;
  const [importing, setImporting] = useState(false);
  const rows = useRef<HTMLDivElement>(null);
  const move = (by: number): void => {
    const links = [...(rows.current?.querySelectorAll<HTMLElement>('[data-workflow]') ?? [])];
    const at = links.findIndex((link) => link.parentElement?.contains(document.activeElement));
    links[at === -1 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
  };
  useKeys('Workflows', {
    ...(workflows?.length
      ? {
          j: [t('Next'), () => move(1)],
          ArrowDown: [t('Next'), () => move(1)],
          k: [t('Previous'), () => move(-1)],
          ArrowUp: [t('Previous'), () => move(-1)],
        }
      : {}),
    ...(operates ? { n: [t('New workflow'), () => void navigate({ to: '/workflows/new' })] } : {}),
  });
  return (
    <Page
      title={t('Workflows')}
      actions={
        operates && (
          <>
            <Button startIcon={<Icon name="upload" />} onClick={() => setImporting(true)}>
              {t('Import')}
            </Button>
            <Button
              variant="contained"
              color="primary"
              startIcon={<Icon name="plus" />}
              onClick={() => void navigate({ to: '/workflows/new' })}
            >
              {t('New workflow')}
            </Button>
          </>
        )
      }
    >
      {importing && <ImportDialog onClose={() => setImporting(false)} />}
      {error && <ErrorNote error={new Error(error)} />}
      <Panel flush>
        {!workflows ? (
          <Loading rows={4} label={t('Loading workflows')} />
        ) : workflows.length === 0 ? (
          <Empty icon="workflow" title={t('No workflows yet')}>
            {t('Build one on a canvas, begin with an example, or bring a file.')}
          </Empty>
        ) : (
          <div ref={rows}>
            {workflows.map((workflow) => {
              const last = executions.find((execution) => execution.workflowId === workflow.id);
              const types = nodeTypes(workflow.document);
              return (
                <div key={workflow.id} className={styles['row']}>
                  <Link
                    to="/workflows/$id"
                    params={{ id: workflow.id }}
                    className={styles['name'] ?? ''}
                    data-workflow={workflow.id}
                  >
                    <b>{workflow.name}</b>
                    <span>
                      {rich('version {version}', { version: workflow.version })}
                      {workflow.liveVersion !== null &&
                        workflow.liveVersion !== workflow.version &&
                        t(', live {liveVersion}', { liveVersion: workflow.liveVersion })}{' '}
                      {rich('· changed {updatedAt} by {createdBy}', {
                        updatedAt: <Age since={workflow.updatedAt} ago />,
                        createdBy: workflow.createdBy,
                      })}
                    </span>
                  </Link>
                  <span className={styles['types']} title={types.join(', ')}>
                    {[...new Set(types)].slice(0, 6).map((type) => (
                      <Icon key={type} name={nodeIcon(type)} size={15} />
                    ))}
                    {plural(types.length, 'node')}
                  </span>
                  <span className={styles['last']}>
                    {workflow.draft ? (
                      <StatusBadge look={{ word: t('Draft'), icon: 'alert', tone: 'warn' }} />
                    ) : last ? (
                      <Link to="/executions/$id" params={{ id: last.id }} title={t('The last execution')}>
                        <StatusBadge look={EXECUTION_LOOK[last.status]} />
                      </Link>
                    ) : (
                      <span className={styles['never']}>{t('never executed')}</span>
                    )}
                  </span>
                  {operates && (
                    <Button
                      disabled={workflow.draft}
                      startIcon={<Icon name="play" />}
                      onClick={() =>
                        void navigate({ to: '/workflows/$id', params: { id: workflow.id }, search: { execute: true } })
                      }
                    >
                      {t('Execute')}
                    </Button>
                  )}
                </div>
              );
            })}
          </div>
        )}
      </Panel>
    </Page>
  );
}

function nodeTypes(document: Record<string, unknown>): string[] {
  const nodes = document['nodes'];
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: unknown) =>
    typeof node === 'object' && node !== null && 'type' in node && typeof node.type === 'string' ? [node.type] : [],
  );
}
