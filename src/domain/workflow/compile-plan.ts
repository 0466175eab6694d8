// Compiles a valid document into the plan that settle works on; a document with problems is refused with an error.
import type { PinnedDocument } from '../../contract/pinned-outcomes.ts';
import {
  type MapConfig,
  type WorkflowEdge,
  type WorkflowNode,
  workflowName,
} from '../../contract/workflow-document.ts';
import { type Expression, parseExpression } from '../expression/expression.ts';
import { compileConfig } from './config-template.ts';
import { durationMs } from './iso-duration.ts';
import { findLoops } from './loop-structure.ts';
import type { Plan, PlanEdge, PlanLoop, PlanNode, PlanTask } from './plan.ts';

export const DEFAULT_CONCURRENCY = 4;

/** Throws for a document that validateWorkflow would not call valid. */
export function compilePlan(document: PinnedDocument): Plan {
  const ids = document.nodes.map((node) => node.id);
  const numbers = new Map(ids.map((id, index) => [id, index]));
  const documentEdges = document.edges ?? [];
  const linked = documentEdges.map((edge) => ({
    from: numberOf(numbers, edge.from),
    to: numberOf(numbers, edge.to),
    loop: edge.max !== undefined,
  }));
  const found = findLoops(ids.length, linked);
  if (found.faults.length > 0)
    throw new Error('compilePlan got a document whose loops are not valid; validate it first');
  const loops = found.loops.map((loop, index): PlanLoop => ({
    ...loop,
    target: ids[loop.target] ?? '',
    body: loop.body.map((node) => ids[node] ?? ''),
    inner: insideOf(found.loops, index),
  }));
  const membership = loopsByNode(loops);
  const edges = documentEdges.map((edge, index) => compileEdge(edge, index, loops, membership));
  const nodes = compileNodes(document, edges, membership);
  const starts = ids.filter((id) => nodes.get(id)?.incoming.length === 0);
  const outputs = Object.entries(document.outputs ?? {}).map(([name, source]) => ({
    name,
    expression: parsed(source, []),
  }));
  return { document, name: workflowName(document), nodes, edges, loops, starts, outputs };
}

function numberOf(numbers: ReadonlyMap<string, number>, id: string): number {
  const number = numbers.get(id);
  if (number === undefined)
    throw new Error(`compilePlan got an edge to ${id}, which does not exist; validate the document first`);
  return number;
}

function insideOf(loops: readonly { parent?: number }[], index: number): number[] {
  return loops.flatMap((_, other) => {
    for (let parent = loops[other]?.parent; parent !== undefined; parent = loops[parent]?.parent) {
      if (parent === index) return [other];
    }
    return [];
  });
}

function loopsByNode(loops: readonly PlanLoop[]): Map<string, number[]> {
  const membership = new Map<string, number[]>();
  loops.forEach((loop, index) => {
    for (const id of loop.body) membership.set(id, [...(membership.get(id) ?? []), index]);
  });
  return membership;
}

function compileEdge(
  edge: WorkflowEdge,
  index: number,
  loops: readonly PlanLoop[],
  membership: Map<string, number[]>,
): PlanEdge {
  const around = membership.get(edge.to) ?? [];
  const loop = loops.findIndex(({ edges }) => edges.includes(index));
  return {
    index,
    from: edge.from,
    to: edge.to,
    on: edge.on ?? 'success',
    otherwise: edge.otherwise ?? false,
    ...(edge.when === undefined ? {} : { when: parsed(edge.when, []) }),
    ...(edge.max === undefined ? {} : { max: edge.max }),
    ...(loop === -1 ? {} : { loop }),
    leaves: (membership.get(edge.from) ?? []).filter((inside) => !around.includes(inside)),
  };
}

function compileNodes(
  document: PinnedDocument,
  edges: readonly PlanEdge[],
  membership: Map<string, number[]>,
): Map<string, PlanNode> {
  const incoming = new Map<string, number[]>();
  const outgoing = new Map<string, number[]>();
  const add = (lists: Map<string, number[]>, id: string, index: number) => {
    const list = lists.get(id);
    if (list) list.push(index);
    else lists.set(id, [index]);
  };
  for (const edge of edges) {
    if (edge.loop === undefined) add(incoming, edge.to, edge.index);
    add(outgoing, edge.from, edge.index);
  }
  const merge = document.workspace?.merge === 'sequential';
  const pins = new Map(Object.entries(document.pinned ?? {}));
  return new Map(
    document.nodes.map((node): [string, PlanNode] => {
      const out = outgoing.get(node.id) ?? [];
      const pinned = pins.get(node.id);
      const rest = cancelsRest(node) ? restOf(node.id, edges, incoming, outgoing) : [];
      return [
        node.id,
        {
          id: node.id,
          task: compileTask(node, [], merge),
          incoming: incoming.get(node.id) ?? [],
          outgoing: out,
          quorum: quorumOf(node),
          rest,
          loops: membership.get(node.id) ?? [],
          branches: out.some((index) => edges[index]?.when !== undefined || edges[index]?.otherwise === true),
          ...(pinned === undefined ? {} : { pinned: [pinned].flat() }),
        },
      ];
    }),
  );
}

