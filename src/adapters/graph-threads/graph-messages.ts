/** What a graph's thread and the server tell each other. */
import type { GraphInterrupt } from '../../ports/registered-graphs.ts';

export interface GraphPlace {
  /** Absolute. */
  module: string;
  /** Without it `graph`, else `default`. */
  export?: string | undefined;
}

export type SaverMethod = 'getTuple' | 'list' | 'put' | 'putWrites';

export type ToThread =
  | {
      type: 'run';
      threadId: string;
      input: unknown;
      answers?: Record<string, unknown> | undefined;
      trace: { name: string; metadata: Record<string, string>; parent?: string };
    }
  | { type: 'abort'; threadId: string }
  | { type: 'kept'; call: number; value: unknown }
  | { type: 'not_kept'; call: number; reason: string };

export type FromThread =
  | { type: 'loaded'; nodes: string[] }
  | { type: 'broken'; reason: string }
  | { type: 'keep'; call: number; threadId: string; method: SaverMethod; given: unknown[] }
  | { type: 'ended'; threadId: string; outcome: ThreadOutcome };

export type ThreadOutcome =
  | { outcome: 'finished'; state: unknown }
  | { outcome: 'interrupted'; interrupts: GraphInterrupt[] }
  | { outcome: 'failed'; code: 'GRAPH_FAILED' | 'GRAPH_STATE_INVALID'; reason: string };
