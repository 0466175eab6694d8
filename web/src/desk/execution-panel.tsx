import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { executionGraphQuery } from '../api/queries.ts';
import { Elapsed } from '../executions/elapsed.tsx';
import { ExecutionGraph } from '../executions/execution-graph.tsx';
import { nodeStates, progressOf } from '../executions/graph-state.ts';
import { LogView } from '../executions/log-view.tsx';
import { ProgressBar } from '../executions/progress-bar.tsx';
import { useExecution } from '../live/use-topic.ts';
import { NoExecution } from '../executions/no-execution.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { EXECUTION_LOOK } from '../ui/tone.ts';
import { t } from '../words/words.ts';
import styles from './desk.module.css';

/** An execution's graph as it lights up, or its log; and how far it is. */
export function ExecutionPanel({ id, show, active }: { id: string; show: 'graph' | 'log'; active: boolean }) {
  const { data: execution, error } = useExecution(id);
  const graph = useQuery({ ...executionGraphQuery(id), enabled: execution !== undefined });
  const nodes = useMemo(() => nodeStates(execution?.steps ?? []), [execution?.steps]);
  const [selected, select] = useState<string | null>(null);
  const [line, setLine] = useState<number | null>(null);
  if (execution === null) return <NoExecution />;
  if (!execution)
    return error ? <ErrorNote error={new Error(error)} /> : <Loading rows={6} label={t('Loading the execution')} />;
  const progress = progressOf(graph.data?.nodes.length ?? nodes.size, nodes);
  return (
    <div className={styles['body']}>
      <div className={styles['note']}>
        <ProgressBar {...progress} tone={EXECUTION_LOOK[execution.status].tone} />
        <Elapsed startedAt={execution.startedAt} finishedAt={execution.finishedAt} />
        <Link to="/executions/$id" params={{ id }} search={selected && show === 'graph' ? { node: selected } : {}}>
          {selected && show === 'graph' ? t('Its page, at {selected}', { selected }) : t('Its page')}
        </Link>
      </div>
      <div className={styles['fills']}>
        {show === 'graph' ? (
          <ExecutionGraph executionId={id} steps={execution.steps} selected={selected} onSelect={select} />
        ) : (
          <LogView
            executionId={id}
            filter={null}
            line={line}
            onLine={setLine}
            onShowAll={() => undefined}
            keys={active}
            hrefOf={(seq) => `/executions/${id}?tab=log&line=${seq}`}
          />
        )}
      </div>
    </div>
  );
}
