import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Execution } from '../../../src/contract/executions.ts';
import { executionGraphQuery } from '../api/queries.ts';
import { useExecution } from '../live/use-topic.ts';
import { EXECUTION_LOOK } from '../ui/tone.ts';
import { ExecutionRow } from './execution-row.tsx';
import { nodeStates, progressOf } from './graph-state.ts';
import { ProgressBar } from './progress-bar.tsx';

/** An execution under way, with how far it is. */
export function ActiveExecutionRow({ execution }: { execution: Execution }) {
  const steps = useExecution(execution.id).data?.steps;
  const graph = useQuery(executionGraphQuery(execution.id)).data;
  const progress = useMemo(
    () => (steps && graph ? progressOf(graph.nodes.length, nodeStates(steps)) : null),
    [steps, graph],
  );
  return (
    <ExecutionRow
      execution={execution}
      progress={progress && <ProgressBar {...progress} tone={EXECUTION_LOOK[execution.status].tone} />}
    />
  );
}
