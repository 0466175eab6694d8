// What is wrong with the graph: ids, edges that lead nowhere, joins, cycles and loop bodies (rules 3 to 9).
import type { WorkflowEdge, WorkflowNode } from '../../contract/workflow-document.ts';
import type { DocumentProblems } from './document-problems.ts';
import { findLoops, type LinkedEdge, LOOP_EDGES_MAX, type LoopFault } from './loop-structure.ts';
import { didYouMean } from './nearest-name.ts';

export interface GraphParts {
  /** Every node with an id, also one whose config is wrong; `index` is its place in the document. */
  nodes: readonly { index: number; id: string; node?: WorkflowNode }[];
  edges: readonly { index: number; edge: WorkflowEdge }[];
}

export interface GraphShape {
  numbers: ReadonlyMap<string, number>;
  /** Only edges between nodes that exist. */
  links: readonly LinkedEdge[];
}

export function reportGraphProblems(parts: GraphParts, problems: DocumentProblems): GraphShape {
  const numbers = reportIds(parts, problems);
  const linked = linkEdges(parts, numbers, problems);
  reportEdgeOptions(parts, problems);
  reportJoins(
    parts,
    linked.map(({ link }) => link),
    numbers,
    problems,
  );
  const links = linked.map(({ link }) => link);
  const ids = [...numbers.keys()];
  for (const fault of findLoops(ids.length, links).faults) reportLoopFault(fault, { ids, linked, parts }, problems);
  return { numbers, links };
}

function reportIds({ nodes }: GraphParts, problems: DocumentProblems): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const { index, id } of nodes) {
    if (numbers.has(id)) {
      problems.add({
        path: ['nodes', index, 'id'],
        code: 'DUPLICATE_ID',
        message: `Two nodes have the id ${id}; give this one another.`,
      });
    } else numbers.set(id, numbers.size);
  }
  return numbers;
}

function linkEdges({ edges }: GraphParts, numbers: ReadonlyMap<string, number>, problems: DocumentProblems) {
  return edges.flatMap(({ index, edge }) => {
    const from = numbers.get(edge.from);
    const to = numbers.get(edge.to);
    for (const end of ['from', 'to'] as const) {
      if (numbers.has(edge[end])) continue;
      const message = `This edge goes ${end} ${JSON.stringify(edge[end])}, but no node has this id.${didYouMean(edge[end], numbers.keys())}`;
      problems.add({ path: ['edges', index, end], code: 'UNKNOWN_NODE', message });
    }
    return from === undefined || to === undefined ? [] : [{ index, link: { from, to, loop: edge.max !== undefined } }];
  });
}

function reportEdgeOptions({ edges }: GraphParts, problems: DocumentProblems): void {
  const whens = new Set(
    edges.flatMap(({ edge }) => (edge.when === undefined ? [] : [`${edge.on ?? 'success'} ${edge.from}`])),
  );
  for (const { index, edge } of edges) {
    const path = ['edges', index, 'otherwise'];
    if (!edge.otherwise) continue;
    if (edge.when !== undefined) {
      problems.add({ path, code: 'WHEN_AND_OTHERWISE', message: 'An edge has `when` or `otherwise`, not both.' });
    } else if (!whens.has(`${edge.on ?? 'success'} ${edge.from}`)) {
      const message = `No other edge from ${edge.from} with the same \`on\` has a \`when\`, so this edge is always taken.`;
      problems.add({ path, code: 'OTHERWISE_ALONE', message, severity: 'warning' });
    }
  }
}

function reportJoins(
  { nodes }: GraphParts,
  links: readonly LinkedEdge[],
  numbers: ReadonlyMap<string, number>,
  problems: DocumentProblems,
): void {
  const incoming = new Map<number, number>();
  for (const { to, loop } of links) if (!loop) incoming.set(to, (incoming.get(to) ?? 0) + 1);
  for (const { index, id, node } of nodes) {
    const count = incoming.get(numbers.get(id) ?? -1) ?? 0;
    if (typeof node?.join !== 'object' || node.join.quorum <= count) continue;
    const message = `This join needs ${node.join.quorum} live edges, but only ${count} edge${count === 1 ? ' leads' : 's lead'} here (loop edges are not counted).`;
    problems.add({ path: ['nodes', index, 'join', 'quorum'], code: 'QUORUM_TOO_LARGE', message });
  }
}

interface FaultContext {
  ids: readonly string[];
  linked: readonly { index: number }[];
  parts: GraphParts;
}

function reportLoopFault(fault: LoopFault, { ids, linked, parts }: FaultContext, problems: DocumentProblems): void {
  const place = (edge: number) => ['edges', linked[edge]?.index ?? 0];
  const named = (edge: number) => {
    const found = parts.edges.find(({ index }) => index === linked[edge]?.index)?.edge;
    return found ? `${found.from} → ${found.to}` : 'this edge';
  };
  switch (fault.kind) {
    case 'cycle_without_max': {
      const nodes = fault.nodes.map((node) => ids[node]);
      const shown = [...nodes.slice(0, 12), nodes.length > 12 ? '…' : nodes[0]].join(' → ');
      const message = `The nodes ${shown} form a cycle. Give the edge that goes back a \`max\`, so that it is a loop that ends.`;
      return problems.add({ path: place(fault.edge), code: 'CYCLE_WITHOUT_MAX', message });
    }
    case 'max_without_cycle': {
      const message = `\`max\` makes ${named(fault.edge)} a loop edge, but it closes no cycle: no path leads from its target back to its source. Remove \`max\`, or turn the edge round.`;
      return problems.add({ path: [...place(fault.edge), 'max'], code: 'MAX_WITHOUT_CYCLE', message });
    }
    case 'entered_beside_target': {
      const message = `${named(fault.edge)} enters the body of the loop ${named(fault.loopEdge)} at ${ids[fault.node]}. A loop is entered only through its target: lead this edge there.`;
      return problems.add({ path: place(fault.edge), code: 'LOOP_ENTERED_BESIDE_TARGET', message });
    }
    case 'starts_inside': {
      const index = parts.nodes.find(({ id }) => id === ids[fault.node])?.index ?? 0;
      const message = `${ids[fault.node]} starts at once, but it lies in the body of the loop ${named(fault.loopEdge)}, which is entered only through its target.`;
      return problems.add({ path: ['nodes', index], code: 'LOOP_ENTERED_BESIDE_TARGET', message });
    }
    case 'overlap': {
      const message = `The loops ${named(fault.edge)} and ${named(fault.otherEdge)} overlap. Two loops must lie one inside the other, or apart.`;
      return problems.add({ path: place(fault.edge), code: 'LOOPS_OVERLAP', message });
    }
    case 'too_many':
      return problems.add({
        path: ['edges'],
        code: 'TOO_MANY_LOOPS',
        message: `There are ${fault.count} loop edges; at most ${LOOP_EDGES_MAX} are allowed.`,
      });
  }
}
