/** The workflows that durable-step runs, each with what its outputs must be. */
import type { WorkflowDocument } from '../../src/contract/workflow-document.ts';

export interface DurableGraph {
  document: WorkflowDocument;
  /** Durable effects in it. */
  steps: number;
  outputs: unknown;
}

/** Each step counts on from the one before. */
export function chain(length: number): DurableGraph {
  const ids = Array.from({ length }, (_, index) => `s${index + 1}`);
  return {
    document: {
      name: `chain of ${length}`,
      nodes: ids.map((id, index) => counting(id, index === 0 ? '0' : `{{ nodes.${ids[index - 1]}.output.count }}`)),
      edges: ids.slice(1).map((id, index) => ({ from: ids[index] ?? '', to: id })),
      outputs: { count: `nodes.${ids.at(-1)}.output.count` },
    } as WorkflowDocument,
    steps: length,
    outputs: { count: length },
  };
}

/** One, then so many beside each other, then one that waits for all of them. */
export function fanOut(width: number): DurableGraph {
  const ids = Array.from({ length: width }, (_, index) => `f${index + 1}`);
  return {
    document: {
      name: `1 → ${width} → 1`,
      nodes: [
        counting('first', '0'),
        ...ids.map((id) => counting(id, '{{ nodes.first.output.count }}')),
        counting('last', `{{ nodes.${ids.at(-1)}.output.count }}`),
      ],
      edges: ids.flatMap((id) => [
        { from: 'first', to: id },
        { from: id, to: 'last' },
      ]),
      outputs: { count: 'nodes.last.output.count' },
    } as WorkflowDocument,
    steps: width + 2,
    outputs: { count: 3 },
  };
}

/** The same width as items of one map. */
export function mapOver(width: number): DurableGraph {
  return {
    document: {
      name: `map over ${width}`,
      nodes: [
        {
          id: 'all',
          type: 'map',
          config: {
            over: `[${Array.from({ length: width }, (_, index) => index).join(',')}]`,
            concurrency: width,
            node: { type: 'notify', config: { channel: 'bench', message: '{{ item }}' } },
          },
        },
      ],
      outputs: { items: 'size(nodes.all.output)' },
    } as WorkflowDocument,
    steps: width,
    outputs: { items: width },
  };
}

function counting(id: string, message: string): object {
  return { id, type: 'notify', config: { channel: 'bench', message } };
}
