import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import type { Execution, Step } from '../../../src/contract/executions.ts';
import { executionGraphQuery, meQuery } from '../api/queries.ts';
import { DecisionPanel } from '../inbox/decision-panel.tsx';
import { useExecution, useInbox } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import { Age } from '../ui/age.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { JsonTree } from '../ui/json-tree.tsx';
import { useKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { EXECUTION_LOOK } from '../ui/tone.ts';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { CheckpointList } from './checkpoint-list.tsx';
import { Elapsed } from './elapsed.tsx';
import { ExecutionActions } from './execution-actions.tsx';
import { edgeStates, nodeStates, progressOf } from './graph-state.ts';
import { LogView } from './log-view.tsx';
import { StepDetail } from './step-detail.tsx';
import { StepList } from './step-list.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { useRetry } from './use-retry.ts';
import styles from './execution-page.module.css';

const GraphView = lazy(() => import('../workflows/graph-view.tsx').then((module) => ({ default: module.GraphView })));

/** One execution: its graph lighting up, every step, its log, and the approval answered in place. */
export function ExecutionPage() {
  const { id } = useParams({ from: '/app/executions/$id' });
  const search = useSearch({ from: '/app/executions/$id' });
  const navigate = useNavigate();
  const { data: execution, error } = useExecution(id);
  const { busy: retrying, retry } = useRetry(id);
  const graph = useQuery(executionGraphQuery(id));
  const me = useQuery(meQuery).data;
  const phone = useMedia(PHONE);
  const waiting = useInbox().data?.open.filter((item) => item.executionId === id) ?? [];
  const nodes = useMemo(() => nodeStates(execution?.steps ?? []), [execution?.steps]);
  const edges = useMemo(() => (graph.data ? edgeStates(graph.data, nodes) : new Map()), [graph.data, nodes]);

  const steps = execution?.steps ?? [];
  const step = chosenStep(steps, search);
  const node = search.node ?? step?.nodeId ?? null;
  const tab = search.tab ?? (step ? 'step' : 'log');
  const go = (to: { node?: string | undefined; step?: string | undefined; tab?: string | undefined }): void => {
    const next = Object.fromEntries(Object.entries(to).filter(([, value]) => value !== undefined));
    void navigate({ to: '/executions/$id', params: { id }, search: next, replace: true });
  };
  const selectStep = (to: Step): void => go({ step: to.id, tab: tab === 'log' && search.tab ? 'log' : undefined });
  const move = (by: number): void => {
    const at = steps.findIndex((each) => each.id === step?.id);
    const to = steps[at === -1 ? 0 : Math.max(0, Math.min(steps.length - 1, at + by))];
    if (to) selectStep(to);
  };
  useKeys({ j: () => move(1), k: () => move(-1), l: () => go({ ...search, tab: 'log' }), Escape: () => go({}) });

  if (!execution) {
    return (
      <Page title="Execution" back={{ to: '/executions', label: 'Executions' }}>
        {error ? <ErrorNote error={new Error(error)} /> : <Loading rows={8} label="Loading the execution" />}
      </Page>
    );
  }
  const operates = me?.permissions.includes('operate') ?? false;
  const progress = progressOf(graph.data?.nodes.length ?? nodes.size, nodes);
  const asks = waiting.map((item, index) => (
    <section key={item.id} className={styles['ask']} aria-label="Waits for you">
      <DecisionPanel item={item} mayAnswer={operates} inPlace keys={index === 0} />
    </section>
  ));
  return (
    <Page
      title={execution.name}
      titleText={`${execution.name} · ${EXECUTION_LOOK[execution.status].word}`}
      back={{ to: '/executions', label: 'Executions' }}
      status={<StatusBadge look={EXECUTION_LOOK[execution.status]} />}
      actions={operates && <ExecutionActions execution={execution} />}
      meta={<Facts execution={execution} />}
    >
      <ProgressBar {...progress} tone={EXECUTION_LOOK[execution.status].tone} />
      {execution.error && (
        <div className={styles['error']} role="alert">
          <b>{execution.error.code}</b>
          {execution.error.nodeId && (
            <button type="button" onClick={() => go({ node: execution.error?.nodeId })}>
              {execution.error.nodeId}
            </button>
          )}
          <p>{execution.error.message}</p>
        </div>
      )}
      {phone && asks}
      <Panel flush className={styles['graph']}>
        {graph.error ? (
          <ErrorNote error={graph.error} onRetry={() => void graph.refetch()} />
        ) : graph.data ? (
          <Suspense fallback={<Loading rows={3} label="Loading the graph" />}>
            <GraphView
              graph={graph.data}
              selected={node}
              onSelect={(nodeId) => go(nodeId ? { node: nodeId, tab: search.tab === 'log' ? 'log' : undefined } : {})}
              nodeStates={nodes}
              edgeStates={edges}
            />
          </Suspense>
        ) : null}
      </Panel>
      {!phone && asks}
      <div className={styles['columns']}>
        <StepList steps={steps} selected={step?.id ?? null} node={search.node ?? null} onSelect={selectStep} />
        <Panel flush className={styles['detail']}>
          <Tabs
            label="Details"
            value={tab}
            onChange={(next) =>
              go({ ...(search.step ? { step: search.step } : search.node ? { node: search.node } : {}), tab: next })
            }
            tabs={[
              { value: 'step', label: step ? `Step ${step.nodeId}` : 'Step' },
              { value: 'log', label: 'Log' },
              { value: 'data', label: 'Inputs and outputs' },
              { value: 'history', label: 'Checkpoints' },
            ]}
          />
          {tab === 'log' ? (
            <LogView executionId={id} nodeId={node} onShowAll={() => go({ tab: 'log' })} />
          ) : tab === 'history' ? (
            <CheckpointList execution={execution} mayFork={operates} />
          ) : tab === 'data' ? (
            <div className={styles['data']}>
              <h3>Inputs</h3>
              {Object.keys(execution.inputs).length === 0 ? <p>None</p> : <JsonTree value={execution.inputs} />}
              <h3>Outputs</h3>
              {execution.outputs === undefined ? (
                <p>{execution.finishedAt ? 'None' : 'Not yet'}</p>
              ) : (
                <JsonTree value={execution.outputs} />
              )}
            </div>
          ) : step ? (
            <StepDetail
              step={step}
              steps={steps}
              mayOperate={operates}
              onSelect={selectStep}
              onLog={() => go({ step: step.id, tab: 'log' })}
              retry={operates && execution.finishedAt ? { busy: retrying, from: retry } : undefined}
            />
          ) : (
            <Empty icon="execution" title={node ? `${node} has not started yet` : 'Choose a step'}>
              {node
                ? 'It starts when what it depends on has ended.'
                : 'Select a node in the graph or a step in the list, or use j and k.'}
            </Empty>
          )}
        </Panel>
      </div>
    </Page>
  );
}

function Facts({ execution }: { execution: Execution }) {
  return (
    <>
      {execution.workflowId ? (
        <Link to="/workflows/$id" params={{ id: execution.workflowId }}>
          workflow version {execution.version}
        </Link>
      ) : (
        <span>inline document</span>
      )}
      {execution.origin && (
        <Link to="/executions/$id" params={{ id: execution.origin.executionId }}>
          {execution.origin.kind} of {execution.origin.executionId.slice(-6)}
        </Link>
      )}
      <span>
        started <Age since={execution.startedAt ?? execution.createdAt} ago />
      </span>
      <span>
        took <Elapsed startedAt={execution.startedAt} finishedAt={execution.finishedAt} />
      </span>
      {execution.usage.cost > 0 && <span>${execution.usage.cost.toFixed(2)}</span>}
      <code title="The id of this execution">{execution.id}</code>
    </>
  );
}

function chosenStep(steps: readonly Step[], search: { step?: string; node?: string }): Step | undefined {
  if (search.step) return steps.find((step) => step.id === search.step);
  // Of a map first the whole, then its items.
  if (search.node)
    return (
      steps.findLast((step) => step.nodeId === search.node && !step.item) ??
      steps.findLast((step) => step.nodeId === search.node)
    );
  return undefined;
}
