import { useQueries, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import Button from '@mui/material/Button';
import { lazy, Suspense, useMemo } from 'react';
import { executionDifferenceQuery, executionGraphQuery, executionQuery } from '../api/queries.ts';
import { Page } from '../shell/page.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { useKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { comparedExecutionGraph, compareNodes, differenceWords } from './execution-comparison.ts';
import { ComparedExecutions } from './compared-executions.tsx';
import { ChangeList, ComparedNode } from './compared-node.tsx';
import { nodeStates } from './graph-state.ts';
import { jsonChanges } from '../ui/json-paths.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './comparison-page.module.css';

const GraphView = lazy(() => import('../workflows/graph-view.tsx').then((module) => ({ default: module.GraphView })));

/** Two executions side by side: on one graph, and node by node. */
export function ComparisonPage() {
  const { id, other } = useParams({ from: '/app/executions/$id/compare/$other' });
  const search = useSearch({ from: '/app/executions/$id/compare/$other' });
  const navigate = useNavigate();
  const [a, b] = useQueries({ queries: [executionQuery(id), executionQuery(other)] });
  const [graphA, graphB] = useQueries({ queries: [executionGraphQuery(id), executionGraphQuery(other)] });
  const seen = `${a.data?.status} ${a.data?.steps.length} ${b.data?.status} ${b.data?.steps.length}`;
  const difference = useQuery({ ...executionDifferenceQuery(id, other, seen), enabled: Boolean(a.data && b.data) });
  const nodes = useMemo(
    () => (difference.data && a.data && b.data ? compareNodes(difference.data, a.data, b.data) : []),
    [difference.data, a.data, b.data],
  );
  const drawn = useMemo(
    () =>
      graphA.data && graphB.data && difference.data ? comparedExecutionGraph(graphA.data, graphB.data, nodes) : null,
    [graphA.data, graphB.data, difference.data, nodes],
  );
  const states = useMemo(() => nodeStates(b.data?.steps ?? []), [b.data?.steps]);
  const all = search.show === 'all';
  const go = (to: { node?: string | undefined; show?: string | undefined }): void => {
    const named = Object.fromEntries(Object.entries({ ...search, ...to }).filter(([, value]) => value !== undefined));
    void navigate({ to: '/executions/$id/compare/$other', params: { id, other }, search: named, replace: true });
  };
  const swap = (): void =>
    void navigate({ to: '/executions/$id/compare/$other', params: { id: other, other: id }, search, replace: true });
  const listed = nodes.filter(({ differs, id: nodeId }) => all || differs || nodeId === search.node);
  const move = (by: number): void => {
    const at = listed.findIndex((node) => node.id === search.node);
    go({ node: listed[at === -1 ? 0 : Math.max(0, Math.min(listed.length - 1, at + by))]?.id });
  };
  useKeys('Comparison', {
    j: [t('Next node'), () => move(1)],
    k: [t('Previous node'), () => move(-1)],
    x: [t('Change sides'), swap],
    Escape: [t('Choose no node'), search.node ? () => go({ node: undefined }) : null],
  });

  const error = a.error ?? b.error ?? difference.error;
  if (error || !a.data || !b.data || !difference.data) {
    return (
      <Page title={t('Comparison')} back={{ to: '/executions', label: t('Executions') }}>
        {error ? <ErrorNote error={error} /> : <Loading rows={8} label={t('Comparing')} />}
      </Page>
    );
  }
  const inputs = jsonChanges(a.data.inputs, b.data.inputs);
  const outputs = jsonChanges(a.data.outputs, b.data.outputs);
  const name =
    a.data.name === b.data.name ? a.data.name : t('{name} and {name2}', { name: a.data.name, name2: b.data.name });
  return (
    <Page
      title={t('Compare {name}', { name })}
      back={{ to: '/executions', label: t('Executions') }}
      actions={
        <Button startIcon={<Icon name="compare" />} onClick={swap} title={t('The other way round (x)')}>
          {t('Swap')}
        </Button>
      }
      meta={<span role="status">{differenceWords(difference.data, nodes)}</span>}
    >
      <ComparedExecutions a={a.data} b={b.data} />
      <Panel flush className={styles['graph']}>
        {drawn && (
          <Suspense fallback={<Loading rows={3} label={t('Loading the graph')} />}>
            <GraphView
              graph={drawn.graph}
              selected={search.node ?? null}
              onSelect={(node) => go({ node: node ?? undefined })}
              nodeStates={states}
              marks={drawn.marks}
            />
          </Suspense>
        )}
      </Panel>
      <Panel
        flush
        title={t('Nodes')}
        count={listed.length}
        actions={
          <label className={styles['all']}>
            <input type="checkbox" checked={all} onChange={() => go({ show: all ? undefined : 'all' })} />
            {t('Also those that do not differ')}
          </label>
        }
      >
        {listed.length === 0 ? (
          <Empty icon="check" title={t('Every node went the same way')}>
            {t('Status, attempts, inputs and outputs are equal.')}
          </Empty>
        ) : (
          <div className={styles['nodes']}>
            {listed.map((node) => (
              <ComparedNode
                key={node.id}
                node={node}
                open={node.id === search.node}
                onOpen={(open) => go({ node: open ? node.id : undefined })}
                links={{ a: id, b: other }}
              />
            ))}
          </div>
        )}
      </Panel>
      <div className={styles['values']}>
        <Panel title={t('Inputs')}>
          <ChangeList changes={inputs} root="inputs" same={t('The inputs are the same.')} />
        </Panel>
        <Panel title={t('Outputs')}>
          <ChangeList changes={outputs} root="outputs" same={t('The outputs are the same.')} />
        </Panel>
      </div>
      <p className={styles['back']}>
        <Link to="/executions/$id" params={{ id: other }}>
          {rich('Back to {slice}', { slice: other.slice(-6) })}
        </Link>
      </p>
    </Page>
  );
}
