// The compiled form of a valid document: everything settle needs at hand, so that an event costs no scan of the graph.
import type { PinnedDocument, PinnedOutcome } from '../../contract/pinned-outcomes.ts';
import type { EdgeOn, NodeType } from '../../contract/workflow-document.ts';
import type { Expression } from '../expression/expression.ts';
import type { ConfigTemplate } from './config-template.ts';
import type { Loop } from './loop-structure.ts';

/** Lives in memory only; compile it again from the document after a restart. */
export interface Plan {
  document: PinnedDocument;
  name: string;
  nodes: ReadonlyMap<string, PlanNode>;
  /** In document order; an edge's index is its identity. */
  edges: readonly PlanEdge[];
  loops: readonly PlanLoop[];
  /** Nodes that start at once, in document order. */
  starts: readonly string[];
  outputs: readonly { name: string; expression: Expression }[];
}

export interface PlanNode {
  id: string;
  task: PlanTask;
  /** Edge indexes; loop edges are not among the incoming. */
  incoming: readonly number[];
  outgoing: readonly number[];
  /** 0 for `all`, else how many live edges fire the join. */
  quorum: number;
  /** Nodes all of whose paths lead here, when the join cancels the rest. */
  rest: readonly string[];
  /** Loops whose body holds the node, outermost first. */
  loops: readonly number[];
  /** The approval's out-edges decide, so a reject is no failure (rule 7). */
  branches: boolean;
  /** How its visits end, without any effect; of several the last one stays. */
  pinned?: readonly PinnedOutcome[];
}

/** What a node, or an item of a map, does. */
export interface PlanTask {
  type: NodeType;
  template: ConfigTemplate;
  config: Readonly<Record<string, unknown>>;
  timeoutMs?: number;
  retry: { max: number; backoffMs: number; factor: number; on?: readonly string[] };
  onError: 'fail' | 'continue';
  /** Only of a map. */
  items?: { as: string; concurrency: number; task: PlanTask; merge: boolean };
}

export interface PlanEdge {
  index: number;
  from: string;
  to: string;
  on: EdgeOn;
  when?: Expression;
  otherwise: boolean;
  max?: number;
  /** The loop it closes. */
  loop?: number;
  /** Loops whose body it leaves: it settles when all of them are done. */
  leaves: readonly number[];
}

export interface PlanLoop extends Omit<Loop, 'target' | 'body'> {
  target: string;
  body: readonly string[];
  /** Loops inside it: their counts restart with each of its iterations. */
  inner: readonly number[];
}
