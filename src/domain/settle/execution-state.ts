// The state of one execution between two calls of settle: plain JSON, unchanged entries keep their identity.
import type { ExecutionStatus, Step, StepError } from '../../contract/executions.ts';
import type { PauseHold, SettleEvent } from './settle-events.ts';
import type { Shelf } from './shelf.ts';

/** What `execution` is in expressions; the host may add fields. */
export interface ExecutionInfo {
  id: string;
  workflowId: string | null;
  version: number;
  name: string;
  startedAt?: string;
  [field: string]: unknown;
}

export interface ExecutionState {
  version: 1;
  execution: ExecutionInfo;
  inputs: Record<string, unknown>;
  status: ExecutionStatus;
  /** By node id; a node without an entry was not reached yet. Read with `shelfGet`. */
  nodes: Shelf<NodeState>;
  /** Unfinished visits, and finished items of unfinished maps, by run key (`node:iteration:item`). */
  runs: Shelf<Run>;
  /** The values a running map goes over, by the map's run key. */
  lists: Shelf<unknown[]>;
  /** By loop number of the plan. */
  loops: Record<string, LoopState>;
  signals: Record<string, Signal[]>;
  /** How many signals of a name a wait has consumed: `node[:item]|name`. */
  signalCursors: Record<string, number>;
  /** Run keys of waits, by the event name they wait for. */
  waiters: Record<string, string[]>;
  /** Failures that nothing handled so far, oldest first. */
  failures: OpenFailure[];
  paused: boolean;
  /** What keeps it paused; absent in a state from before there was more than a person. */
  holds?: PauseHold[];
  /** `timedOut`: its deadline did, nobody. */
  cancelRequested?: { at: string; by: string | null; timedOut?: true };
  /** When it is cancelled by itself; only of an execution that another one has started. */
  deadline?: string;
  /**
   * Moves held back by a pause, in order: `node:ID`, `map:RUN`, `retry:RUN`. An execution that goes on from another one
   * begins with some as well, and with `end:NODE`, `edge:INDEX` and `again:RUN`.
   */
  held: string[];
  /** Answers, expiries, timers and signals recorded during a pause. */
  deferred: SettleEvent[];
  /** Unfinished runs; those that occupy a process or a merge; those that only wait for people or timers. */
  counts: { live: number; active: number; waiting: number };
  outputs?: Record<string, unknown>;
  error?: StepError;
  /** Only of one with a worktree of its own; absent also in a state from before files were kept. */
  files?: FilesThen;
}

/** The files of the execution's worktree: as they were before its first step, or as the newest step left them. */
export type FilesThen =
  | { outcome: 'first' }
  /** `number` grows with the order in which they were kept; reports of steps that end together may come in another. */
  | { outcome: 'kept'; commit: string; number: number }
  | { outcome: 'lost'; reason: string };

export type NodeStatus = 'succeeded' | 'failed' | 'skipped' | 'cancelled';

/** `exhausted`-like details live in `error`; `held` edges wait for their loop to end. */
export type EdgeOutcome = 'live' | 'dead' | 'broken' | 'poisoned';

export interface NodeState {
  /** Visit number, from 1. */
  iteration: number;
  phase: 'idle' | 'ready' | 'active' | 'cancelling' | 'ended';
  /** The newest finished iteration: what expressions see. */
  result?: NodeResult;
  /** Outcomes of the out-edges in the order of the plan, once the node ended. */
  out?: EdgeOutcome[];
  /** Settled incoming edges of this iteration (loop edges are not counted). */
  in?: { live: number; dead: number; broken: number };
  /** A quorum join fired in this iteration. */
  fired?: boolean;
  /** The loop edge that started this iteration. */
  via?: number;
}

export interface NodeResult {
  iteration: number;
  status: NodeStatus;
  reason?: string;
  output?: unknown;
  error?: StepError;
  itemErrors?: ItemError[];
}

export interface ItemError {
  index: number;
  key?: string;
  code: string;
  message: string;
  output?: unknown;
}

/** `done` when no loop edge went live in this iteration: then the edges that leave the body settle. */
export interface LoopState {
  taken: Record<string, number>;
  notTaken: number;
  done: boolean;
  /** A loop edge went live, but nodes of the body are still running. */
  restart?: { edge: number; poisoned?: StepError };
}

export interface OpenFailure {
  nodeId: string;
  iteration: number;
  error: StepError;
  /** A later iteration cannot handle it any more. */
  final?: boolean;
}

export interface Signal {
  id: string;
  data?: unknown;
  at: string;
}

/**
 * One visit of a node, or of one item of a map. `pending`: its intent is out; `backoff`: waits for the next attempt;
 * `unknown`: a person decides; `map`: its items run; `stopping`: told to stop, not gone yet.
 */
export interface Run {
  key: string;
  nodeId: string;
  iteration: number;
  /** Item indexes from the outermost map to this run; empty for the node itself. */
  path: number[];
  itemKey?: string;
  attempt: number;
  /** Attempts before the present round of retries. */
  baseAttempt: number;
  phase: 'pending' | 'running' | 'waiting' | 'backoff' | 'unknown' | 'map' | 'stopping' | 'merging' | 'ended';
  /** The step of the current attempt, as last reported. */
  step: Step;
  stopping?: 'cancelled' | 'lost_quorum' | 'timeout';
  timerId?: string;
  /** What an approval or a wait needs when it ends. */
  onExpire?: 'reject' | 'approve' | 'fail';
  event?: string;
  /** Only of a map. */
  map?: MapProgress;
  /** How it ended; only of a finished item. */
  outcome?: 'succeeded' | 'failed' | 'cancelled';
  merged?: boolean;
}

export interface MapProgress {
  size: number;
  /** Items up to here were started. */
  next: number;
  unfinished: number;
  ended: number;
  failed: boolean;
  timedOut?: boolean;
  /** Items to run again by a retry of the map, in order. */
  again?: number[];
  /** Next item to merge, with `merge: sequential`. */
  mergeNext?: number;
  merging?: boolean;
  conflict?: string;
}
