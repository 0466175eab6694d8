import type { CompiledGraph } from '../../../src/contract/workflows.ts';

const MOST_CHARACTERS = 24; // the inspector has the whole condition

/** What an edge asks for, in one short line; empty for the ordinary kind. */
export function edgeLabel(edge: CompiledGraph['edges'][number]): string {
  const text = [
    edge.on === 'success' ? '' : `on ${edge.on}`,
    edge.when ?? (edge.otherwise ? 'otherwise' : ''),
    edge.loop ? `≤ ${edge.max ?? '?'}×` : '',
  ]
    .filter(Boolean)
    .join(' · ');
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}
