import type { CompiledGraph } from '../../../src/contract/workflows.ts';
import { shortened } from '../ui/shortened.ts';
import { t } from '../words/words.ts';

const MOST_CHARACTERS = 24; // the inspector has the whole condition

/** What an edge asks for, in one short line; empty for the ordinary kind. */
export function edgeLabel(edge: CompiledGraph['edges'][number]): string {
  const text = [
    edge.on === 'success' ? '' : t('on {on}', { on: edge.on }),
    edge.when ?? (edge.otherwise ? 'otherwise' : ''),
    edge.loop ? `≤ ${edge.max ?? '?'}×` : '',
  ]
    .filter(Boolean)
    .join(' · ');
  return shortened(text.replaceAll(/\s+/g, ' '), MOST_CHARACTERS);
}
