import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import { meQuery, workflowGraphQuery, workflowQuery } from '../api/queries.ts';
import { ExecutionRow } from '../executions/execution-row.tsx';
import { useExecutions, useWorkflows } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import { Age } from '../ui/age.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { useKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { DocumentText } from './document-text.tsx';
import { ExecuteDialog } from './execute-dialog.tsx';
import { NodeInspector } from './node-inspector.tsx';
import { ProblemList } from './problem-list.tsx';
import { TriggerList } from './trigger-list.tsx';
import { TrustBanner } from './trust-banner.tsx';
import { VersionList } from './version-list.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './workflow-page.module.css';

const GraphView = lazy(() => import('./graph-view.tsx').then((module) => ({ default: module.GraphView })));

/** One workflow: its graph, what each node does, its problems, versions and text. */
export function WorkflowPage() {
  const keyOf = useKeyOf('Workflow');
  const { id } = useParams({ from: '/app/workflows/$id' });
  const search = useSearch({ from: '/app/workflows/$id' });
  const navigate = useNavigate();
  const live = useWorkflows().data?.find((workflow) => workflow.id === id);
  const read = useQuery({ ...workflowQuery(id), enabled: live === undefined });
  const workflow = live ?? read.data;
  const graph = useQuery({ ...workflowGraphQuery(id, workflow?.version), enabled: workflow !== undefined });
  const executions = useExecutions().data?.filter((execution) => execution.workflowId === id);
  const me = useQuery(meQuery).data;
  const problems = useMemo(() => {
    const counts = new Map<string, number>();
    for (const problem of workflow?.problems ?? [])
      if (problem.nodeId) counts.set(problem.nodeId, (counts.get(problem.nodeId) ?? 0) + 1);
    return counts;
  }, [workflow?.problems]);
  const go = (next: { node?: string; view?: string; execute?: boolean }): void =>
    void navigate({ to: '/workflows/$id', params: { id }, search: next, replace: true });
  const view = search.view ?? (search.node ? 'node' : 'executions');
  const operates = me?.permissions.includes('operate') ?? false;
  useKeys('Workflow', {
    b: [t('Open it in the builder'), () => void navigate({ to: '/workflows/$id/edit', params: { id } })],
    ...(operates
      ? { e: [t('Execute'), workflow?.draft === false ? () => go({ ...search, execute: true }) : null] }
      : {}),
    Escape: [t('Choose no node'), search.node ? () => go({}) : null],
  });

  if (!workflow) {
    return (
      <Page title={t('Workflow')} back={{ to: '/workflows', label: t('Workflows') }}>
        {read.error ? (
          <ErrorNote error={read.error} onRetry={() => void read.refetch()} />
        ) : (
          <Loading rows={8} label={t('Loading the workflow')} />
        )}
      </Page>
    );
  }
  const triggers = Array.isArray(workflow.document['triggers']) ? workflow.document['triggers'] : [];
  return (
    <Page
      title={workflow.name}
      back={{ to: '/workflows', label: t('Workflows') }}
      status={workflow.draft && <StatusBadge look={{ word: t('Draft'), icon: 'alert', tone: 'warn' }} />}
      meta={
        <>
          <span>
            {rich('version {version}', { version: workflow.version })}
            {workflow.liveVersion !== null &&
              (workflow.liveVersion === workflow.version
                ? t(', live')
                : t(', live is {liveVersion}', { liveVersion: workflow.liveVersion }))}
          </span>
          <span>
            {rich('changed {updatedAt} by {createdBy}', {
              updatedAt: <Age since={workflow.updatedAt} ago />,
              createdBy: workflow.createdBy,
            })}
          </span>
        </>
      }
      actions={
        <>
          <Button
            startIcon={<Icon name="edit" />}
            onClick={() => void navigate({ to: '/workflows/$id/edit', params: { id } })}
            title={t('Open it in the builder (b)')}
          >
            {operates ? t('Edit') : t('Open in the builder')}
          </Button>
          {operates && (
            <Button
              variant="contained"
              color="primary"
              disabled={workflow.draft}
              startIcon={<Icon name="play" />}
              onClick={() => go({ ...search, execute: true })}
              title={
                workflow.draft
                  ? t('A draft with problems cannot be executed')
                  : t('Execute ({key})', { key: keyOf('e') })
              }
            >
              {t('Execute')}
            </Button>
          )}
        </>
      }
    >
      {workflow.imported?.trusted === false && (
        <TrustBanner workflow={workflow} mayAllow={me?.permissions.includes('workflow.commands') ?? false} />
      )}
      <div className={styles['columns']}>
        <Panel flush className={styles['graph']}>
          {graph.error ? (
            <div className={styles['pad']}>
              <ErrorNote error={graph.error} onRetry={() => void graph.refetch()} />
            </div>
          ) : graph.data ? (
            <Suspense fallback={<Loading rows={3} label={t('Loading the graph')} />}>
              <GraphView
                graph={graph.data}
                selected={search.node ?? null}
                onSelect={(node) => go(node ? { node } : {})}
                problems={problems}
              />
            </Suspense>
          ) : null}
        </Panel>
        <Panel flush className={styles['side']}>
          <Tabs
            label={t('Workflow')}
            value={view}
            onChange={(next) => go({ ...(search.node ? { node: search.node } : {}), view: next })}
            tabs={[
              { value: 'executions', label: t('Executions') },
              { value: 'node', label: t('Node') },
              { value: 'problems', label: t('Problems'), count: workflow.problems.length },
              ...(triggers.length > 0 || view === 'triggers'
                ? [{ value: 'triggers', label: t('Triggers'), count: triggers.length }]
                : []),
              { value: 'versions', label: t('Versions') },
              { value: 'text', label: t('Text') },
            ]}
          />
          <div className={styles['body']}>
            {view === 'node' ? (
              <NodeInspector document={workflow.document} nodeId={search.node ?? null} problems={workflow.problems} />
            ) : view === 'problems' ? (
              <ProblemList problems={workflow.problems} onNode={(node) => go({ node, view: 'node' })} />
            ) : view === 'triggers' ? (
              <TriggerList
                workflow={workflow}
                mayOperate={operates}
                mayAdminister={me?.permissions.includes('administer') ?? false}
              />
            ) : view === 'versions' ? (
              <VersionList workflow={workflow} mayPromote={operates} />
            ) : view === 'text' ? (
              <DocumentText document={workflow.document} name={workflow.name} />
            ) : executions === undefined ? (
              <Loading rows={4} />
            ) : executions.length === 0 ? (
              <Empty icon="execution" title={t('Not executed lately')} />
            ) : (
              executions.slice(0, 20).map((execution) => <ExecutionRow key={execution.id} execution={execution} />)
            )}
          </div>
        </Panel>
      </div>
      {search.execute && operates && !workflow.draft && (
        <ExecuteDialog
          workflow={workflow}
          onClose={() =>
            go({ ...(search.node ? { node: search.node } : {}), ...(search.view ? { view: search.view } : {}) })
          }
        />
      )}
    </Page>
  );
}
