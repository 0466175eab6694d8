// The names that expressions of an execution see (rule 15), and their evaluation with errors as values.
import type { StepError } from '../../contract/executions.ts';
import { type Expression, ExpressionError } from '../expression/expression.ts';
import type { Draft } from './draft.ts';
import type { NodeState, Run } from './execution-state.ts';
import { runKey } from './keys.ts';

export type Evaluated = { outcome: 'value'; value: unknown } | { outcome: 'failed'; error: StepError };

/** What `error` is: of the edge's source in a `when`, of the error edge's source in a node. */
export interface VisibleError {
  nodeId: string;
  code: string;
  message: string;
  output?: unknown;
}

interface Reader {
  error?: VisibleError | undefined;
  /** The item whose `as` and `index`, and those of the maps around it, are seen. */
  run?: Run | undefined;
}

/** Only the nodes that are read are put in: an expression costs what it reads, not what the graph holds. */
export function visibleNames(draft: Draft, readNodes: Iterable<string>, reader: Reader): Record<string, unknown> {
  const nodes: Record<string, unknown> = {};
  for (const id of readNodes) if (draft.plan.nodes.has(id)) nodes[id] = nodeView(draft.node(id));
  return {
    ...(reader.run ? itemNames(draft, reader.run) : {}),
    inputs: draft.inputs,
    nodes,
    execution: draft.state.execution,
    error: reader.error ?? null,
  };
}

export function evaluate(draft: Draft, expression: Expression, reader: Reader): Evaluated {
  const names = visibleNames(
    draft,
    expression.reads.nodes.map((read) => read.nodeId),
    reader,
  );
  return evaluated(() => expression.evaluate(names), names);
}

/** Turns what an expression throws into a result; everything else is a bug and goes on. */
export function evaluated(compute: () => unknown, names: Record<string, unknown>): Evaluated {
  try {
    return { outcome: 'value', value: compute() };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { outcome: 'failed', error: { code: 'EXPRESSION_FAILED', message: explained(error.message, names) } };
  }
}

function nodeView({ result }: NodeState): Record<string, unknown> {
  if (!result) return { status: 'pending' };
  return {
    status: result.status,
    ...(result.output === undefined ? {} : { output: result.output }),
    ...(result.error ? { error: result.error } : {}),
    ...(result.itemErrors ? { itemErrors: result.itemErrors } : {}),
  };
}

/** `as` and `index` of the item and of every map around it; the innermost `index` wins. */
function itemNames(draft: Draft, run: Run): Record<string, unknown> {
  const names: Record<string, unknown> = {};
  let items = draft.planNode(run.nodeId).task.items;
  for (let depth = 0; depth < run.path.length && items; depth++) {
    const list = draft.list(runKey(run.nodeId, run.iteration, run.path.slice(0, depth)));
    const index = run.path[depth] ?? 0;
    names[items.as] = list[index];
    names['index'] = index;
    items = items.task.items;
  }
  return names;
}

/** "No such key: output" says nothing about why; name the nodes that have none. */
function explained(message: string, names: Record<string, unknown>): string {
  if (!message.startsWith('No such key: output')) return message;
  const nodes = Object.entries(names['nodes'] as Record<string, { status: string; output?: unknown }>);
  const without = nodes.filter(([, view]) => view.output === undefined);
  if (without.length === 0) return message;
  const reasons = without.map(([id, view]) => `nodes.${id} has no output (${view.status})`).join(', ');
  return `${reasons}. Ask with has(nodes.ID.output) before you read it.`;
}