function quorumOf(node: WorkflowNode): number {
  if (node.join === undefined || node.join === 'all') return 0;
  return node.join === 'any' ? 1 : node.join.quorum;
}

function cancelsRest(node: WorkflowNode): boolean {
  return typeof node.join === 'object' && node.join.cancelRest === true;
}

/** Backwards from the join: a node belongs to the rest once all its edges lead to the join or into the rest. */
function restOf(
  join: string,
  edges: readonly PlanEdge[],
  incoming: Map<string, number[]>,
  outgoing: Map<string, number[]>,
): string[] {
  const rest = new Set<string>();
  const leads = (index: number) => edges[index]?.to === join || rest.has(edges[index]?.to ?? '');
  const stack = [join];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    for (const index of incoming.get(id) ?? []) {
      const from = edges[index]?.from ?? '';
      const ahead = (outgoing.get(from) ?? []).filter((out) => edges[out]?.loop === undefined);
      if (rest.has(from) || from === join || !ahead.every(leads)) continue;
      rest.add(from);
      stack.push(from);
    }
  }
  // A loop edge that leads out of the rest is a way past the join.
  for (let changed = true; changed;) {
    changed = false;
    for (const id of rest) {
      if ((outgoing.get(id) ?? []).every(leads)) continue;
      rest.delete(id);
      changed = true;
    }
  }
  return [...rest];
}

type AnyNode = Omit<WorkflowNode, 'id'> & { type: WorkflowNode['type']; config?: unknown };

function compileTask(node: AnyNode, variables: readonly string[], merge: boolean): PlanTask {
  const config = (node.config ?? {}) as Readonly<Record<string, unknown>>; // every config is an object by schema
  const own = node.type === 'map' ? itemVariables(node.config as MapConfig, variables) : variables;
  const template = compileConfig(node.type, config, variables, own);
  const [problem] = template.problems;
  if (problem) throw new Error(`compilePlan got an invalid ${problem.path.join('/')}: ${problem.message}`);
  return {
    type: node.type,
    template,
    config,
    ...(node.timeout === undefined ? {} : { timeoutMs: durationMs(node.timeout) ?? 0 }),
    retry: {
      max: node.retry?.max ?? 0,
      backoffMs: durationMs(node.retry?.backoff ?? '') ?? 0,
      factor: node.retry?.factor ?? 1,
      ...(node.retry?.on ? { on: node.retry.on } : {}),
    },
    onError: node.onError ?? 'fail',
    ...(node.type === 'map' ? { items: compileItems(node.config as MapConfig, own, merge) } : {}),
  };
}

/** The names items see: those around the map, then its `as` and `index`. */
export function itemVariables(map: MapConfig, variables: readonly string[]): string[] {
  return [...new Set([...variables, map.as ?? 'item', 'index'])];
}

/** What each item runs; a map over a workflow is a map over a workflow node. */
export function innerNodeOf(map: MapConfig): AnyNode {
  if (map.node) return map.node;
  const as = map.as ?? 'item';
  const config =
    typeof map.workflow === 'string' ? { workflow: map.workflow, inputs: { [as]: `{{ ${as} }}` } } : map.workflow;
  return { type: 'workflow', config: config ?? { workflow: '' } } as AnyNode;
}

function compileItems(map: MapConfig, variables: readonly string[], merge: boolean): NonNullable<PlanTask['items']> {
  const inner = innerNodeOf(map);
  const worktree = (inner.config as { workspace?: string } | undefined)?.workspace === 'worktree';
  return {
    as: map.as ?? 'item',
    concurrency: map.concurrency ?? DEFAULT_CONCURRENCY,
    task: compileTask(inner, variables, merge),
    merge: merge && inner.type === 'agent' && worktree,
  };
}

function parsed(source: string, variables: readonly string[]): Expression {
  const result = parseExpression(source, variables);
  if (result.outcome === 'invalid') throw new Error(`compilePlan got an invalid expression: ${result.problem.message}`);
  return result.expression;
}
