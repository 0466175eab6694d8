import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { executionGraphQuery } from '../api/queries.ts';
import { Elapsed } from '../executions/elapsed.tsx';
import { ExecutionGraph } from '../executions/execution-graph.tsx';
import { nodeStates, progressOf } from '../executions/graph-state.ts';
import { ProgressBar } from '../executions/progress-bar.tsx';
import { useExecution } from '../live/use-topic.ts';
import { Empty, Loading } from '../ui/empty.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { EXECUTION_LOOK } from '../ui/tone.ts';
import { t } from '../words/words.ts';
import styles from './embed.module.css';

/** The graph as it lights up. */
export function EmbeddedExecution({ id }: { id: string }) {
  const { data: execution, error } = useExecution(id);
  const graph = useQuery({ ...executionGraphQuery(id), enabled: Boolean(execution) });
  const [selected, select] = useState<string | null>(null);
  const nodes = useMemo(() => nodeStates(execution?.steps ?? []), [execution?.steps]);
  if (error || execution === null) return <Empty icon="alert" title={t('This execution is not there any more')} />;
  if (!execution) return <Loading rows={6} label={t('Loading the execution')} />;
  const look = EXECUTION_LOOK[execution.status];
  return (
    <>
      <header className={styles['head']}>
        <h1>{execution.name}</h1>
        <StatusBadge look={look} />
        <span>
          <Elapsed startedAt={execution.startedAt} finishedAt={execution.finishedAt} />
        </span>
      </header>
      <ProgressBar {...progressOf(graph.data?.nodes.length ?? nodes.size, nodes)} tone={look.tone} />
      <div className={styles['graph']}>
        <ExecutionGraph executionId={id} steps={execution.steps} selected={selected} onSelect={select} />
      </div>
    </>
  );
}
