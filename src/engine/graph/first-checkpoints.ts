/** The checkpoints of an execution before there is a graph: as LangGraph writes them for START and the first visit. */
import { type Checkpoint, type CheckpointMetadata, uuid6 } from '@langchain/langgraph-checkpoint';
import type { Visited } from './visits.ts';

export function checkpointAfter(visits: 0 | 1, { state, finished }: Visited): Checkpoint {
  const version = visits + 2;
  return {
    v: 4,
    id: uuid6(visits),
    ts: new Date().toISOString(),
    channel_values: {
      __pregel_tasks: [],
      state,
      finished,
      ...(finished ? {} : { 'branch:to:advance': visits === 0 ? null : 'advance' }),
    },
    channel_versions: { __start__: 2, state: version, finished: version, 'branch:to:advance': version },
    versions_seen: {
      __input__: {},
      __start__: { __start__: 1 },
      ...(visits === 1 ? { advance: { 'branch:to:advance': 2 } } : {}),
    },
  };
}

export function metadataAfter(visits: 0 | 1): CheckpointMetadata {
  return { source: 'loop', step: visits, parents: {} };
}
