/** Parts of a workflow document that came from outside and may be a draft with anything in it; pure. */
import { t } from '../words/words.ts';

type Part = Record<string, unknown>;

export function nodeOf(document: Part, id: string): Part | null {
  return list(document['nodes']).find((node) => node['id'] === id) ?? null;
}

export function edgesOf(document: Part, nodeId: string): { from: string; to: string; rule: string }[] {
  return list(document['edges'])
    .filter((edge) => edge['from'] === nodeId || edge['to'] === nodeId)
    .map((edge) => ({
      from: String(edge['from']),
      to: String(edge['to']),
      rule: [
        typeof edge['on'] === 'string' && edge['on'] !== 'success' ? t('on {edge}', { edge: edge['on'] }) : '',
        typeof edge['when'] === 'string' ? t('when {edge}', { edge: edge['when'] }) : '',
        edge['otherwise'] === true ? 'otherwise' : '',
        typeof edge['max'] === 'number' ? t('up to {edge} times', { edge: edge['max'] }) : '',
      ]
        .filter(Boolean)
        .join(', '),
    }));
}

function list(value: unknown): Part[] {
  return Array.isArray(value)
    ? value.filter((entry): entry is Part => typeof entry === 'object' && entry !== null)
    : [];
}
