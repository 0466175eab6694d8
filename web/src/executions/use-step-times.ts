/** The times of an execution's steps, and the path that explains how long it took; moving while something runs. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Execution } from '../../../src/contract/executions.ts';
import type { CompiledGraph } from '../../../src/contract/workflows.ts';
import { executionItemsQuery } from '../api/queries.ts';
import { useInbox } from '../live/use-topic.ts';
import { useNow } from '../ui/now.ts';
import { type CriticalPath, criticalPath } from './critical-path.ts';
import { type StepTime, stepTimes } from './step-times.ts';
import type { TimeScale } from './time-scale.ts';

export interface ExecutionTimes {
  times: readonly StepTime[];
  scale: TimeScale;
  path: CriticalPath | null;
}

const NO_GRAPH = { nodes: [], edges: [] };
const NO_ITEMS: never[] = [];

export function useStepTimes(execution: Execution | undefined, graph: CompiledGraph | undefined): ExecutionTimes {
  const id = execution?.id ?? '';
  const inbox = useInbox().data;
  // Every question that opens or is answered is a reason to read them again.
  const seen = [...(inbox?.open ?? []), ...(inbox?.closed ?? [])]
    .filter((item) => item.executionId === id)
    .map((item) => `${item.id} ${item.state}`)
    .join();
  const items = useQuery({ ...executionItemsQuery(id, seen), enabled: id !== '' }).data ?? NO_ITEMS;
  const now = useNow(execution !== undefined && !execution.finishedAt);
  return useMemo(() => {
    const times = execution ? stepTimes(execution, graph ?? NO_GRAPH, items, now) : [];
    const ends = times.flatMap(({ ready, to }) => [ready, to]);
    const scale = {
      from: ends.reduce((least, at) => Math.min(least, at), Infinity),
      to: ends.reduce((most, at) => Math.max(most, at), -Infinity),
    };
    return { times, scale: times.length > 0 ? scale : { from: 0, to: 1 }, path: criticalPath(times) };
  }, [execution, graph, items, now]);
}
