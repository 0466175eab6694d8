import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';
import type { Step } from '../../../src/contract/executions.ts';
import { executionGraphQuery } from '../api/queries.ts';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { edgeStates, nodeStates } from './graph-state.ts';
import { t } from '../words/words.ts';

const GraphView = lazy(() => import('../workflows/graph-view.tsx').then((module) => ({ default: module.GraphView })));

interface Props {
  executionId: string;
  steps: readonly Step[];
  selected: string | null;
  onSelect: (nodeId: string | null) => void;
}

/** The graph of an execution as it lights up, in the box it is put into. */
export function ExecutionGraph({ executionId, steps, selected, onSelect }: Props) {
  const graph = useQuery(executionGraphQuery(executionId));
  const nodes = useMemo(() => nodeStates(steps), [steps]);
  const edges = useMemo(() => (graph.data ? edgeStates(graph.data, nodes) : new Map()), [graph.data, nodes]);
  if (graph.error) return <ErrorNote error={graph.error} onRetry={() => void graph.refetch()} />;
  if (!graph.data) return null;
  return (
    <Suspense fallback={<Loading rows={3} label={t('Loading the graph')} />}>
      <GraphView graph={graph.data} selected={selected} onSelect={onSelect} nodeStates={nodes} edgeStates={edges} />
    </Suspense>
  );
}
