/**
 * Graphs of LangGraph.js that an administrator has registered, run apart from everything else. What they keep, they keep
 * in the checkpoints they are given, so a run that was cut off goes on there.
 */
import type { RegisteredGraph } from '../contract/graphs.ts';

/** What LangGraph asks of a saver, as JSON: configurations, checkpoints and writes have its own shapes. */
export interface GraphCheckpoints {
  getTuple(config: object): Promise<object | null>;
  list(config: object, options: object): Promise<object[]>;
  put(config: object, checkpoint: object, metadata: object, newVersions: object): Promise<object>;
  putWrites(config: object, writes: [channel: string, value: unknown][], taskId: string): Promise<void>;
}

/** What a graph asks a person. */
export interface GraphInterrupt {
  id: string;
  value: unknown;
  /** JSON Schema of the answer, where the graph says it. */
  schema?: Record<string, unknown>;
}

export interface GraphRun {
  graph: string;
  /** One run at a time. */
  threadId: string;
  /** Taken when the thread has no checkpoint yet; otherwise it goes on from the newest. */
  input: unknown;
  /** By interrupt: what it goes on with. */
  answers?: Record<string, unknown>;
  checkpoints: GraphCheckpoints;
  /** For traces. */
  trace: { name: string; metadata: Record<string, string>; parent?: string };
  signal: AbortSignal;
}

export type GraphOutcome =
  | { outcome: 'finished'; state: unknown }
  | { outcome: 'interrupted'; interrupts: GraphInterrupt[] }
  /** Nobody has registered it, its module cannot be loaded, or it is no graph. */
  | { outcome: 'unavailable'; code: 'GRAPH_NOT_FOUND' | 'GRAPH_UNAVAILABLE'; reason: string }
  | { outcome: 'failed'; code: 'GRAPH_FAILED' | 'GRAPH_STATE_INVALID'; reason: string }
  /** Another run of this graph did not stop when it was told to, and had to be ended with all of them: run it again. */
  | { outcome: 'displaced' }
  | { outcome: 'aborted' };

export interface RegisteredGraphs {
  list(): RegisteredGraph[];
  /** Loads each once, one after the other, to see whether it can be run. */
  check(): Promise<void>;
  /** Never rejects. An abort is heeded within seconds, whatever the graph does. */
  run(run: GraphRun): Promise<GraphOutcome>;
  close(): Promise<void>;
}
