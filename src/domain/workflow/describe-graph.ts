/** The graph that the engine runs, as data and as a Mermaid drawing; says nothing of any execution. Pure. */
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import type { CompiledGraph } from '../../contract/workflows.ts';
import { compilePlan } from './compile-plan.ts';

export function describeGraph(document: WorkflowDocument): CompiledGraph {
  const plan = compilePlan(document);
  const loopsOf = new Map<string, number[]>();
  plan.loops.forEach((loop, index) => {
    for (const node of loop.body) loopsOf.set(node, [...(loopsOf.get(node) ?? []), index]);
  });
  const nodes: CompiledGraph['nodes'] = document.nodes.map((node) => {
    const position = positionOf(document.layout?.[node.id] ?? node.position);
    return {
      id: node.id,
      type: node.type,
      label: node.name ?? node.id,
      join: joinText(node.join),
      loops: loopsOf.get(node.id) ?? [],
      ...(position ? { position } : {}),
    };
  });
  const edges: CompiledGraph['edges'] = (document.edges ?? []).map((edge, index) => ({
    index,
    from: edge.from,
    to: edge.to,
    on: edge.on ?? 'success',
    ...(edge.when === undefined ? {} : { when: edge.when }),
    otherwise: edge.otherwise ?? false,
    loop: edge.max !== undefined,
    ...(edge.max === undefined ? {} : { max: edge.max }),
  }));
  return { nodes, edges, mermaid: mermaid(nodes, edges) };
}

function joinText(join: WorkflowDocument['nodes'][number]['join']): string {
  if (join === undefined || typeof join === 'string') return join ?? 'all';
  return `quorum ${join.quorum}${join.cancelRest ? ', cancels the rest' : ''}`;
}

function positionOf(point: [number, number] | { x: number; y: number } | undefined): [number, number] | undefined {
  return point === undefined || Array.isArray(point) ? point : [point.x, point.y];
}

function mermaid(nodes: CompiledGraph['nodes'], edges: CompiledGraph['edges']): string {
  // Mermaid keeps some words for itself, so ids are numbered and the names are labels.
  const id = new Map(nodes.map((node, index) => [node.id, `n${index}`]));
  const lines = nodes.map((node) => `  ${id.get(node.id)}["${quoted(node.label)}<br/><small>${node.type}</small>"]`);
  for (const edge of edges) {
    const label = [
      edge.on === 'success' ? '' : `on ${edge.on}`,
      edge.when ?? '',
      edge.otherwise ? 'otherwise' : '',
      edge.loop ? `at most ${edge.max}×` : '',
    ]
      .filter(Boolean)
      .join(', ');
    lines.push(
      `  ${id.get(edge.from)} ${edge.loop ? '-.->' : '-->'}${label ? `|"${quoted(label)}"|` : ''} ${id.get(edge.to)}`,
    );
  }
  return ['flowchart LR', ...lines].join('\n');
}

function quoted(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\n', ' ');
}
