/** Parts of a workflow document that came from outside and may be a draft with anything in it; pure. */

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
        typeof edge['on'] === 'string' && edge['on'] !== 'success' ? `on ${edge['on']}` : '',
        typeof edge['when'] === 'string' ? `when ${edge['when']}` : '',
        edge['otherwise'] === true ? 'otherwise' : '',
        typeof edge['max'] === 'number' ? `up to ${edge['max']} times` : '',
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
