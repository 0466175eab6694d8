import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Step } from '../../../src/contract/executions.ts';
import { executionGraphQuery, meQuery } from '../api/queries.ts';
import { OpenOnDesk } from '../desk/open-on-desk.tsx';
import { panelOfExecution } from '../desk/panel-kinds.ts';
import { EmbedButton } from '../embed/embed-dialog.tsx';
import { DecisionPanel } from '../inbox/decision-panel.tsx';
import { useExecution, useInbox } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import type { ExecutionSearch } from '../shell/router.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { NoExecution } from './no-execution.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { JsonExplorer } from '../ui/json-explorer.tsx';
import { useKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { EXECUTION_LOOK } from '../ui/tone.ts';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { CheckpointList } from './checkpoint-list.tsx';
import { AgentDrawer } from './agent-drawer.tsx';
import { ExecutionActions } from './execution-actions.tsx';
import { ExecutionFacts } from './execution-facts.tsx';
import { ExecutionGraph } from './execution-graph.tsx';
import { nodeStates, progressOf } from './graph-state.ts';
import { LogView } from './log-view.tsx';
import { StepDetail } from './step-detail.tsx';
import { StepList } from './step-list.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { TimelineView } from './timeline-view.tsx';
import { stepName } from './timeline-words.ts';
import { TimeSummary } from './time-summary.tsx';
import { useRetry } from './use-retry.ts';
import { useStepTimes } from './use-step-times.ts';
import { t } from '../words/words.ts';
import styles from './execution-page.module.css';

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
  const family = new Set([id, ...(execution?.steps ?? []).flatMap((each) => each.childExecutionId ?? [])]);
  const inbox = useInbox();
  const waiting = inbox.data?.open.filter((item) => family.has(item.executionId ?? '')) ?? [];
  const nodes = useMemo(() => nodeStates(execution?.steps ?? []), [execution?.steps]);

  const steps = execution?.steps ?? [];
  const step = chosenStep(steps, search);
  const node = search.node ?? step?.nodeId ?? null;
  const tab = search.tab ?? (step ? 'step' : 'log');
  const view = search.view === 'timeline' ? 'timeline' : 'graph';
  /** What is chosen; how the whole is shown stays. */
  const go = (to: Loose<ExecutionSearch>): void => {
    const next = { view: search.view, agent: search.agent, ...to };
    const named = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined));
    void navigate({ to: '/executions/$id', params: { id }, search: named, replace: true });
  };
  const times = useStepTimes(execution ?? undefined, graph.data);
  const selectStep = (to: Step): void => go({ step: to.id, tab: tab === 'log' && search.tab ? 'log' : undefined });
  const move = (by: number): void => {
    const at = steps.findIndex((each) => each.id === step?.id);
    const to = steps[at === -1 ? 0 : Math.max(0, Math.min(steps.length - 1, at + by))];
    if (to) selectStep(to);
  };
  const show = (what: string): void => go({ ...search, view: what === 'timeline' ? what : undefined });
  useKeys('Execution', {
    j: [t('Next step'), () => move(1)],
    k: [t('Previous step'), () => move(-1)],
    l: [t('Logs'), () => go({ ...search, tab: 'log' })],
    i: [t('Inputs and outputs'), () => go({ ...search, tab: 'data' })],
    c: [t('Checkpoints, to fork from'), () => go({ ...search, tab: 'history' })],
    v: [t('Graph or timeline'), () => show(view === 'timeline' ? 'graph' : 'timeline')],
    Escape: [t('Choose no step'), search.step || search.node ? () => go({}) : null],
  });
  const logFilter =
    search.step && step
      ? { by: { step: step.id }, label: stepName({ step }) }
      : node
        ? { by: { node }, label: node }
        : null;
  const data = useMemo(
    () => [
      { title: t('Inputs'), value: execution?.inputs, root: 'inputs', none: t('None') },
      {
        title: t('Outputs'),
        value: execution?.outputs,
        root: 'outputs',
        none: execution?.finishedAt ? t('None') : t('Not yet'),
      },
    ],
    [execution?.inputs, execution?.outputs, execution?.finishedAt],
  );

  // What it waits for stands above the rest, so the rest does not come before it and jump.
  const asksSoon = execution?.status === 'waiting' && !inbox.data && !inbox.error;
  if (!execution || asksSoon) {
    return (
      <Page title={t('Execution')} back={{ to: '/executions', label: t('Executions') }}>
        {execution === null ? (
          <NoExecution />
        ) : error ? (
          <ErrorNote error={new Error(error)} />
        ) : (
          <Loading rows={8} label={t('Loading the execution')} />
        )}
      </Page>
    );
  }
  const operates = me?.permissions.includes('operate') ?? false;
  const progress = progressOf(graph.data?.nodes.length ?? nodes.size, nodes);
  const asks = waiting.map((item, index) => (
    <section key={item.id} className={styles['ask']} aria-label={t('Waits for you')}>
      <DecisionPanel item={item} mayAnswer={operates} inPlace keys={index === 0} />
    </section>
  ));
  return (
    <Page
      title={execution.name}
      titleText={`${execution.name} · ${EXECUTION_LOOK[execution.status].word}`}
      back={{ to: '/executions', label: t('Executions') }}
      status={<StatusBadge look={EXECUTION_LOOK[execution.status]} />}
      actions={
        <>
          <OpenOnDesk panels={[panelOfExecution(execution)]} />
          {operates && <EmbedButton what={{ show: 'execution', id }} />}
          {operates && <ExecutionActions execution={execution} />}
        </>
      }
      meta={<ExecutionFacts execution={execution} />}
    >
      <div className={styles['how']}>
        <ProgressBar {...progress} tone={EXECUTION_LOOK[execution.status].tone} />
        <TimeSummary path={times.path} running={!execution.finishedAt} />
      </div>
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
      <Panel flush className={styles['whole']}>
        <Tabs
          label={t('The whole execution')}
          value={view}
          onChange={show}
          tabs={[
            { value: 'graph', label: t('Graph') },
            { value: 'timeline', label: t('Timeline') },
          ]}
        />
        <div className={styles['graph']}>
          {view === 'timeline' ? (
            <TimelineView {...times} selected={step?.id ?? null} onSelect={selectStep} />
          ) : (
            <ExecutionGraph
              executionId={id}
              steps={steps}
              selected={node}
              onSelect={(nodeId) => go(nodeId ? { node: nodeId, tab: search.tab === 'log' ? 'log' : undefined } : {})}
            />
          )}
        </div>
      </Panel>
      {!phone && asks}
      <div className={styles['columns']}>
        <StepList
          steps={steps}
          times={times.times}
          scale={times.scale}
          progress={execution.progress}
          selected={step?.id ?? null}
          node={search.node ?? null}
          onSelect={selectStep}
        />
        <Panel flush className={styles['detail']}>
          <Tabs
            label={t('Details')}
            value={tab}
            onChange={(next) =>
              go({ ...(search.step ? { step: search.step } : search.node ? { node: search.node } : {}), tab: next })
            }
            tabs={[
              { value: 'step', label: step ? t('Step {nodeId}', { nodeId: step.nodeId }) : t('Step') },
              { value: 'log', label: t('Log') },
              { value: 'data', label: t('Inputs and outputs') },
              { value: 'history', label: t('Checkpoints') },
            ]}
          />
          {tab === 'log' ? (
            <LogView
              key={`${id} ${logFilter?.label ?? ''} ${logFilter?.by.step ?? ''}`}
              executionId={id}
              filter={logFilter}
              line={search.line ?? null}
              onLine={(line) => go({ ...search, tab: 'log', line: line ?? undefined })}
              onShowAll={() => go({ tab: 'log' })}
            />
          ) : tab === 'history' ? (
            <CheckpointList execution={execution} mayFork={operates} />
          ) : tab === 'data' ? (
            <div className={styles['data']}>
              <JsonExplorer parts={data} />
            </div>
          ) : step ? (
            <StepDetail
              step={step}
              steps={steps}
              progress={execution.progress}
              mayOperate={operates}
              onSelect={selectStep}
              onLog={() => go({ step: step.id, tab: 'log' })}
              onAgent={(agent) => go({ ...search, step: step.id, agent })}
              retry={operates && execution.finishedAt ? { busy: retrying, from: retry } : undefined}
            />
          ) : (
            <Empty icon="execution" title={node ? t('{node} has not started yet', { node }) : t('Choose a step')}>
              {node
                ? t('It starts when what it depends on has ended.')
                : t('Select a node in the graph or a step in the list, or use j and k.')}
            </Empty>
          )}
        </Panel>
      </div>
      {search.agent && (
        <AgentDrawer
          key={search.agent}
          agentId={search.agent}
          executionId={id}
          step={step}
          mayType={operates}
          onClose={() => go({ ...search, agent: undefined })}
        />
      )}
    </Page>
  );
}

type Loose<T> = { [P in keyof T]?: T[P] | undefined };

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
